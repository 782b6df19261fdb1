"""Who decides here: the board's seats with their alternates, the teams with their roles, and who acts for whom."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Prefetch
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..domain.rules import visible
from ..doors.pages import render_page
from ..models import Board, BoardSeat, Delegation, Membership, Team


@login_required
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """Boards with the seats in term, teams with roles and members, and the delegations in force."""
    now = timezone.now()
    seats = BoardSeat.objects.in_term(now).select_related("member", "alternate").order_by("constituency")
    members = Membership.objects.filter(until__isnull=True).select_related("user").order_by("user__username")
    boards = visible(Board.objects.all(), request.user).prefetch_related(Prefetch("seats", seats, "in_term"))
    teams = visible(Team.objects.all(), request.user).prefetch_related(
        "roles", Prefetch("memberships", members, "present")
    )
    lent = visible(Delegation.objects.all(), request.user).filter(ends_at__gt=now)
    delegations = lent.select_related("giver", "taker").order_by("ends_at")
    context = {"boards": boards.order_by("name"), "teams": teams, "delegations": delegations, "now": now}
    return render_page(request, "governance/people.html", context=context)
