"""A document as lines that know where in it they stand, and two documents as rows of such lines."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Any

#: Beyond this many lines two documents are not laid side by side; the findings are listed instead.
MOST_LINES = 4000


@dataclass(frozen=True, slots=True)
class Line:
    """One printed line and the JSON Pointer of what begins on it."""

    pointer: str
    text: str


@dataclass(slots=True)
class Row:
    """One row of a side by side: ``same``, ``removed``, ``added`` or ``changed``, with what is said about it."""

    kind: str
    old: Line | None
    new: Line | None
    findings: list[Mapping[str, Any]] = field(default_factory=list)


def pretty_lines(text: str) -> list[Line]:
    """JSON with two spaces a level; what is no JSON is printed as it is, without pointers."""
    try:
        content = json.loads(text)
    except ValueError:
        return [Line("", line) for line in text.splitlines()]
    return list(printed(content, pointer="", lead="", tail="", indent=0))


def printed(value: Any, *, pointer: str, lead: str, tail: str, indent: int) -> Iterator[Line]:
    pad = "  " * indent
    if not isinstance(value, dict | list) or not value:
        yield Line(pointer, f"{pad}{lead}{json.dumps(value, ensure_ascii=False)}{tail}")
        return
    opening, closing = ("{", "}") if isinstance(value, dict) else ("[", "]")
    yield Line(pointer, f"{pad}{lead}{opening}")
    members = list(value.items() if isinstance(value, dict) else enumerate(value))
    for position, (name, member) in enumerate(members, start=1):
        escaped = str(name).replace("~", "~0").replace("/", "~1")
        said = f"{json.dumps(name, ensure_ascii=False)}: " if isinstance(value, dict) else ""
        comma = "" if position == len(members) else ","
        yield from printed(member, pointer=f"{pointer}/{escaped}", lead=said, tail=comma, indent=indent + 1)
    yield Line(pointer, f"{pad}{closing}{tail}")


def compared(
    old: str, new: str, changes: Iterable[Mapping[str, Any]]
) -> tuple[list[Row], list[Mapping[str, Any]], bool]:
    """``(rows, findings that no row carries, whether the documents are too long to lay out)``."""
    before, after = pretty_lines(old), pretty_lines(new)
    if max(len(before), len(after)) > MOST_LINES:
        return [], list(changes), True
    rows = list(side_by_side(before, after))
    return rows, place(rows, changes), False


def side_by_side(before: list[Line], after: list[Line]) -> Iterator[Row]:
    matcher = SequenceMatcher(None, [plain(line) for line in before], [plain(line) for line in after], autojunk=False)
    for kind, left, left_end, right, right_end in matcher.get_opcodes():
        olds, news = before[left:left_end], after[right:right_end]
        for position in range(max(len(olds), len(news))):
            was = olds[position] if position < len(olds) else None
            becomes = news[position] if position < len(news) else None
            yield Row(kind_of(kind, was, becomes), was, becomes)


def plain(line: Line) -> str:
    """A line without the comma behind it, so that a new neighbour changes nothing."""
    return line.text.removesuffix(",")


def kind_of(kind: str, was: Line | None, becomes: Line | None) -> str:
    if kind == "equal":
        return "same"
    if was is None or becomes is None:
        return "removed" if was else "added"
    return "changed"


def place(rows: list[Row], changes: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Put each finding on the first row of its place, in the new document before the old; return those without one."""
    at_new: dict[str, Row] = {}
    at_old: dict[str, Row] = {}
    for row in rows:
        if row.new is not None:
            at_new.setdefault(row.new.pointer, row)
        if row.old is not None:
            at_old.setdefault(row.old.pointer, row)
    nowhere: list[Mapping[str, Any]] = []
    for change in changes:
        found = at_new.get(change["pointer_new"] or "-") or at_old.get(change["pointer_old"] or "-")
        if found is None:
            nowhere.append(change)
        else:
            found.findings.append(change)
    return nowhere
