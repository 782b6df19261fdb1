"""The clock's doors of approvals."""

from celery import shared_task
from django.utils import timezone

from governance.domain.people import clock_user
from governance.kernel.context import working_via

from .domain import implementing


@shared_task
def implement_due_changes() -> None:
    with working_via("JOB"):
        implementing.implement_due_changes(now=timezone.now(), actor=clock_user())
