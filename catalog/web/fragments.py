"""The catalog's parts of pages that others frame: home and global search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from governance.domain.rules import visible

from ..domain.awaiting import awaiting_decision
from ..domain.queries import proposing_domains
from ..models import Interface, System

SHOWN = 8
UNDER_WAY = ("DISCOVERED", "PROPOSED", "IN_REVIEW", "APPROVED", "REJECTED", "IN_BUILD", "IN_TEST")


@login_required
@require_safe
def home_fragment(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's decision, and how the reader's own proposals stand."""
    mine = visible(Interface.objects.all(), request.user).filter(proposed_by=request.user, state__in=UNDER_WAY)
    waiting = awaiting_decision(request.user)
    context = {
        "waiting": waiting[:SHOWN],
        "more_waiting": max(0, len(waiting) - SHOWN),
        "mine": mine.order_by("-updated_at", "key")[:SHOWN],
        "may_request": proposing_domains(request.user).exists(),
    }
    return render(request, "catalog/_home.html", context)


@login_required
@require_safe
def search_fragment(request: HttpRequest) -> HttpResponse:
    """Interfaces and systems whose key or name holds what was typed."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    named = Q(key__icontains=query) | Q(name__icontains=query)
    context = {"query": query, "interfaces": [], "systems": []}
    if query:
        found = visible(Interface.objects.prefetch_related("source", "target"), request.user).filter(named)
        context["interfaces"] = found.order_by("key")[:SHOWN]
        systems = visible(System.objects.select_related("domain"), request.user)
        context["systems"] = systems.filter(named).order_by("name")[:SHOWN]
    return render(request, "catalog/_search.html", context)
