"""What a change's window runs into, each as a sentence that names the other; and the next window that is free.

A conflict informs. What it asks for is decided elsewhere: a freeze makes table T4 ask operations, the lead time is
held at submission, and only a change that is being carried out now stops another one of the same asset.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.db import models
from django.db.models import F, Q

from catalog.models import Interface
from governance.kernel.errors import NotReady
from governance.models import User

from ..models import CalendarKind, ChangeClass, ChangeItem, ChangeRequest
from ..recurrence import moment_words, span_words
from .calendar import Happening
from .neighbours import PATHS, UNDER_WAY, USUAL, span_of
from .obstacles import Asked, Surroundings, asked_of, surroundings_of
from .requirements import plan_change


class ConflictKind(models.TextChoices):
    FREEZE = "FREEZE", "Freeze"
    LEAD_TIME = "LEAD_TIME", "Lead time"
    SAME_ASSET = "SAME_ASSET", "Same asset"
    RELATED_ASSET = "RELATED_ASSET", "Related asset"
    IMPLEMENTER_BUSY = "IMPLEMENTER_BUSY", "Implementer busy"
    QUIET = "QUIET", "Quiet time"
    OUTSIDE_MAINTENANCE = "OUTSIDE_MAINTENANCE", "Outside maintenance"


@dataclass(frozen=True)
class WindowConflict:
    """``other`` is the entry's name or the change's key, empty when the reader may not know it.

    ``starts_at`` and ``ends_at`` are the other's time; of ``LEAD_TIME`` the lead time itself.
    """

    kind: str
    message: str
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    other: str = ""
    change: str = ""
    entry: str = ""


def conflicts_of(change: ChangeRequest, *, now: dt.datetime, actor: User) -> list[WindowConflict]:
    """What the window of one change runs into; of a change that is over, or carried out, nothing."""
    if change.state == "DRAFT":
        planned = plan_change(change, list(change.items.all()), now=now)
        asked = [sooner_or_later(one, planned.plan.lead_hours, now=now) for one in asked_of([change], now=now)]
        return found_for(asked, actor=actor)[change.pk]
    return conflicts_among([change], now=now, actor=actor).get(change.pk, [])


def sooner_or_later(asked: Asked, lead_hours: int, *, now: dt.datetime) -> Asked:
    """A draft as if it were submitted now, with the lead time that it would get."""
    earliest = now + dt.timedelta(hours=lead_hours)
    moved: dict[str, Any] = {} if asked.windowed else {"start": earliest, "end": earliest + USUAL}
    return replace(asked, earliest=earliest, lead_hours=lead_hours, **moved)


def conflicts_among(
    changes: Sequence[ChangeRequest], *, now: dt.datetime, actor: User
) -> dict[Any, list[WindowConflict]]:
    """By id, for those that are submitted and not carried out; the number of queries is the same for one and for all.

    Pass changes with their items prefetched (``queries.ITEMS``) and their implementer.
    """
    moving = [one for one in changes if one.state in UNDER_WAY]
    return found_for(asked_of(moving, now=now), actor=actor)


def conflicts_of_ask(
    interface: Interface,
    *,
    lead_hours: int,
    window_start: dt.datetime | None,
    window_end: dt.datetime | None,
    besides: ChangeRequest | None = None,
    now: dt.datetime,
    actor: User,
) -> list[WindowConflict]:
    """The same for what somebody is about to ask for, before there is a change, or a revision ``besides`` this one."""
    asked = asked_for(interface, lead_hours=lead_hours, start=window_start, end=window_end, besides=besides, now=now)
    return found_for([asked], actor=actor)[asked.name]


def asked_for(
    interface: Interface,
    *,
    lead_hours: int,
    start: dt.datetime | None,
    end: dt.datetime | None,
    besides: ChangeRequest | None = None,
    now: dt.datetime,
) -> Asked:
    earliest = now + dt.timedelta(hours=lead_hours)
    opens = start or earliest
    ends = end if end and end > opens else opens + USUAL
    return Asked(
        name="asked", change=besides and besides.pk, start=opens, end=ends, earliest=earliest, lead_hours=lead_hours,
        interfaces=(interface,), windowed=start is not None,
    )  # fmt: skip


def found_for(asked: Sequence[Asked], *, actor: User) -> dict[Any, list[WindowConflict]]:
    if not asked:
        return {}
    first, last = min(one.start for one in asked), max(one.end for one in asked)
    met = surroundings_of(asked, start=first, end=last, actor=actor)
    return {one.name: list(conflicts_in(one, met[one.name])) for one in asked}


def conflicts_in(asked: Asked, met: Surroundings) -> Iterator[WindowConflict]:
    yield from (one for one in entry_conflicts(asked, met) if one.kind == ConflictKind.FREEZE)
    if asked.windowed and asked.start < asked.earliest:
        yield too_early(asked, met.zone)
    yield from change_conflicts(asked, met)
    yield from (one for one in entry_conflicts(asked, met) if one.kind == ConflictKind.QUIET)
    if (outside := outside_maintenance(asked, met)) is not None:
        yield outside


def entry_conflicts(asked: Asked, met: Surroundings) -> Iterator[WindowConflict]:
    """Freezes and quiet times that touch the window; of what repeats, the first time that does."""
    told: set[Any] = set()
    for one in met.entries:
        if one.starts_at >= asked.end or one.ends_at <= asked.start or one.entry.pk in told:
            continue
        told.add(one.entry.pk)
        freeze = one.entry.kind == CalendarKind.BLACKOUT
        words = span_words(one.starts_at, one.ends_at, zone_for(one, met))
        known = one.entry.pk in met.known_entries
        named = named_entry(one) if known else f"A {'freeze' if freeze else 'quiet time'} that you may not read"
        said = f"{named} freezes changes, {words}." if freeze else f"{named} is quiet time, {words}."
        yield WindowConflict(
            ConflictKind.FREEZE if freeze else ConflictKind.QUIET, said, one.starts_at, one.ends_at,
            zone_for(one, met), other=one.name if known else "", entry=str(one.entry.pk) if known else "",
        )  # fmt: skip


def named_entry(one: Happening) -> str:
    scope = one.entry.scope
    return f"{one.name} ({scope.name})" if scope else one.name


def zone_for(one: Happening, met: Surroundings) -> str:
    """The facility's own clock where the entry is a facility's or says no zone of its own."""
    return met.zone if one.entry.zone == "UTC" and not one.entry.facility_id else one.entry.zone


def too_early(asked: Asked, zone: str) -> WindowConflict:
    submitted = asked.earliest - dt.timedelta(hours=asked.lead_hours)
    given = (asked.start - submitted).total_seconds() / 3600
    return WindowConflict(
        ConflictKind.LEAD_TIME,
        f"The window opens {given:.0f} h after submission and the lead time is {asked.lead_hours} h "
        f"({given:.0f} h < {asked.lead_hours} h): {moment_words(asked.earliest, zone)} or later.",
        submitted, asked.earliest, zone,
    )  # fmt: skip


def change_conflicts(asked: Asked, met: Surroundings) -> Iterator[WindowConflict]:
    """Other changes in the same time: of the same asset first, then of a related one, then the implementer's."""
    for one in sorted(met.neighbours, key=lambda found: (not found.same, found.change.key)):
        if not overlaps(asked, one.change):
            continue
        kind = ConflictKind.SAME_ASSET if one.same else ConflictKind.RELATED_ASSET
        does = f"changes {one.label} too" if one.same else f"changes {one.label}, {one.through}"
        hidden = "changes the same asset" if one.same else "changes a related asset"
        yield other_change(kind, one.change, does, hidden, met)
    for row in met.busy:
        if overlaps(asked, row):
            yield other_change(
                ConflictKind.IMPLEMENTER_BUSY, row, f"is carried out by {asked.implementer} too",
                f"is carried out by {asked.implementer} too", met,
            )  # fmt: skip


def overlaps(asked: Asked, change: ChangeRequest) -> bool:
    start, end = span_of(change, earliest=asked.start)
    return start < asked.end and end > asked.start


def other_change(kind: str, change: ChangeRequest, does: str, hidden: str, met: Surroundings) -> WindowConflict:
    start, end = change.window_start or change.implement_at, change.window_end
    if start is None:
        raise ValueError(f"{change.key} has no time.")
    ends = end or start + USUAL
    known = change.pk in met.known_changes
    words = span_words(start, ends, met.zone)
    said = f"{change} {does}, {words}." if known else f"Another change, which you may not read, {hidden}, {words}."
    key = change.key if known else ""
    return WindowConflict(kind, said, start, ends, met.zone, other=key, change=key)


def outside_maintenance(asked: Asked, met: Surroundings) -> WindowConflict | None:
    """Where maintenance windows exist, the change lies in none of them; the next one that is long enough is named."""
    if met.maintenance is None or any(one.time.covers(asked.start, asked.end) for one in met.maintenance):
        return None
    length = asked.end - asked.start
    ahead = [one for one in met.maintenance if one.ends_at > asked.start]
    if not ahead:
        return None
    one = next((one for one in ahead if one.ends_at - max(one.starts_at, asked.earliest) >= length), ahead[0])
    known = one.entry.pk in met.known_entries
    zone = zone_for(one, met)
    named = named_entry(one) if known else "a maintenance window that you may not read"
    return WindowConflict(
        ConflictKind.OUTSIDE_MAINTENANCE,
        f"It lies outside {named}: next {span_words(one.starts_at, one.ends_at, zone)}.",
        one.starts_at, one.ends_at, zone,
        other=one.name if known else "", entry=str(one.entry.pk) if known else "",
    )  # fmt: skip


def check_asset_free(change: ChangeRequest) -> None:
    """Two hands on one thing: refused while another change of the same asset is being carried out.

    An emergency does not wait.
    """
    if change.change_class == ChangeClass.EMERGENCY:
        return
    items = list(change.items.all())
    mine = {item.touched_interface_id for item in items} - {None}
    systems = {item.system_id for item in items} - {None}
    same = Q(system__in=systems)
    for path in PATHS:
        same |= Q(**{f"{path}__in": mine})
    running = ChangeItem.objects.filter(same, change__state="IMPLEMENTING", change__implemented_at=None)
    other = running.exclude(change=change).select_related("change").order_by(F("change__key")).first()
    if other:
        raise NotReady(
            f"{other.change} is being carried out on the same asset. Implement this one after it.",
            code="SAME_ASSET",
            details={"change": other.change.key},
        )
