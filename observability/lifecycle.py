"""How a probe's state follows from what its checks find, and when it is checked: pure, no database."""

from __future__ import annotations

import datetime as dt
import hashlib
import math

from .probes.base import ProbeState

STATES = [(str(state), str(state).capitalize()) for state in ProbeState]
KINDS = [("http", "HTTP(S) request"), ("heartbeat", "Heartbeat from the interface")]
METHODS = [("GET", "GET"), ("HEAD", "HEAD")]
FAILING = (ProbeState.DOWN,)
ANSWERING = (ProbeState.UP, ProbeState.SLOW)
#: What became of a status change: owners told, over before anyone had to be told, or nobody to tell.
OUTCOMES = [("TOLD", "Owners told"), ("BRIEF", "Over at once"), ("QUIET", "Nothing to tell"), ("NOBODY", "No owner")]
LONGEST_CONFIRMATION = dt.timedelta(seconds=30)


def failures_after(before: int, found: str) -> int:
    """How many checks in a row have failed; one that says nothing about the service neither counts nor clears."""
    if found in FAILING:
        return before + 1
    return 0 if found in ANSWERING else before


def confirmed_at(at: dt.datetime, to_state: str, interval_s: float) -> dt.datetime:
    """When a change is told. The page shows it at once; people are called after one more check has seen it."""
    if to_state not in FAILING:
        return at
    return at + min(dt.timedelta(seconds=interval_s), LONGEST_CONFIRMATION)


def check_period_s(kind: str, interval_s: float) -> float:
    """Seconds between checks. A heartbeat is judged twice an interval, so that silence shows within two of them."""
    return max(1.0, interval_s / 2) if kind == "heartbeat" else float(interval_s)


def next_on_grid(identity: str, period_s: float, now: dt.datetime) -> dt.datetime:
    """The first point after ``now`` on the probe's own grid.

    Its offset is a hash of its identity, so that any number of probes of one interval spread evenly over it, and
    a late or repeated check does not shift the ones that follow.
    """
    share = int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=6).digest(), "big") / 2**48
    offset = share * period_s
    turns = math.floor((now.timestamp() - offset) / period_s) + 1
    return dt.datetime.fromtimestamp(turns * period_s + offset, dt.UTC)
