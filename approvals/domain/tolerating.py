"""What the board tolerates already is not asked again: requirements that a waiver in force passes over."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from catalog.domain.decisions import Assessment
from catalog.models import Interface
from governance.domain.tables import Decided

from ..models import ApprovalRequirement, ChangeRequest, RequirementStatus, Waiver, WaiverKind


def pass_over_waived(
    change: ChangeRequest,
    rows: Sequence[ApprovalRequirement],
    decided: Decided,
    assessments: Sequence[Assessment],
    *,
    now: dt.datetime,
) -> None:
    """OVERRIDDEN, with its waiver: what is asked only because the chosen patterns deviate from policy."""
    asked_for_it = deviation_rules(decided)
    waived = [row for row in rows if row.rules and row.roles and set(row.rules) <= asked_for_it]
    if not waived or change.items.filter(waiver__isnull=False).exists():  # a waiver does not grant the next one
        return
    touched = [item.touched_interface for item in change.items.all() if item.touched_interface]
    waiver = overridden_by(list(zip(touched, assessments, strict=True)), now=now)
    if waiver is None:
        return
    for row in waived:
        row.status, row.waiver = RequirementStatus.OVERRIDDEN, waiver
        row.note = f"{waiver.key} tolerates this deviation until {waiver.expires_at:%Y-%m-%d}."


def deviation_rules(decided: Decided) -> set[str]:
    """The rules of T4 that hold because of how far the chosen patterns are from policy: those that test that fact."""
    return {
        rule.id
        for rule in decided.evaluation.trace
        if rule.matched and any(cell.name == "deviation" and cell.cell != "-" for cell in rule.cells)
    }


def overridden_by(assessed: Sequence[tuple[Interface, Assessment]], *, now: dt.datetime) -> Waiver | None:
    """The first of the waivers in force that cover every deviation of every interface; None when one is not covered."""
    found: list[Waiver] = []
    for interface, assessment in assessed:
        patterns = assessment.deviating
        held = Waiver.objects.in_force(now).filter(kind=WaiverKind.DEVIATION, interface=interface, covers__in=patterns)
        if assessment.deviation == "PROHIBITED":
            held = held.filter(prohibited=True)
        covering = {waiver.covers: waiver for waiver in held}
        if not covering.keys() >= patterns:
            return None
        found += covering.values()
    return found[0] if found else None
