"""The life of a waiver in force: told of before it ends, mended, prolonged once, taken back, or expired."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import DatabaseError
from django.db.models import Q
from django.urls import reverse

from catalog.domain.decisions import assess_interface
from catalog.domain.findings import reopen_finding, settle_finding
from catalog.domain.owners import owner_people
from catalog.domain.readiness import state_fact
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import DomainError, Invalid, NotAllowed, NotReady, WrongState
from governance.models import User

from ..lifecycle import WAIVER
from ..models import Waiver, WaiverKind
from .granting import fact_of, state_tolerated, tolerated_words
from .telling import holders_of, tell
from .waiver_queries import change_of
from .waiving import LONGEST, LONGEST_OF_PROHIBITED

log = structlog.get_logger("interlock.approvals")
#: So many days before the end people are told, each time once; at the end itself the waiver expires.
NOTICES = (30, 7)


def remediate_waiver(waiver: Waiver, *, done: str, now: dt.datetime, actor: User) -> Waiver:
    """What it tolerated is mended: its finding is fixed and it no longer blocks, also after it expired.

    Raises ``NotReady`` (STILL_DEVIATES) while the interface still uses the pattern, ``Invalid`` without what was done.
    """
    require(actor, "remediate", waiver)
    verb = "remediate_late" if waiver.state == "EXPIRED" else "remediate"
    WAIVER.check(waiver, verb)
    if verb == "remediate_late" and waiver.settled_at:
        raise WrongState(f"{waiver.key} is expired and was granted anew: mend that one.")
    check_mended(waiver)
    said = said_why(done, name="done", words="Say what was done, and where it can be seen.")
    with recorded("approvals.waiver.remediate", actor=actor, subject=waiver, now=now, reason=said):
        WAIVER.move(waiver, verb, settled_at=now)
        if waiver.finding:
            settle_finding(waiver.finding, reason=f"{waiver.key}: {said}", now=now, actor=actor)
        withdraw_fact(waiver, f"{waiver.key} is remediated: attest it anew.", now=now, actor=actor)
        tell_those_concerned(waiver, "waiver.remediated", f"{waiver.key} is remediated: {said}", now=now)
    return waiver


def check_mended(waiver: Waiver) -> None:
    if waiver.kind == WaiverKind.DEVIATION and waiver.covers in assess_interface(waiver.interface).deviating:
        raise NotReady(
            f"{waiver.interface.key} still deviates from policy by {waiver.covers.replace('_', ' ').lower()}: "
            "change its patterns first.",
            code="STILL_DEVIATES",
        )


def said_why(text: str, *, name: str = "reason", words: str = "Say why: it is kept with the waiver.") -> str:
    if not text.strip():
        raise Invalid(words, errors={name: ["is required"]})
    return text.strip()


def revoke_waiver(waiver: Waiver, *, reason: str, now: dt.datetime, actor: User) -> Waiver:
    """It is tolerated no longer: the finding is open again. One that is not in force yet ends with its change."""
    require(actor, "revoke", waiver)
    if waiver.state == "APPROVED":
        change = change_of(waiver)
        raise WrongState(f"{waiver.key} is not in force yet: cancel {change.key if change else 'its change'} instead.")
    WAIVER.check(waiver, "revoke")
    why = said_why(reason)
    with recorded("approvals.waiver.revoke", actor=actor, subject=waiver, now=now, reason=why):
        WAIVER.move(waiver, "revoke", settled_at=now)
        stand_again(waiver, f"{waiver.key} was revoked: {why}", now=now, actor=actor)
        tell_those_concerned(waiver, "waiver.revoked", f"{waiver.key} was revoked: {why}", now=now)
    return waiver


def renew_waiver(waiver: Waiver, *, days: int, reason: str, now: dt.datetime, actor: User) -> Waiver:
    """Prolonged without the board, once: from now for ``days``, never longer than a new one might be.

    Raises ``NotAllowed`` (SOD_WAIVER for who asked for it or mends it, RENEWED_ONCE), ``Invalid`` (days, reason).
    """
    require(actor, "renew", waiver)
    check_renewable(waiver, now=now, actor=actor)
    ends, why = now + dt.timedelta(days=checked_days(waiver, days)), said_why(reason)
    if waiver.expires_at and ends <= waiver.expires_at:
        said = f"It is in force until {waiver.expires_at:%Y-%m-%d} already."
        raise Invalid(said, errors={"days": [said]})
    facts = {"days": days}
    with recorded("approvals.waiver.renew", actor=actor, subject=waiver, now=now, reason=why, facts=facts):
        values = {"renewed_at": now, "renewed_until": ends, "expires_at": ends, "notified_days": None}
        mine = Waiver.objects.filter(pk=waiver.pk, state="ACTIVE", renewed_at=None, revision=waiver.revision)
        if not mine.update(**values, revision=waiver.revision + 1):
            raise WrongState(f"{waiver.key} has moved since you saw it. Reload it and look again.")
        waiver.refresh_from_db()
        if waiver.kind == WaiverKind.RESILIENCE:
            state_tolerated(waiver, now=now, actor=actor)
        said = f"{waiver.key} is prolonged until {ends:%Y-%m-%d}; the next time the board decides."
        tell_those_concerned(waiver, "waiver.renewed", said, now=now)
    return waiver


def check_renewable(waiver: Waiver, *, now: dt.datetime, actor: User) -> None:
    if waiver.state != "ACTIVE" or (waiver.expires_at and waiver.expires_at <= now):
        raise WrongState(f"{waiver.key} is not in force: ask the board for another waiver.")
    if waiver.renewed_at:
        raise NotAllowed(
            f"{waiver.key} was prolonged once already: the board decides now. Ask for another waiver.",
            code="RENEWED_ONCE",
        )
    if actor.pk in (waiver.requested_by_id, waiver.remediation_owner_id):
        said = f"You asked for {waiver.key}, or mend it: another security officer prolongs it."
        raise NotAllowed(said, code="SOD_WAIVER")


def checked_days(waiver: Waiver, days: int) -> int:
    most = LONGEST_OF_PROHIBITED if waiver.prohibited else LONGEST
    if not 1 <= days <= most:
        raise Invalid("It cannot be prolonged by that.", errors={"days": [f"From 1 to {most} days, from today."]})
    return days


def expire_waiver(waiver: Waiver, *, now: dt.datetime, actor: User) -> Waiver:
    """Its time is over: the finding is open again, and the interface takes no ordinary change until it is mended."""
    require(actor, "expire", waiver)
    said = f"{waiver.key} has expired: {tolerated_words(waiver)}. Mend it, or ask the board anew."
    with recorded("approvals.waiver.expire", actor=actor, subject=waiver, now=now):
        WAIVER.move(waiver, "expire", notified_days=0)
        stand_again(waiver, f"{waiver.key} expired.", now=now, actor=actor)
        tell_those_concerned(waiver, "waiver.expired", said, now=now, also=holders_of("SECURITY_OFFICER"))
    return waiver


def stand_again(waiver: Waiver, reason: str, *, now: dt.datetime, actor: User) -> None:
    """What was tolerated stands against the interface again."""
    if waiver.finding:
        waiver.finding.refresh_from_db()
        if waiver.finding.state == "WAIVED":
            reopen_finding(waiver.finding, reason=reason, now=now, actor=actor)
    withdraw_fact(waiver, reason, now=now, actor=actor)


def withdraw_fact(waiver: Waiver, reason: str, *, now: dt.datetime, actor: User) -> None:
    """What only the waiver had stated is no longer so; what the owners attested since stays."""
    if waiver.kind != WaiverKind.RESILIENCE:
        return
    stated = waiver.interface.readiness.filter(requirement=fact_of(waiver), source=waiver.key, satisfied=True)
    if stated.exists():
        state_fact(
            waiver.interface, requirement=fact_of(waiver), satisfied=False, reason=reason, source=waiver.key,
            now=now, actor=actor,
        )  # fmt: skip


def watch_waivers(*, now: dt.datetime, actor: User, limit: int = 200) -> int:
    """The clock: expires what is over and tells of what ends soon; how many it did either to. Each once."""
    done = 0
    for waiver in Waiver.objects.expired_by(now).order_by("expires_at")[:limit]:
        try:
            expire_waiver(waiver, now=now, actor=actor)
            done += 1
        except (DomainError, DatabaseError):  # another clock was faster, or it cannot be told: the next one is due too
            log.exception("waiver not expired", waiver=waiver.key)
    return done + sum(tell_of_end(waiver, now=now) for waiver in ending(now)[:limit])


def ending(now: dt.datetime):
    """Those in force of whose end, at the notice that is due now, nobody was told yet."""
    due = Q()
    for days in NOTICES:
        untold = Q(notified_days=None) | Q(notified_days__gt=days)
        due |= Q(expires_at__lte=now + dt.timedelta(days=days)) & untold
    return Waiver.objects.in_force(now).filter(due).order_by("expires_at")


def tell_of_end(waiver: Waiver, *, now: dt.datetime) -> bool:
    """One notice to who asked, who mends and who owns the interface; False when another clock told them meanwhile."""
    if waiver.expires_at is None:
        return False
    left = waiver.expires_at - now
    days = min(days for days in NOTICES if left <= dt.timedelta(days=days))
    same = Waiver.objects.filter(pk=waiver.pk, state="ACTIVE", notified_days=waiver.notified_days)
    if not same.update(notified_days=days):
        return False
    said = f"{waiver.key} ends in {left.days} days, on {waiver.expires_at:%Y-%m-%d}: {tolerated_words(waiver)}."
    tell_those_concerned(waiver, "waiver.ending", said, now=now)
    return True


def tell_those_concerned(
    waiver: Waiver, kind: str, said: str, *, now: dt.datetime, also: list[User] | None = None
) -> None:
    people = [waiver.requested_by, waiver.remediation_owner, *owner_people(waiver.interface, "BUSINESS_OWNER")]
    tell([*people, *(also or [])], kind, said, url=reverse("approvals:waiver", args=[waiver.key]), now=now)
