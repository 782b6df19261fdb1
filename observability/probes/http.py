"""HTTP(S) probes: a whole batch on one libcurl multi handle, driven by the system's own readiness calls."""

from __future__ import annotations

import selectors
import time
from collections import deque
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

import pycurl

from governance.kernel.errors import Forbidden
from governance.kernel.net import NetworkPolicy

from .base import ProbeResult, ProbeState, ProbeTarget, Reason, invalid_probe
from .http_exchange import Exchange

MAX_IN_FLIGHT = 200
LONGEST_WAIT_S = 1.0


def run(targets: Sequence[ProbeTarget], *, now: datetime, policy: NetworkPolicy) -> Iterator[ProbeResult]:
    """Ask all targets at the same time, at most ``MAX_IN_FLIGHT`` of them, and yield results as they finish.

    Every connection is new, so that a probe measures what a new consumer would meet, and every socket passes
    ``policy.guard_address``; redirects are not followed unless the target says so. Bodies are counted and
    dropped.
    """
    began = time.perf_counter()
    waiting = deque(targets)
    with Flight() as flight:
        while waiting or flight.exchanges:
            while waiting and len(flight.exchanges) < MAX_IN_FLIGHT:
                target = waiting.popleft()
                at = now + timedelta(seconds=time.perf_counter() - began)
                refused = flight.take_off(target, at, policy)
                if refused is not None:
                    yield refused
            if flight.exchanges:
                yield from flight.landed()


class Flight:
    """The exchanges of one batch that are under way; belongs to one thread."""

    def __init__(self) -> None:
        self.exchanges: dict[pycurl.Curl, Exchange] = {}
        self.selector = selectors.DefaultSelector()
        self.wake_at: float | None = None
        self.multi = pycurl.CurlMulti()
        self.multi.setopt(pycurl.M_SOCKETFUNCTION, self._watch)
        self.multi.setopt(pycurl.M_TIMERFUNCTION, self._set_timer)

    def __enter__(self) -> Flight:
        return self

    def __exit__(self, *_: object) -> None:
        for curl, exchange in self.exchanges.items():
            self.multi.remove_handle(curl)
            exchange.close()
        self.exchanges.clear()
        self.multi.close()
        self.selector.close()

    def take_off(self, target: ProbeTarget, at: datetime, policy: NetworkPolicy) -> ProbeResult | None:
        """Start one exchange, or return the result of a target that cannot be asked at all."""
        try:
            host = policy.read_target(target.address)
        except Forbidden as refused:
            reason = Reason.FORBIDDEN_TARGET
            return ProbeResult(target.probe_id, at, ProbeState.DOWN, reason=reason, detail=refused.message)
        exchange = Exchange(target, at, policy, host)
        try:
            exchange.prepare()
            self.multi.add_handle(exchange.curl)
        except (pycurl.error, ValueError, TypeError, OverflowError):
            exchange.close()
            detail = "The probe's settings cannot be used; correct its address and bounds."
            return invalid_probe(target, at, detail)
        self.exchanges[exchange.curl] = exchange
        return None

    def landed(self) -> list[ProbeResult]:
        """Wait until something happens, then return the results of the exchanges that ended."""
        self._wait()
        _, done, failed = self.multi.info_read()
        ended = [(curl, pycurl.E_OK) for curl in done] + [(curl, error) for curl, error, _ in failed]
        results = []
        for curl, error in ended:
            exchange = self.exchanges.pop(curl)
            self.multi.remove_handle(curl)
            results.append(exchange.result(error))
            exchange.close()
        return results

    def _wait(self) -> None:
        left = LONGEST_WAIT_S if self.wake_at is None else self.wake_at - time.perf_counter()
        ready = self.selector.select(min(max(left, 0.0), LONGEST_WAIT_S))
        for key, events in ready:
            readable = pycurl.CSELECT_IN if events & selectors.EVENT_READ else 0
            writable = pycurl.CSELECT_OUT if events & selectors.EVENT_WRITE else 0
            self.multi.socket_action(key.fd, readable | writable)
        if self.wake_at is not None and self.wake_at <= time.perf_counter():
            self.wake_at = None
            self.multi.socket_action(pycurl.SOCKET_TIMEOUT, 0)

    def _set_timer(self, timeout_ms: int) -> None:
        self.wake_at = None if timeout_ms < 0 else time.perf_counter() + timeout_ms / 1000

    def _watch(self, what: int, fd: int, _multi: pycurl.CurlMulti, _data: object) -> None:
        known = fd in self.selector.get_map()
        if what == pycurl.POLL_REMOVE:
            if known:
                self.selector.unregister(fd)
            return
        events = selectors.EVENT_READ if what & pycurl.POLL_IN else 0
        events |= selectors.EVENT_WRITE if what & pycurl.POLL_OUT else 0
        (self.selector.modify if known else self.selector.register)(fd, events)
