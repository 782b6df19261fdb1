"""Is the pattern decided that a change proposes? The board is asked after that, unless its vote is the decision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from catalog.domain import interfaces
from catalog.domain.adopting import assess_all, covers, standing_decisions
from catalog.domain.decisions import assess_interface, decision_covers
from catalog.models import Interface
from governance.kernel.errors import WrongState
from governance.kernel.findings import Finding

from ..models import ChangeItem, Operation


def check_decided(interface: Interface, patch: Mapping[str, Any]) -> None:
    """The pattern is decided before the board is asked, except where the board's meeting is the decision."""
    missing = missing_decision(interface, patch)
    if missing:
        raise WrongState(missing.message, code=missing.code)


def missing_decision(interface: Interface, patch: Mapping[str, Any] | None = None) -> Finding | None:
    """That no decision covers what is proposed, and who makes it; ``None`` where one does or the board decides."""
    assessed = assess_interface(interface, proposed=patch)
    if assessed.forum == "BOARD_MEETING" or decision_covers(interface, proposed=patch):
        return None
    return Finding(
        "DECISION_MISSING",
        f"{interface.key} has no pattern decision on its present facts yet. It is decided by "
        f"{assessed.decider.replace('_', ' ').lower()} ({assessed.forum.replace('_', ' ').lower()}).",
        where="decision",
    )


def submission_blockers(interface: Interface) -> list[Finding]:
    """Everything that would refuse a proposal's submission now, whatever is said beside it: to be told up front."""
    if interface.state != "PROPOSED":
        return []
    missing = missing_decision(interface)
    return interfaces.submission_findings(interface) + ([missing] if missing else [])


def undecided(items: Sequence[ChangeItem]) -> list[tuple[Interface, ChangeItem]]:
    """The new interfaces whose decider has not yet decided on what is proposed now; the board decides by its vote."""
    new = [item for item in items if item.operation == Operation.CREATE and item.interface]
    assessed = [one for _, one in assess_all((item.interface, item.patch) for item in new if item.interface)]
    standing = standing_decisions([item.interface for item in new if item.interface])
    return [
        (item.interface, item)
        for item, one in zip(new, assessed, strict=True)
        if item.interface and one.forum != "BOARD_MEETING" and not covers(standing.get(item.interface_id), one)
    ]
