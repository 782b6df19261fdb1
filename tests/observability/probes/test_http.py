"""HTTP probes against real servers on loopback: what each way to fail is called."""

from __future__ import annotations

import os
import socket
import threading
from datetime import UTC, datetime, timedelta

import pytest

from governance.kernel.net import NetworkPolicy
from observability.probes import http
from observability.probes.base import ProbeResult, ProbeState, ProbeTarget, Reason
from observability.probes.registry import run_batch
from tests.factories.servers import WebServer, free_port, self_signed, web_server

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
LOOPBACK = NetworkPolicy.from_cidrs(["127.0.0.0/8", "::1/128"])


@pytest.fixture
def server():
    with web_server() as running:
        yield running


def probe(address: str, *, policy: NetworkPolicy = LOOPBACK, **settings) -> ProbeResult:
    """Run a batch of one."""
    target = ProbeTarget(probe_id=7, kind="http", address=address, **{"timeout_s": 5.0, **settings})
    (result,) = run_batch([target], now=NOW, policy=policy)
    assert result.probe_id == 7
    return result


def test_healthy_endpoint_is_up_with_its_phases(server: WebServer):
    result = probe(server.url())

    assert (result.state, result.ok, result.reason, result.detail) == (ProbeState.UP, True, None, "")
    assert result.status_code == 200
    assert NOW <= result.started_at < NOW + timedelta(seconds=5)
    assert result.tls_ms is None
    assert result.certificate_expires_at is None
    phases = [result.dns_ms, result.connect_ms, result.ttfb_ms]
    assert all(phase is not None and phase >= 0 for phase in phases)
    assert 0 < sum(phases) <= result.latency_ms + 0.01
    assert server.paths == ["/health"]


def test_wrong_status_is_down_and_says_both(server: WebServer):
    result = probe(server.url("/status/503"))

    assert (result.state, result.ok, result.reason) == (ProbeState.DOWN, False, Reason.STATUS)
    assert result.status_code == 503
    assert result.detail == f"127.0.0.1:{server.port} answered 503, expected 200."


@pytest.mark.parametrize(
    ("expected", "status", "state"),
    [
        ((200, 404), 404, ProbeState.UP),
        ((), 204, ProbeState.UP),
        ((), 302, ProbeState.DOWN),
        ((204,), 200, ProbeState.DOWN),
    ],
)
def test_expected_status_is_the_probes_own(server: WebServer, expected, status, state):
    assert probe(server.url(f"/status/{status}"), expect_status=expected).state is state


def test_silent_server_is_a_timeout(server: WebServer):
    result = probe(server.url("/silent"), timeout_s=0.2)

    assert (result.state, result.reason, result.status_code) == (ProbeState.DOWN, Reason.TIMEOUT, None)
    assert result.detail == f"127.0.0.1:{server.port} gave no complete answer within 0.2 s."
    assert result.latency_ms >= 200
    assert result.ttfb_ms is None


def test_closed_port_is_refused():
    port = free_port()

    result = probe(f"http://127.0.0.1:{port}/")

    assert (result.state, result.reason) == (ProbeState.DOWN, Reason.REFUSED)
    assert result.detail == f"127.0.0.1:{port} refused the connection; nothing listens on that port."


def test_unknown_name_is_a_dns_failure():
    result = probe("http://no-such-host.invalid/", timeout_s=10)

    assert (result.state, result.reason) == (ProbeState.DOWN, Reason.DNS)


def test_slow_answer_is_slow_and_still_available(server: WebServer):
    result = probe(server.url(), slow_ms=0.0)

    assert (result.state, result.ok, result.reason) == (ProbeState.SLOW, True, Reason.OVER_LATENCY)


def test_endless_body_is_cut_off(server: WebServer):
    result = probe(server.url("/big"), max_body_bytes=200_000)

    assert (result.state, result.reason, result.status_code) == (ProbeState.DOWN, Reason.BODY_TOO_LARGE, 200)


def test_other_protocol_is_named(server: WebServer):
    assert probe(server.url("/garbage")).reason is Reason.PROTOCOL


def test_head_probe_gets_no_body(server: WebServer):
    assert probe(server.url(), method="HEAD", max_body_bytes=0).state is ProbeState.UP


def test_redirect_is_not_followed_unless_asked(server: WebServer):
    there = server.url("/redirect?/health")

    assert probe(there).status_code == 302
    assert server.paths == ["/redirect?/health"]
    assert probe(there, max_redirects=1).status_code == 200
    assert probe(server.url("/redirect?/redirect?/health"), max_redirects=1).reason is Reason.STATUS


def test_redirect_into_a_forbidden_network_is_refused_at_connect_time(server: WebServer):
    result = probe(server.url("/redirect?http://169.254.169.254/latest/"), max_redirects=3)

    assert (result.state, result.reason) == (ProbeState.DOWN, Reason.FORBIDDEN_TARGET)
    assert result.detail.startswith("The target 169.254.169.254 is a cloud metadata service")


@pytest.mark.parametrize("scheme", ["file:///etc/passwd", "gopher://127.0.0.1/"])
def test_redirect_to_another_scheme_is_not_followed(server: WebServer, scheme):
    assert probe(server.url(f"/redirect?{scheme}"), max_redirects=3).state is ProbeState.DOWN


def test_name_that_resolves_to_a_closed_network_is_refused_at_connect_time(server: WebServer):
    result = probe(f"http://localhost:{server.port}/health", policy=NetworkPolicy())

    assert (result.state, result.reason) == (ProbeState.DOWN, Reason.FORBIDDEN_TARGET)
    assert server.paths == []


def test_proxy_of_the_environment_is_not_used(server: WebServer, monkeypatch):
    monkeypatch.setenv("http_proxy", f"http://127.0.0.1:{free_port()}")

    assert probe(server.url()).state is ProbeState.UP


def test_certificate_expiry_is_reported(tmp_path):
    expires = (datetime.now(UTC) + timedelta(days=30)).replace(microsecond=0)
    certificate, key = self_signed(tmp_path, not_after=expires)
    with web_server(tls=(certificate, key)) as server:
        trusted = probe(server.url(), ca_file=str(certificate))
        unknown = probe(server.url())

    assert (trusted.state, trusted.certificate_expires_at) == (ProbeState.UP, expires)
    assert trusted.tls_ms > 0
    assert (unknown.state, unknown.reason) == (ProbeState.DOWN, Reason.TLS)
    assert unknown.detail.startswith(f"The TLS connection to 127.0.0.1:{server.port} failed: ")


def test_expired_certificate_is_down(tmp_path):
    certificate, key = self_signed(tmp_path, not_after=datetime.now(UTC) - timedelta(days=1))
    with web_server(tls=(certificate, key)) as server:
        assert probe(server.url(), ca_file=str(certificate)).reason is Reason.TLS


@pytest.mark.parametrize(
    "bad",
    [
        {"timeout_s": 0},
        {"timeout_s": -1},
        {"timeout_s": float("nan")},
        {"timeout_s": float("inf")},
        {"method": "DELETE"},
        {"max_body_bytes": -1},
        {"max_redirects": "many"},
        {"expect_status": (20,)},
    ],
)
def test_unusable_settings_become_a_result(server: WebServer, bad):
    result = probe(server.url(), **bad)

    assert (result.state, result.reason) == (ProbeState.DOWN, Reason.INVALID_PROBE)
    assert server.paths == []


def test_closing_early_closes_every_connection(server: WebServer):
    targets = [ProbeTarget(n, "http", server.url("/health" if n == 0 else "/silent")) for n in range(5)]
    batch = run_batch(targets, now=NOW, policy=LOOPBACK)

    assert next(batch).probe_id == 0
    assert connections_to(server.port) == 4
    batch.close()
    assert connections_to(server.port) == 0


def connections_to(port: int) -> int:
    """How many sockets of this process are clients of that local port."""
    found = 0
    for name in os.listdir("/proc/self/fd"):
        try:
            with socket.socket(fileno=os.dup(int(name))) as duplicate:
                found += duplicate.getpeername()[1:2] == (port,)
        except OSError:  # a file, a listening socket, or the directory that was just listed
            continue
    return found


def test_batches_in_several_threads_share_nothing(server: WebServer):
    found: list[ProbeResult] = []

    def work(first: int) -> None:
        targets = [ProbeTarget(first + n, "http", server.url()) for n in range(20)]
        found.extend(run_batch(targets, now=NOW, policy=LOOPBACK))

    threads = [threading.Thread(target=work, args=(100 * n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(result.probe_id for result in found) == [100 * n + m for n in range(4) for m in range(20)]
    assert {result.state for result in found} == {ProbeState.UP}


def test_in_flight_is_bounded(server: WebServer, monkeypatch):
    monkeypatch.setattr(http, "MAX_IN_FLIGHT", 3)
    targets = [ProbeTarget(n, "http", server.url()) for n in range(12)]

    assert {result.state for result in run_batch(targets, now=NOW, policy=LOOPBACK)} == {ProbeState.UP}
    assert server.most_open <= 3
