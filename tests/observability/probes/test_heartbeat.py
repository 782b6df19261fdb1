"""Heartbeats: the exact moment when silence becomes a failure."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from governance.kernel.net import NetworkPolicy
from observability.probes.base import ProbeResult, ProbeState, ProbeTarget, Reason
from observability.probes.registry import run_batch

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)


def judged(**times) -> ProbeResult:
    """The verdict at NOW on a probe that beats every 60 s with 15 s of grace."""
    target = ProbeTarget(1, "heartbeat", **{"interval_s": 60, "grace_s": 15, **times})
    (result,) = run_batch([target], now=NOW, policy=NetworkPolicy())
    return result


@pytest.mark.parametrize(
    ("age_s", "state"),
    [(-5, "UP"), (0, "UP"), (60, "UP"), (75, "UP"), (75.001, "DOWN"), (3600, "DOWN")],
)
def test_silence_beyond_interval_and_grace_is_down(age_s, state):
    assert judged(last_beat_at=NOW - timedelta(seconds=age_s)).state == ProbeState(state)


def test_stale_heartbeat_says_since_when_and_how_late():
    result = judged(last_beat_at=(NOW - timedelta(seconds=100)).astimezone(timezone(timedelta(hours=5))))

    assert result == ProbeResult(
        1,
        NOW,
        ProbeState.DOWN,
        reason=Reason.STALE_HEARTBEAT,
        detail="Last beat: 2026-03-02 07:58:20 UTC; the next one is 25 s overdue (every 60 s, grace 15 s).",
    )
    assert result.ok is False


def test_probe_that_never_beat_is_unknown_until_its_first_beat_is_overdue():
    assert judged().reason is Reason.NO_HEARTBEAT_YET
    assert judged(armed_at=NOW - timedelta(seconds=75)).state is ProbeState.UNKNOWN
    late = judged(armed_at=NOW - timedelta(seconds=76))
    assert (late.state, late.reason) == (ProbeState.DOWN, Reason.STALE_HEARTBEAT)
    assert late.detail == "Last beat: never; the next one is 1 s overdue (every 60 s, grace 15 s)."


@pytest.mark.parametrize(
    "times",
    [
        {"last_beat_at": datetime(2026, 3, 2, 8, 0)},
        {"last_beat_at": NOW, "interval_s": 0, "grace_s": 0},
        {"last_beat_at": NOW, "interval_s": float("nan")},
        {"last_beat_at": NOW, "interval_s": 1e300},
        {"last_beat_at": "yesterday"},
    ],
)
def test_times_that_cannot_be_compared_become_a_result(times):
    assert judged(**times).reason is Reason.INVALID_PROBE
