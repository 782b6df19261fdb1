"""What a batch is worth: CPU per HTTP probe, 100 in one batch against one at a time.

The server runs in a process of its own, so that only the probing side is counted. Run:
``python benchmarks/probe_batch.py``.
"""

from __future__ import annotations

import multiprocessing
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from multiprocessing.connection import Connection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from governance.kernel.net import NetworkPolicy
from observability.probes.base import ProbeTarget
from observability.probes.registry import run_batch
from tests.factories.servers import web_server

PROBES = 100
ROUNDS = 10
LOOPBACK = NetworkPolicy.from_cidrs(["127.0.0.0/8"])


def serve(pipe: Connection) -> None:
    """Run the server until the other side hangs up."""
    with web_server() as server:
        pipe.send(server.url())
        pipe.recv()


def cpu_ms(run: Callable[[Sequence[ProbeTarget]], int], targets: Sequence[ProbeTarget]) -> float:
    """CPU milliseconds per probe of the best of all rounds; every probe must have been well."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        healthy = run(targets)
        best = min(best, (time.process_time() - began) * 1000 / len(targets))
        if healthy != len(targets):
            raise SystemExit(f"only {healthy} of {len(targets)} probes were well: nothing was measured")
    return best


def in_one_batch(targets: Sequence[ProbeTarget]) -> int:
    """All at the same time."""
    return sum(result.ok for result in run_batch(targets, now=datetime.now(UTC), policy=LOOPBACK))


def one_at_a_time(targets: Sequence[ProbeTarget]) -> int:
    """A batch of one for each."""
    return sum(in_one_batch([target]) for target in targets)


def main() -> None:
    """Measure both ways and print the ratio."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    process.start()
    try:
        url = here.recv()
        targets = [ProbeTarget(number, "http", url) for number in range(PROBES)]
        batched, single = cpu_ms(in_one_batch, targets), cpu_ms(one_at_a_time, targets)
    finally:
        here.send("done")
        process.join(10)
    print(f"{PROBES} probes in one batch: {batched:.3f} ms of CPU each")
    print(f"{PROBES} probes one at a time: {single:.3f} ms of CPU each")
    print(f"ratio: a batch costs {batched / single:.2f} of one at a time")


if __name__ == "__main__":
    main()
