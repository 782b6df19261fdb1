"""Figures about the process and its requests, for ``/metrics``. Labels are route names, never addresses or people."""

import datetime as dt
from collections.abc import Callable

from prometheus_client import Counter, Gauge, Histogram

REQUESTS = Counter("interlock_requests_total", "Requests answered.", ["route", "method", "status"])
LATENCY = Histogram(
    "interlock_request_seconds",
    "Time from the request's arrival to its answer.",
    ["route"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)
CSP_REPORTS = Counter("csp_reports_total", "Reports of a breach of the Content-Security-Policy.", ["directive"])
METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}


def count_request(*, route: str, method: str, status: int, seconds: float) -> None:
    """One answered request. An unknown method is counted as OTHER, so that callers cannot add series."""
    REQUESTS.labels(route, method if method in METHODS else "OTHER", str(status)).inc()
    LATENCY.labels(route).observe(seconds)


DUE = Gauge("interlock_rows_due", "Rows that wait for the clock.", ["kind"])
_counters: dict[str, Callable[[dt.datetime], int]] = {}


def count_due(kind: str, counter: Callable[[dt.datetime], int]) -> None:
    """An app states, once at start, how to count one kind of row that waits for the clock."""
    _counters[kind] = counter


def refresh_due(*, now: dt.datetime) -> None:
    """Count every kind anew, when somebody asks for the figures."""
    for kind, counter in _counters.items():
        DUE.labels(kind).set(counter(now))
