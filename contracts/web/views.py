"""The contract pages: what is promised, how versions differ, who relies on it, and a place to try a payload."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from catalog.domain.lookups import interface_named
from governance.domain.audit import history_of
from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import Facet, csv_response, page_of, render_page
from governance.kernel.errors import DomainError

from ..domain.attaching import attach_contract
from ..domain.checking import preview_candidate
from ..domain.payloads import validate_text
from ..domain.queries import (
    contract_named,
    contract_on,
    contract_page,
    contracts_of,
    diff_of,
    document_lines,
    version_of,
)
from ..domain.rules import attaches, writes
from ..domain.versions import reopen_version, submit_version
from ..models import CompatibilityMode, FormatName
from .forms import DocumentForm, refuse

SORTS = {"key": "key", "name": "interface__name", "format": ("format", "key"), "mode": ("mode", "key")}
HEADER = ["Key", "Interface", "Format", "Mode", "Published", "Newest", "State of the newest"]


@login_required
@require_safe
def contracts(request: HttpRequest) -> HttpResponse:
    """What the interfaces that the reader may see promise."""
    facets = [
        Facet("in", "Format", FormatName.choices, lookup="format"),
        Facet("mode", "Mode", CompatibilityMode.choices),
    ]
    page = page_of(
        contracts_of(request.user), request, sorts=SORTS, default="key", facets=facets,
        search=("key", "interface__name"),
    )  # fmt: skip
    if request.GET.get("format") == "csv":
        rows = (
            [one.key, one.interface.name, one.get_format_display(), one.mode, one.published_version,
             one.newest_version, one.newest_state]
            for one in page.queryset.iterator()
        )  # fmt: skip
        return csv_response("contracts.csv", HEADER, rows)
    return render_page(request, "contracts/contracts.html", context={"page": page})


@login_required
@require_safe
def contract(request: HttpRequest, key: str) -> HttpResponse:
    """One contract; ``?old=`` and ``?new=`` choose the versions that are laid side by side."""
    shown = contract_page(request.user, key)
    numbers = [version.version for version in shown.all_versions]
    new = asked(request, "new", numbers, default=0)
    old = asked(request, "old", numbers, default=1)
    context = {
        "contract": shown, "numbers": numbers, "old": old, "new": new, "may_write": writes(request.user, shown),
        "diff": side_by_side(request, key, old, new), "events": list(history_of(shown).order_by("-seq")[:50]),
        "published": next((one for one in shown.all_versions if one.state == "PUBLISHED"), None),
    }  # fmt: skip
    return render_page(request, "contracts/contract.html", "contracts/_diff.html", context)


def asked(request: HttpRequest, name: str, numbers: list[str], *, default: int) -> str:
    """The version that the address names, or the one that it would be natural to look at."""
    given = request.GET.get(name, "")
    if given in numbers:
        return given
    return numbers[default] if len(numbers) > default else ""


def side_by_side(request: HttpRequest, key: str, old: str, new: str) -> Any:
    if not old or not new or old == new:
        return None
    return diff_of(version_of(request.user, key, old), version_of(request.user, key, new))


@login_required
@require_safe
def version(request: HttpRequest, key: str, number: str) -> HttpResponse:
    """One version: its document, and what the comparison said, beside the lines it speaks of."""
    shown = version_of(request.user, key, number)
    context = {
        "version": shown, "contract": shown.contract, "lines": document_lines(shown), "result": shown.report.result,
        "may_submit": shown.state == "DRAFT" and can(request.user, "submit", shown),
        "may_reopen": shown.state == "REJECTED" and can(request.user, "reopen", shown),
        "events": list(history_of(shown).order_by("-seq")[:50]),
    }  # fmt: skip
    return render_page(request, "contracts/version.html", context=context)


@login_required
@require_POST
def submit(request: HttpRequest, key: str, number: str) -> HttpResponse:
    """Hand a draft to review."""
    shown = submit_version(version_of(request.user, key, number), now=timezone.now(), actor=request.user)
    messages.success(request, f"{shown} is in review; its document is fixed from now on.")
    return redirect("contracts:version", key=key, number=number)


@login_required
@require_POST
def reopen(request: HttpRequest, key: str, number: str) -> HttpResponse:
    """Ask for a rejected version again."""
    shown = reopen_version(version_of(request.user, key, number), now=timezone.now(), actor=request.user)
    messages.success(request, f"{shown} is in review again, unchanged.")
    return redirect("contracts:version", key=key, number=number)


@login_required
@require_POST
def try_payload(request: HttpRequest, key: str) -> HttpResponse:
    """Hold what was pasted against a version; nothing of it is stored, logged or shown again."""
    shown = contract_named(request.user, key)
    number, text = request.POST.get("version", ""), request.POST.get("payload", "")
    try:
        result = validate_text(shown, text.encode("utf-8", "replace"), version=number or None, actor=request.user)
    except DomainError as refused:
        return render(request, "contracts/_tried.html", {"refused": refused}, status=status_of(refused))
    return render(request, "contracts/_tried.html", {"result": result})


@login_required
def attach(request: HttpRequest, key: str) -> HttpResponse:
    """The interface's contract, or its next version, as a draft: typed, pasted or uploaded."""
    interface = interface_named(request.user, key)
    present = contract_on(interface)
    form = DocumentForm(request.POST or None, request.FILES or None, fixed=present is not None)
    context = {"interface": interface, "contract": present, "form": form, "may": attaches(request.user, interface)}
    if request.method != "POST":
        return render_page(request, "contracts/attach.html", context=context)
    status = 422
    if form.is_valid():
        try:
            made = attach_contract(interface, **values_of(form), now=timezone.now(), actor=request.user)
        except DomainError as refused:
            refuse(form, refused)
            status = status_of(refused)
        else:
            return redirect("contracts:version", key=made.contract.key, number=made.version)
    return render_page(request, "contracts/attach.html", context=context, status=status)


def values_of(form: DocumentForm) -> dict[str, Any]:
    given = form.cleaned_data
    return {
        "format": given.get("format", FormatName.JSON_SCHEMA),
        "mode": given.get("mode", CompatibilityMode.BACKWARD),
        "version": given["version"],
        "text": form.bytes_given,
        "notes": given["notes"],
    }


@login_required
@require_POST
def check(request: HttpRequest, key: str) -> HttpResponse:
    """What is typed so far, checked: beside the form while it is written. Nothing is stored."""
    text, interface = request.POST.get("text", ""), interface_named(request.user, key)
    if not text.strip():
        return render(request, "contracts/_checked.html")
    format_name, mode = request.POST.get("format", ""), request.POST.get("mode", "")
    try:
        result = preview_candidate(
            interface,
            format=format_name if format_name in FormatName.values else FormatName.JSON_SCHEMA,
            mode=mode if mode in CompatibilityMode.values else CompatibilityMode.BACKWARD,
            text=text.encode("utf-8", "replace"),
            version=request.POST.get("version", "").strip() or None,
            actor=request.user,
        )
    except DomainError as refused:
        return render(request, "contracts/_checked.html", {"refused": refused}, status=status_of(refused))
    return render(request, "contracts/_checked.html", {"result": result})
