"""Two versions of a table, rule by rule: what came, what went, what says something else, and what stands elsewhere."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .hits import identity
from .unary import ANY_TEXT

ADDED, REMOVED, CHANGED, MOVED, SAME = "added", "removed", "changed", "moved", "same"
SIDES = ("when", "then")


@dataclass(frozen=True, slots=True)
class CellDifference:
    """One cell: ``side`` is when, then, note, id, hit, inputs or outputs."""

    side: str
    name: str
    was: Any
    now: Any


@dataclass(frozen=True, slots=True)
class RuleDifference:
    """One rule of either version. ``was_at`` and ``now_at`` count from 1; None where the rule is not there.

    ``kind`` is the first that holds of added, removed, changed, moved; ``moved`` says it of a changed rule too.
    """

    rule: str
    kind: str
    cells: tuple[CellDifference, ...] = ()
    moved: bool = False
    was_at: int | None = None
    now_at: int | None = None


@dataclass(frozen=True, slots=True)
class Comparison:
    """``head`` is the hit policy and the columns, ``rules`` each rule that differs, in the new version's order."""

    head: tuple[CellDifference, ...]
    rules: tuple[RuleDifference, ...]
    unchanged: int

    @property
    def same(self) -> bool:
        return not self.head and not self.rules

    def count(self, kind: str) -> int:
        return sum(rule.kind == kind or (kind == MOVED and rule.moved) for rule in self.rules)


def compare_tables(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """What differs between two documents. A rule is the same one by its id, or by its whole content under a new id."""
    old, new = list(before["rules"]), list(after["rules"])
    pairs = _paired(old, new)
    stayed = _in_place([pairs[at] for at in range(len(new)) if at in pairs])
    found: list[RuleDifference] = []
    taken = set(pairs.values())
    gone = [
        RuleDifference(str(rule["id"]), REMOVED, _cells(rule, {}), was_at=at + 1)
        for at, rule in enumerate(old)
        if at not in taken
    ]
    same = 0
    for at, rule in enumerate(new):
        if at not in pairs:
            found.append(RuleDifference(str(rule["id"]), ADDED, _cells({}, rule), now_at=at + 1))
            continue
        was = pairs[at]
        cells, moved = _cells(old[was], rule), was not in stayed
        if cells or moved:
            kind = CHANGED if cells else MOVED
            found.append(RuleDifference(str(rule["id"]), kind, cells, moved, was + 1, at + 1))
        else:
            same += 1
    return Comparison(_head(before, after), tuple(sorted([*found, *gone], key=_place)), same)


def comparison_document(comparison: Comparison) -> dict[str, Any]:
    """The comparison as JSON values, for the API and the audit."""
    return {
        "same": comparison.same,
        "unchanged": comparison.unchanged,
        "head": [_said(cell) for cell in comparison.head],
        "rules": [
            {
                "rule": rule.rule, "kind": rule.kind, "moved": rule.moved, "was_at": rule.was_at, "now_at": rule.now_at,
                "cells": [_said(cell) for cell in rule.cells],
            }
            for rule in comparison.rules
        ],
    }  # fmt: skip


def _said(cell: CellDifference) -> dict[str, Any]:
    return {"side": cell.side, "name": cell.name, "was": cell.was, "now": cell.now}


def _place(rule: RuleDifference) -> tuple[int, int]:
    return (rule.now_at or rule.was_at or 0, rule.kind != REMOVED)


def _paired(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> dict[int, int]:
    """For a rule's place in the new version its place in the old one."""
    ids = {rule["id"]: at for at, rule in enumerate(old)}
    pairs = {at: ids[rule["id"]] for at, rule in enumerate(new) if rule["id"] in ids}
    left: dict[str, list[int]] = {}
    for at, rule in enumerate(old):
        if at not in set(pairs.values()):
            left.setdefault(_content(rule), []).append(at)
    for at, rule in enumerate(new):
        if at not in pairs and left.get(_content(rule)):
            pairs[at] = left[_content(rule)].pop(0)
    return pairs


def _content(rule: Mapping[str, Any]) -> str:
    return identity([_asked(rule), rule.get("then", {}), rule.get("note") or ""])


def _asked(rule: Mapping[str, Any]) -> dict[str, str]:
    """The cells that ask something."""
    return {name: text.strip() for name, text in rule.get("when", {}).items() if text.strip() not in ("", ANY_TEXT)}


def _in_place(places: Sequence[int]) -> set[int]:
    """A longest run of old places that still stand in order: the fewest rules count as moved."""
    ends: list[int] = []
    at: list[int] = []
    before: list[int | None] = []
    for index, place in enumerate(places):
        here = bisect_left(ends, place)
        before.append(at[here - 1] if here else None)
        if here == len(ends):
            ends.append(place)
            at.append(index)
        else:
            ends[here], at[here] = place, index
    kept: set[int] = set()
    last = at[-1] if at else None
    while last is not None:
        kept.add(places[last])
        last = before[last]
    return kept


def _cells(was: Mapping[str, Any], now: Mapping[str, Any]) -> tuple[CellDifference, ...]:
    found: list[CellDifference] = []
    old_when, new_when = _asked(was), _asked(now)
    for name in dict.fromkeys([*old_when, *new_when]):
        if old_when.get(name) != new_when.get(name):
            found.append(CellDifference("when", name, old_when.get(name, ANY_TEXT), new_when.get(name, ANY_TEXT)))
    old_then, new_then = was.get("then", {}), now.get("then", {})
    for name in dict.fromkeys([*old_then, *new_then]):
        if identity(old_then.get(name)) != identity(new_then.get(name)):
            found.append(CellDifference("then", name, old_then.get(name), new_then.get(name)))
    if (was.get("note") or "") != (now.get("note") or ""):
        found.append(CellDifference("note", "note", was.get("note") or "", now.get("note") or ""))
    if was and now and was["id"] != now["id"]:
        found.append(CellDifference("id", "id", was["id"], now["id"]))
    return tuple(found)


def _head(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[CellDifference, ...]:
    found = []
    if before["hit"] != after["hit"]:
        found.append(CellDifference("hit", "hit", before["hit"], after["hit"]))
    for side in ("inputs", "outputs"):
        old = {column["name"]: column for column in before[side]}
        new = {column["name"]: column for column in after[side]}
        for name in dict.fromkeys([*old, *new]):
            if identity(old.get(name)) != identity(new.get(name)):
                found.append(CellDifference(side, name, old.get(name), new.get(name)))
        if list(old) != list(new) and set(old) == set(new):
            found.append(CellDifference(side, "order", list(old), list(new)))
    return tuple(found)
