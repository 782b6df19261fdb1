"""The clock's doors of governance: primitives in, one domain call, nothing else."""

from celery import shared_task
from django.utils import timezone

from .domain import clock, delivering, jobs, mailing, people, seals, tables
from .domain.context import working_via


@shared_task
def record_heartbeat() -> None:
    """Sent by beat and run by a worker: one run proves both."""
    now = timezone.now()
    clock.record_part("beat", now=now)
    clock.record_part("worker", now=now)


@shared_task
def activate_due_tables() -> None:
    with working_via("JOB"):
        tables.activate_due_tables(now=timezone.now(), actor=people.clock_user())


@shared_task
def seal_audit() -> None:
    seals.seal(now=timezone.now())


@shared_task
def run_due_jobs() -> int:
    with working_via("JOB"):
        return jobs.run_due_jobs(clock=timezone.now, actor=people.clock_user())


@shared_task
def send_due_mail() -> None:
    mailing.send_due_mail(now=timezone.now())


@shared_task
def send_due_digests() -> None:
    mailing.send_due_digests(now=timezone.now())


@shared_task
def deliver_due_webhooks() -> None:
    with working_via("JOB"):
        delivering.deliver_due(now=timezone.now(), actor=people.clock_user())
