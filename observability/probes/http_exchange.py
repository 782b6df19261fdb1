"""One HTTP exchange of a probe: what curl is told, and what its end means."""

from __future__ import annotations

import errno
import math
import os
import socket
import ssl
from datetime import UTC, datetime
from typing import Any

import pycurl

from governance.kernel.errors import Forbidden
from governance.kernel.net import NetworkPolicy, Target

from .base import ProbeResult, ProbeState, ProbeTarget, Reason

LONGEST_TIMEOUT_S = 300.0
USER_AGENT = "Interlock-Probe"
SYSTEM_CA_FILE = ssl.get_default_verify_paths().cafile
STARVED = {errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM}
STATES = {
    None: ProbeState.UP,
    Reason.OVER_LATENCY: ProbeState.SLOW,
    Reason.PROBE_FAULT: ProbeState.UNKNOWN,  # our own machine's trouble says nothing about the service
}
WEB = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
REASONS = {
    pycurl.E_OPERATION_TIMEDOUT: Reason.TIMEOUT,
    pycurl.E_COULDNT_RESOLVE_HOST: Reason.DNS,
    pycurl.E_COULDNT_CONNECT: Reason.UNREACHABLE,
    pycurl.E_FILESIZE_EXCEEDED: Reason.BODY_TOO_LARGE,
    pycurl.E_WRITE_ERROR: Reason.BODY_TOO_LARGE,
    pycurl.E_TOO_MANY_REDIRECTS: Reason.STATUS,
    pycurl.E_SSL_CONNECT_ERROR: Reason.TLS,
    pycurl.E_PEER_FAILED_VERIFICATION: Reason.TLS,
    pycurl.E_SSL_CACERT_BADFILE: Reason.TLS,
    pycurl.E_SSL_CIPHER: Reason.TLS,
    pycurl.E_SSL_INVALIDCERTSTATUS: Reason.TLS,
    pycurl.E_SSL_ISSUER_ERROR: Reason.TLS,
}
SENTENCES = {
    Reason.TIMEOUT: "{host} gave no complete answer within {timeout:g} s.",
    Reason.DNS: "The name {host} has no address; correct it or register it in DNS.",
    Reason.REFUSED: "{host} refused the connection; nothing listens on that port.",
    Reason.UNREACHABLE: "{host} cannot be reached over the network.",
    Reason.BODY_TOO_LARGE: "{host} sent more than {bytes} bytes; probe an address with a small answer.",
    Reason.TLS: "The TLS connection to {host} failed: {error}.",
    Reason.STATUS: "{host} answered {status}, expected {expected}.",
    Reason.PROTOCOL: "{host} did not answer in proper HTTP: {error}.",
    Reason.PROBE_FAULT: "The probe of {host} could not open a socket: {error}.",
    Reason.OVER_LATENCY: "{host} answered as promised, but slower than {slow:g} ms.",
}


class LentSocket(socket.socket):
    """A socket that curl duplicates and lets go: closed then, and without the warning of a forgotten one."""

    def __del__(self) -> None:
        self.close()


class Exchange:
    """One probe's request, from its settings to its result. ``close`` it in any case."""

    def __init__(self, target: ProbeTarget, started_at: datetime, policy: NetworkPolicy, host: Target) -> None:
        self.target = target
        self.started_at = started_at
        self.policy = policy
        self.host = host
        self.curl = pycurl.Curl()
        self.body_bytes = 0
        self.refused: Forbidden | None = None
        self.starved = ""

    def close(self) -> None:
        self.curl.close()

    def prepare(self) -> None:
        """Tell curl everything; raises ``ValueError``, ``TypeError`` or ``pycurl.error`` if it cannot be."""
        target = self.target
        if not (0 < target.timeout_s <= LONGEST_TIMEOUT_S) or target.max_body_bytes < 0:
            raise ValueError("a bound of the probe is out of range")
        if target.method not in ("GET", "HEAD") or not all(100 <= code <= 599 for code in target.expect_status):
            raise ValueError("the probe's method or expected status is not one of HTTP's")
        url = target.address if "://" in target.address else f"http://{target.address}"
        timeout_ms = max(1, math.ceil(target.timeout_s * 1000))
        options: dict[int, Any] = {
            pycurl.URL: url,
            pycurl.NOBODY: target.method == "HEAD",
            pycurl.USERAGENT: USER_AGENT,
            pycurl.HTTPHEADER: ["Accept: */*"],
            pycurl.TIMEOUT_MS: timeout_ms,
            pycurl.CONNECTTIMEOUT_MS: timeout_ms,
            pycurl.NOSIGNAL: True,
            pycurl.PROTOCOLS: WEB,
            pycurl.REDIR_PROTOCOLS: WEB,
            pycurl.FOLLOWLOCATION: target.max_redirects > 0,
            pycurl.MAXREDIRS: target.max_redirects,
            pycurl.PROXY: "",  # the guard sees the real address only on a direct connection
            pycurl.FRESH_CONNECT: True,
            pycurl.FORBID_REUSE: True,
            pycurl.WRITEFUNCTION: self._drop,
            pycurl.OPENSOCKETFUNCTION: self._open_socket,
            pycurl.OPT_CERTINFO: True,
        }
        if ca_file := target.ca_file or SYSTEM_CA_FILE:
            options[pycurl.CAINFO] = ca_file
        for option, value in options.items():
            self.curl.setopt(option, value)

    def _drop(self, chunk: bytes) -> int | None:
        self.body_bytes += len(chunk)
        return None if self.body_bytes <= self.target.max_body_bytes else -1

    def _open_socket(self, _purpose: int, peer: Any) -> LentSocket | int:
        try:
            self.policy.guard_address(peer.addr[0])
            return LentSocket(peer.family, peer.socktype, peer.protocol)
        except Forbidden as refused:
            self.refused = refused
        except OSError as failed:  # anything else, such as no IPv6 here, leaves the next address to try
            self.starved = os.strerror(failed.errno) if failed.errno in STARVED else ""
        return pycurl.SOCKET_BAD

    def result(self, error: int) -> ProbeResult:
        """What the exchange found, once it has ended with curl's ``error`` (0: with an answer)."""
        status = self.curl.getinfo(pycurl.RESPONSE_CODE) or None
        latency_ms = round(self.curl.getinfo(pycurl.TOTAL_TIME) * 1000, 3)
        reason = self._reason(error, status, latency_ms)
        return ProbeResult(
            self.target.probe_id,
            self.started_at,
            STATES.get(reason, ProbeState.DOWN),
            latency_ms=latency_ms,
            **self._phases(),
            status_code=status,
            reason=reason,
            detail=self._detail(reason, status),
            certificate_expires_at=self._certificate_expiry(),
        )

    def _reason(self, error: int, status: int | None, latency_ms: float) -> Reason | None:
        if error == pycurl.E_COULDNT_CONNECT and self.refused:
            return Reason.FORBIDDEN_TARGET
        if error == pycurl.E_COULDNT_CONNECT and self.starved:
            return Reason.PROBE_FAULT
        if error == pycurl.E_COULDNT_CONNECT and self.curl.getinfo(pycurl.OS_ERRNO) == errno.ECONNREFUSED:
            return Reason.REFUSED
        if error != pycurl.E_OK:
            return REASONS.get(error, Reason.PROTOCOL)
        expected = self.target.expect_status or range(200, 300)
        if status not in expected:
            return Reason.STATUS
        if self.target.slow_ms is not None and latency_ms > self.target.slow_ms:
            return Reason.OVER_LATENCY
        return None

    def _detail(self, reason: Reason | None, status: int | None) -> str:
        if reason is None:
            return ""
        if reason is Reason.FORBIDDEN_TARGET and self.refused:
            return self.refused.message
        error = "".join(letter for letter in self.curl.errstr() if letter.isprintable())[:200].rstrip(". ")
        expected = " or ".join(map(str, self.target.expect_status)) or "any 2xx"
        return SENTENCES[reason].format(
            host=f"{self.host.host}:{self.host.port}",
            timeout=self.target.timeout_s,
            bytes=self.target.max_body_bytes,
            slow=self.target.slow_ms,
            status=status or "nothing",
            expected=expected,
            error=self.starved or error or os.strerror(self.curl.getinfo(pycurl.OS_ERRNO)),
        )

    def _phases(self) -> dict[str, float | None]:
        """The parts of the latency; curl's marks count from the start and are 0 if not reached."""
        info = self.curl.getinfo
        looked_up, connected = info(pycurl.NAMELOOKUP_TIME), info(pycurl.CONNECT_TIME)
        secured, first_byte = info(pycurl.APPCONNECT_TIME), info(pycurl.STARTTRANSFER_TIME)
        ready = secured or connected

        def between(start: float, end: float) -> float | None:
            return round(max(0.0, end - start) * 1000, 3) if end else None

        return {
            "dns_ms": between(0.0, looked_up),
            "connect_ms": between(looked_up, connected),
            "tls_ms": between(connected, secured),
            "ttfb_ms": between(ready, first_byte),
        }

    def _certificate_expiry(self) -> datetime | None:
        for name, value in next(iter(self.curl.getinfo_raw(pycurl.INFO_CERTINFO)), ()):
            if name == b"Expire date":
                return datetime.fromtimestamp(ssl.cert_time_to_seconds(value.decode("ascii")), UTC)
        return None
