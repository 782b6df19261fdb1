"""What follows the checks: owners are told, sums are brought up to date, and what is over is forgotten."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from .announcing import announce_due
from .rollups import forget_old, roll_up


def keep_up(*, clock: Callable[[], dt.datetime]) -> None:
    """Tell first: a notice waits for nobody's sums. Each step takes the time at which it begins."""
    announce_due(now=clock())
    roll_up(now=clock())
    forget_old(now=clock())
