"""Each figure by its formula, from rows: it moves when a row does."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from approvals.models import ChangeItem, ChangeRequest
from catalog.domain.connections import note_traffic, subscribe
from catalog.domain.processes import define_product
from observability.domain.formulas import median_against, percentile
from observability.domain.kpi_parts import Question
from observability.domain.kpis import compute_kpi
from observability.domain.rollups import RAW_KEPT, forget_old, roll_up
from observability.models import Measurement

STORY_LATENCIES = [22, 25, 28, 30, 31, 33, 35, 36, 38, 40, 42, 45, 48, 52, 58, 66, 75, 90, 118, 640]
STORY_LEAD_TIMES = [110, 112.5, 233, 258, 371]
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def question(cast, now):
    def asking(who: str = "ivy", **said: Any) -> Question:
        return Question(cast(who), now, **said)

    return asking


def test_the_story_percentiles_are_nearest_rank():
    assert [percentile(STORY_LATENCIES, p) for p in (50, 95, 99)] == [40, 118, 640]


def test_latency_moves_with_one_measurement(estate, question, now):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [float(ms) for ms in STORY_LATENCIES], at=now)
    kpi = compute_kpi("probe_latency", question())
    assert (kpi.value, [part.value for part in kpi.split], kpi.n, kpi.note) == (40.0, [118.0, 640.0], 20, "")
    Measurement.objects.filter(latency_ms=640).update(latency_ms=700)
    assert [part.value for part in compute_kpi("probe_latency", question()).split] == [118.0, 700.0]


@pytest.mark.parametrize(
    ("number", "value", "tail", "note"),
    [
        (4, None, None, "insufficient data: n=4 < 5"),
        (5, 10.0, None, "p95, p99: insufficient data: n=5 < 20"),
        (20, 10.0, 10.0, ""),
    ],
)
def test_too_few_answers_give_no_figure(estate, question, now, number, value, tail, note):
    estate.measure(estate.probe(estate.interface()), [10.0] * number, at=now)
    kpi = compute_kpi("probe_latency", question())
    assert (kpi.value, kpi.split[0].value, kpi.note) == (value, tail, note)


def test_availability_leaves_out_what_is_unknown_and_needs_twenty_checks(estate, question, now):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0] * 18 + [None], at=now)
    Measurement.objects.create(probe=probe, at=now, state="UNKNOWN", reason="PROBE_FAULT")
    assert compute_kpi("probe_availability", question()).note == "insufficient data: n=19 < 20"
    Measurement.objects.create(probe=probe, at=now, state="SLOW", latency_ms=900)
    kpi = compute_kpi("probe_availability", question())
    assert (kpi.value, kpi.n) == (95.0, 20)


def test_a_figure_is_computed_over_what_the_asker_may_see(estate, question, now):
    estate.measure(estate.probe(estate.interface(1)), [10.0] * 20, at=now)
    hidden = estate.interface(2, provider=estate.warehouse)
    estate.measure(estate.probe(hidden), [None] * 20, at=now)
    found = {
        "executive": compute_kpi("probe_availability", question()).value,
        "architect": compute_kpi("probe_availability", question("ada")).value,
        "one interface": compute_kpi("probe_availability", question(interface=hidden)).value,
        "one domain": compute_kpi("probe_availability", question(domain=estate.clinical)).value,
    }
    assert found == {"executive": 50.0, "architect": 100.0, "one interface": 0.0, "one domain": 100.0}


def test_beyond_raw_retention_the_sums_answer_and_say_so(estate, question, now):
    probe = estate.probe(estate.interface())
    old = now - RAW_KEPT - dt.timedelta(days=2)
    estate.measure(probe, [float(ms) for ms in STORY_LATENCIES], at=old)
    roll_up(now=old)
    estate.measure(probe, [40.0], at=now)
    roll_up(now=now)
    forget_old(now=now)
    kpi = compute_kpi("probe_latency", question())
    assert kpi.method == "from hourly histograms, at most 2.0 % off"
    assert (kpi.n, kpi.value) == (21, pytest.approx(40, rel=0.02))
    assert compute_kpi("probe_availability", question()).n == 21
    assert compute_kpi("probe_latency", question(window_days=7)).n == 1


def test_reuse_counts_products_with_two_consumer_systems_in_ninety_days(estate, question, now):
    used, lonely = estate.interface(1), estate.interface(2)
    clock = estate.cast.clock
    for key, interface in (("supply", used), ("charges", lonely)):
        define_product(key, name=key, interfaces=[interface], now=now, actor=clock)
    fresh, stale = now - dt.timedelta(days=89), now - dt.timedelta(days=91)
    for interface, consumer, at in (
        (used, estate.warehouse, fresh),
        (used, estate.ehr, stale),
        (lonely, estate.ehr, fresh),
    ):
        note_traffic(subscribe(interface, consumer=consumer, purpose="use", now=now, actor=clock), at=at)
    assert (compute_kpi("api_reuse", question()).value, compute_kpi("api_reuse", question()).n) == (0.0, 2)
    note_traffic(used.subscriptions.get(consumer=estate.ehr), at=fresh)
    assert compute_kpi("api_reuse", question()).value == 50.0


def change(estate, interface, number: int, **moments: Any) -> ChangeRequest:
    made = ChangeRequest.objects.create(
        key=f"CR-2026-{number:04d}", change_type="MODIFY", title="Change", reason="because",
        requester=estate.cast.clock, responsible=estate.cast.clock, revision_hash="h", authorised_hash="h", **moments,
    )  # fmt: skip
    ChangeItem.objects.create(change=made, operation="UPDATE", interface=interface, base_revision=1)
    return made


def test_lead_time_is_the_median_with_its_split_and_moves_with_one_change(estate, question, now):
    interface = estate.interface()
    for number, hours in enumerate(STORY_LEAD_TIMES):
        submitted = now - 400 * HOUR
        last = change(
            estate, interface, number, state="CLOSED", submitted_at=submitted, assessed_at=submitted + 10 * HOUR,
            authorised_at=submitted + 60 * HOUR, implement_at=submitted + 100 * HOUR,
            implemented_at=submitted + hours * HOUR,
        )  # fmt: skip
    kpi = compute_kpi("interface_change_lead_time", question())
    assert (kpi.value, kpi.unit, kpi.n) == (233.0, "h", 5)
    assert [(part.label, part.value) for part in kpi.split] == [
        ("approval wait", 50.0), ("assess", 10.0), ("schedule wait", 40.0), ("implement", 133.0),
    ]  # fmt: skip
    assert sum(part.share for part in kpi.split) == pytest.approx(100, abs=0.2)
    ChangeRequest.objects.filter(pk=last.pk).update(implemented_at=last.submitted_at + 105 * HOUR)
    assert compute_kpi("interface_change_lead_time", question()).value == 112.5
    change(estate, interface, 98, state="AUTHORIZE", submitted_at=now - 390 * HOUR)
    assert compute_kpi("interface_change_lead_time", question()).value == pytest.approx((112.5 + 233) / 2)


def test_too_few_changes_give_no_lead_time(estate, question, now):
    change(estate, estate.interface(), 1, state="CLOSED", submitted_at=now - HOUR, implemented_at=now)
    kpi = compute_kpi("interface_change_lead_time", question())
    assert (kpi.value, kpi.note, list(kpi.split)) == (None, "insufficient data: n=1 < 5", [])
    assert kpi.split_note == "split: insufficient data, n=1 < 5"


def test_open_changes_may_give_a_lead_time_whose_split_is_missing_aloud(estate, question, now):
    interface = estate.interface()
    for number in range(4):
        change(estate, interface, number, state="CLOSED", submitted_at=now - 9 * HOUR, implemented_at=now - HOUR)
    change(estate, interface, 5, state="AUTHORIZE", submitted_at=now - 20 * HOUR)
    change(estate, interface, 6, state="AUTHORIZE", submitted_at=now - 2 * HOUR)
    kpi = compute_kpi("interface_change_lead_time", question())
    assert (kpi.value, kpi.n, kpi.note, list(kpi.split)) == (8.0, 5, "", [])
    assert kpi.split_note == "split: insufficient data, n=4 < 5"


def test_an_open_item_never_makes_a_figure_better():
    assert median_against([10, 20, 30], [1, 2]) == (20, 3)
    assert median_against([10, 20, 30], [40, 50]) == (30, 5)
