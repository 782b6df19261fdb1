"""What people do to emergencies and findings beyond voting: propose a verdict, and ask for the way back."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from catalog.domain.lookups import interface_named
from governance.domain.rules import require
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError

from ..domain.queries import change_page
from ..domain.reverting import revert_change
from ..domain.unauthorized import open_unauthorized_change, propose_verdict
from ..models import ChangeRequest
from .acting import run
from .change import show
from .class_forms import FindingForm, VerdictForm
from .forms import refuse


@login_required
@require_POST
def verdict(request: HttpRequest, key: str) -> HttpResponse:
    said = f"Those who are asked about {key} vote on your verdict now."
    return run(request, key, propose_verdict, VerdictForm(request.POST), name="verdict", said=said)


@login_required
@require_POST
def revert(request: HttpRequest, key: str) -> HttpResponse:
    """A draft that undoes the change; the reader is led to it."""
    row = change_page(request.user, key)
    try:
        made = revert_change(row, now=timezone.now(), actor=request.user)
    except DomainError as error:
        return show(request, change_page(request.user, key), refusal=error)
    messages.success(request, f"{made.key} is drafted: it undoes {key}. Submit it when it is right.")
    return redirect("approvals:change", made.key)


@login_required
@require_http_methods(["GET", "POST"])
def report(request: HttpRequest, interface: str) -> HttpResponse:
    """Say that the world contradicts the record."""
    require(request.user, "open_unauthorized", ChangeRequest)
    found = interface_named(request.user, interface)
    form = FindingForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                change = open_unauthorized_change(found, found=form.found(), now=timezone.now(), actor=request.user)
            except DomainError as error:
                refuse(form, error)
                status = status_of(error)
            else:
                messages.success(request, f"{change.key} is opened; its owner and clinical IT are told.")
                return redirect("approvals:change", change.key)
    context = {"interface": found, "form": form}
    return render_page(request, "approvals/report.html", context=context, status=status)
