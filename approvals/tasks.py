"""The clock's doors of approvals."""

from celery import shared_task
from django.utils import timezone

from governance.domain.context import working_via
from governance.domain.people import clock_user

from .domain import emergencies, healing, implementing, waivers


@shared_task
def implement_due_changes() -> None:
    with working_via("JOB"):
        implementing.implement_due_changes(now=timezone.now(), actor=clock_user())


@shared_task
def heal_changes() -> None:
    with working_via("JOB"):
        healing.heal_changes(now=timezone.now(), actor=clock_user())


@shared_task
def escalate_overdue_changes() -> None:
    with working_via("JOB"):
        emergencies.escalate_overdue_changes(now=timezone.now(), actor=clock_user())


@shared_task
def watch_waivers() -> None:
    with working_via("JOB"):
        waivers.watch_waivers(now=timezone.now(), actor=clock_user())
