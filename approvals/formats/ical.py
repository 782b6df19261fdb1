"""A calendar as other programs read it: RFC 5545, with the zones that its times stand on.

What repeats is written as its own rule on the clock of its zone. Other programs repeat the first occurrence's length;
the nights of the clocks, where ours is an hour longer or shorter, are written as occurrences of their own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, vRecur

from ..recurrence import Occurrence, last_instant, read_rule

PRODUCT = "-//Interlock//Calendar//EN"
CONFIRMED, TENTATIVE, CANCELLED = "CONFIRMED", "TENTATIVE", "CANCELLED"


@dataclass(frozen=True)
class FeedEvent:
    """``uid`` never changes; ``sequence`` grows with every change. ``moved``: occurrences of a length of their own.

    ``start`` and ``end`` are the first occurrence, on the clock of ``zone``. ``stamp`` is when it last changed.
    """

    uid: str
    sequence: int
    stamp: dt.datetime
    start: dt.datetime
    end: dt.datetime
    summary: str
    zone: str = "UTC"
    rrule: str = ""
    status: str = CONFIRMED
    description: str = ""
    category: str = ""
    url: str = ""
    busy: bool = False
    moved: Sequence[tuple[dt.datetime, Occurrence]] = field(default=())


def calendar_bytes(events: Iterable[FeedEvent], *, name: str) -> bytes:
    """The same events are the same bytes, whenever they are asked for."""
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("calscale", "GREGORIAN")
    made.add("method", "PUBLISH")
    made.add("x-wr-calname", name)
    for event in events:
        made.add_component(component_of(event))
        for local, occurrence in event.moved:
            made.add_component(moved_occurrence(event, local, occurrence))
    made.add_missing_timezones()
    return bytes(made.to_ical())


def component_of(event: FeedEvent) -> Event:
    made = worded(event)
    made.add("dtstart", on_clock(event.start, event.zone))
    made.add("dtend", on_clock(event.end, event.zone))
    if event.rrule:
        made.add("rrule", vRecur.from_ical(rule_for_others(event.rrule, event.zone)))
    return made


def moved_occurrence(event: FeedEvent, local: dt.datetime, occurrence: Occurrence) -> Event:
    """One occurrence under the same UID, named by the local time that the rule gives it."""
    made = worded(event)
    made.add("recurrence-id", local.replace(tzinfo=ZoneInfo(event.zone)))
    made.add("dtstart", on_clock(occurrence.start, event.zone))
    made.add("dtend", on_clock(occurrence.end, event.zone))
    return made


def worded(event: FeedEvent) -> Event:
    made = Event()
    made.add("uid", event.uid)
    made.add("sequence", event.sequence)
    made.add("dtstamp", event.stamp.astimezone(dt.UTC))
    made.add("last-modified", event.stamp.astimezone(dt.UTC))
    made.add("summary", event.summary)
    made.add("status", event.status)
    made.add("transp", "OPAQUE" if event.busy else "TRANSPARENT")
    for name in ("description", "url"):
        if said := getattr(event, name):
            made.add(name, said)
    if event.category:
        made.add("categories", [event.category])
    return made


def on_clock(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.astimezone(dt.UTC if zone == "UTC" else ZoneInfo(zone))


def rule_for_others(text: str, zone: str) -> str:
    """The rule with UNTIL as the instant in UTC that RFC 5545 asks for where a time has a zone."""
    last = last_instant(read_rule(text), zone)
    parts = [part for part in text.split(";") if not part.startswith("UNTIL=")]
    return ";".join([*parts, f"UNTIL={last.astimezone(dt.UTC):%Y%m%dT%H%M%SZ}"] if last else parts)
