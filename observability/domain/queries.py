"""What pages ask of probes: how they stand, how long they were up, and the lines that charts draw."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q, QuerySet, Sum

from catalog.models import Interface
from governance.domain.rules import visible, visible_or_404
from governance.models import User

from ..lifecycle import ANSWERING
from ..models import Measurement, Period, Probe, Rollup
from .histograms import percentile_of
from .rollups import period_start

DAY = dt.timedelta(days=1)
SPARK_POINTS = 60
SERIES_POINTS = 2_000
#: How far back a chart looks, and from which sums: raw checks for an hour.
SERIES = {1: None, 24: Period.MINUTE, 168: Period.HOUR}


@dataclass(frozen=True, slots=True)
class Standing:
    """A probe as a page shows it; uptimes are percentages, None without checks, ``line`` its latest latencies."""

    probe: Probe
    uptime_day: float | None
    uptime_week: float | None
    line: list[float | None]


def visible_probes(actor: User) -> QuerySet[Probe]:
    return visible(Probe.objects.select_related("interface__provider__domain"), actor)


def probe_named(actor: User, pk: UUID) -> Probe:
    """One probe with its interface's parties. Raises ``NotFound``."""
    return visible_or_404(Probe.objects.with_parties(), actor, pk=pk)


def checks_of(probe: Probe, *, since: dt.datetime | None = None, until: dt.datetime | None = None) -> QuerySet:
    """The probe's checks, of all times or of a span (``until`` excluded)."""
    asked = {"at__gte": since, "at__lt": until}
    return Measurement.objects.filter(probe=probe, **{name: at for name, at in asked.items() if at})


def probes_down(actor: User) -> QuerySet[Probe]:
    """What is down now among what the actor may see, the longest first."""
    return visible_probes(actor).filter(enabled=True, state="DOWN").order_by("state_since")


def standings_of(interface: Interface, *, now: dt.datetime) -> list[Standing]:
    """Every probe of the interface with its uptimes and its line, in a fixed number of queries."""
    probes = list(interface.probes.select_related("interface").order_by("name"))
    ids = [probe.pk for probe in probes]
    uptimes, lines = uptimes_of(ids, now=now), latest_latencies(ids, now=now)
    return [Standing(probe, *uptimes.get(probe.pk, (None, None)), lines.get(probe.pk, [])) for probe in probes]


def uptimes_of(probes: Iterable[UUID], *, now: dt.datetime) -> dict[UUID, tuple[float | None, float | None]]:
    """``(24 h, 7 d)`` in percent for each probe, from hourly sums."""
    since_day, since_week = (period_start(now - days * DAY, Period.HOUR) for days in (1, 7))
    sums = Rollup.objects.filter(probe__in=list(probes), period=Period.HOUR, start__gte=since_week, start__lte=now)
    lately = Q(start__gte=since_day)
    rows = sums.order_by().values("probe_id").annotate(
        up_week=Sum("up"), down_week=Sum("down"), up_day=Sum("up", filter=lately), down_day=Sum("down", filter=lately)
    )  # fmt: skip
    return {row["probe_id"]: (share(row["up_day"], row["down_day"]), share(row["up_week"], row["down_week"]))
            for row in rows}  # fmt: skip


def share(up: int | None, down: int | None) -> float | None:
    whole = (up or 0) + (down or 0)
    return round(100 * (up or 0) / whole, 2) if whole else None


def latest_latencies(probes: Iterable[UUID], *, now: dt.datetime) -> dict[UUID, list[float | None]]:
    """The latencies of each probe's checks of the last hour, oldest first; a failed check is a gap."""
    rows = Measurement.objects.filter(probe__in=list(probes), at__gte=now - DAY / 24, at__lte=now).order_by("at", "id")
    lines: dict[UUID, list[float | None]] = defaultdict(list)
    for probe, state, latency_ms in rows.values_list("probe_id", "state", "latency_ms"):
        lines[probe].append(latency_ms if state in ANSWERING else None)
    return {probe: line[-SPARK_POINTS:] for probe, line in lines.items()}


def latency_series(probe: Probe, *, hours: int, now: dt.datetime) -> list[dict[str, Any]]:
    """The points of a latency chart: raw checks for one hour, sums for a day or a week."""
    since, period = now - dt.timedelta(hours=hours), SERIES[hours]
    if period is None:
        checks = probe.measurements.filter(at__gte=since, at__lte=now).order_by("-at")[:SERIES_POINTS]
        return [
            {"at": check.at.isoformat(), "p50": check.latency_ms if check.state in ANSWERING else None, "p95": None,
             "down": int(check.state == "DOWN")}
            for check in reversed(checks)
        ]  # fmt: skip
    sums = probe.rollups.filter(period=period, start__gte=since, start__lte=now).order_by("start")
    return [
        {"at": row.start.isoformat(), "p50": rounded(row.histogram, 50), "p95": rounded(row.histogram, 95),
         "down": row.down}
        for row in sums
    ]  # fmt: skip


def rounded(histogram: dict[str, int], percent: float) -> float | None:
    value = percentile_of(histogram, percent)
    return None if value is None else round(value, 2)
