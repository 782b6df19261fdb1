"""What the calendar shows: its entries' times and the changes' windows, as far as the reader may know of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Q

from catalog.domain.lookups import systems_offered
from catalog.models import Domain, Environment, Facility, Interface, System, SystemInstance
from governance.domain.rules import visible, visible_or_404
from governance.kernel.errors import NotFound
from governance.models import User

from ..models import CalendarEntry, CalendarKind, ChangeRequest
from ..recurrence import Occurrence
from .calendar import happenings
from .conflicts import WindowConflict, conflicts_among
from .neighbours import UNDER_WAY, USUAL, during
from .queries import with_all_shown
from .reach import Reach, concerns, reaches, with_parents

#: A change's kind beside those of the entries.
CHANGE = "CHANGE"
KINDS = ((CHANGE, "Changes"), *CalendarKind.choices)
#: Changes that are or were done in their window, or may still be.
SHOWN_STATES = (*UNDER_WAY, "REVIEW", "CLOSED")
#: More changes than these are not drawn into one calendar at once.
MOST_CHANGES = 300


@dataclass(frozen=True)
class Scope:
    """What the reader narrows the calendar to; at most one of them is set."""

    facility: Facility | None = None
    domain: Domain | None = None
    system: System | None = None

    @property
    def chosen(self) -> Facility | Domain | System | None:
        return self.facility or self.domain or self.system


#: Nothing narrowed.
EVERYTHING = Scope()


@dataclass(frozen=True)
class Shown:
    """One time of an entry, or a change's window; ``zone`` is its own clock."""

    kind: str
    name: str
    start: dt.datetime
    end: dt.datetime
    zone: str
    entry: CalendarEntry | None = None
    change: ChangeRequest | None = None
    conflicts: Sequence[WindowConflict] = field(default=())


def calendar_between(
    start: dt.datetime,
    end: dt.datetime,
    *,
    kinds: Iterable[str] = (),
    scope: Scope = EVERYTHING,
    with_conflicts: bool = False,
    now: dt.datetime,
    actor: User,
) -> list[Shown]:
    """Everything from ``start`` to ``end``, in order; with ``scope`` only what holds for it or touches it."""
    asked = set(kinds) or {kind for kind, _ in KINDS}
    shown = [*entries_between(start, end, asked - {CHANGE}, scope=scope, actor=actor)]
    if CHANGE in asked:
        shown += changes_between(start, end, scope=scope, with_conflicts=with_conflicts, now=now, actor=actor)
    return sorted(shown, key=lambda one: (one.start, one.end, one.name))


def entries_between(start: dt.datetime, end: dt.datetime, kinds: set[str], *, scope: Scope, actor: User) -> list[Shown]:
    rows = visible(CalendarEntry.objects.perhaps_touching(start, end).filter(kind__in=kinds), actor)
    entries = list(rows.select_related("facility", "domain", "system"))
    if scope.chosen and entries:
        reach = reach_of(scope)
        entries = [one for one in entries if concerns(one, reach)]
    return [
        Shown(one.entry.kind, one.name, one.starts_at, one.ends_at, one.entry.zone, entry=one.entry)
        for one in happenings(entries, start, end)
    ]


def reach_of(scope: Scope) -> Reach:
    """What holds for the chosen place, domain or system: its own entries, and those of what it belongs to."""
    reach = Reach(guarded=True)
    if scope.facility:
        above = dict(Facility.objects.values_list("pk", "parent"))
        reach.facilities = set(with_parents(scope.facility.pk, above))
    if scope.domain:
        reach.domains = {scope.domain.pk}
    if scope.system:
        placed = SystemInstance.objects.filter(system=scope.system, environment=Environment.PROD)
        stands = set(placed.exclude(facility=None).values_list("facility", flat=True))
        above = dict(Facility.objects.values_list("pk", "parent"))
        reach.facilities = {place for one in stands for place in with_parents(one, above)}
        reach.domains, reach.systems = {scope.system.domain_id}, {scope.system.pk}
    return reach


def changes_between(
    start: dt.datetime, end: dt.datetime, *, scope: Scope, with_conflicts: bool, now: dt.datetime, actor: User
) -> list[Shown]:
    seen = visible(ChangeRequest.objects.filter(during(start, end), state__in=SHOWN_STATES), actor)
    changes = list(with_all_shown(seen).order_by("window_start", "implement_at", "key")[:MOST_CHANGES])
    if scope.chosen:
        changes = touching(scope, changes)
    found = conflicts_among(changes, now=now, actor=actor) if with_conflicts else {}
    made = []
    for one in changes:
        opens = one.window_start or one.implement_at
        if opens is not None:
            ends = one.window_end or opens + USUAL
            made.append(Shown(CHANGE, one.key, opens, ends, "UTC", change=one, conflicts=found.get(one.pk, ())))
    return made


def touching(scope: Scope, changes: list[ChangeRequest]) -> list[ChangeRequest]:
    """Those with an object in the chosen domain or place, or of the chosen system."""
    items = {one.pk: list(one.items.all()) for one in changes}
    touched = {item.touched_interface_id for rows in items.values() for item in rows} - {None}
    loaded = Interface.objects.with_parties().in_bulk(touched)
    groups = {
        pk: [loaded[item.touched_interface_id] for item in rows if item.touched_interface_id]
        for pk, rows in items.items()
    }
    systems = {pk: [item.system for item in rows if item.system] for pk, rows in items.items()}
    met = reaches([], groups, systems=systems, places=True)
    return [one for one in changes if is_within(scope, met[one.pk])]


def is_within(scope: Scope, reach: Reach) -> bool:
    return (
        (scope.facility is not None and scope.facility.pk in reach.facilities)
        or (scope.domain is not None and scope.domain.pk in reach.domains)
        or (scope.system is not None and scope.system.pk in reach.systems)
    )


@dataclass(frozen=True)
class Choices:
    """What a filter or a form offers."""

    facilities: list[Facility]
    domains: list[Domain]
    systems: list[System]

    def scope(self, named: str) -> Scope | None:
        """``facility:lakeshore-main`` as what it names; nothing named is everything, an unknown name None."""
        kind, _, key = named.partition(":")
        if not named:
            return EVERYTHING
        rows: dict[str, list[Any]] = {
            "facility": self.facilities, "domain": self.domains, "system": self.systems,
        }  # fmt: skip
        found = next((one for one in rows.get(kind, []) if one.key == key), None)
        return Scope(**{kind: found}) if found else None

    @property
    def zones(self) -> list[str]:
        return sorted({"UTC", *(one.timezone for one in self.facilities)})


def calendar_choices(actor: User) -> Choices:
    """The places and domains, which everybody knows, and the systems that the actor sees; three queries."""
    return Choices(
        list(Facility.objects.order_by("name")), list(Domain.objects.order_by("name")), list(systems_offered(actor))
    )


def entry_named(actor: User, pk: Any) -> CalendarEntry:
    return visible_or_404(CalendarEntry.objects.select_related("domain", "facility", "system"), actor, pk=pk)


def times_like(entry: CalendarEntry, occurrences: Sequence[Occurrence]) -> list[Shown]:
    return [Shown(entry.kind, entry.name, one.start, one.end, entry.zone, entry=entry) for one in occurrences]


def scope_of_keys(actor: User, *, facility: str = "", domain: str = "", system: str = "") -> Scope:
    """For programs: the one scope that the keys name. Raises ``NotFound`` for a key that the actor does not know."""
    given = [(kind, key) for kind, key in (("facility", facility), ("domain", domain), ("system", system)) if key]
    if not given:
        return EVERYTHING
    kind, key = given[0]
    found = calendar_choices(actor).scope(f"{kind}:{key}")
    if found is None:
        raise NotFound(f"There is no {kind} '{key}', or you may not see it.")
    return found


def changed_calendar(actor: User, *, since: dt.datetime, until: dt.datetime, kept: dt.datetime) -> list[CalendarEntry]:
    """For a feed: entries that may happen between, and those withdrawn after ``kept``, which it calls off."""
    once = Q(rrule="", starts_at__lt=until, ends_at__gt=since)
    repeated = ~Q(rrule="") & Q(starts_at__lt=until)
    rows = visible(CalendarEntry.objects.filter(once | repeated), actor)
    rows = rows.filter(Q(withdrawn_at=None) | Q(withdrawn_at__gt=kept))
    return list(rows.select_related("domain", "facility", "system").order_by("starts_at", "pk"))
