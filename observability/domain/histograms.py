"""Latency histograms that can be added up: percentiles of a month from its hours, within a stated error.

Logarithmic buckets as in DDSketch (Masson, Rim, Lee: "DDSketch: a fast and fully-mergeable quantile sketch with
relative-error guarantees", VLDB 2019): bucket i holds (gamma^(i-1), gamma^i], and its estimate is off by at most
(gamma - 1) / (gamma + 1) of the true value.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping

GAMMA = 1.04
RELATIVE_ERROR = (GAMMA - 1) / (GAMMA + 1)  # 1.96 %
SMALLEST_MS = 0.001  # curl measures in microseconds
_LOG_GAMMA = math.log(GAMMA)


def bucket_of(latency_ms: float) -> int:
    return math.ceil(math.log(max(latency_ms, SMALLEST_MS)) / _LOG_GAMMA)


def estimate_of(bucket: int) -> float:
    """The value whose relative distance to both ends of the bucket is the same."""
    return 2 * GAMMA**bucket / (GAMMA + 1)


def histogram_of(latencies_ms: Iterable[float]) -> dict[str, int]:
    """Counts by bucket; the keys are text because JSON's are."""
    return {str(bucket): count for bucket, count in sorted(Counter(map(bucket_of, latencies_ms)).items())}


def merged(histograms: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """All of them as one; the order does not matter."""
    total: Counter[int] = Counter()
    for histogram in histograms:
        for bucket, count in histogram.items():
            total[int(bucket)] += count
    return {str(bucket): count for bucket, count in sorted(total.items())}


def percentile_of(histogram: Mapping[str, int], percent: float) -> float | None:
    """The nearest-rank percentile, at most ``RELATIVE_ERROR`` off; None of an empty histogram."""
    n = sum(histogram.values())
    if n == 0:
        return None
    rank = max(1, math.ceil(percent / 100 * n))
    seen = 0
    for bucket in sorted(map(int, histogram)):
        seen += histogram[str(bucket)]
        if seen >= rank:
            return estimate_of(bucket)
    return None
