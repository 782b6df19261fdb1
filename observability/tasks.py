"""The clock's doors of observability: primitives in, one domain call, nothing else."""

import threading
import time

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance.kernel.context import working_via

from .domain import announcing, rollups, sweeping

#: Sweeps of one worker at the same time: one waits for a hanging service while the others go on.
_places = threading.BoundedSemaphore(4)


@shared_task
def sweep_due_probes() -> int:
    """One task claims many: batch after batch until nothing is due, or the next sweep's time has come."""
    if not _places.acquire(blocking=False):
        return 0
    try:
        with working_via("JOB"):
            return sweep_until(time.monotonic() + max(1.0, float(settings.SWEEP_EVERY_S)))
    finally:
        _places.release()


def sweep_until(deadline: float) -> int:
    swept = 0
    while True:
        claimed = sweeping.run_due(now=timezone.now(), limit=settings.PROBE_BATCH)
        swept += claimed
        if claimed < settings.PROBE_BATCH or time.monotonic() >= deadline:
            return swept


@shared_task
def roll_up_measurements() -> None:
    """Tell owners what changed, then bring the sums up to date and forget what is over."""
    with working_via("JOB"):
        announcing.announce_due(now=timezone.now())
        rollups.roll_up(now=timezone.now())
        rollups.forget_old(now=timezone.now())
