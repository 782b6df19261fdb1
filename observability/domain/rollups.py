"""Sums of measurements per minute, hour and day, and what may then be forgotten."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Max, Min

from ..lifecycle import ANSWERING, FAILING
from ..models import Measurement, Period, Rollup
from .histograms import histogram_of, merged

RAW_KEPT = dt.timedelta(days=14)
MINUTES_KEPT = dt.timedelta(days=14)
#: A check is written after it has ended: its period is summed up again until none can come late any more.
LATE_BY = dt.timedelta(minutes=5)
#: How much one call catches up after a standstill; the next call goes on.
STEP = dt.timedelta(hours=6)
SUMS = ["n", "up", "down", "histogram", "min_ms", "max_ms"]


def roll_up(*, now: dt.datetime) -> int:
    """Bring the sums up to date; how many were written. Doing it again changes nothing.

    Minutes come from the measurements, hours from minutes, days from hours; the running period is included and
    grows with the next call.
    """
    since, until = unfinished(now)
    if since is None:
        return 0
    with transaction.atomic():
        written = store(minute_sums(since, until), Period.MINUTE)
        for smaller, larger in ((Period.MINUTE, Period.HOUR), (Period.HOUR, Period.DAY)):
            written += store(sums_of_sums(smaller, larger, since, until), larger)
    return written


def unfinished(now: dt.datetime) -> tuple[dt.datetime | None, dt.datetime]:
    """From which minute to which moment sums are due: what may have come late, and a step of what is new.

    The step is counted from the first new check, so that a standstill longer than a step is passed over.
    """
    done = Rollup.objects.filter(period=Period.MINUTE).aggregate(at=Max("start"))["at"]
    new = Measurement.objects.all()
    if done is not None:
        new = new.filter(at__gte=done + dt.timedelta(seconds=Period.MINUTE))
    first_new = new.aggregate(at=Min("at"))["at"]
    if done is None:
        since = first_new
    else:
        since = min(done, now) - LATE_BY
    if since is None:
        return None, now
    return period_start(since, Period.MINUTE), min(now + LATE_BY, (first_new or since) + STEP)


def period_start(at: dt.datetime, period: int) -> dt.datetime:
    return dt.datetime.fromtimestamp(at.timestamp() // period * period, dt.UTC)


def minute_sums(since: dt.datetime, until: dt.datetime) -> dict[tuple[Any, dt.datetime], dict[str, Any]]:
    rows = Measurement.objects.between(since, until).order_by().values_list("probe_id", "at", "state", "latency_ms")
    grouped: dict[tuple[Any, dt.datetime], list[tuple[str, float | None]]] = defaultdict(list)
    for probe, at, state, latency_ms in rows.iterator(chunk_size=5000):
        grouped[probe, period_start(at, Period.MINUTE)].append((state, latency_ms))
    return {key: sum_of_checks(checks) for key, checks in grouped.items()}


def sum_of_checks(checks: Iterable[tuple[str, float | None]]) -> dict[str, Any]:
    found = list(checks)
    latencies = [latency for state, latency in found if state in ANSWERING and latency is not None]
    return {
        "n": len(found),
        "up": sum(state in ANSWERING for state, _ in found),
        "down": sum(state in FAILING for state, _ in found),
        "histogram": histogram_of(latencies),
        "min_ms": min(latencies, default=None),
        "max_ms": max(latencies, default=None),
    }


def sums_of_sums(
    smaller: int, larger: int, since: dt.datetime, until: dt.datetime
) -> dict[tuple[Any, dt.datetime], dict[str, Any]]:
    """Every larger period that ``since`` to ``until`` touches, from all of its smaller ones."""
    start = period_start(since, larger)
    rows = Rollup.objects.filter(period=smaller, start__gte=start, start__lt=until).order_by()
    grouped: dict[tuple[Any, dt.datetime], list[dict[str, Any]]] = defaultdict(list)
    for row in rows.values("probe_id", "start", *SUMS):
        grouped[row["probe_id"], period_start(row["start"], larger)].append(row)
    return {key: sum_of_rollups(parts) for key, parts in grouped.items()}


def sum_of_rollups(parts: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    rows = list(parts)
    return {
        "n": sum(row["n"] for row in rows),
        "up": sum(row["up"] for row in rows),
        "down": sum(row["down"] for row in rows),
        "histogram": merged(row["histogram"] for row in rows),
        "min_ms": min((row["min_ms"] for row in rows if row["min_ms"] is not None), default=None),
        "max_ms": max((row["max_ms"] for row in rows if row["max_ms"] is not None), default=None),
    }


def store(sums: Mapping[tuple[Any, dt.datetime], Mapping[str, Any]], period: int) -> int:
    """Insert or replace; always in one order, so that two callers at the same time wait and never deadlock."""
    ordered = sorted(sums.items(), key=lambda found: (str(found[0][0]), found[0][1]))
    Rollup.objects.bulk_create(
        [Rollup(probe_id=probe, period=period, start=start, **values) for (probe, start), values in ordered],
        update_conflicts=True,
        unique_fields=["probe", "period", "start"],
        update_fields=SUMS,
        batch_size=500,
    )
    return len(sums)


def forget_old(*, now: dt.datetime, limit: int = 20_000) -> int:
    """Delete up to ``limit`` raw checks whose retention is over and whose sums are stored; how many went.

    Hours and days stay: from them availability and percentiles are told for as long as anyone asks.
    """
    summed = Rollup.objects.filter(period=Period.HOUR).aggregate(at=Max("start"))["at"]
    if summed is None:
        return 0
    before = min(now - RAW_KEPT, summed)
    old = Measurement.objects.filter(at__lt=before).order_by("at").values("pk")[:limit]
    gone, _ = Measurement.objects.filter(pk__in=list(old.values_list("pk", flat=True))).delete()
    Rollup.objects.filter(period=Period.MINUTE, start__lt=now - MINUTES_KEPT).delete()
    return gone
