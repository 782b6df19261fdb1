"""Many lives, one clock: what happened to each interface is played in the order in which it happened."""

from __future__ import annotations

import datetime as dt
import heapq
from collections.abc import Iterable, Iterator

#: A life: it yields the moment of its next step and is resumed when that moment has come.
Life = Iterator[dt.datetime]


def play(lives: Iterable[Life], *, until: dt.datetime) -> None:
    """Resume each life at its moments, the earliest of all first. What lies after ``until`` has not happened yet."""
    waiting: list[tuple[dt.datetime, int, Life]] = []
    for number, life in enumerate(lives):
        enqueue(waiting, number, life, until)
    while waiting:
        _, number, life = heapq.heappop(waiting)
        enqueue(waiting, number, life, until)


def enqueue(waiting: list[tuple[dt.datetime, int, Life]], number: int, life: Life, until: dt.datetime) -> None:
    """Let the life run to its next moment; a life that ended or whose moment lies ahead is not resumed again."""
    moment = next(life, None)
    if moment is not None and moment <= until:
        heapq.heappush(waiting, (moment, number, life))


def working_hour(at: dt.datetime) -> dt.datetime:
    """``at``, or the Monday morning after it when it falls on a weekend."""
    return at + dt.timedelta(days=7 - at.weekday()) if at.weekday() >= 5 else at
