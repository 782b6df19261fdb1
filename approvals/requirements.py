"""From what table T4 says to what a change needs: whose approval, how many, how early, with which evidence.

Fail closed: a table that names nobody by any rule, or says something that cannot be understood, yields a plan
with an ``error``, which is kept as a requirement that is never satisfied.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeGuard


class Mode(StrEnum):
    """EACH: every role by itself. GROUP: a quorum out of all roles together."""

    EACH = "EACH"
    GROUP = "GROUP"


@dataclass(frozen=True, slots=True)
class RequirementSpec:
    """One approval that a change needs: ``minimum`` yeses out of ``roles``; a ``veto`` role's no ends it."""

    roles: tuple[str, ...]
    mode: Mode
    minimum: int
    veto: tuple[str, ...]
    rules: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RequirementPlan:
    """All that T4 asks of one change; ``error`` is a sentence when the answer must not be relied on."""

    requirements: tuple[RequirementSpec, ...]
    lead_hours: int
    evidence: tuple[str, ...]
    error: str = ""

    @property
    def roles(self) -> tuple[str, ...]:
        """Everyone who is asked, sorted, each once."""
        return tuple(sorted({role for requirement in self.requirements for role in requirement.roles}))


@dataclass(frozen=True, slots=True)
class _Ask:
    """One T4 row, read."""

    rule: str
    roles: tuple[str, ...]
    mode: Mode
    quorum: int
    veto: tuple[str, ...]
    lead_hours: int
    evidence: tuple[str, ...]


NO_RULE = "No approval rule covers this change, so nobody can approve it: the approval table has a gap."


def merge_requirements(rows: Sequence[Mapping[str, Any]], rules: Sequence[str]) -> RequirementPlan:
    """The plan from the output rows and rule ids of a T4 evaluation (hit policy C: the same order).

    EACH asks every role by itself; rules that ask the same role merge and keep all their ids, the highest
    minimum and any veto. GROUP stays one requirement per rule. The lead time is the longest, the evidence the
    union in rule order. A rule may ask for nobody (a standard change). Never raises for what a table says.
    """
    if not rows:
        return RequirementPlan((), 0, (), NO_RULE)
    asks: list[_Ask] = []
    wrong: list[str] = []
    for row, rule in zip(rows, rules, strict=True):
        ask = _read(row, rule)
        if isinstance(ask, str):
            wrong.append(ask)
        else:
            asks.append(ask)
    return RequirementPlan(
        requirements=tuple(_merged(asks)),
        lead_hours=max((ask.lead_hours for ask in asks), default=0),
        evidence=_once(item for ask in asks for item in ask.evidence),
        error=" ".join(wrong),
    )


def _merged(asks: Iterable[_Ask]) -> list[RequirementSpec]:
    """Requirements in the order in which the table first asks for them."""
    merged: dict[tuple[str, str], RequirementSpec] = {}
    for ask in asks:
        if ask.mode is Mode.GROUP:
            merged["GROUP", ask.rule] = RequirementSpec(ask.roles, Mode.GROUP, ask.quorum, ask.veto, (ask.rule,))
            continue
        for role in ask.roles:
            veto = tuple(name for name in ask.veto if name == role)
            spec = RequirementSpec((role,), Mode.EACH, max(1, ask.quorum), veto, (ask.rule,))
            earlier = merged.get(("EACH", role))
            merged["EACH", role] = spec if earlier is None else _joined(earlier, spec)
    return list(merged.values())


def _joined(earlier: RequirementSpec, later: RequirementSpec) -> RequirementSpec:
    return RequirementSpec(
        earlier.roles,
        Mode.EACH,
        max(earlier.minimum, later.minimum),
        _once((*earlier.veto, *later.veto)),
        (*earlier.rules, *later.rules),
    )


def _read(row: Mapping[str, Any], rule: str) -> _Ask | str:
    """The row, or a sentence on why it cannot be understood."""
    names = {field: row.get(field) or [] for field in ("roles", "veto", "evidence")}
    for field, value in names.items():
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            return f"Rule {rule}: {field} must be a list of names."
    mode, quorum, lead = row.get("mode"), row.get("quorum"), row.get("lead_h")
    if not isinstance(mode, str) or mode not in Mode.__members__:
        return f"Rule {rule}: mode must be EACH or GROUP."
    if not _is_count(quorum) or not _is_count(lead):
        return f"Rule {rule}: quorum and lead_h must be whole numbers from 0."
    roles, veto = _once(names["roles"]), _once(names["veto"])
    if set(veto) - set(roles):
        return f"Rule {rule}: only a role that is asked can have a veto."
    if mode == Mode.GROUP and not 1 <= quorum <= len(roles):
        return f"Rule {rule}: a quorum of {quorum} cannot come from {len(roles)} roles."
    return _Ask(rule, roles, Mode[mode], quorum, veto, lead, _once(names["evidence"]))


def _is_count(value: Any) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _once(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(names))
