"""The audit trail as an auditor reads it: the whole chain filtered, one record's story, and a file of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from ..domain.auditing import audit_trail, audited_kinds, end_of_chain, events_about
from ..domain.rules import has_role
from ..doors.pages import Facet, csv_response, page_of, render_page
from ..kernel.errors import NotAllowed
from ..models import Role
from .looks import record_words

SORTS = {"at": "seq", "actor": ("actor_label", "seq"), "action": ("action", "seq"), "subject": ("subject_label", "seq")}
LONGEST_STORY = 500
DOORS = [("UI", "A page"), ("API", "The API"), ("CLI", "A command line"), ("JOB", "The clock")]
COLUMNS = (
    "seq", "at", "recorded_at", "actor_id", "actor_label", "on_behalf_of_id", "on_behalf_of_label", "via", "request_id",
    "action", "subject_type", "subject_id", "subject_label", "before", "after", "reason", "mandate", "hash",
)  # fmt: skip


def require_auditor(request: HttpRequest) -> None:
    """The whole trail names everyone and everything: only an auditor reads it. Raises ``NotAllowed``."""
    if not has_role(request.user, Role.AUDITOR):
        raise NotAllowed("Only an auditor reads the whole audit trail. Each record's page shows its own history.")


def facets() -> list[Facet]:
    return [
        Facet("type", "Kind of record", [(name, record_words(name)) for name in audited_kinds()], "subject_type"),
        Facet("actor", "Who", lookup="actor_label__icontains", kind="text"),
        Facet("action", "Action", lookup="action__icontains", kind="text"),
        Facet("via", "Door", DOORS),
        Facet("from", "From", lookup="at__gte", kind="date"),
        Facet("to", "To", lookup="at__lte", kind="date"),
    ]


@login_required
@require_safe
def audit(request: HttpRequest) -> HttpResponseBase:
    """Who did what to which record, for whom, through which door, under which mandate, and why."""
    require_auditor(request)
    searched = ("subject_label", "subject_id", "reason", "request_id", "mandate")
    page = page_of(
        audit_trail(actor=request.user), request, sorts=SORTS, default="-at", facets=facets(), search=searched
    )
    if request.GET.get("format") == "csv":
        return csv_response("audit.csv", COLUMNS, csv_rows(page.queryset))
    head, sealed = end_of_chain()
    context = {"page": page, "head": head, "sealed": sealed}
    return render_page(request, "governance/audit.html", context=context)


def csv_rows(events: Any) -> Iterator[list[Any]]:
    for event in events.iterator(chunk_size=1000):
        yield [written(getattr(event, name)) for name in COLUMNS]


def written(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else value


@login_required
@require_safe
def story(request: HttpRequest, subject_type: str, subject_id: str) -> HttpResponseBase:
    """Everything that was ever done to one record, oldest first; the record itself may be gone."""
    require_auditor(request)
    events = list(events_about(subject_type, subject_id, actor=request.user)[:LONGEST_STORY])
    if not events:
        raise Http404(f"Nothing is recorded about {subject_type} {subject_id}.")
    context = {"events": events, "subject": events[-1], "cut": len(events) == LONGEST_STORY}
    return render_page(request, "governance/audit_story.html", context=context)
