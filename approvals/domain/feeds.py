"""A person's secret address of the calendar: given, changed, taken back, and what a calendar program reads there."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterable

from django.db.models import F, Q

from governance.domain.audit import recorded
from governance.domain.rules import require, visible
from governance.kernel.errors import NotFound
from governance.models import User

from ..formats.ical import CANCELLED, CONFIRMED, TENTATIVE, FeedEvent, calendar_bytes
from ..models import CalendarEntry, CalendarFeed, CalendarKind, ChangeRequest
from ..recurrence import moved
from .calendar_queries import CHANGE, EVERYTHING, KINDS, Scope, changed_calendar, reach_of, touching
from .neighbours import UNDER_WAY, USUAL
from .queries import with_all_shown
from .reach import concerns

#: What a feed holds: so far back, so far ahead, and what was called off for so long.
BACK, AHEAD, CALLED_OFF = dt.timedelta(days=31), dt.timedelta(days=400), dt.timedelta(days=90)
MOST_CHANGES = 1000
SECRET_BYTES = 32


def issue_feed(*, now: dt.datetime, actor: User) -> tuple[CalendarFeed, str]:
    """The actor's own address, as its secret, which is shown this once: only its SHA-256 is kept.

    Who has one already gets another, and the one before is worthless from then on.
    """
    require(actor, "issue", CalendarFeed)
    secret = secrets.token_urlsafe(SECRET_BYTES)
    feed = feed_of(actor)
    known = feed is not None
    feed = feed or CalendarFeed(person=actor, issued_at=now, digest=digest_of(secret))
    with recorded("approvals.calendar_feed.issue", actor=actor, subject=feed, now=now):
        if known:
            said = {"digest": digest_of(secret), "issued_at": now, "revoked_at": None}
            CalendarFeed.objects.filter(pk=feed.pk).update(**said, revision=F("revision") + 1)
        else:
            feed.save(force_insert=True)
    feed.refresh_from_db()
    return feed, secret


def revoke_feed(feed: CalendarFeed, *, now: dt.datetime, actor: User) -> CalendarFeed:
    """The address is worthless from now on. Twice is the same as once."""
    require(actor, "revoke", feed)
    with recorded("approvals.calendar_feed.revoke", actor=actor, subject=feed, now=now):
        standing = CalendarFeed.objects.filter(pk=feed.pk, revoked_at=None)
        standing.update(revoked_at=now, revision=F("revision") + 1)
    feed.refresh_from_db()
    return feed


def feed_of(actor: User) -> CalendarFeed | None:
    return CalendarFeed.objects.filter(person=actor).first()


def own_feed(actor: User) -> CalendarFeed:
    """Raises ``NotFound`` for who has none."""
    found = feed_of(actor)
    if found is None:
        raise NotFound("You have no calendar address yet.")
    return found


def digest_of(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def reader_of(secret: str) -> User:
    """Whose address it is. Raises ``NotFound``, the same for none, a revoked one, and one of a person who left."""
    standing = CalendarFeed.objects.filter(digest=digest_of(secret), revoked_at=None, person__is_active=True)
    found = standing.select_related("person").first()
    if found is None:
        raise NotFound("There is no such calendar, or its address was taken back.")
    return found.person


def feed_bytes(
    reader: User, *, kinds: Iterable[str] = (), scope: Scope = EVERYTHING, address: str = "", now: dt.datetime
) -> bytes:
    """The calendar that ``reader`` may read, as RFC 5545. ``address`` is where this installation's pages begin."""
    asked = set(kinds) or {kind for kind, _ in KINDS}
    events = entry_events(reader, asked - {CHANGE}, scope=scope, address=address, now=now)
    if CHANGE in asked:
        events += change_events(reader, scope=scope, address=address, now=now)
    named = scope.chosen
    return calendar_bytes(events, name=f"Interlock: {named.name}" if named else "Interlock")


def entry_events(reader: User, kinds: set[str], *, scope: Scope, address: str, now: dt.datetime) -> list[FeedEvent]:
    entries = changed_calendar(reader, since=now - BACK, until=now + AHEAD, kept=now - CALLED_OFF)
    if scope.chosen:
        reach = reach_of(scope)
        entries = [one for one in entries if concerns(one, reach)]
    return [event_of_entry(one, address=address, now=now) for one in entries if one.kind in kinds]


def event_of_entry(entry: CalendarEntry, *, address: str, now: dt.datetime) -> FeedEvent:
    scope = entry.scope
    label = CalendarKind(entry.kind).label
    return FeedEvent(
        uid=f"{entry.pk}@interlock", sequence=entry.revision - 1, stamp=entry.updated_at, start=entry.starts_at,
        end=entry.ends_at, zone=entry.zone, rrule=entry.rrule, category=label,
        summary=f"{label}: {entry.name}" + (f" ({scope.name})" if scope else ""), description=entry.reason,
        status=CANCELLED if entry.withdrawn_at else CONFIRMED,
        url=f"{address}/changes/calendar/entries/{entry.pk}/" if address else "",
        moved=[] if entry.withdrawn_at else moved(entry, now - BACK, now + AHEAD),
    )  # fmt: skip


def change_events(reader: User, *, scope: Scope, address: str, now: dt.datetime) -> list[FeedEvent]:
    """Changes with a window or an appointed time; those that were called off stay for a while, as called off."""
    timed = Q(window_start__gt=now - BACK, window_start__lt=now + AHEAD)
    timed |= Q(window_start=None, implement_at__gt=now - BACK, implement_at__lt=now + AHEAD)
    called_off = Q(state__in=["CANCELLED", "REJECTED"], updated_at__gt=now - CALLED_OFF) & ~Q(submitted_at=None)
    rows = visible(ChangeRequest.objects.filter(timed), reader)
    rows = rows.filter(Q(state__in=[*UNDER_WAY, "REVIEW", "CLOSED"]) | called_off)
    changes = list(with_all_shown(rows).order_by("key")[:MOST_CHANGES])
    if scope.chosen:
        changes = touching(scope, changes)
    return [event_of_change(one, address=address) for one in changes]


def event_of_change(change: ChangeRequest, *, address: str) -> FeedEvent:
    start = change.window_start or change.implement_at
    if start is None:
        raise ValueError(f"{change.key} has no time.")
    status = TENTATIVE if change.state in ("SUBMITTED", "ASSESS", "AUTHORIZE") else CONFIRMED
    return FeedEvent(
        uid=f"{change.pk}@interlock", sequence=change.revision - 1, stamp=change.updated_at, start=start,
        end=change.window_end or start + USUAL, summary=str(change), category="Change", busy=True,
        description=f"{change.get_state_display()}. {change.reason}",
        status=CANCELLED if change.state in ("CANCELLED", "REJECTED") else status,
        url=f"{address}/changes/{change.key}/" if address else "",
    )  # fmt: skip
