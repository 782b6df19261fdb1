"""A batch: everything at the same time, one result each, and no target that spoils it for the others."""

from __future__ import annotations

from datetime import UTC, datetime

from governance.kernel.net import NetworkPolicy
from observability.probes.base import ProbeState, ProbeTarget, Reason
from observability.probes.registry import KINDS, run_batch
from tests.factories.servers import free_port, web_server

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LOOPBACK = NetworkPolicy.from_cidrs(["127.0.0.0/8"])


def test_hundred_probes_are_in_flight_together():
    with web_server(together=100) as server:
        targets = [ProbeTarget(n, "http", server.url("/crowd"), timeout_s=20) for n in range(100)]

        results = list(run_batch(targets, now=NOW, policy=LOOPBACK))

    assert sorted(result.probe_id for result in results) == list(range(100))
    assert {result.state for result in results} == {ProbeState.UP}
    assert server.most_open == 100


def test_results_come_as_they_finish():
    with web_server() as server:
        slow = ProbeTarget("slow", "http", server.url("/silent"), timeout_s=0.5)
        fast = ProbeTarget("fast", "http", server.url(), timeout_s=5)

        results = list(run_batch([slow, fast], now=NOW, policy=LOOPBACK))

    assert [result.probe_id for result in results] == ["fast", "slow"]


def test_no_target_loses_the_batch():
    with web_server() as server:
        targets = [
            ProbeTarget("good", "http", server.url(), timeout_s=5),
            ProbeTarget("empty", "http", ""),
            ProbeTarget("control", "http", "http://127.0.0.1/\r\nX: 1"),
            ProbeTarget("letters", "http", "http://bücher.example/"),
            ProbeTarget("scheme", "http", "ldap://127.0.0.1/"),
            ProbeTarget("metadata", "http", "http://169.254.169.254/"),
            ProbeTarget("decimal", "http", "http://2852039166/"),
            ProbeTarget("closed", "http", f"http://127.0.0.1:{free_port()}/", timeout_s=5),
            ProbeTarget("time", "http", server.url(), timeout_s=0),
            ProbeTarget("kind", "carrier-pigeon", "coop"),
            ProbeTarget("beat", "heartbeat", last_beat_at=NOW),
        ]

        results = {result.probe_id: result for result in run_batch(targets, now=NOW, policy=LOOPBACK)}

    assert {name: result.reason for name, result in results.items()} == {
        "good": None,
        "empty": Reason.FORBIDDEN_TARGET,
        "control": Reason.FORBIDDEN_TARGET,
        "letters": Reason.FORBIDDEN_TARGET,
        "scheme": Reason.FORBIDDEN_TARGET,
        "metadata": Reason.FORBIDDEN_TARGET,
        "decimal": Reason.FORBIDDEN_TARGET,
        "closed": Reason.REFUSED,
        "time": Reason.INVALID_PROBE,
        "kind": Reason.INVALID_PROBE,
        "beat": None,
    }
    assert {name for name, result in results.items() if result.ok} == {"good", "beat"}
    assert results["kind"].detail == "There is no probe of kind 'carrier-pigeon'; choose one of heartbeat, http."


def test_empty_batch_has_no_results():
    assert list(run_batch([], now=NOW, policy=LOOPBACK)) == []


def test_kinds_are_those_of_this_release():
    assert sorted(KINDS) == ["heartbeat", "http"]
