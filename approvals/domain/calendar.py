"""The calendar: freezes, maintenance windows and quiet times, declared by the change manager, held against changes.

A freeze that touches a window makes table T4 ask operations, and the gate says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F

from catalog.domain.checks import clean
from catalog.models import Domain, Facility, Interface, System
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, StaleRevision, WrongState
from governance.models import User

from ..models import CalendarEntry, CalendarKind
from ..recurrence import Occurrence, occurrences, refusal_of
from .reach import concerns, reaches

AMENDABLE = ("kind", "name", "starts_at", "ends_at", "zone", "rrule", "reason", "domain", "facility", "system")


def declare_calendar_entry(
    kind: str,
    *,
    name: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    zone: str = "",
    rrule: str = "",
    reason: str = "",
    domain: Domain | None = None,
    facility: Facility | None = None,
    system: System | None = None,
    now: dt.datetime,
    actor: User,
) -> CalendarEntry:
    """A freeze, a maintenance window or a quiet time, for everything or for one domain, facility or system.

    ``zone`` is the facility's own unless it is said. Raises ``Invalid`` with every field's error: what ends before it
    starts, a rule that is not understood, a first time that the rule does not name.
    """
    require(actor, "declare", CalendarEntry)
    entry = CalendarEntry(
        kind=kind, name=name, starts_at=starts_at, ends_at=ends_at, zone=zone or zone_of(facility), rrule=rrule,
        reason=reason, domain=domain, facility=facility, system=system,
    )  # fmt: skip
    check_entry(entry)
    with recorded("approvals.calendar_entry.declare", actor=actor, subject=entry, now=now, reason=reason):
        entry.save(force_insert=True)
    return entry


def zone_of(facility: Facility | None) -> str:
    return facility.timezone if facility else "UTC"


def check_entry(entry: CalendarEntry, *, known: bool = False) -> None:
    entry.rrule = entry.rrule.strip().upper().removeprefix("RRULE:")
    try:
        clean(entry, known=known)
    except Invalid as refused:
        if not {"zone", "starts_at", "ends_at", "rrule"} & set(refused.errors) and entry.ends_at > entry.starts_at:
            refused.errors |= {"rrule": [said]} if (said := rule_refusal(entry)) else {}
        raise
    if said := rule_refusal(entry):
        raise Invalid("This calendar entry cannot be saved: look at rrule.", errors={"rrule": [said]})


def rule_refusal(entry: CalendarEntry) -> str:
    return refusal_of(entry) if entry.rrule else ""


def amend_calendar_entry(
    entry: CalendarEntry, *, revision: int | None = None, now: dt.datetime, actor: User, **values: Any
) -> CalendarEntry:
    """Say it differently from now on. What was decided while it said otherwise keeps what it was decided under.

    ``revision`` is the one that the editor saw; ``StaleRevision`` when someone else was faster.
    """
    require(actor, "amend", entry)
    check_standing(entry)
    unknown = sorted(set(values) - set(AMENDABLE))
    if unknown:
        raise Invalid(f"Not amendable: {', '.join(unknown)}.", errors={name: ["cannot be changed"] for name in unknown})
    seen = entry.revision if revision is None else revision
    for name, value in values.items():
        setattr(entry, name, value)
    entry.zone = entry.zone or zone_of(entry.facility)
    check_entry(entry, known=True)
    with recorded("approvals.calendar_entry.amend", actor=actor, subject=entry, now=now):
        kept = {name: getattr(entry, name) for name in AMENDABLE}
        swap(entry, seen, **kept)
    return entry


def withdraw_calendar_entry(entry: CalendarEntry, *, reason: str, now: dt.datetime, actor: User) -> CalendarEntry:
    """Take it back, with a reason: from now on it stops and advises nothing. It stays in the record."""
    require(actor, "withdraw", entry)
    check_standing(entry)
    if not reason.strip():
        raise Invalid("Say why it is withdrawn.", errors={"reason": ["is required"]})
    with recorded("approvals.calendar_entry.withdraw", actor=actor, subject=entry, now=now, reason=reason):
        swap(entry, entry.revision, withdrawn_at=now)
    return entry


def check_standing(entry: CalendarEntry) -> None:
    if entry.withdrawn_at:
        raise WrongState(f"{entry} was withdrawn {entry.withdrawn_at:%Y-%m-%d %H:%MZ}: declare a new one.")


def swap(entry: CalendarEntry, seen: int, **values: Any) -> None:
    standing = CalendarEntry.objects.standing().filter(pk=entry.pk, revision=seen)
    if not standing.update(**values, revision=F("revision") + 1):
        raise StaleRevision(f"{entry} was changed by someone else since you saw it. Reload it and look again.")
    entry.revision = seen + 1
    for name, value in values.items():
        setattr(entry, name, value)


@dataclass(frozen=True, slots=True)
class Happening:
    """One time of an entry."""

    entry: CalendarEntry
    time: Occurrence

    @property
    def name(self) -> str:
        return self.entry.name

    @property
    def starts_at(self) -> dt.datetime:
        return self.time.start

    @property
    def ends_at(self) -> dt.datetime:
        return self.time.end


def happenings(
    entries: Iterable[CalendarEntry], start: dt.datetime, end: dt.datetime, *, limit: int = 1000
) -> Iterator[Happening]:
    """Every time of each entry that overlaps the time from ``start`` to ``end``; of each the first ``limit``."""
    for entry in entries:
        for time in occurrences(entry, start, end, limit=limit):
            yield Happening(entry, time)


def freezes_for(
    interfaces: Iterable[Interface], *, systems: Iterable[System] = (), start: dt.datetime, end: dt.datetime
) -> list[Happening]:
    """The freezes that touch the time, the one that lasts longest first; of each, its first touching occurrence.

    Of everything, of a domain of an interface's ends, of an end or a system on its way, and of the facilities where it
    runs (or, while it is bound nowhere, where its provider does) and those that they are part of.
    """
    frozen = CalendarEntry.objects.filter(kind=CalendarKind.BLACKOUT).perhaps_touching(start, end)
    found = list(happenings(frozen, start, end, limit=1))
    if not found:
        return []
    reach = reaches([one.entry for one in found], {0: list(interfaces)}, systems={0: list(systems)})[0]
    concerned = [one for one in found if concerns(one.entry, reach)]
    return sorted(concerned, key=lambda one: (one.ends_at, one.name), reverse=True)
