"""Everything that may stand in the way of changes over a stretch of time, gathered for many at once."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Model

from catalog.models import Facility, Interface, System
from governance.domain.rules import visible
from governance.models import User

from ..models import CalendarEntry, CalendarKind, ChangeRequest
from ..recurrence import Occurrence, occurrences
from .calendar import Happening, happenings
from .neighbours import ALONE, UNDER_WAY, Neighbour, assets_of, during, neighbours_of, span_of
from .reach import Reach, concerns, reaches

#: How far ahead a maintenance window counts as one that exists.
AHEAD = dt.timedelta(days=62)


@dataclass(frozen=True)
class Asked:
    """What is held against the calendar. ``name`` tells the answers apart; ``change`` is left out of them.

    ``earliest`` is when its lead time is over; ``start`` and ``end`` are its window, or when it would be done.
    """

    name: Any
    start: dt.datetime
    end: dt.datetime
    earliest: dt.datetime
    lead_hours: int = 0
    change: Any = None
    interfaces: tuple[Interface, ...] = ()
    systems: tuple[System, ...] = ()
    alone: tuple[tuple[str, Any], ...] = ()
    implementer: User | None = None
    windowed: bool = True


@dataclass
class Surroundings:
    """What one change meets: entries that concern it, neighbours and the implementer's other changes.

    ``maintenance`` is None where no maintenance window exists for it. ``entries`` and ``changes`` are what the reader
    may know by name.
    """

    zone: str = "UTC"
    entries: list[Happening] = field(default_factory=list)
    maintenance: list[Happening] | None = None
    neighbours: list[Neighbour] = field(default_factory=list)
    busy: list[ChangeRequest] = field(default_factory=list)
    known_entries: set[Any] = field(default_factory=set)
    known_changes: set[Any] = field(default_factory=set)


def asked_of(changes: Sequence[ChangeRequest], *, now: dt.datetime) -> list[Asked]:
    """Stored changes, with their interfaces' parties loaded in one query; items are taken as they were prefetched."""
    touched = {item.touched_interface_id for one in changes for item in one.items.all()} - {None}
    loaded = Interface.objects.with_parties().in_bulk(touched)
    made = []
    for one in changes:
        items = list(one.items.all())
        earliest = (one.revised_at or now) + dt.timedelta(hours=one.lead_hours)
        start, end = span_of(one, earliest=earliest)
        pks = dict.fromkeys(item.touched_interface_id for item in items if item.touched_interface_id)
        made.append(
            Asked(
                name=one.pk, change=one.pk, start=start, end=end, earliest=earliest, lead_hours=one.lead_hours,
                interfaces=tuple(loaded[pk] for pk in pks), systems=tuple(item.system for item in items if item.system),
                alone=tuple((name, getattr(item, name)) for item in items for name in ALONE if getattr(item, name)),
                implementer=one.implementer, windowed=one.window_start is not None,
            )
        )  # fmt: skip
    return made


def surroundings_of(
    asked: Sequence[Asked], *, start: dt.datetime, end: dt.datetime, actor: User
) -> dict[Any, Surroundings]:
    """What each of them meets from ``start`` to ``end``; the number of queries does not grow with their number."""
    if not asked:
        return {}
    groups = {one.name: list(one.interfaces) for one in asked}
    systems = {one.name: list(one.systems) for one in asked}
    scoped = CalendarEntry.objects.select_related("facility", "domain", "system")
    entries = list(scoped.perhaps_touching(start, end + AHEAD))
    met = reaches(entries, groups, systems=systems, places=True)
    assets = assets_of({one.name: (one.interfaces, one.systems, one.alone) for one in asked})
    near = neighbours_of(assets, start=start, end=end)
    busy = busy_implementers(asked, start=start, end=end)
    others = {pk for found in near.values() for pk in found} | {one.pk for rows in busy.values() for one in rows}
    known_entries = known_among(CalendarEntry, {one.pk for one in entries}, actor)
    known_changes = known_among(ChangeRequest, others, actor)
    zones = {place.pk: place for place in Facility.objects.all()}
    made = {}
    for one in asked:
        concerned = [entry for entry in entries if concerns(entry, met[one.name])]
        made[one.name] = Surroundings(
            zone=zone_of_reach(met[one.name], zones),
            entries=held([e for e in concerned if e.kind != CalendarKind.MAINTENANCE], start, end),
            maintenance=existing([e for e in concerned if e.kind == CalendarKind.MAINTENANCE], start, end),
            neighbours=[found for pk, found in near[one.name].items() if pk != one.change],
            busy=[row for row in busy.get(one.implementer and one.implementer.pk, []) if row.pk != one.change],
            known_entries=known_entries,
            known_changes=known_changes,
        )
    return made


def known_among(model: type[Model], pks: set[Any], actor: User) -> set[Any]:
    """Those of the records that the reader may see."""
    return set(visible(model._default_manager.filter(pk__in=pks), actor).values_list("pk", flat=True))


def held(entries: Iterable[CalendarEntry], start: dt.datetime, end: dt.datetime) -> list[Happening]:
    return sorted(happenings(entries, start, end), key=lambda one: (one.starts_at, one.name))


def existing(entries: Iterable[CalendarEntry], start: dt.datetime, end: dt.datetime) -> list[Happening] | None:
    """The maintenance windows from ``start`` on; None when there is no window that is still to come."""
    found = held([one for one in entries if one.scoped], start, end + AHEAD)
    return found or None


def zone_of_reach(reach: Reach, places: dict[Any, Facility]) -> str:
    """The clock of where it runs; UTC where that is nowhere, or in several zones."""
    above = {places[pk].parent_id for pk in reach.facilities}
    zones = {places[pk].timezone for pk in reach.facilities if pk not in above}
    return zones.pop() if len(zones) == 1 else "UTC"


def busy_implementers(
    asked: Sequence[Asked], *, start: dt.datetime, end: dt.datetime
) -> dict[Any, list[ChangeRequest]]:
    """By person, the open changes that they carry out in that time."""
    people = {one.implementer.pk for one in asked if one.implementer}
    found: dict[Any, list[ChangeRequest]] = {}
    rows = ChangeRequest.objects.filter(during(start, end), implementer__in=people, state__in=UNDER_WAY)
    for row in rows.order_by("window_start", "key") if people else []:
        found.setdefault(row.implementer_id, []).append(row)
    return found


def next_of(entry: CalendarEntry, *, after: dt.datetime, count: int = 5) -> list[Occurrence]:
    """The next times of an entry, those that are under way too."""
    if not entry.rrule:
        return occurrences(entry, after, max(entry.ends_at, after) + dt.timedelta(seconds=1), limit=count)
    for years in (1, 6, 41):
        found = occurrences(entry, after, after + dt.timedelta(days=366 * years), limit=count)
        if len(found) >= count:
            break
    return found
