"""The teams' record: what came of their changes, as points, and who may call no emergencies now."""

from __future__ import annotations

import datetime as dt

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError

from ..domain.class_queries import blocks_of
from ..domain.scoring import scores_seen

WINDOWS = ((30, "30 days"), (90, "90 days"), (365, "One year"))


@login_required
@require_safe
def teams(request: HttpRequest) -> HttpResponse:
    return show_teams(request)


def show_teams(request: HttpRequest, *, refusal: DomainError | None = None) -> HttpResponse:
    """The window is in the address: ``?days=90``."""
    now, asked = timezone.now(), request.GET.get("days", "")
    days = next((length for length, _ in WINDOWS if str(length) == asked), 90)
    standing = list(blocks_of(request.user).filter(lifted_at__isnull=True))
    context = {
        "records": scores_seen(request.user, now=now, window=dt.timedelta(days=days)),
        "windows": [(f"{request.path if request.method == 'GET' else ''}?days={one}", said) for one, said in WINDOWS],
        "current": f"{request.path}?days={days}",
        "days": days,
        "blocks": [(block, can(request.user, "lift", block)) for block in standing],
        "refusal": refusal,
    }
    status = status_of(refusal) if refusal else 200
    return render_page(request, "approvals/teams.html", context=context, status=status)
