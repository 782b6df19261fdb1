"""When something that repeats happens: a bounded part of RFC 5545's RRULE, on the wall clock of its own zone.

02:00 stays 02:00 when the clocks change. A local time that the clocks skip moves forward by what they skip; one that
happens twice is the first. An occurrence ends at the same local time as the first one did, so that the window from
22:00 to 06:00 is an hour shorter or longer in the night of the change.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import islice
from typing import Any, Protocol
from zoneinfo import ZoneInfo

from dateutil import rrule as dateutil

FREQUENCIES: dict[str, Any] = {
    "DAILY": dateutil.DAILY,
    "WEEKLY": dateutil.WEEKLY,
    "MONTHLY": dateutil.MONTHLY,
    "YEARLY": dateutil.YEARLY,
}
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
NUMBERS = {"INTERVAL": (1, 366), "COUNT": (1, 1000)}
LISTS = {"BYMONTHDAY": 31, "BYSETPOS": 366, "BYMONTH": 12}
PARTS = ("FREQ", *NUMBERS, "BYDAY", *LISTS, "UNTIL")
DAY = re.compile(r"([+-]?[1-9]\d?)?(MO|TU|WE|TH|FR|SA|SU)")
UNTIL = re.compile(r"\d{8}(T\d{6}Z)?")
#: How long one occurrence of what repeats may be, and in which years it may begin.
LONGEST = dt.timedelta(days=31)
YEARS = range(1990, 2101)
#: More occurrences than these are never listed at once.
MOST = 1000


class Repeating(Protocol):
    """What occurs: once from ``starts_at`` to ``ends_at``, and again as ``rrule`` says, if it says anything."""

    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str
    rrule: str


@dataclass(frozen=True, slots=True, order=True)
class Occurrence:
    """One time from ``start`` up to, not including, ``end``, both in UTC."""

    start: dt.datetime
    end: dt.datetime

    def covers(self, start: dt.datetime, end: dt.datetime) -> bool:
        return self.start <= start and self.end >= end


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule that was read. ``until`` is the last local day, or the last instant in UTC."""

    frequency: str
    interval: int = 1
    count: int | None = None
    days: tuple[tuple[str, int], ...] = ()
    month_days: tuple[int, ...] = ()
    positions: tuple[int, ...] = ()
    months: tuple[int, ...] = ()
    until: dt.date | None = None


@lru_cache(maxsize=512)
def read_rule(text: str) -> Rule:
    """The rule that ``text`` spells. Raises ``ValueError`` with a sentence for anything outside the part known here."""
    given: dict[str, str] = {}
    for part in text.removeprefix("RRULE:").split(";"):
        name, _, value = part.partition("=")
        if name not in PARTS or not value:
            raise ValueError(f"'{part[:30]}' is none of {', '.join(PARTS)}, each with a value.")
        if name in given:
            raise ValueError(f"{name} is said twice.")
        given[name] = value
    if given.get("FREQ") not in FREQUENCIES:
        raise ValueError(f"FREQ is one of {', '.join(FREQUENCIES)}.")
    if "UNTIL" in given and "COUNT" in given:
        raise ValueError("Say UNTIL or COUNT, not both.")
    rule = Rule(
        given["FREQ"],
        interval=number(given, "INTERVAL") or 1,
        count=number(given, "COUNT"),
        days=tuple(day_of(word) for word in listed(given, "BYDAY")),
        **{
            field: tuple(bounded(name, word) for word in listed(given, name))
            for field, name in (("month_days", "BYMONTHDAY"), ("positions", "BYSETPOS"), ("months", "BYMONTH"))
        },
        until=until_of(given["UNTIL"]) if "UNTIL" in given else None,
    )
    check_together(rule)
    return rule


def listed(given: dict[str, str], name: str) -> list[str]:
    words = given[name].split(",") if name in given else []
    if len(words) != len(set(words)):
        raise ValueError(f"{name} names something twice.")
    return words


def number(given: dict[str, str], name: str) -> int | None:
    if name not in given:
        return None
    least, most = NUMBERS[name]
    if not re.fullmatch(r"[0-9]{1,4}", given[name]) or not least <= int(given[name]) <= most:
        raise ValueError(f"{name} is a number from {least} to {most}.")
    return int(given[name])


def bounded(name: str, word: str) -> int:
    most = LISTS[name]
    pattern = r"[0-9]{1,3}" if name == "BYMONTH" else r"[+-]?[0-9]{1,3}"
    if not re.fullmatch(pattern, word) or not 1 <= abs(int(word)) <= most:
        signed = "" if name == "BYMONTH" else ", or negative from the end"
        raise ValueError(f"{name} holds numbers from 1 to {most}{signed}.")
    return int(word)


def day_of(word: str) -> tuple[str, int]:
    read = DAY.fullmatch(word)
    if read is None:
        raise ValueError(f"BYDAY holds days such as MO, 1SU or -1FR, not '{word[:12]}'.")
    return read[2], int(read[1] or 0)


def until_of(text: str) -> dt.date:
    try:
        if not UNTIL.fullmatch(text):
            raise ValueError(text)
        if len(text) == len("20260131"):
            return dt.datetime.strptime(text, "%Y%m%d").date()
        return dt.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=dt.UTC)
    except ValueError:
        raise ValueError("UNTIL is a day such as 20261231 or an instant such as 20261231T235959Z.") from None


def check_together(rule: Rule) -> None:
    if rule.month_days and rule.frequency == "WEEKLY":
        raise ValueError("BYMONTHDAY does not go with FREQ=WEEKLY.")
    most = {"MONTHLY": 5, "YEARLY": 53}.get(rule.frequency, 0)
    if any(abs(nth) > most for _, nth in rule.days):
        raise ValueError("A numbered day goes with FREQ=MONTHLY (1 to 5) or YEARLY (1 to 53).")
    if rule.positions and not (rule.days or rule.month_days or rule.months):
        raise ValueError("BYSETPOS chooses among what BYDAY, BYMONTHDAY or BYMONTH name.")


def refusal_of(entry: Repeating) -> str:
    """Why the entry cannot repeat as it says, in a sentence; empty when it can."""
    try:
        rule = read_rule(entry.rrule)
    except ValueError as refused:
        return str(refused)
    first, length = wall_clock(entry)
    if not dt.timedelta(0) < length <= LONGEST:
        return f"What repeats ends after it starts, on the clock of {entry.zone}, and within {LONGEST.days} days."
    if first.year not in YEARS:
        return f"What repeats begins between {YEARS[0]} and {YEARS[-1]}."
    if next(local_starts(rule, first, entry.zone, since=first, until=first), None) != first:
        return f"The first time, {first:%A %Y-%m-%d %H:%M} in {entry.zone}, is not one that the rule itself names."
    return ""


def occurrences(entry: Repeating, start: dt.datetime, end: dt.datetime, *, limit: int = MOST) -> list[Occurrence]:
    """Those that overlap the half-open time from ``start`` to ``end``, in order; the first ``limit`` of them.

    What it costs depends on the time asked for, not on how long ago the entry began.
    """
    if not entry.rrule:
        once = Occurrence(entry.starts_at.astimezone(dt.UTC), entry.ends_at.astimezone(dt.UTC))
        return [once] if once.start < end and once.end > start else []
    first, length = wall_clock(entry)
    margin = dt.timedelta(days=1)  # the clocks never move by more
    since, until = (local_of(moment, entry.zone) for moment in (start, end))
    starts = local_starts(
        read_rule(entry.rrule), first, entry.zone, since=since - length - margin, until=until + margin
    )
    spans = (span(local, length, entry.zone) for local in starts)
    return list(islice((one for one in spans if one.start < end and one.end > start), limit))


def local_of(moment: dt.datetime, zone: str) -> dt.datetime:
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None)


def instant_of(local: dt.datetime, zone: str) -> dt.datetime:
    """When the clocks of ``zone`` show ``local``: the first of two times, or as far after a gap as it lies in it."""
    return local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(dt.UTC)


def wall_clock(entry: Repeating) -> tuple[dt.datetime, dt.timedelta]:
    first = local_of(entry.starts_at, entry.zone).replace(fold=0)
    return first, local_of(entry.ends_at, entry.zone) - first


def span(local: dt.datetime, length: dt.timedelta, zone: str) -> Occurrence:
    start, end = instant_of(local, zone), instant_of(local + length, zone)
    return Occurrence(start, end if end > start else start + length)  # a start inside the gap may pass its own end


def local_starts(
    rule: Rule, first: dt.datetime, zone: str, *, since: dt.datetime, until: dt.datetime
) -> Iterator[dt.datetime]:
    """The local times at which it begins, none after ``until``; those before ``since`` only where they are counted."""
    if rule.until is not None:
        last = local_of(rule.until, zone) if isinstance(rule.until, dt.datetime) else end_of(rule.until)
        until = min(until, last)
    begins = first if rule.count else brought_forward(rule, first, since)
    known: dict[str, Any] = {
        "bysetpos": rule.positions or None,
        "bymonth": rule.months or None,
        "bymonthday": rule.month_days or None,
        "byweekday": [getattr(dateutil, day)(nth or None) for day, nth in rule.days] or None,
    }
    made = dateutil.rrule(
        FREQUENCIES[rule.frequency], dtstart=begins, interval=rule.interval, wkst=dateutil.MO, until=until, **known
    )
    counted = islice(made, rule.count) if rule.count else iter(made)
    return (local for local in counted if local >= since)


def end_of(day: dt.date) -> dt.datetime:
    return dt.datetime.combine(day, dt.time(23, 59, 59))


def brought_forward(rule: Rule, first: dt.datetime, since: dt.datetime) -> dt.datetime:
    """A start nearer to ``since`` from which the same rule names the same times: whole intervals later."""
    days = {"DAILY": 1, "WEEKLY": 7}.get(rule.frequency, 0) * rule.interval
    skipped = (since - first).days // days - 1 if days else 0
    return first + dt.timedelta(days=days * skipped) if skipped > 0 else first


def last_instant(rule: Rule, zone: str) -> dt.datetime | None:
    """``until`` as the instant that other calendars ask for."""
    if rule.until is None or isinstance(rule.until, dt.datetime):
        return rule.until
    return instant_of(end_of(rule.until), zone)


def moved(entry: Repeating, start: dt.datetime, end: dt.datetime) -> list[tuple[dt.datetime, Occurrence]]:
    """Occurrences that last longer or shorter than the first, each with the local time that the rule names.

    Other calendars repeat the first one's length; these few days they must be told apart.
    """
    if not entry.rrule:
        return []
    first, length = wall_clock(entry)
    since, until = (local_of(moment, entry.zone) for moment in (start, end))
    starts = local_starts(read_rule(entry.rrule), first, entry.zone, since=since, until=until)
    spans = ((local, span(local, length, entry.zone)) for local in islice(starts, MOST))
    return [(local, one) for local, one in spans if one.end - one.start != entry.ends_at - entry.starts_at]


NUMBERED = {1: "first", 2: "second", 3: "third", 4: "fourth", 5: "fifth", -1: "last", -2: "second to last"}
NAMES = dict(zip(DAYS, ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"), strict=True))
UNITS = {"DAILY": "day", "WEEKLY": "week", "MONTHLY": "month", "YEARLY": "year"}


def rule_words(text: str) -> str:
    """The rule as people say it: "every 2 weeks on Thursday"; what has no short words is shown as it is written."""
    if not text:
        return ""
    rule = read_rule(text)
    if rule.positions and not (set(rule.positions) == {-1} and {day for day, _ in rule.days} == set(DAYS[:5])):
        return text
    unit = UNITS[rule.frequency]
    said = [f"every {unit}" if rule.interval == 1 else f"every {rule.interval} {unit}s"]
    if rule.positions:
        said.append("on the last working day")
    elif rule.days:
        said.append(
            "on " + ", ".join(f"{NUMBERED.get(n, str(n)) + ' ' if n else ''}{NAMES[day]}" for day, n in rule.days)
        )
    if rule.month_days:
        said.append("on day " + ", ".join(str(n) if n > 0 else f"{NUMBERED.get(n, str(n))}" for n in rule.month_days))
    if rule.months:
        said.append("in " + ", ".join(dt.date(2000, month, 1).strftime("%B") for month in rule.months))
    if rule.until:
        said.append(f"until {rule.until:%Y-%m-%d}")
    if rule.count:
        said.append(f"{rule.count} times")
    return " ".join(said)


def moment_words(moment: dt.datetime, zone: str) -> str:
    """A moment on the clock of ``zone``: "5 Jun 2026, 02:00 CDT"."""
    local = moment.astimezone(ZoneInfo(zone))
    return f"{local.day} {local:%b %Y, %H:%M} {local.tzname()}"


def span_words(start: dt.datetime, end: dt.datetime, zone: str) -> str:
    """A time on the clock of ``zone``: "5 Jun 2026, 02:00 to 06:00 CDT"; each end names its day where they differ."""
    first, last = (moment.astimezone(ZoneInfo(zone)) for moment in (start, end))
    if (first.date(), first.tzname()) != (last.date(), last.tzname()):
        return f"{moment_words(start, zone)} to {moment_words(end, zone)}"
    return f"{first.day} {first:%b %Y, %H:%M} to {last:%H:%M} {last.tzname()}"
