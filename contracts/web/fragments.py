"""This app's parts of pages that others frame: an interface's page, home and global search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.domain.lookups import interface_named

from ..domain.queries import contracts_of, marked_first, versions_due, versions_of
from ..domain.rules import attaches

SHOWN = 8


@login_required
@require_safe
def interface_contract(request: HttpRequest, key: str) -> HttpResponse:
    """What the interface promises, or the way to attach a promise."""
    interface = interface_named(request.user, key)
    contract = contracts_of(request.user).filter(interface=interface).first()
    context = {
        "interface": interface,
        "contract": contract,
        "versions": list(marked_first(versions_of(contract))[:5]) if contract else [],
        "may_attach": attaches(request.user, interface),
    }
    return render(request, "contracts/_interface_contract.html", context)


@login_required
@require_safe
def home_fragment(request: HttpRequest) -> HttpResponse:
    """Versions on their way that the reader declared, and all that wait for review."""
    due = marked_first(versions_due(request.user))
    context = {
        "mine": list(due.filter(declared_by=request.user)[:SHOWN]),
        "in_review": list(due.filter(state="IN_REVIEW").exclude(declared_by=request.user)[:SHOWN]),
    }
    return render(request, "contracts/_home.html", context)


@login_required
@require_safe
def search_fragment(request: HttpRequest) -> HttpResponse:
    """Contracts whose key or interface holds what was typed."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    found = []
    if query:
        named = Q(key__icontains=query) | Q(interface__name__icontains=query)
        found = list(contracts_of(request.user).filter(named).order_by("key")[:SHOWN])
    return render(request, "contracts/_search.html", {"query": query, "found": found})
