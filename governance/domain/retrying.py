"""How long to wait before the next attempt: twice as long each time, up to a bound, and never all at once."""

from __future__ import annotations

import datetime as dt
import secrets

#: Nobody else takes what is being sent: longer than one attempt may last.
LEASE = dt.timedelta(minutes=2)
#: A sweep begins nothing new after this, so that its leases hold.
SWEEP_S = 60.0
FIRST, LONGEST = dt.timedelta(seconds=10), dt.timedelta(hours=6)


def backoff(attempts: int, *, first: dt.timedelta = FIRST) -> dt.timedelta:
    """The pause after ``attempts`` failed ones (from 1 on): doubled, at most six hours, a fifth more or less."""
    bare = min(first * 2 ** min(max(attempts, 1) - 1, 30), LONGEST)
    return bare * (0.8 + 0.4 * secrets.randbelow(10_001) / 10_000)
