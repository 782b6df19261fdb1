"""Which module runs which kind of probe, and the one entrance to all of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from governance.kernel.net import NetworkPolicy

from . import heartbeat, http
from .base import ProbeResult, ProbeTarget, invalid_probe


class KindRunner(Protocol):
    """Runs all targets of one kind together and yields one result for each, in any order."""

    def __call__(
        self, targets: Sequence[ProbeTarget], *, now: datetime, policy: NetworkPolicy
    ) -> Iterator[ProbeResult]: ...


# In the order they run: what is judged at once comes before what waits for the network.
KINDS: dict[str, KindRunner] = {"heartbeat": heartbeat.run, "http": http.run}


def run_batch(targets: Iterable[ProbeTarget], *, now: datetime, policy: NetworkPolicy) -> Iterator[ProbeResult]:
    """Run every due probe of a batch and yield exactly one result per target, as they finish.

    Nothing that one target contains (a malformed address, an unknown kind, a hanging server) raises or keeps
    the others waiting beyond its own timeout. ``now`` is when the batch starts. Safe in threads: calls share
    nothing. Closing the iterator early closes all its connections.
    """
    by_kind: dict[str, list[ProbeTarget]] = {}
    for target in targets:
        by_kind.setdefault(target.kind, []).append(target)
    for kind, runner in KINDS.items():
        if chosen := by_kind.pop(kind, None):
            yield from runner(chosen, now=now, policy=policy)
    for kind, left in by_kind.items():
        for target in left:
            detail = f"There is no probe of kind {kind!r}; choose one of {', '.join(sorted(KINDS))}."
            yield invalid_probe(target, now, detail)
