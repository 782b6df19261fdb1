"""Stepping aside from one change: a conflict of interest is said, and the electorate is looked at anew."""

from __future__ import annotations

import datetime as dt

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from governance.models import User

from ..models import DECIDING, ChangeRequest, Recusal
from .eligibility import require_may_vote, standing_of
from .requirements import current_requirements
from .voting import settle

OPEN_TO_RECUSAL = ("ASSESS", "AUTHORIZE")


def recuse(change: ChangeRequest, *, reason: str, now: dt.datetime, actor: User) -> Recusal:
    """``actor`` steps aside: neither they nor anyone to whom they lent their vote decides on this change.

    It is the person who steps aside, not the seat: the alternate whom the board appointed acts for the seat. A
    requirement that nobody is left to meet becomes ERROR and says so. It cannot be taken back. Raises ``NotAllowed``
    (NOT_ELIGIBLE and as for a vote), ``Conflict`` (ALREADY_VOTED, DUPLICATE) and ``WrongState``.
    """
    require(actor, "vote", change)
    if change.recusals.filter(person=actor).exists():
        raise Conflict(f"You have stepped aside from {change.key} already.", code="DUPLICATE")
    require_may_vote(change, actor)
    if not reason.strip():
        raise Invalid("Say why you step aside.", errors={"reason": ["It is kept with the change."]})
    needs = list(current_requirements(change))
    if not any(standing_of(actor, need, change=change, now=now) for need in needs):
        raise NotAllowed(f"{change.key} needs no vote of yours to step aside from.", code="NOT_ELIGIBLE")
    recusal = Recusal(change=change, person=actor, reason=reason.strip()[:300], at=now)
    with recorded("approvals.change.recuse", actor=actor, subject=recusal, now=now, reason=reason):
        seen = ChangeRequest.objects.filter(pk=change.pk, state__in=OPEN_TO_RECUSAL)
        if not seen.update(touched_at=now):
            raise WrongState(f"{change.key} is {change.state}; its voters are not asked now.")
        fresh = seen.get()
        spoken = fresh.votes.filter(voter=actor, revision_hash=fresh.revision_hash, choice__in=DECIDING)
        if spoken.exists():
            raise Conflict(f"You have voted on this revision of {change.key} already.", code="ALREADY_VOTED")
        recusal.save(force_insert=True)
        settle(fresh, now=now, anew=True)
    return recusal
