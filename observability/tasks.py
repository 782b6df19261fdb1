"""The clock's doors of observability: primitives in, one domain call, nothing else."""

from celery import shared_task
from django.conf import settings
from django.utils import timezone

from governance.domain.context import working_via

from .domain import sweeping, upkeep


@shared_task
def sweep_due_probes() -> int:
    with working_via("JOB"):
        return sweeping.sweep(clock=timezone.now, limit=settings.PROBE_BATCH, for_s=float(settings.SWEEP_EVERY_S))


@shared_task
def roll_up_measurements() -> None:
    with working_via("JOB"):
        upkeep.keep_up(clock=timezone.now)
