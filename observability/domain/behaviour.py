"""Availability and latency as the probes saw them: exact from raw checks, or from sums that say so."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Max, Q, QuerySet, Sum

from governance.domain.rules import reads_everything

from ..lifecycle import ANSWERING, FAILING
from ..models import Measurement, Period, Probe, Rollup
from .formulas import LEAST_FOR_MEDIAN, LEAST_FOR_RATE, LEAST_FOR_TAIL, insufficient, nearest_rank
from .histograms import RELATIVE_ERROR, merged, percentile_of
from .kpi_parts import Kpi, Part, Question
from .rollups import RAW_KEPT, period_start

PERCENTILES = (50, 95, 99)
EXACT = "nearest rank, exact, from raw checks"
SUMMED = f"from hourly histograms, at most {100 * RELATIVE_ERROR:.1f} % off"


def of_scope(rows: QuerySet[Any], question: Question) -> QuerySet[Any]:
    """Only the checks, or sums, of probes on the asked interfaces."""
    everything = reads_everything(question.actor) and not question.domain and not question.interface
    if everything:
        return rows
    return rows.filter(probe__in=Probe.objects.filter(interface__in=question.interfaces().values("pk")).values("pk"))


def raw_checks(question: Question) -> QuerySet[Measurement]:
    return of_scope(Measurement.objects.between(question.since, question.now + dt.timedelta(microseconds=1)), question)


def hourly_sums(question: Question) -> QuerySet[Rollup]:
    """Whole hours: the one in which the window begins is included."""
    start = period_start(question.since, Period.HOUR)
    return of_scope(Rollup.objects.filter(period=Period.HOUR, start__gte=start, start__lte=question.now), question)


def raw_covers(question: Question) -> bool:
    """Whether the raw checks of the whole window are still there: none of it is older than the retention."""
    kept_since = question.now - RAW_KEPT
    return question.since >= kept_since or not hourly_sums(question).filter(start__lt=kept_since).exists()


def counts(question: Question) -> tuple[int, int, str]:
    """``(up, down, method)``; what is UNKNOWN counts neither way, late answers are answers."""
    if raw_covers(question):
        found = raw_checks(question).aggregate(
            up=Count("id", filter=Q(state__in=ANSWERING)), down=Count("id", filter=Q(state__in=FAILING))
        )
        return found["up"], found["down"], "from raw checks"
    found = hourly_sums(question).aggregate(up=Sum("up"), down=Sum("down"))
    return found["up"] or 0, found["down"] or 0, "from hourly sums"


def freshness(question: Question) -> dt.datetime | None:
    return of_scope(Measurement.objects.all(), question).aggregate(at=Max("at"))["at"]


def probe_availability(question: Question) -> Kpi:
    """up / (up + down) over all checks of the window; no rate from fewer than 20.

    Source: DOMAIN, "KPIs"; up and down as in "observability". A check that could say nothing is not in it.
    """
    up, down, method = counts(question)
    n = up + down
    note = insufficient(n, LEAST_FOR_RATE)
    return Kpi(
        key="probe_availability",
        label="Probe availability",
        value=None if note else round(100 * up / n, 3),
        unit="%",
        n=n,
        window_days=question.window_days,
        scope=question.scope,
        direction="up",
        method=f"up / (up + down), {method}",
        rows="probes",
        note=note,
        freshness=freshness(question),
    )


def latency_percentiles(question: Question) -> tuple[int, dict[int, float], str]:
    """``(n, {percent: ms}, method)`` of the checks that were answered as promised."""
    if raw_covers(question):
        answered = raw_checks(question).filter(state__in=ANSWERING, latency_ms__isnull=False).order_by("latency_ms")
        n = answered.count()
        ranks = {percent: nearest_rank(percent, n) - 1 for percent in PERCENTILES} if n else {}
        sorted_ms = answered.values_list("latency_ms", flat=True)
        return n, {percent: float(sorted_ms[rank] or 0) for percent, rank in ranks.items()}, EXACT
    histogram = merged(hourly_sums(question).values_list("histogram", flat=True).iterator())
    estimated = {percent: percentile_of(histogram, percent) for percent in PERCENTILES}
    return sum(histogram.values()), {p: ms for p, ms in estimated.items() if ms is not None}, SUMMED


def probe_latency(question: Question) -> Kpi:
    """p50, p95 and p99 of what answered: the median from 5 answers on, the tail from 20.

    Source: DOMAIN, "KPIs": nearest rank, exact within raw retention, else from merged histograms with their error.
    """
    n, found, method = latency_percentiles(question)
    note, tail_note = insufficient(n, LEAST_FOR_MEDIAN), insufficient(n, LEAST_FOR_TAIL)
    tail = tuple(Part(f"p{p}", None if tail_note else round(found[p], 3), "ms") for p in PERCENTILES[1:])
    return Kpi(
        key="probe_latency",
        label="Probe latency (p50)",
        value=None if note else round(found[50], 3),
        unit="ms",
        n=n,
        window_days=question.window_days,
        scope=question.scope,
        direction="down",
        method=method,
        rows="probes",
        note=note or (f"p95, p99: {tail_note}" if tail_note else ""),
        split=tail,
        freshness=freshness(question),
    )


def availability_by_day(question: Question) -> list[float | None]:
    """One figure a day, oldest first, for the small line beside the headline; a day without checks is a gap."""
    start = period_start(question.since, Period.DAY)
    days = of_scope(Rollup.objects.filter(period=Period.DAY, start__gte=start, start__lte=question.now), question)
    found = {row["start"]: row for row in days.order_by().values("start").annotate(u=Sum("up"), d=Sum("down"))}
    line: list[float | None] = []
    for number in range(question.window_days + 1):
        row = found.get(start + dt.timedelta(days=number))
        line.append(100 * row["u"] / (row["u"] + row["d"]) if row and row["u"] + row["d"] else None)
    return line
