"""This app's parts of pages that others frame: an interface's page, the request form, home and global search."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.domain.drafts import read_draft
from catalog.domain.lookups import interface_named, is_in_force
from governance.domain.rules import can, has_role
from governance.models import AuditEvent, Role

from ..domain.asked import asked_of
from ..domain.composing import asks_of
from ..domain.queries import changes_of, changes_touching, votes_waiting_for, written_by
from ..domain.requirements import plan_for_interface
from ..domain.waiver_queries import expiring_for
from ..models import ChangeRequest
from .shown import TimeLeft
from .waivers import left_of

SHOWN = 8
SEVERAL = ("patterns", "data_classes", "environments")


@login_required
@require_safe
def interface_changes(request: HttpRequest, key: str) -> HttpResponse:
    """The changes that touch an interface, the newest first, and the way to ask for another."""
    interface = interface_named(request.user, key)
    changes = list(changes_touching(changes_of(request.user), key).order_by("-key")[: SHOWN + 1])
    context = {
        "interface": interface,
        "changes": changes[:SHOWN],
        "more": len(changes) > SHOWN,
        "may_export": can(request.user, "export", AuditEvent),
        "may_report": is_in_force(interface) and can(request.user, "open_unauthorized", ChangeRequest),
        "may_modify": is_in_force(interface) and can(request.user, "submit", interface),
    }
    return render(request, "approvals/_interface_changes.html", context)


@login_required
@require_POST
def preview(request: HttpRequest) -> HttpResponse:
    """Which approvals the answers so far would ask for; nothing is stored and no answer is too incomplete."""
    given = {name: request.POST.getlist(name) if name in SEVERAL else request.POST.get(name) for name in request.POST}
    planned = plan_for_interface(read_draft(given, actor=request.user))
    return render(request, "approvals/_preview.html", {"planned": planned, "asks": asks_of(planned)})


@login_required
@require_safe
def home_fragment(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's vote, the reader's own changes, and what else the board has before it."""
    now = timezone.now()
    asked = asked_of(request.user, now=now)
    waiting = votes_waiting_for(request.user, now=now, limit=SHOWN)
    seen = changes_of(request.user)
    mine = seen.filter(written_by(request.user)).exclude(state__in=["CLOSED", "CANCELLED"]).order_by("-key")
    others = seen.filter(state__in=["ASSESS", "AUTHORIZE"]).exclude(pk__in=asked.values("pk"))
    others = others.exclude(written_by(request.user)).order_by("submitted_at")
    schedules = has_role(request.user, Role.CHANGE_MANAGER)
    due = seen.filter(state__in=["SCHEDULED", "REVIEW"]).order_by("implement_at") if schedules else []
    sections = [
        ("To schedule and to close", list(due[:SHOWN])),
        ("Your changes", list(mine[:SHOWN])),
        ("Waiting on others", list(others[:SHOWN])),
    ]
    ending = list(expiring_for(request.user, now=now)[:SHOWN])
    context = {
        "ending": [(one, *left_of(one, now)) for one in ending],
        "waiting": [(one, TimeLeft(one.change, now)) for one in waiting],
        "more_waiting": max(0, asked.count() - SHOWN) if len(waiting) == SHOWN else 0,
        "sections": sections,
        "busy": any(rows for _, rows in sections),
    }
    return render(request, "approvals/_home.html", context)


@login_required
@require_safe
def search_fragment(request: HttpRequest) -> HttpResponse:
    """Changes whose key, title or reason holds what was typed, and those that touch an interface of that key."""
    query = request.GET.get("q", "").strip().replace("\x00", "")[:200]
    named = Q(key__icontains=query) | Q(title__icontains=query) | Q(reason__icontains=query)
    touching = Q(items__interface__key__icontains=query)
    found = changes_of(request.user).filter(named | touching).distinct().order_by("-key")[:SHOWN] if query else []
    return render(request, "approvals/_search.html", {"query": query, "changes": found})
