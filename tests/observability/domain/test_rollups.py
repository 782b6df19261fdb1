"""Sums add up, may be made again, and keep percentiles within the stated error."""

from __future__ import annotations

import datetime as dt
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from observability.domain.formulas import percentile
from observability.domain.histograms import RELATIVE_ERROR, histogram_of, merged, percentile_of
from observability.domain.rollups import RAW_KEPT, forget_old, roll_up
from observability.models import Measurement, Period, Rollup

LATENCIES = st.lists(st.floats(min_value=0.05, max_value=300_000), min_size=1, max_size=300)


@given(LATENCIES, st.sampled_from([1, 50, 95, 99, 100]), st.integers(min_value=1, max_value=5))
def test_a_percentile_of_merged_histograms_is_at_most_two_percent_off(latencies, percent, parts):
    pieces = [histogram_of(latencies[part::parts]) for part in range(parts)]
    exact, estimated = percentile(latencies, percent), percentile_of(merged(pieces), percent)
    assert RELATIVE_ERROR < 0.02
    assert estimated == pytest.approx(exact, rel=RELATIVE_ERROR + 1e-9)


def sums(period: int) -> list[tuple]:
    return list(
        Rollup.objects.filter(period=period).order_by("start").values_list("n", "up", "down", "min_ms", "max_ms")
    )


def test_minutes_hours_and_days_hold_the_same_checks(estate, now):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0, None, 30.0, 40.0], at=now + dt.timedelta(minutes=10), every_s=20)
    roll_up(now=now + dt.timedelta(minutes=11))
    assert sums(Period.MINUTE) == [(3, 2, 1, 10.0, 30.0), (1, 1, 0, 40.0, 40.0)]
    assert sums(Period.HOUR) == sums(Period.DAY) == [(4, 3, 1, 10.0, 40.0)]
    assert Rollup.objects.get(period=Period.DAY).histogram == histogram_of([10.0, 30.0, 40.0])


def test_summing_up_again_changes_nothing_and_late_checks_are_taken_in(estate, now):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0, 20.0], at=now)
    for _ in range(2):
        roll_up(now=now)
    assert sums(Period.DAY) == [(2, 2, 0, 10.0, 20.0)]
    Measurement.objects.create(probe=probe, at=now - dt.timedelta(seconds=50), state="DOWN")
    roll_up(now=now + dt.timedelta(minutes=1))
    assert sums(Period.DAY) == [(3, 2, 1, 10.0, 20.0)]


def test_a_standstill_is_caught_up_step_by_step(estate, now):
    probe = estate.probe(estate.interface())
    values = [random.Random(7).uniform(1, 50) for _ in range(48)]
    estate.measure(probe, values, at=now, every_s=3600)
    for _ in range(20):
        roll_up(now=now)
    assert sum(n for n, *_ in sums(Period.HOUR)) == 48


def test_raw_checks_are_forgotten_after_their_retention_and_the_sums_stay(estate, now):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0], at=now - RAW_KEPT - dt.timedelta(days=1))
    roll_up(now=now - RAW_KEPT)
    estate.measure(probe, [20.0], at=now)
    roll_up(now=now)
    assert forget_old(now=now) == 1
    assert Measurement.objects.get().latency_ms == 20.0
    assert sum(n for n, *_ in sums(Period.DAY)) == 2
