"""Background work for the one who asked for it: what waits, runs and ended, and one job as it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ..domain.jobs import cancel_job, retry_job
from ..domain.queries import job_named, jobs_of
from ..domain.rules import can
from ..doors.pages import Facet, page_of, render_page
from ..kernel.errors import DomainError
from ..lifecycle import JOB
from ..models import Job

SORTS = {"asked": "created_at", "title": "title", "state": ("state", "-created_at")}


@login_required
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """What the reader asked for, the newest first; those who keep the platform see everybody's."""
    facets = [Facet("state", "State", JOB.choices)]
    page = page_of(jobs_of(request.user), request, sorts=SORTS, default="-asked", facets=facets, search=("title",))
    return render_page(request, "governance/jobs.html", context={"page": page})


@login_required
@require_safe
def job(request: HttpRequest, pk: Any) -> HttpResponse:
    """One job; htmx asks for its progress again until it has ended."""
    shown = job_named(request.user, pk)
    return render_page(request, "governance/job.html", "governance/_job.html", job_context(request, shown))


def job_context(request: HttpRequest, shown: Job | None) -> dict[str, Any]:
    """What the progress fragment shows of a job, and what the reader may do to it."""
    if shown is None:
        return {"job": None}
    mine = can(request.user, "cancel", shown)
    return {
        "job": shown,
        "ongoing": shown.state in ("QUEUED", "RUNNING"),
        "may_cancel": mine and shown.state in ("QUEUED", "RUNNING"),
        "may_retry": mine and shown.state == "FAILED",
    }


def act(request: HttpRequest, pk: Any, command: Callable[..., Job], said: str) -> HttpResponse:
    shown = job_named(request.user, pk)
    try:
        command(shown, now=timezone.now(), actor=request.user)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    else:
        messages.success(request, said.format(job=shown))
    return redirect("governance:job", pk)


@login_required
@require_POST
def cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, cancel_job, "{job} is cancelled.")


@login_required
@require_POST
def retry(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, retry_job, "{job} waits for its turn again.")
