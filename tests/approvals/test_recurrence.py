"""What repeats keeps its local time over the changes of the clocks, and only what is known here is read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from approvals.recurrence import LONGEST, moved, occurrences, read_rule, refusal_of, rule_words

UTC = dt.UTC
BERLIN, CHICAGO = "Europe/Berlin", "America/Chicago"


@dataclass
class Entry:
    starts_at: dt.datetime
    ends_at: dt.datetime
    zone: str = "UTC"
    rrule: str = ""


def local(text: str, zone: str) -> dt.datetime:
    return dt.datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)


def entry(start: str, end: str, zone: str, rrule: str) -> Entry:
    made = Entry(local(start, zone), local(end, zone), zone, rrule)
    assert refusal_of(made) == ""
    return made


def told(one: Entry, start: str, end: str) -> list[tuple[str, str]]:
    """The occurrences between two local times, in UTC, as short text."""
    found = occurrences(one, local(start, one.zone), local(end, one.zone))
    return [(f"{time.start:%m-%d %H:%M}", f"{time.end:%m-%d %H:%M}") for time in found]


@pytest.mark.parametrize(
    ("zone", "start", "end", "expected"),
    [
        # Summer time begins 2026-03-29 01:00Z in Berlin and 2026-03-08 08:00Z in Chicago; it ends 10-25 and 11-01.
        (BERLIN, "2026-03-22", "2026-03-30", [("03-22 03:00", "03-22 05:00"), ("03-29 02:00", "03-29 04:00")]),
        (BERLIN, "2026-10-18", "2026-10-26", [("10-18 02:00", "10-18 04:00"), ("10-25 03:00", "10-25 05:00")]),
        (CHICAGO, "2026-03-01", "2026-03-09", [("03-01 10:00", "03-01 12:00"), ("03-08 09:00", "03-08 11:00")]),
        (CHICAGO, "2026-10-25", "2026-11-02", [("10-25 09:00", "10-25 11:00"), ("11-01 10:00", "11-01 12:00")]),
    ],
)  # fmt: skip
def test_four_oclock_stays_four_oclock(zone, start, end, expected):
    weekly = entry("2026-01-04T04:00", "2026-01-04T06:00", zone, "FREQ=WEEKLY;BYDAY=SU")
    assert told(weekly, start, end) == expected


@pytest.mark.parametrize(
    ("zone", "day", "expected"),
    [
        (BERLIN, "2026-03-29", ("03-29 01:30", "03-29 02:30")),  # 02:30 does not exist: 03:30 summer time
        (CHICAGO, "2026-03-08", ("03-08 08:30", "03-08 09:30")),
        (BERLIN, "2026-10-25", ("10-25 00:30", "10-25 02:30")),  # 02:30 happens twice: the first; 03:30 once
        (CHICAGO, "2026-11-01", ("11-01 08:30", "11-01 09:30")),  # there 01:30 is the one that happens twice
    ],
)
def test_a_time_that_is_skipped_moves_forward_and_one_that_repeats_is_the_first(zone, day, expected):
    # In Berlin 02:30 to 03:30; the skipped start meets its own end, so the length is kept.
    nightly = entry("2026-01-01T02:30", "2026-01-01T03:30", zone, "FREQ=DAILY")
    assert told(nightly, f"{day}T00:00", f"{day}T12:00") == [expected]


def test_the_first_of_two_times_in_chicago():
    nightly = entry("2026-01-01T01:30", "2026-01-01T01:45", CHICAGO, "FREQ=DAILY")
    assert told(nightly, "2026-11-01T00:00", "2026-11-01T12:00") == [("11-01 06:30", "11-01 06:45")]


def test_a_night_window_is_shorter_and_longer_when_the_clocks_change():
    nightly = entry("2026-01-01T22:00", "2026-01-02T06:00", BERLIN, "FREQ=DAILY")
    lengths = {one.start.date().isoformat(): one.end - one.start for one in year_of(nightly)}
    unusual = {day: length for day, length in lengths.items() if length != dt.timedelta(hours=8)}
    assert unusual == {"2026-03-28": dt.timedelta(hours=7), "2026-10-24": dt.timedelta(hours=9)}
    told_apart = moved(nightly, nightly.starts_at, local("2027-01-01", BERLIN))
    assert [f"{at:%m-%d %H:%M}" for at, _ in told_apart] == ["03-28 22:00", "10-24 22:00"]


def year_of(one: Entry):
    return occurrences(one, one.starts_at, one.starts_at + dt.timedelta(days=365))


@pytest.mark.parametrize(
    ("rule", "first", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH", "2026-01-08", ["01-08", "01-22", "02-05", "02-19", "03-05"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", "2026-01-30", ["01-30", "02-27", "03-31"]),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-01-31", ["01-31", "02-28", "03-31"]),
        ("FREQ=MONTHLY;BYDAY=2SU", "2026-01-11", ["01-11", "02-08", "03-08"]),
        ("FREQ=DAILY;COUNT=2", "2026-01-01", ["01-01", "01-02"]),
        ("FREQ=WEEKLY;UNTIL=20260115", "2026-01-01", ["01-01", "01-08", "01-15"]),
        ("FREQ=WEEKLY;UNTIL=20260115T080000Z", "2026-01-01", ["01-01", "01-08"]),  # it is 09:00Z by then
        ("FREQ=YEARLY;BYMONTH=1,2;BYMONTHDAY=1", "2026-01-01", ["01-01", "02-01"]),
    ],
)
def test_rules_name_the_days_that_a_calendar_shows(rule, first, expected):
    one = entry(f"{first}T03:00", f"{first}T04:00", CHICAGO, rule)
    assert [start[:5] for start, _ in told(one, "2026-01-01", "2026-04-01")][: len(expected)] == expected
    assert len(told(one, "2026-01-01", "2026-04-01")) >= len(expected)


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        ("FREQ=HOURLY", "FREQ is one of"),
        ("BYDAY=MO", "FREQ is one of"),
        ("FREQ=DAILY;BYHOUR=3", "'BYHOUR=3' is none of"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is said twice"),
        ("FREQ=DAILY;COUNT=2;UNTIL=20270101", "not both"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL is a number from 1 to 366"),
        ("FREQ=DAILY;COUNT=1001", "COUNT is a number from 1 to 1000"),
        ("FREQ=DAILY;UNTIL=20260231", "UNTIL is a day"),
        ("FREQ=DAILY;UNTIL=20260101T000000", "UNTIL is a day"),
        ("FREQ=MONTHLY;BYMONTHDAY=32", "BYMONTHDAY holds"),
        ("FREQ=YEARLY;BYMONTH=-1", "BYMONTH holds"),
        ("FREQ=WEEKLY;BYMONTHDAY=1", "does not go with FREQ=WEEKLY"),
        ("FREQ=WEEKLY;BYDAY=1MO", "A numbered day"),
        ("FREQ=WEEKLY;BYDAY=XX", "BYDAY holds days"),
        ("FREQ=WEEKLY;BYSETPOS=1", "BYSETPOS chooses"),
        ("FREQ=WEEKLY;BYDAY=MO", "is not one that the rule itself names"),  # 2026-01-01 is a Thursday
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "is not one that the rule itself names"),
    ],
)
def test_what_is_not_known_here_is_refused_with_a_sentence(rule, sentence):
    said = refusal_of(Entry(local("2026-01-01", BERLIN), local("2026-01-02", BERLIN), BERLIN, rule))
    assert sentence in said


def test_what_repeats_is_bounded():
    start = local("2026-01-01", BERLIN)
    assert "within 31 days" in refusal_of(Entry(start, start + LONGEST + dt.timedelta(1), BERLIN, "FREQ=DAILY"))
    assert "between 1990" in refusal_of(Entry(*(start.replace(year=1980, day=n) for n in (1, 2)), BERLIN, "FREQ=DAILY"))
    daily = entry("1990-01-01T03:00", "1990-01-01T04:00", BERLIN, "FREQ=DAILY")
    assert len(occurrences(daily, daily.starts_at, start)) == 1000
    assert told(daily, "2026-01-01", "2026-01-02") == [("01-01 02:00", "01-01 03:00")]


@settings(max_examples=120, deadline=None)
@given(
    zone=st.sampled_from([BERLIN, CHICAGO, "Australia/Lord_Howe", "UTC"]),
    first=st.datetimes(dt.datetime(2024, 1, 1), dt.datetime(2025, 12, 31)),
    minutes=st.integers(1, 60 * 30),
    frequency=st.sampled_from([("DAILY", 1), ("WEEKLY", 7)]),
    interval=st.integers(1, 5),
    ahead=st.integers(0, 700),
    days=st.integers(1, 60),
)
def test_every_occurrence_shows_the_first_ones_time_and_none_is_missing(
    zone, first, minutes, frequency, interval, ahead, days
):
    """Against counting days one by one: from where one looks, and how long ago it began, changes nothing."""
    first = first.replace(second=0, microsecond=0)
    word, step = frequency
    starts_at = first.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC)
    if starts_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) != first:
        return  # no entry begins at a time that there is not
    ends = first + dt.timedelta(minutes=minutes)
    one = Entry(
        starts_at, ends.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC), zone, f"FREQ={word};INTERVAL={interval}"
    )
    if refusal_of(one):
        return
    length = one.ends_at.astimezone(ZoneInfo(zone)).replace(tzinfo=None) - first
    since = starts_at + dt.timedelta(days=ahead)
    until = since + dt.timedelta(days=days)
    expected = []
    for n in range((ahead + days) // (step * interval) + 3):
        day = first + dt.timedelta(days=n * step * interval)
        start, end = (moment.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) for moment in (day, day + length))
        end = end if end > start else start + length
        if start < until and end > since:
            expected.append((start, end))
    found = [(time.start, time.end) for time in occurrences(one, since, until)]
    assert found == expected
    assert all(start < end for start, end in found)


def test_words_of_rules():
    assert rule_words("FREQ=WEEKLY;INTERVAL=2;BYDAY=TH") == "every 2 weeks on Thursday"
    assert rule_words("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1") == "every month on the last working day"
    assert rule_words("FREQ=MONTHLY;BYDAY=2SU") == "every month on second Sunday"
    assert rule_words("FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2") == "FREQ=MONTHLY;BYDAY=MO,TU;BYSETPOS=2"
    assert rule_words("") == ""
    assert read_rule("FREQ=DAILY").interval == 1
