"""What every page shows around its content: the way to the others, who is signed in, and what waits."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import SimpleLazyObject

from ..domain.context import origin
from ..domain.queries import unread_notices
from ..domain.rules import READ_ALL, roles_of
from ..models import Role


@dataclass(frozen=True, slots=True)
class Entry:
    """One place in the navigation: a page's name, and the roles that may use it (empty: everyone)."""

    name: str
    label: str
    icon: str
    roles: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Way:
    """An entry as this reader sees it."""

    label: str
    icon: str
    url: str
    current: bool


#: Who reads what the board reads, and so finds its meetings.
BOARDROOM = tuple(sorted(READ_ALL))
NAVIGATION: Sequence[tuple[str, Sequence[Entry]]] = (
    ("", (Entry("governance:home", "Home", icon="home"), Entry("inbox:inbox", "Inbox", icon="inbox"))),
    (
        "Register",
        (
            Entry("catalog:interfaces", "Interfaces", icon="arrows-exchange"),
            Entry("catalog:systems", "Systems", icon="server"),
            Entry("contracts:contracts", "Contracts", icon="file-certificate"),
            Entry("catalog:findings", "Findings", icon="flag"),
        ),
    ),
    (
        "Decide",
        (
            Entry("approvals:changes", "Changes", icon="git-pull-request"),
            Entry("approvals:meetings", "Meetings", icon="users-group", roles=BOARDROOM),
            Entry("approvals:calendar", "Calendar", icon="calendar"),
            Entry("approvals:templates", "Standard changes", icon="template"),
            Entry("approvals:waivers", "Waivers", icon="hourglass"),
            Entry("governance:tables", "Decision tables", icon="table"),
        ),
    ),
    (
        "Watch",
        (
            Entry("observability:health", "Health", icon="activity-heartbeat"),
            Entry("observability:scorecard", "Scorecard", icon="chart-bar"),
        ),
    ),
    (
        "Govern",
        (
            Entry("governance:people", "People and board", icon="users"),
            Entry("governance:audit", "Audit", icon="history", roles=(Role.AUDITOR,)),
            Entry("governance:webhooks", "Webhooks", icon="webhook", roles=(Role.PLATFORM_ADMIN, Role.AUDITOR)),
            Entry("api-docs", "API", icon="code"),
        ),
    ),
)


def address(name: str, **kwargs: Any) -> str:
    """A page's address, or nothing while no app offers it."""
    try:
        return reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return ""


def navigation(request: HttpRequest) -> list[tuple[str, list[Way]]]:
    """The groups of entries that the reader may use; those of pages that do not exist are left out."""
    roles = roles_of(request.user)
    offered = [
        (title, [(entry, address(entry.name)) for entry in entries if not entry.roles or roles & set(entry.roles)])
        for title, entries in NAVIGATION
    ]
    current = nearest([url for _, entries in offered for _, url in entries], request.path)
    shown = [
        (title, [Way(entry.label, entry.icon, url, url == current) for entry, url in entries if url])
        for title, entries in offered
    ]
    return [(title, ways) for title, ways in shown if ways]


def nearest(urls: Sequence[str], path: str) -> str:
    """The entry whose address is the longest beginning of ``path``; Home only for itself."""
    within = [url for url in urls if url and (path == url or (url != "/" and path.startswith(url)))]
    return max(within, key=len, default="")


def role_labels(user: Any) -> list[str]:
    return [Role(role).label for role in sorted(roles_of(user))]


def shell(request: HttpRequest) -> dict[str, Any]:
    """The context processor. Everything that asks the database is lazy: a fragment does not pay for the frame."""
    user = getattr(request, "user", None)
    seen: dict[str, Any] = {"request_id": origin().request_id, "demo_accounts": SimpleLazyObject(demo_accounts)}
    if user is None or not user.is_authenticated:
        return seen
    return seen | {
        "navigation": SimpleLazyObject(lambda: navigation(request)),
        "search_url": address("governance:search"),
        "unread": SimpleLazyObject(lambda: unread_notices(user).count()),
        "my_roles": SimpleLazyObject(lambda: role_labels(user)),
    }


def demo_accounts() -> dict[str, Any]:
    """Whom one can sign in as in the demonstration: only with the setting DEMO, and only what its own file lists."""
    path = settings.BASE_DIR / "demo" / "accounts.json"
    if not settings.DEMO or not path.exists():
        return {}
    people = json.loads(path.read_text(encoding="utf-8"))
    for one in people:
        one["fill"] = urlencode({"login": one["username"], "password": one["password"]})
    passwords = {one["password"] for one in people}
    return {"people": people, "password": passwords.pop() if len(passwords) == 1 else ""}
