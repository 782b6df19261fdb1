"""The catalog's parts of pages that others frame: home and global search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from ..domain.awaiting import awaiting_decision
from ..domain.lookups import interfaces_like, own_proposals, systems_like
from ..domain.queries import proposing_domains

SHOWN = 8


@login_required
@require_safe
def home_fragment(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's decision, and how the reader's own proposals stand."""
    waiting = awaiting_decision(request.user)
    context = {
        "waiting": waiting[:SHOWN],
        "more_waiting": max(0, len(waiting) - SHOWN),
        "mine": own_proposals(request.user)[:SHOWN],
        "may_request": proposing_domains(request.user).exists(),
    }
    return render(request, "catalog/_home.html", context)


@login_required
@require_safe
def search_fragment(request: HttpRequest) -> HttpResponse:
    """Interfaces and systems whose key or name holds what was typed."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    context = {"query": query, "interfaces": [], "systems": []}
    if query:
        context["interfaces"] = interfaces_like(request.user, query)[:SHOWN]
        context["systems"] = systems_like(request.user, query)[:SHOWN]
    return render(request, "catalog/_search.html", context)
