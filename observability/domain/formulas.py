"""The arithmetic of KPIs, with no rows in it: what is computed, from how many values at least, and by whose formula."""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence

#: Below these no figure is given: DOMAIN's "insufficient data".
LEAST_FOR_MEDIAN = 5
LEAST_FOR_TAIL = 20
LEAST_FOR_RATE = 20


def nearest_rank(percent: float, n: int) -> int:
    """The 1-based position of a percentile among ``n`` sorted values: ceil(P/100 x n), at least 1.

    The nearest-rank method (Hyndman and Fan, "Sample quantiles in statistical packages", 1996, definition 1): the
    answer is always a value that was measured.
    """
    return max(1, math.ceil(percent * n / 100))


def percentile(values: Sequence[float], percent: float) -> float:
    """The nearest-rank percentile of unsorted values; raises ``ValueError`` when there are none."""
    if not values:
        raise ValueError("a percentile of nothing")
    return sorted(values)[nearest_rank(percent, len(values)) - 1]


def median(values: Sequence[float]) -> float:
    """The middle value, or the mean of the two in the middle."""
    return statistics.median(values)


def median_against(closed: Sequence[float], still_open: Sequence[float]) -> tuple[float, int]:
    """The median of a duration in which open items count against it; the second value is how many items entered.

    An open item's age is what its duration will at least be. It enters once it is older than the closed items'
    median: it may show the process slower than they do, and never faster.
    """
    least = enters_above(closed)
    entered = [*closed, *(age for age in still_open if age > least)]
    return median(entered), len(entered)


def enters_above(closed: Sequence[float]) -> float:
    """The age above which an open item counts against the closed ones; each does where nothing is closed."""
    return median(closed) if closed else -math.inf


def insufficient(n: int, least: int) -> str:
    """What is said in place of a figure; empty when ``n`` is enough."""
    return f"insufficient data: n={n} < {least}" if n < least else ""
