"""The end of an unauthorised change: the owner and clinical IT vote on a verdict, and their yes carries it out."""

from __future__ import annotations

import datetime as dt

from governance.domain.audit import recorded
from governance.models import User

from ..lifecycle import CHANGE
from ..models import ApprovalRequirement, ChangeRequest, Outcome, Vote
from .implementing import apply_items
from .scoring import write_review
from .telling import change_managers, page_of, tell

VERDICTS = (Outcome.ACCEPTED_RETROSPECTIVE, Outcome.REVERTED, Outcome.FALSE_POSITIVE)


def carry_out_verdict(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """Closed as they agreed. Accepted in retrospect: the record takes the observed values, under their mandate."""
    outcome, said = change.found["verdict"], change.found.get("what_happened", "")
    with recorded("approvals.change.carry_out_verdict", actor=actor, subject=change, now=now, reason=said):
        values = {"authorised_hash": change.revision_hash, "authorised_at": now}
        ChangeRequest.objects.filter(pk=change.pk).update(**values)
        change.authorised_hash, change.authorised_at = change.revision_hash, now
        applied = {}
        if outcome == Outcome.ACCEPTED_RETROSPECTIVE:
            applied = {"implemented_at": now}
            apply_items(change, now=now, actor=actor)
        CHANGE.move(change, "close", outcome=outcome, closed_at=now, **applied)
        write_review(change, outcome=outcome, what_happened=said, met_its_aim=False, now=now, reviewer=actor)


def contest_verdict(
    change: ChangeRequest, lost: ApprovalRequirement, vote: Vote, *, now: dt.datetime, actor: User
) -> None:
    """One who was asked says no: the change stays in review and waits for another verdict."""
    reason = f"{lost}: {vote.comment}"
    with recorded("approvals.change.contest_verdict", actor=actor, subject=change, now=now, reason=reason):
        said = f"{change.key} needs another verdict: {reason}"
        people = [change.requester, change.responsible, *change_managers()]
        tell(people, "unauthorized.contested", said, url=page_of(change), now=now)
