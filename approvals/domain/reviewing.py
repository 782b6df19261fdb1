"""The post-implementation review: what came of a change, what it taught, and what it adds to its team's record."""

from __future__ import annotations

import datetime as dt
from typing import Any

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, NotReady, WrongState
from governance.models import User

from ..lifecycle import CHANGE
from ..models import ChangeClass, ChangeRequest, Outcome
from .emergencies import ratification_needs
from .pieces import check_evidence_due
from .scoring import INCIDENT_POINTS, write_review
from .templates import suspend_after_failure
from .voting import is_lost, live_votes

#: What may be said of a change that was asked for; what was found ends by its verdict.
OUTCOMES = (Outcome.SUCCESSFUL, Outcome.SUCCESSFUL_WITH_ISSUES, Outcome.FAILED_BACKED_OUT)
MOST_INCIDENTS = 20


def close_change(
    change: ChangeRequest,
    *,
    outcome: str,
    notes: str = "",
    met_its_aim: bool | None = None,
    what_happened: str = "",
    lessons: str = "",
    p1: int = 0,
    p2: int = 0,
    p3: int = 0,
    now: dt.datetime,
    actor: User,
) -> ChangeRequest:
    """The review: what came of it, and the incidents of each priority that it caused.

    Of an emergency and of a failure it must say what happened. Raises ``Invalid`` (REVIEW_MISSING), ``NotReady``
    (NOT_RATIFIED, EVIDENCE_MISSING) and, for what was found without being asked for, ``WrongState`` (VERDICT_DECIDES).
    """
    require(actor, "close", change)
    said = {
        "met_its_aim": outcome != Outcome.FAILED_BACKED_OUT if met_its_aim is None else met_its_aim,
        "what_happened": (what_happened or notes).strip(),
        "lessons": lessons.strip(),
        "p1": p1,
        "p2": p2,
        "p3": p3,
    }
    CHANGE.check(change, "close")
    check_review(change, outcome, said)
    check_evidence_due(change)
    check_ratified(change)
    with recorded("approvals.change.close", actor=actor, subject=change, now=now, reason=notes or what_happened):
        CHANGE.move(change, "close", outcome=outcome, closed_at=now)
        write_review(change, outcome=outcome, now=now, reviewer=actor, **said)
        suspend_after_failure(change, now=now, actor=actor)
    return change


def check_review(change: ChangeRequest, outcome: str, said: dict[str, Any]) -> None:
    if change.change_class == ChangeClass.UNAUTHORIZED:
        who = "the interface's owner and clinical IT close it by their vote on a verdict."
        raise WrongState(f"{change.key} was found, not asked for: {who}", code="VERDICT_DECIDES")
    if outcome not in OUTCOMES:
        raise Invalid("There is no such outcome.", errors={"outcome": [f"One of {', '.join(OUTCOMES)}."]})
    wrong = {
        name: [f"0 to {MOST_INCIDENTS}"]
        for name in INCIDENT_POINTS
        if type(said[name]) is not int or not 0 <= said[name] <= MOST_INCIDENTS
    }
    if wrong:
        raise Invalid("Count the incidents that it caused.", errors=wrong)
    if needs_review(change, outcome) and not said["what_happened"]:
        because = "a failure" if outcome == Outcome.FAILED_BACKED_OUT else "an emergency"
        raise Invalid(
            f"{change.key} is {because}: its review says what happened.",
            code="REVIEW_MISSING",
            errors={"what_happened": ["Say what happened."]},
        )


def needs_review(change: ChangeRequest, outcome: str) -> bool:
    return change.change_class == ChangeClass.EMERGENCY or outcome == Outcome.FAILED_BACKED_OUT


def check_ratified(change: ChangeRequest) -> None:
    """An emergency is closed once the normal approvers have said yes or no to it, and not over their heads."""
    if change.change_class != ChangeClass.EMERGENCY or change.ratified_at is not None or is_refused(change):
        return
    raise NotReady(
        f"{change.key} is not ratified yet: those who would have been asked have until "
        f"{change.ratify_by:%Y-%m-%d %H:%MZ}.",
        code="NOT_RATIFIED",
        details={"change": change.key},
    )


def may_be_reviewed(change: ChangeRequest) -> bool:
    """Carried out, and nothing of its class stands before the review."""
    if change.state != "REVIEW" or change.change_class == ChangeClass.UNAUTHORIZED:
        return False
    return change.change_class != ChangeClass.EMERGENCY or change.ratified_at is not None or is_refused(change)


def is_refused(change: ChangeRequest) -> bool:
    """Has somebody whose word decides said that the emergency should not have been?"""
    votes = live_votes(change)
    return any(is_lost(need, votes) for need in ratification_needs(change))
