"""Deadlines in business days: weekends are left out, and the clocks may change meanwhile."""

import datetime as dt

import pytest

from approvals.business_days import add_business_days


@pytest.mark.parametrize(
    ("start", "days", "zone", "expected"),
    [
        ("2026-05-26T09:00Z", 3, "UTC", "2026-05-29T09:00Z"),  # Tuesday to Friday
        ("2026-05-29T16:00Z", 1, "UTC", "2026-06-01T16:00Z"),  # Friday to Monday
        ("2026-05-30T10:00Z", 1, "UTC", "2026-06-01T10:00Z"),  # Saturday to Monday
        ("2026-05-26T09:00Z", 10, "UTC", "2026-06-09T09:00Z"),
        ("2026-05-26T09:00Z", 0, "UTC", "2026-05-26T09:00Z"),
        # Chicago: 10:00 stays 10:00 on the wall while the clocks go forward on 8 March and back on 1 November.
        ("2026-03-06T16:00Z", 1, "America/Chicago", "2026-03-09T15:00Z"),
        ("2026-10-30T15:00Z", 1, "America/Chicago", "2026-11-02T16:00Z"),
        # A business day of Auckland: Sunday evening in UTC is Monday morning there.
        ("2026-05-31T22:00Z", 1, "Pacific/Auckland", "2026-06-01T22:00Z"),
        # Cairo skips 00:00 to 01:00 of Friday, 24 April 2026: 00:30 of that day is 01:30.
        ("2026-04-22T22:30Z", 1, "Africa/Cairo", "2026-04-23T22:30Z"),
    ],
)
def test_add_business_days(start, days, zone, expected):
    assert add_business_days(dt.datetime.fromisoformat(start), days, zone) == dt.datetime.fromisoformat(expected)


def test_business_days_are_counted_ahead():
    with pytest.raises(ValueError, match="ahead"):
        add_business_days(dt.datetime(2026, 5, 26, tzinfo=dt.UTC), -1, "UTC")
