"""Figures about the process and its requests, for ``/metrics``. Labels are route names, never addresses or people."""

from prometheus_client import Counter, Histogram

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
