"""What a sweep is worth: CPU per probe with everything it stores, 200 claimed at once against one at a time.

Runs on a database of its own, made and thrown away (SQLite, or the one that DATABASE_URL names), against a server
in another process. Run it from the repository's root: ``python -m benchmarks.probe_sweep``.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from pathlib import Path

import django

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks.probe_batch import serve

PROBES = 200
ROUNDS = 3


def prepared(url: str) -> None:
    """So many probes on as many interfaces, all of the same address."""
    from django.utils import timezone

    from governance.domain import people
    from tests.cast import Cast
    from tests.observability.estate import Estate

    estate = Estate(Cast(timezone.now(), people.clock_user()))
    for number in range(PROBES):
        estate.probe(estate.interface(number), url)


def cpu_ms(limit: int) -> float:
    """CPU milliseconds per probe, the best of all rounds; each round claims, asks and stores them all."""
    from django.utils import timezone

    from observability.domain.sweeping import run_due
    from observability.models import Probe

    best = float("inf")
    for _ in range(ROUNDS):
        now = timezone.now()
        Probe.objects.update(next_run_at=now)
        began, swept = time.process_time(), 0
        while swept < PROBES:
            swept += run_due(now=now, limit=limit)
        best = min(best, (time.process_time() - began) * 1000 / PROBES)
        if Probe.objects.exclude(state="UP").exists():
            raise SystemExit("not every probe was well: nothing was measured")
    return best


def main() -> None:
    """Measure both ways and print the ratio."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "governance.settings")
    os.environ.setdefault("LOG_LEVEL", "WARNING")
    django.setup()
    from django.db import connection
    from django.test.utils import setup_test_environment

    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=serve, args=(there,))
    process.start()
    setup_test_environment()
    name = connection.settings_dict["NAME"]
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        prepared(here.recv())
        together, single = cpu_ms(PROBES), cpu_ms(1)
    finally:
        connection.creation.destroy_test_db(name, verbosity=0)
        here.send("done")
        process.join(10)
    print(f"{PROBES} probes claimed at once, on {connection.vendor}: {together:.3f} ms of CPU each")
    print(f"one at a time: {single:.3f} ms of CPU each")
    print(f"ratio: a sweep of many costs {together / single:.3f} of one at a time")


if __name__ == "__main__":
    main()
