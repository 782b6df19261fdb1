"""Deadlines in business days: Monday to Friday on the wall clock of a zone, whatever the clocks do meanwhile."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo

SATURDAY = 5


def add_business_days(start: dt.datetime, days: int, zone: str) -> dt.datetime:
    """The same time of day in ``zone``, ``days`` business days later; the answer is in UTC.

    One day from Friday, Saturday or Sunday 10:00 is Monday 10:00. A time that the clocks skip is the one after it.
    """
    if days < 0:
        raise ValueError("Business days are counted ahead.")
    local = start.astimezone(ZoneInfo(zone))
    day, left = local.date(), days
    while left:
        day += dt.timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return dt.datetime.combine(day, local.time(), ZoneInfo(zone)).astimezone(dt.UTC)
