"""Carrying out what was authorised: once, inside the window, after the lead time, in one transaction."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import DatabaseError
from django.db.models import F

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import DomainError, NotAllowed, NotReady, WrongState
from governance.models import User

from ..lifecycle import CHANGE
from ..models import DECIDING, ChangeClass, ChangeRequest
from .blocking import check_no_expired_waiver
from .calendar import freezes_for
from .conflicts import check_asset_free
from .items import load_items
from .kinds import by_kind
from .templates import check_template_holds

log = structlog.get_logger("interlock.approvals")
HOLD = dt.timedelta(hours=1)


def implement_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """Apply every item under the change's mandate; of two callers at once exactly one applies.

    Raises ``NotReady`` (LEAD_TIME, WINDOW_NOT_OPEN, WINDOW_CLOSED, FREEZE, SAME_ASSET, WAIVER_EXPIRED) with why,
    ``Conflict`` with the difference when the record was changed underneath, ``WrongState`` when it is not SCHEDULED.
    Nothing is half-applied.
    """
    require(actor, "implement", change)
    check_not_a_voter(change, actor)
    check_authorised(change)
    load_items(change)
    check_template_holds(change)
    check_time(change, now=now)
    check_freeze(change, now=now)
    check_asset_free(change)
    check_no_expired_waiver(change)
    with recorded("approvals.change.implement", actor=actor, subject=change, now=now):
        begin(change, now=now)
        apply_items(change, now=now, actor=actor)
        CHANGE.move(change, "review", implemented_at=now)
    return change


def check_authorised(change: ChangeRequest) -> None:
    """An emergency in AUTHORIZE still waits for its voters, whatever the lifecycle lets it do next."""
    if change.state == "AUTHORIZE":
        raise WrongState(f"{change.key} is AUTHORIZE: its voters have not authorised it yet.")
    if change.state != "IMPLEMENTING":
        CHANGE.check(change, "implement")


def begin(change: ChangeRequest, *, now: dt.datetime) -> None:
    """Take the change's turn. An emergency is IMPLEMENTING since its last vote: the first who comes carries it out."""
    if change.state != "IMPLEMENTING":
        CHANGE.move(change, "implement", held_reason="")
        return
    free = ChangeRequest.objects.filter(pk=change.pk, state="IMPLEMENTING", implemented_at=None)
    if not free.update(implemented_at=now, held_reason="", revision=F("revision") + 1):
        raise WrongState(f"{change.key} was carried out since you saw it. Reload it and look again.")
    change.revision += 1


def check_not_a_voter(change: ChangeRequest, actor: User) -> None:
    if change.votes.filter(voter=actor, choice__in=DECIDING).exists():
        raise NotAllowed(f"You voted on {change.key}; someone else implements it.", code="SOD_VOTER")


def check_time(change: ChangeRequest, *, now: dt.datetime) -> None:
    earliest = change.lead_ends_at
    if now < earliest:
        left = (earliest - now).total_seconds() / 3600
        raise NotReady(
            f"The lead time of {change.lead_hours} h ends {earliest:%Y-%m-%d %H:%MZ}, in {left:.1f} h.",
            code="LEAD_TIME",
        )
    if change.window_start and now < change.window_start:
        raise NotReady(f"The window opens {change.window_start:%Y-%m-%d %H:%MZ}.", code="WINDOW_NOT_OPEN")
    if change.window_end and now >= change.window_end:
        raise NotReady(
            f"The window closed {change.window_end:%Y-%m-%d %H:%MZ}: revise the change with a new one.",
            code="WINDOW_CLOSED",
        )


def check_freeze(change: ChangeRequest, *, now: dt.datetime) -> None:
    """Inside a freeze only what was asked as such: then table T4 has asked operations. An emergency does not wait."""
    if change.change_class == ChangeClass.EMERGENCY or change.policy.get("facts", {}).get("blackout"):
        return
    items = list(change.items.all())
    touched = [item.touched_interface for item in items if item.touched_interface]
    systems = [item.system for item in items if item.system]
    for frozen in freezes_for(touched, systems=systems, start=now, end=now + dt.timedelta(seconds=1)):
        raise NotReady(
            f"{frozen.name} freezes changes until {frozen.ends_at:%Y-%m-%d %H:%MZ}. Wait, or revise the window.",
            code="FREEZE",
            details={"until": frozen.ends_at.isoformat()},
        )


def apply_items(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """All of them in the caller's transaction, each under the change's mandate for it."""
    for kind, items in by_kind(load_items(change)):
        kind.apply(change, items, now=now, actor=actor)
    change.items.update(applied_at=now)


def implement_due_changes(*, now: dt.datetime, actor: User, limit: int = 50) -> int:
    """The clock: every scheduled change whose time has come. One that cannot be applied is held, with the reason."""
    done = 0
    for change in ChangeRequest.objects.due(now).order_by("implement_at")[:limit]:
        try:
            implement_change(change, now=now, actor=actor)
            done += 1
        except DomainError as refusal:
            hold_change(change, refusal.message, now=now, actor=actor)
        except DatabaseError as fault:
            log.exception("change cannot be applied", change=change.key)
            hold_change(change, f"The database refused it: {type(fault).__name__}.", now=now, actor=actor)
    return done


def hold_change(change: ChangeRequest, reason: str, *, now: dt.datetime, actor: User) -> None:
    """Push a change that cannot be applied an hour ahead, saying why, so that it does not block the others."""
    held = ChangeRequest.objects.filter(pk=change.pk, state__in=["SCHEDULED", "IMPLEMENTING"])
    with recorded("approvals.change.hold", actor=actor, subject=change, now=now, reason=reason):
        held.update(implement_at=now + HOLD, held_reason=reason[:300], revision=F("revision") + 1)
