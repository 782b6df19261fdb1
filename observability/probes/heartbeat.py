"""Heartbeats: the interface calls in, and silence is the failure. Judged from stored times, no network."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

from governance.kernel.net import NetworkPolicy

from .base import ProbeResult, ProbeState, ProbeTarget, Reason, invalid_probe


def run(targets: Sequence[ProbeTarget], *, now: datetime, policy: NetworkPolicy) -> Iterator[ProbeResult]:
    """Judge each target's silence at ``now``; the network policy is not needed, nothing is connected to."""
    for target in targets:
        try:
            yield judge(target, now)
        except (TypeError, ValueError, OverflowError):
            detail = "The heartbeat's times cannot be compared; give times with a zone, and seconds."
            yield invalid_probe(target, now, detail)


def judge(target: ProbeTarget, now: datetime) -> ProbeResult:
    """UP until the last beat is older than interval plus grace, DOWN from then on.

    A probe without any beat is UNKNOWN until its first one is overdue, counted from ``armed_at``; without
    ``armed_at`` it stays UNKNOWN.
    """
    since = target.last_beat_at or target.armed_at
    allowed = timedelta(seconds=target.interval_s + target.grace_s)
    if allowed <= timedelta(0):
        raise ValueError("interval and grace add up to no time at all")
    if since is not None and now > since + allowed:
        late = (now - since - allowed).total_seconds()
        seen = f"{since.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC" if target.last_beat_at else "never"
        rhythm = f"every {target.interval_s:g} s, grace {target.grace_s:g} s"
        detail = f"Last beat: {seen}; the next one is {late:.0f} s overdue ({rhythm})."
        return ProbeResult(target.probe_id, now, ProbeState.DOWN, reason=Reason.STALE_HEARTBEAT, detail=detail)
    if target.last_beat_at is None:
        detail = "No beat has come yet; the interface must call in before this probe says anything."
        return ProbeResult(target.probe_id, now, ProbeState.UNKNOWN, reason=Reason.NO_HEARTBEAT_YET, detail=detail)
    return ProbeResult(target.probe_id, now, ProbeState.UP)
