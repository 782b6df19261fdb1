"""The sweep asks real local servers and writes down what they did."""

from __future__ import annotations

import datetime as dt
import threading

import pytest
from django.db import connection, connections

from catalog.models import Interface
from observability.domain.claiming import LEASE, claim_due
from observability.domain.probing import pause_probe, record_beat
from observability.domain.sweeping import run_due, write_or_part, write_results
from observability.models import Measurement, Probe, StatusChange
from observability.probes.base import ProbeResult, ProbeState
from tests.factories.servers import free_port

MINUTE = dt.timedelta(minutes=1)


def test_a_sweep_measures_every_due_probe_and_sets_its_state(estate, server, now):
    well = estate.probe(estate.interface(1), server.url())
    ill = estate.probe(estate.interface(2), server.url("/status/503"))
    gone = estate.probe(estate.interface(3), f"http://127.0.0.1:{free_port()}/")
    assert run_due(now=now, limit=10) == 3
    found = {probe.pk: (probe.state, probe.last_reason, probe.failures_in_row) for probe in Probe.objects.all()}
    assert found == {well.pk: ("UP", "", 0), ill.pk: ("DOWN", "STATUS", 1), gone.pk: ("DOWN", "REFUSED", 1)}
    rows = set(Measurement.objects.values_list("probe_id", "state", "status_code", "reason"))
    assert rows == {(well.pk, "UP", 200, ""), (ill.pk, "DOWN", 503, "STATUS"), (gone.pk, "DOWN", None, "REFUSED")}
    changes = set(StatusChange.objects.values_list("probe_id", "from_state", "to_state"))
    assert changes == {(p.pk, "UNKNOWN", s) for p, s in ((well, "UP"), (ill, "DOWN"), (gone, "DOWN"))}
    assert run_due(now=now, limit=10) == 0


def test_one_broken_probe_does_not_hold_up_the_others(estate, server, now):
    broken, well = estate.probe(estate.interface(1)), estate.probe(estate.interface(2), server.url())
    Probe.objects.filter(pk=broken.pk).update(address="http://[nonsense", expect_status=[200])
    assert run_due(now=now, limit=10) == 2
    assert Probe.objects.get(pk=well.pk).state == "UP"
    assert Probe.objects.get(pk=broken.pk).state == "DOWN"


def test_a_hanging_service_does_not_delay_what_is_known_of_the_others(estate, server, now, django_db_blocking_probe):
    slow = estate.probe(estate.interface(1), server.url("/silent"), timeout_s=1.5)
    quick = estate.probe(estate.interface(2), server.url())
    seen = django_db_blocking_probe(slow, quick, now)
    assert seen == ["UP before the other"]


@pytest.fixture
def django_db_blocking_probe(monkeypatch):
    """Watches the groups in which results are written."""

    def watched(slow: Probe, quick: Probe, now: dt.datetime) -> list[str]:
        seen: list[str] = []
        write = write_results

        def noting(claim, found):
            write(claim, found)
            states = dict(Probe.objects.values_list("pk", "state"))
            if states[quick.pk] == "UP" and states[slow.pk] == "UNKNOWN":
                seen.append("UP before the other")

        monkeypatch.setattr("observability.domain.sweeping.write_results", noting)
        run_due(now=now, limit=10)
        return seen

    return watched


def test_probes_of_one_interval_spread_over_it(estate, now):
    for number in range(1, 25):
        estate.probe(estate.interface(number), interval_s=60)
    claim_due(now=now, limit=100)
    waits = [(at - now).total_seconds() for at in Probe.objects.values_list("next_run_at", flat=True)]
    assert all(0 < wait <= 60 for wait in waits)
    assert len({int(wait // 15) for wait in waits}) == 4


def test_an_interface_that_nobody_uses_any_more_is_not_asked(estate, now):
    retired, used = estate.interface(1), estate.interface(2)
    estate.probe(retired)
    watched = estate.probe(used)
    Interface.objects.filter(pk=retired.pk).update(state="RETIRED")
    assert [probe.pk for probe in claim_due(now=now, limit=10).probes] == [watched.pk]


def test_a_claimed_probe_comes_back_when_its_sweep_died(estate, now):
    estate.probe(estate.interface(), interval_s=1)
    assert len(claim_due(now=now, limit=10).probes) == 1
    assert claim_due(now=now + MINUTE / 2, limit=10).probes == []
    assert len(claim_due(now=now + LEASE + MINUTE / 60, limit=10).probes) == 1


def test_a_result_whose_claim_was_lost_is_dropped(estate, cast, now):
    probe = estate.probe(estate.interface())
    claim = claim_due(now=now, limit=10)
    pause_probe(Probe.objects.get(pk=probe.pk), now=now, actor=cast.clock)
    write_results(claim, [(claim.probes[0], ProbeResult(str(probe.pk), now, ProbeState.UP))])
    assert (Measurement.objects.count(), Probe.objects.get(pk=probe.pk).state) == (0, "UNKNOWN")


def test_a_heartbeat_goes_down_by_silence_and_up_by_a_beat(estate, cast, now):
    probe = estate.probe(estate.interface(), "", kind="heartbeat", interval_s=60, grace_s=10)
    record_beat(probe, at=now, now=now, actor=cast.clock)
    states = []
    for seconds in (1, 60, 100):
        run_due(now=now + dt.timedelta(seconds=seconds), limit=10)
        states.append(Probe.objects.get(pk=probe.pk).state)
    back = now + dt.timedelta(seconds=101)
    record_beat(probe, at=back, now=back, actor=cast.clock)
    run_due(now=back, limit=10)
    assert [*states, Probe.objects.get(pk=probe.pk).state] == ["UP", "UP", "DOWN", "UP"]


@pytest.mark.parametrize("number", [1, 3])
def test_a_group_of_results_costs_the_same_statements_whatever_its_size(estate, now, number, django_assert_num_queries):
    for index in range(number):
        estate.probe(estate.interface(index))
    claim = claim_due(now=now, limit=10)
    found = [(probe, ProbeResult(str(probe.pk), now, ProbeState.UP, latency_ms=12.5)) for probe in claim.probes]
    with django_assert_num_queries(7):
        write_results(claim, found)


@pytest.mark.postgres
@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor != "postgresql", reason="SKIP LOCKED is PostgreSQL's")
def test_two_claimers_at_the_same_time_take_disjoint_sets(estate, now):
    for number in range(1, 41):
        estate.probe(estate.interface(number))
    together, taken = threading.Barrier(2), []

    def claim() -> None:
        together.wait()
        taken.append({probe.pk for probe in claim_due(now=now, limit=20).probes})
        connections.close_all()

    threads = [threading.Thread(target=claim) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert [len(found) for found in taken] == [20, 20]
    assert taken[0].isdisjoint(taken[1])


def test_a_result_that_the_database_refuses_is_lost_alone(estate, now):
    for number in range(3):
        estate.probe(estate.interface(number))
    claim = claim_due(now=now, limit=10)
    codes = (200, -1 if connection.vendor == "sqlite" else 99_999, 200)  # the column holds no such number
    found = [
        (probe, ProbeResult(str(probe.pk), now, ProbeState.UP, latency_ms=1.0, status_code=code))
        for probe, code in zip(claim.probes, codes, strict=True)
    ]
    write_or_part(claim, found)
    assert sorted(Probe.objects.values_list("state", flat=True)) == ["UNKNOWN", "UP", "UP"]
    assert Measurement.objects.count() == 2
