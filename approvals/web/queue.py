"""The board's queue: what waits for me, what waits for others, what I wrote, what is scheduled, what is over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.doors.pages import Facet, csv_response, page_of, render_page
from governance.models import User

from ..domain.asked import asked_of
from ..domain.queries import changes_seen, changes_with_stale_vote, waiting_on, with_voters, written_by
from ..lifecycle import CHANGE
from ..models import ChangeClass, ChangeRequest, ChangeType
from .shown import TimeLeft

TABS = (
    ("to-vote", "To vote"),
    ("waiting", "Waiting on others"),
    ("mine", "Mine"),
    ("scheduled", "Scheduled"),
    ("emergencies", "Emergencies"),
    ("unauthorized", "Unauthorized"),
    ("review", "In review"),
    ("closed", "Closed"),
    ("all", "All"),
)
SORTS = {
    "key": "key",
    "title": "title",
    "state": ("state", "key"),
    "risk": ("risk_score", "key"),
    "submitted": ("submitted_at", "key"),
    "window": ("window_start", "implement_at", "submitted_at"),
    "deadline": ("ratify_by", "review_by", "key"),
}
#: How a tab is ordered unless its address says otherwise; the others by when they may be done.
DEFAULT_SORTS = {"closed": "-submitted", "all": "-submitted", "emergencies": "deadline", "unauthorized": "deadline"}
FACETS = [
    Facet("state", "State", CHANGE.choices),
    Facet("type", "Type", ChangeType.choices, "change_type"),
    Facet("class", "Class", ChangeClass.choices, "change_class"),
]
SEARCHED = ("key", "title", "requester__display_name", "items__interface__key")
COLUMNS = (
    "key", "title", "class", "type", "state", "interfaces", "waits_for", "risk", "requester", "submitted_at",
    "lead_hours", "window_start", "window_end", "implement_at", "implemented_at", "outcome",
)  # fmt: skip


def in_tab(tab: str, actor: User, mine: QuerySet[ChangeRequest]) -> Q:
    """The question that a tab asks; ``mine`` are the changes that ask the actor."""
    asked = Q(pk__in=mine.values("pk"))
    return {
        "to-vote": asked,
        "waiting": Q(state__in=["SUBMITTED", "ASSESS", "AUTHORIZE"]) & ~asked,
        "mine": written_by(actor) & ~Q(state__in=["CLOSED", "CANCELLED"]),
        "scheduled": Q(state__in=["SCHEDULED", "IMPLEMENTING"]),
        "emergencies": Q(change_class="EMERGENCY") & ~Q(state__in=["CLOSED", "CANCELLED"]),
        "unauthorized": Q(change_class="UNAUTHORIZED") & ~Q(state="CLOSED"),
        "review": Q(state="REVIEW"),
        "closed": Q(state__in=["CLOSED", "REJECTED", "CANCELLED"]),
        "all": Q(),
    }[tab]


@login_required
@require_safe
def changes(request: HttpRequest, tab: str = "") -> HttpResponseBase:
    """One tab of the queue. Without a name: all changes when something is sought, else the first tab with something."""
    now = timezone.now()
    mine = asked_of(request.user, now=now)
    seen = changes_seen(request.user)
    counts = {name: seen.filter(in_tab(name, request.user, mine)).count() for name, _ in TABS}
    tab = tab or ("all" if is_sought(request) else next((name for name, _ in TABS if counts[name]), "to-vote"))
    asked = seen.filter(in_tab(tab, request.user, mine))
    default = DEFAULT_SORTS.get(tab, "window")
    page = page_of(
        with_voters(distinct(asked, request)), request, sorts=SORTS, default=default, facets=FACETS, search=SEARCHED
    )
    if request.GET.get("format") == "csv":
        return csv_response("changes.csv", COLUMNS, csv_rows(page.queryset))
    roles = waiting_on(page.rows, request.user, now=now)
    stale = changes_with_stale_vote(page.rows, request.user)
    context = {
        "page": page,
        "tab": tab,
        "rows": [(change, roles.get(change.pk), change.pk in stale, TimeLeft(change, now)) for change in page.rows],
        "sections": [(reverse(f"approvals:{name}"), f"{label} {counts[name]}") for name, label in TABS],
        "current": reverse(f"approvals:{tab}"),
    }
    return render_page(request, "approvals/changes.html", context=context)


def is_sought(request: HttpRequest) -> bool:
    """Does the address ask for something? Then no tab that it does not name may hide the answer."""
    return any(request.GET.get(name, "").strip() for name in ("q", *(facet.name for facet in FACETS)))


def distinct(changes: QuerySet[ChangeRequest], request: HttpRequest) -> QuerySet[ChangeRequest]:
    """A search looks into the items, of which a change may have several."""
    return changes.distinct() if request.GET.get("q", "").strip() else changes


def csv_rows(changes: QuerySet[ChangeRequest]) -> Iterator[list[Any]]:
    for change in changes.iterator(chunk_size=500):
        touched = [item.touched_interface for item in change.items.all()]
        waits = [need.label for need in change.requirements.all() if need.status in ("UNSATISFIED", "ERROR")]
        yield [
            change.key, change.title, change.change_class, change.change_type, change.state,
            " ".join(sorted({one.key for one in touched if one})), ", ".join(waits) if is_asked(change) else "",
            change.risk, change.requester, change.submitted_at, change.lead_hours, change.window_start,
            change.window_end, change.implement_at, change.implemented_at, change.outcome,
        ]  # fmt: skip


def is_asked(change: ChangeRequest) -> bool:
    return change.state in ("ASSESS", "AUTHORIZE")
