"""Home and search: two shells, filled by one fragment of each app, asked for by address."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from ..domain.notices import read_notice
from ..domain.queries import notice_named, unread_notices
from ..domain.rules import roles_of
from ..doors.pages import render_page, with_query
from ..models import Role
from .shell import address

APPS = (
    ("approvals", "Changes and votes", "git-pull-request"),
    ("contracts", "Contracts and consumers", "file-certificate"),
    ("catalog", "Interfaces and systems", "arrows-exchange"),
    ("observability", "Health", "activity-heartbeat"),
)

PURPOSES = (
    (Role.BOARD_MEMBER, "What the board waits for from you comes first."),
    (Role.EMERGENCY_APPROVER, "Emergencies that need your authority come first."),
    (Role.CHANGE_MANAGER, "Triage, schedule and close: the oldest change comes first."),
    (Role.DESIGN_AUTHORITY, "Patterns that wait for your decision come first."),
    (Role.DOMAIN_ARCHITECT, "Patterns that wait for your decision come first."),
    (Role.SECURITY_OFFICER, "Controls and agreements that wait for you come first."),
    (Role.STEWARD, "Contracts and master data in your care come first."),
    (Role.OPERATOR, "What is down or queued comes first."),
    (Role.INTERFACE_OWNER, "What changes on your interfaces comes first."),
    (Role.ARCHITECT, "Your proposals and what they still need come first."),
    (Role.EXECUTIVE, "How the estate is governed, in one page."),
    (Role.AUDITOR, "Everything is open to you to read; nothing to change."),
    (Role.PLATFORM_ADMIN, "People, teams and configuration are yours; decisions are not."),
)

#: Whose part of the page a role reads first; for all others it is the changes.
FIRST = {Role.OPERATOR: "observability", Role.STEWARD: "contracts", Role.ARCHITECT: "catalog"}

#: What a role most often comes to do: page, words, icon.
ACTIONS = {
    Role.ARCHITECT: {"page": "catalog:request", "label": "Request an interface", "icon": "plus"},
    Role.BOARD_MEMBER: {"page": "inbox:inbox", "label": "Open the inbox", "icon": "inbox"},
    Role.EXECUTIVE: {"page": "observability:scorecard", "label": "Open the scorecard", "icon": "chart-bar"},
    Role.AUDITOR: {"page": "governance:audit", "label": "Open the audit", "icon": "list-details"},
}


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """*My work*: what each app says waits for the reader, then what the reader should know."""
    roles = roles_of(request.user)
    context = {
        "sections": sorted(sections("home-fragment"), key=lambda part: part[0] != first(roles)),
        "purpose": purpose(roles),
        "notices": unread_notices(request.user)[:8],
        "action": next((offer for role, offer in ACTIONS.items() if role in roles), None),
    }
    return render_page(request, "governance/home.html", context=context)


@login_required
@require_POST
def read(request: HttpRequest, pk: str) -> HttpResponse:
    """Mark a notice as read."""
    read_notice(notice_named(request.user, pk), now=timezone.now(), actor=request.user)
    return redirect("governance:home")


def purpose(roles: frozenset[str]) -> str:
    """The sentence under the greeting: what this person's role is here for."""
    return next((sentence for role, sentence in PURPOSES if role in roles), "The register is open to you to read.")


def first(roles: frozenset[str]) -> str:
    """The app whose part leads: that of the role which gave the sentence under the greeting."""
    speaks = next((role for role, _ in PURPOSES if role in roles), None)
    return FIRST.get(speaks, "approvals")


def sections(name: str, **query: str) -> list[tuple[str, str, str, str]]:
    """Each app that offers a fragment of this name: key, title, icon, address."""
    offered = ((app, title, icon, address(f"{app}:{name}")) for app, title, icon in APPS)
    return [(app, title, icon, with_query(url, **query)) for app, title, icon, url in offered if url]


@login_required
@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """One box over everything: each app answers for what it owns, with its own permissions."""
    query = request.GET.get("q", "").strip()[:200]
    found = sections("search-fragment", q=query) if query else []
    return render_page(request, "governance/search.html", context={"query": query, "sections": found})
