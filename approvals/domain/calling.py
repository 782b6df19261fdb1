"""Calling the voters, and telling the authors what became of it: each a row with the command, mailed as they wish."""

from __future__ import annotations

import datetime as dt

from ..models import ChangeClass, ChangeRequest, RequirementStatus
from .electors import Electors
from .missing import stale_voters
from .requirements import asked_now
from .telling import page_of, tell


def call_voters(change: ChangeRequest, *, now: dt.datetime) -> None:
    """A notice for everybody who may speak for an open need, and for whose vote a revision has made stale.

    In an emergency it does not wait for a digest.
    """
    electors, stale = Electors(change, now=now), stale_voters(change)
    needs = [need for need in asked_now(change) if need.status == RequirementStatus.UNSATISFIED]
    asked = [one.person for need in needs for role in need.roles for one in electors.able(need, role)]
    kind = "vote.emergency" if change.change_class == ChangeClass.EMERGENCY else "vote.asked"
    again = f"{change.key} was revised and your vote is stale: vote again. {change.title}"
    tell(stale, "vote.stale", again, url=page_of(change), now=now)
    called = [one for one in asked if one not in stale]
    tell(called, kind, f"{change.key} waits for your vote: {change.title}", url=page_of(change), now=now)


def tell_authors(change: ChangeRequest, what: str, *, now: dt.datetime) -> None:
    """The requester and the one who answers for it learn that it is authorised or rejected."""
    said = f"{change.key} is {what}: {change.title}"
    tell([change.requester, change.responsible], f"change.{what}", said, url=page_of(change), now=now)
