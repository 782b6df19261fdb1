"""Audit packs for the auditor: a quarter as one signed file, the key to compare, and the program that verifies it."""

from __future__ import annotations

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from ..domain.packing import export_quarter, own_key, own_verifier, recorded_quarters
from ..doors.packs import pack_response
from ..doors.pages import render_page
from .audit import require_auditor


@login_required
@require_safe
def packs(request: HttpRequest) -> HttpResponse:
    """What a pack is, the quarters to export, and how anybody verifies one without this installation."""
    require_auditor(request)
    asked = request.GET.get("quarter")
    if asked:
        return redirect("governance:audit-pack", quarter=asked)
    context = {"quarters": recorded_quarters(actor=request.user), "key": own_key()}
    return render_page(request, "governance/audit_packs.html", context=context)


@login_required
@require_safe
def quarter(request: HttpRequest, quarter: str) -> FileResponse:
    return pack_response(export_quarter(quarter, now=timezone.now(), actor=request.user))


@login_required
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The program that verifies a pack; whoever holds a pack may have it."""
    answer = HttpResponse(own_verifier(), content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_pack.py"'
    return answer
