"""Everyone's inbox: what is asked of me now, what of mine waits on others, which of my votes are stale."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponseBase
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.doors.pages import Facet, page_of, render_page

from ..domain.inbox import TABS, inbox_counts, inbox_of, inbox_rows, with_inbox_shown
from ..models import ChangeClass, ChangeType

LABELS = {"mine": "For me", "waiting": "Waiting on others", "stale": "Stale votes"}
SORTS = {
    "key": "key",
    "lead": ("lead_ends", "key"),
    "window": ("window_start", "lead_ends", "key"),
    "risk": ("risk_score", "key"),
    "tier": ("tier", "key"),
    "class": ("change_class", "key"),
}
FACETS = [
    Facet("class", "Class", ChangeClass.choices, "change_class"),
    Facet("type", "Type", ChangeType.choices, "change_type"),
]
SEARCHED = ("key", "title")
PAGE_SIZE = 25


@login_required
@require_safe
def inbox(request: HttpRequest, tab: str = "mine") -> HttpResponseBase:
    """One tab; the least lead time first, unless the address sorts otherwise."""
    now, reader = timezone.now(), request.user
    counts = inbox_counts(reader, now=now)
    changes = with_inbox_shown(inbox_of(reader, tab, now=now))
    page = page_of(changes, request, sorts=SORTS, default="lead", facets=FACETS, search=SEARCHED, size=PAGE_SIZE)
    if not page.filtered:
        page.total = counts[tab]
    context = {
        "page": page,
        "tab": tab,
        "rows": inbox_rows(page.rows, reader, now=now),
        "sections": [(address(name), f"{LABELS[name]} {counts[name]}") for name in TABS],
        "current": address(tab),
    }
    return render_page(request, "approvals/inbox.html", context=context)


def address(tab: str) -> str:
    return reverse("inbox:inbox" if tab == "mine" else f"inbox:{tab}")
