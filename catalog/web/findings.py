"""Findings: the list, one finding with its history, and what the reader may say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from governance.domain.audit import history_of
from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import Facet, csv_response, page_of, render_page
from governance.kernel.errors import DomainError

from ..domain.findings import (
    REPORTED,
    dismiss_finding,
    finding_named,
    findings_of,
    fix_finding,
    report_finding,
    restore_finding,
)
from ..lifecycle import FINDING
from ..models import DomainKey, Finding, Interface, Severity
from .forms import FindingForm
from .steps import step

FACETS = (
    Facet("state", "State", FINDING.choices),
    Facet("severity", "Severity", Severity.choices),
    Facet("domain", "Domain", DomainKey.choices, "interface__provider__domain__key"),
    Facet("code", "Code", lookup="code__iexact", kind="text"),
)
SORTS = {
    "standing": ("standing", "rank", "-found_at"), "interface": ("interface__key", "rank"), "code": ("code", "rank"),
    "severity": ("rank", "-found_at"), "found": "found_at",
}  # fmt: skip
COLUMNS = (
    "interface",
    "name",
    "domain",
    "severity",
    "state",
    "code",
    "message",
    "source",
    "waiver",
    "found",
    "settled",
)
SAID: dict[str, tuple[Callable[..., Finding], str]] = {
    "fix": (fix_finding, "It is fixed."),
    "dismiss": (dismiss_finding, "It is dismissed and is not raised again."),
    "restore": (restore_finding, "It is open again."),
}


@login_required
@require_safe
def findings(request: HttpRequest) -> HttpResponseBase:
    """What contradicts policy among the interfaces that the reader may see; what stands comes first."""
    page = page_of(
        findings_of(request.user), request, sorts=SORTS, default="standing", facets=FACETS,
        search=("interface__key", "interface__name", "message"),
    )  # fmt: skip
    if request.GET.get("format") == "csv":
        return csv_response("findings.csv", COLUMNS, lines_of(page.queryset))
    return render_page(request, "catalog/findings.html", context={"page": page})


def lines_of(rows: QuerySet[Finding]) -> Iterator[list[Any]]:
    for one in rows.iterator(chunk_size=500):
        about = one.interface
        yield [
            about.key, about.name, about.provider.domain.key, one.severity, one.state, one.code, one.message,
            one.source, one.waiver, one.found_at, one.settled_at,
        ]  # fmt: skip


@login_required
@require_safe
def finding(request: HttpRequest, pk: str) -> HttpResponse:
    """One finding: what was found, by what, and what became of it."""
    return show_finding(request, finding_named(request.user, pk))


def show_finding(request: HttpRequest, shown: Finding, *, status: int = 200) -> HttpResponse:
    may = {
        "fix": shown.code == REPORTED and shown.state == "OPEN" and can(request.user, "fix", shown),
        "dismiss": shown.state == "OPEN" and can(request.user, "dismiss", shown),
        "restore": shown.state in ("FIXED", "FALSE_POSITIVE") and can(request.user, "restore", shown),
    }
    context = {"finding": shown, "may": may, "details": shown.details.items(), "events": history_of(shown)}
    return render_page(request, "catalog/finding.html", context=context, status=status)


@login_required
@require_POST
def judge_finding(request: HttpRequest, pk: str, verb: str) -> HttpResponse:
    """Fixed, never one, or one after all: with the reason."""
    if verb not in SAID:
        raise Http404(f"A finding has no move '{verb}'.")
    command, said = SAID[verb]
    shown = finding_named(request.user, pk)
    try:
        command(shown, reason=request.POST.get("reason", ""), now=timezone.now(), actor=request.user)
    except DomainError as error:
        request.refusal = error  # type: ignore[attr-defined]
        return show_finding(request, finding_named(request.user, pk), status=status_of(error))
    messages.success(request, said)
    return redirect("catalog:finding", pk)


def run_report(interface: Interface, form: FindingForm, **by: Any) -> str:
    return f"Kept as a finding: {report_finding(interface, **form.cleaned_data, **by).get_severity_display().lower()}."


report = step("findings", "finding_form", lambda request: FindingForm(request.POST, prefix="finding"), run_report)
