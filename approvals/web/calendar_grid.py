"""A month, a week or a list of days on one clock: which days, what is on each, and the way to the next ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from ..domain.calendar_queries import Shown
from ..recurrence import instant_of, local_of

VIEWS = (("month", "Month"), ("week", "Week"), ("agenda", "Agenda"))
#: How many days the agenda lists.
AGENDA_DAYS = 30


@dataclass(frozen=True)
class Placed:
    """Something as it stands on one day: ``begins`` and ``ends`` are empty where it only passes through."""

    one: Shown
    begins: str
    ends: str

    @property
    def whole(self) -> bool:
        return not self.begins and not self.ends


@dataclass(frozen=True)
class Day:
    date: dt.date
    within: bool
    today: bool
    rows: list[Placed]
    hours: int

    @property
    def odd(self) -> str:
        """What the clocks do on that day, if they do anything."""
        return {23: "The clocks go forward", 25: "The clocks go back"}.get(self.hours, "")


@dataclass(frozen=True)
class Stretch:
    """The days of one view around ``date``, as instants on the clock of ``zone``."""

    view: str
    date: dt.date
    zone: str

    @property
    def first(self) -> dt.date:
        if self.view == "month":
            opening = self.date.replace(day=1)
            return opening - dt.timedelta(days=opening.weekday())
        return self.date - dt.timedelta(days=self.date.weekday()) if self.view == "week" else self.date

    @property
    def days(self) -> int:
        if self.view == "agenda":
            return AGENDA_DAYS
        if self.view == "week":
            return 7
        last = self.next - dt.timedelta(days=1)
        return ((last - self.first).days // 7 + 1) * 7

    @property
    def next(self) -> dt.date:
        if self.view == "month":
            return (self.date.replace(day=1) + dt.timedelta(days=32)).replace(day=1)
        return self.date + dt.timedelta(days=7 if self.view == "week" else AGENDA_DAYS)

    @property
    def previous(self) -> dt.date:
        if self.view == "month":
            return (self.date.replace(day=1) - dt.timedelta(days=1)).replace(day=1)
        return self.date - dt.timedelta(days=7 if self.view == "week" else AGENDA_DAYS)

    @property
    def title(self) -> str:
        if self.view == "month":
            return f"{self.date:%B %Y}"
        last = self.first + dt.timedelta(days=self.days - 1)
        return f"{self.first.day} {self.first:%b %Y} to {last.day} {last:%b %Y}"

    def begins(self, day: dt.date) -> dt.datetime:
        return instant_of(dt.datetime.combine(day, dt.time()), self.zone)

    @property
    def start(self) -> dt.datetime:
        return self.begins(self.first)

    @property
    def end(self) -> dt.datetime:
        return self.begins(self.first + dt.timedelta(days=self.days))

    def filled(self, shown: Sequence[Shown], *, now: dt.datetime) -> list[Day]:
        """The days with what overlaps each of them, from its midnight to the next on that clock."""
        today = local_of(now, self.zone).date()
        made = []
        for number in range(self.days):
            date = self.first + dt.timedelta(days=number)
            opens, closes = self.begins(date), self.begins(date + dt.timedelta(days=1))
            rows = [self.placed(one, opens, closes) for one in shown if one.start < closes and one.end > opens]
            within = self.view != "month" or date.month == self.date.month
            hours = round((closes - opens).total_seconds() / 3600)
            made.append(Day(date, within, date == today, rows, hours))
        return made

    def placed(self, one: Shown, opens: dt.datetime, closes: dt.datetime) -> Placed:
        begins = self.clock(one.start) if one.start >= opens else ""
        return Placed(one, begins, self.clock(one.end) if one.end < closes else "")

    def clock(self, moment: dt.datetime) -> str:
        """The time of day; in the hour that the clocks show twice, with the zone's short name."""
        local = moment.astimezone(ZoneInfo(self.zone))
        twice = local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset()
        return f"{local:%H:%M} {local.tzname()}" if twice else f"{local:%H:%M}"
