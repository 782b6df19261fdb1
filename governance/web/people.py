"""Who decides here: the board's seats with their alternates, the teams with their roles, and who acts for whom."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..domain.queries import boards_of, delegations_of, teams_of
from ..doors.pages import render_page


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Boards with the seats in term, teams with roles and members, and the delegations in force."""
    now, actor = timezone.now(), request.user
    context = {
        "boards": boards_of(actor, now=now),
        "teams": teams_of(actor),
        "delegations": delegations_of(actor, now=now),
        "now": now,
    }
    return render_page(request, "governance/people.html", context=context)
