"""Asking for an interface: the form, and the panel beside it that says what policy makes of the answers so far."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from governance.domain.rules import require
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError, NotAllowed, NotFound

from ..domain.decisions import assess
from ..domain.drafts import read_draft
from ..domain.facts import facts_of
from ..domain.interfaces import register_interface, revise_interface
from ..domain.queries import interface_page, next_key, products_near, proposing_domains, similar_interfaces
from ..models import Interface
from ..patterns import PATTERN_LABELS
from .forms import refuse
from .panels import panel_of
from .request_form import InterfaceForm, initial_from, said_so_far


@login_required
@require_http_methods(["GET", "POST"])
def request_interface(request: HttpRequest) -> HttpResponse:
    """A new interface: empty, or started from a copy (``?copy=KEY``)."""
    if not proposing_domains(request.user).exists():
        raise NotAllowed("Architects request interfaces, in the domains of their teams. Ask one of them to request it.")
    if request.method == "GET":
        form = InterfaceForm(initial=copied(request), actor=request.user)
        return form_page(request, form)
    form = InterfaceForm(request.POST, actor=request.user)
    if not form.is_valid():
        return form_page(request, form, status=400)
    try:
        interface = register_interface(**form.values(), now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        return form_page(request, form, status=status_of(error))
    messages.success(request, f"{interface.key} is proposed. Name its owners, then the decision and the board follow.")
    return redirect("catalog:interface", interface.key)


def copied(request: HttpRequest) -> dict[str, Any]:
    """The answers of the interface to start from, under the next free key of its family."""
    named = request.GET.get("copy", "")
    if not named:
        return {"environments": ["TEST", "PROD"], "payload_mb": 1}
    original = interface_page(request.user, named)
    return {**initial_from(original), "key": next_key(original.key.split("-")[1])}


@login_required
@require_http_methods(["GET", "POST"])
def edit_interface(request: HttpRequest, key: str) -> HttpResponse:
    """Correct a proposal; from review on, facts change through the change request."""
    interface = interface_page(request.user, key)
    require(request.user, "edit", interface)
    if request.method == "GET":
        form = InterfaceForm(initial=initial_from(interface), actor=request.user, editing=interface)
        return form_page(request, form, editing=interface)
    form = InterfaceForm(request.POST, actor=request.user, editing=interface)
    if not form.is_valid():
        return form_page(request, form, editing=interface, status=400)
    seen = request.POST.get("revision", "")
    try:
        revise_interface(
            interface, revision=int(seen) if seen.isdecimal() else None, now=timezone.now(), actor=request.user,
            **form.values(),
        )  # fmt: skip
    except DomainError as error:
        refuse(form, error)
        fresh = interface_page(request.user, key)
        return form_page(request, form, editing=fresh, status=status_of(error))
    messages.success(request, f"{interface.key} is corrected.")
    return redirect("catalog:interface", interface.key)


def form_page(
    request: HttpRequest, form: InterfaceForm, *, editing: Interface | None = None, status: int = 200
) -> HttpResponse:
    answers = said_so_far(form.data) if form.is_bound else form.initial
    context = {"form": form, "editing": editing, "may_ask": True, **verdict_context(request, answers, of=editing)}
    return render_page(request, "catalog/request.html", context=context, status=status)


@login_required
@require_POST
def verdict_panel(request: HttpRequest) -> HttpResponse:
    """The panel for the answers so far; nothing is stored and no answer is too incomplete."""
    named = request.GET.get("of", "")
    editing = interface_page(request.user, named) if named else None
    context = verdict_context(request, said_so_far(request.POST), of=editing)
    return render(request, "catalog/_verdicts.html", {**context, "editing": editing, "live": True})


def verdict_context(request: HttpRequest, answers: Mapping[str, Any], *, of: Interface | None) -> dict[str, Any]:
    draft = read_draft(answers, actor=request.user)
    draft.patterns = [name for name in draft.patterns if name in PATTERN_LABELS]
    if of is not None:
        draft.origin = of.origin
    source = draft.source if draft.source_id else None
    target = draft.target if draft.target_id else None
    try:
        said = panel_of(assess(facts_of(draft), chosen=draft.patterns))
    except NotFound as nobody_decided:
        said = {"no_policy": nobody_decided.message}
    return {
        **said,
        "phi_outside": draft.phi and draft.external,
        "similar": similar_interfaces(request.user, source=source, target=target, exclude=of.key if of else ""),
        "products": products_near(request.user, source=source)[:1],
    }
