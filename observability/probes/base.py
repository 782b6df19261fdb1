"""What every kind of probe is told and what it answers: plain values, no database, no Django."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class ProbeState(StrEnum):
    """What a consumer would see: UP answers as promised, SLOW does so but later than is well."""

    UP = "UP"
    SLOW = "SLOW"
    DOWN = "DOWN"
    UNKNOWN = "UNKNOWN"


class Reason(StrEnum):
    """Why a probe is not UP, for machines."""

    TIMEOUT = "TIMEOUT"
    REFUSED = "REFUSED"
    UNREACHABLE = "UNREACHABLE"
    DNS = "DNS"
    TLS = "TLS"
    STATUS = "STATUS"
    PROTOCOL = "PROTOCOL"
    BODY_TOO_LARGE = "BODY_TOO_LARGE"
    OVER_LATENCY = "OVER_LATENCY"
    FORBIDDEN_TARGET = "FORBIDDEN_TARGET"
    STALE_HEARTBEAT = "STALE_HEARTBEAT"
    NO_HEARTBEAT_YET = "NO_HEARTBEAT_YET"
    INVALID_PROBE = "INVALID_PROBE"
    PROBE_FAULT = "PROBE_FAULT"


@dataclass(frozen=True, slots=True)
class ProbeTarget:
    """One probe that is due. ``probe_id`` is the caller's and comes back unchanged in the result.

    For http: ``address``, ``method`` (GET or HEAD), the ``expect_status`` (empty: any 2xx), the bounds, and
    ``ca_file`` if the service's certificate comes from an authority the machine does not know.
    For a heartbeat: the interface beats every ``interval_s`` and may be late by ``grace_s``; ``armed_at`` is
    since when beats are expected, for a probe that never had one.
    """

    probe_id: int | str
    kind: str
    address: str = ""
    timeout_s: float = 10.0
    expect_status: tuple[int, ...] = (200,)
    method: str = "GET"
    max_body_bytes: int = 1_000_000
    max_redirects: int = 0
    slow_ms: float | None = None
    ca_file: str = ""
    last_beat_at: datetime | None = None
    armed_at: datetime | None = None
    interval_s: float = 60.0
    grace_s: float = 0.0


@dataclass(frozen=True, slots=True)
class ProbeResult:
    """What one probe found. ``reason`` and ``detail`` are empty when all is well.

    ``latency_ms`` is the whole exchange; the phases are its parts and None where the exchange did not get to
    them: name lookup, TCP connect, TLS handshake, and from the ready connection to the first byte.
    ``detail`` is a sentence for people; it names the host but never a path, a query or a payload.
    """

    probe_id: int | str
    started_at: datetime
    state: ProbeState
    latency_ms: float | None = None
    dns_ms: float | None = None
    connect_ms: float | None = None
    tls_ms: float | None = None
    ttfb_ms: float | None = None
    status_code: int | None = None
    reason: Reason | None = None
    detail: str = ""
    certificate_expires_at: datetime | None = None

    @property
    def ok(self) -> bool:
        """Whether it counts as available: it answered as promised, in time or late."""
        return self.state in (ProbeState.UP, ProbeState.SLOW)


def invalid_probe(target: ProbeTarget, now: datetime, detail: str) -> ProbeResult:
    """The result of a probe that cannot be run as it is configured; the rest of its batch goes on."""
    return ProbeResult(target.probe_id, now, ProbeState.DOWN, reason=Reason.INVALID_PROBE, detail=detail)
