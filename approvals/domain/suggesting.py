"""The next window that is free: after the lead time, in no freeze and no quiet time, with nobody else at the asset."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from catalog.models import Interface
from governance.models import User

from ..models import ChangeRequest
from ..recurrence import Occurrence, moment_words, span_words
from .conflicts import asked_for, sooner_or_later
from .neighbours import USUAL
from .obstacles import Asked, Surroundings, asked_of, surroundings_of
from .requirements import plan_change

#: How far ahead a window is looked for, and on which minutes windows open.
HORIZON = dt.timedelta(days=60)
STEP = dt.timedelta(minutes=15)


@dataclass(frozen=True)
class Suggestion:
    """``start`` and ``end`` are None where nothing is free within the next 60 days; ``message`` says either."""

    message: str
    zone: str
    start: dt.datetime | None = None
    end: dt.datetime | None = None


def window_for(change: ChangeRequest, *, now: dt.datetime, actor: User) -> Suggestion:
    """For a change that is written: as long as its window is now, else four hours."""
    asked = asked_of([change], now=now)[0]
    if change.state == "DRAFT":
        asked = sooner_or_later(asked, plan_change(change, list(change.items.all()), now=now).plan.lead_hours, now=now)
    return suggest_window(asked, now=now, actor=actor)


def window_for_ask(
    interface: Interface,
    *,
    lead_hours: int,
    window_start: dt.datetime | None = None,
    window_end: dt.datetime | None = None,
    besides: ChangeRequest | None = None,
    now: dt.datetime,
    actor: User,
) -> Suggestion:
    """For what somebody is about to ask for."""
    asked = asked_for(interface, lead_hours=lead_hours, start=window_start, end=window_end, besides=besides, now=now)
    return suggest_window(asked, now=now, actor=actor)


def suggest_window(asked: Asked, *, now: dt.datetime, actor: User) -> Suggestion:
    first = on_step(max(now, asked.earliest))
    length = asked.end - asked.start if asked.windowed else USUAL
    last = first + HORIZON
    looked = replace(asked, start=first, end=last)
    met = surroundings_of([looked], start=first, end=last, actor=actor)[asked.name]
    start = free_start(met, first=first, length=length, last=last)
    if start is None:
        said = f"Nothing is free before {moment_words(last, met.zone)}: look at the calendar."
        return Suggestion(said, met.zone)
    return Suggestion(span_words(start, start + length, met.zone), met.zone, start, start + length)


def on_step(moment: dt.datetime) -> dt.datetime:
    """The next quarter of an hour."""
    floor = moment.replace(minute=moment.minute // 15 * 15, second=0, microsecond=0)
    return floor if floor == moment else floor + STEP


def taken_times(met: Surroundings) -> list[Occurrence]:
    times = [one.time for one in met.entries]
    for change in [*(one.change for one in met.neighbours), *met.busy]:
        start = change.window_start or change.implement_at
        if start is not None:
            times.append(Occurrence(start, change.window_end or start + USUAL))
    return sorted(times)


def free_start(met: Surroundings, *, first: dt.datetime, length: dt.timedelta, last: dt.datetime) -> dt.datetime | None:
    """The first start from which ``length`` passes undisturbed, inside a maintenance window where there are any."""
    taken, start = taken_times(met), first
    while start < last:
        clash = next((one for one in taken if one.start < start + length and one.end > start), None)
        if clash is not None:
            start = on_step(clash.end)
            continue
        if met.maintenance is None:
            return start
        room = next((one for one in met.maintenance if one.ends_at - max(one.starts_at, start) >= length), None)
        if room is None:
            return None
        if room.starts_at <= start:
            return start
        start = on_step(room.starts_at)
    return None
