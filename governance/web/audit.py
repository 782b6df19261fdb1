"""The audit trail as an auditor reads it: the whole chain filtered, one record's story, and a file of it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from django.apps import apps
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponseBase
from django.views.decorators.http import require_safe

from ..domain.rules import has_role
from ..doors.pages import Facet, csv_response, page_of, render_page
from ..kernel.errors import NotAllowed
from ..models import AuditEvent, AuditHead, AuditSeal, Role

SORTS = {"at": "seq", "actor": ("actor_label", "seq"), "action": ("action", "seq"), "subject": ("subject_label", "seq")}
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
    types = AuditEvent.objects.order_by("subject_type").values_list("subject_type", flat=True).distinct()
    return [
        Facet("type", "Kind of record", [(name, kind_of_record(name)) for name in types], "subject_type"),
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
    page = page_of(AuditEvent.objects.all(), request, sorts=SORTS, default="-at", facets=facets(), search=searched)
    if request.GET.get("format") == "csv":
        return csv_response("audit.csv", COLUMNS, csv_rows(page.queryset))
    context = {"page": page, "head": AuditHead.objects.first(), "sealed": AuditSeal.objects.order_by("seq").last()}
    return render_page(request, "governance/audit.html", context=context)


def csv_rows(events: Any) -> Iterator[list[Any]]:
    for event in events.iterator(chunk_size=1000):
        yield [written(getattr(event, name)) for name in COLUMNS]


def written(value: Any) -> Any:
    return json.dumps(value, ensure_ascii=False, sort_keys=True) if isinstance(value, dict) else value


def kind_of_record(label: str) -> str:
    """``approvals.calendarentry`` as people say it: "Calendar entry"; a kind that no longer exists keeps its label."""
    try:
        return apps.get_model(label)._meta.verbose_name.capitalize()
    except LookupError:
        return label


@login_required
@require_safe
def story(request: HttpRequest, subject_type: str, subject_id: str) -> HttpResponseBase:
    """Everything that was ever done to one record, oldest first; the record itself may be gone."""
    require_auditor(request)
    events = list(AuditEvent.objects.filter(subject_type=subject_type, subject_id=subject_id)[:500])
    if not events:
        raise Http404(f"Nothing is recorded about {subject_type} {subject_id}.")
    context = {"events": events, "subject": events[-1], "cut": len(events) == 500}
    return render_page(request, "governance/audit_story.html", context=context)
