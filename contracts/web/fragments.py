"""This app's parts of pages that others frame: an interface's page, home and global search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from catalog.models import Interface
from governance.domain.rules import visible_or_404

from ..domain.queries import contracts_of, versions_due, versions_of
from ..domain.rules import attaches
from ..models import ContractVersion

SHOWN = 8


def marked_first(versions: QuerySet[ContractVersion]) -> QuerySet[ContractVersion]:
    """With ``is_first``: the contract has no version before it, so there is nothing it could change."""
    earlier = ContractVersion.objects.filter(contract=OuterRef("contract"), created_at__lt=OuterRef("created_at"))
    return versions.annotate(is_first=~Exists(earlier))


@login_required
@require_safe
def interface_contract(request: HttpRequest, key: str) -> HttpResponse:
    """What the interface promises, or the way to attach a promise."""
    interface = visible_or_404(Interface.objects.with_parties(), request.user, key=key)
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
