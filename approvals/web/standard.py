"""Standard changes for people: the catalogue of templates, one template, a draft of one, and asking by one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.domain.facts import json_value
from catalog.domain.lookups import interface_named
from catalog.models import Interface
from governance.domain.audit import history_of
from governance.domain.rules import can, require
from governance.doors.http import status_of
from governance.doors.pages import Facet, page_of, render_page
from governance.kernel.errors import DomainError, Invalid

from ..domain.class_queries import (
    allowed_words,
    changes_by,
    possible_samples,
    samples_among,
    samples_of,
    template_named,
    templates_for,
    templates_of,
)
from ..domain.standard import ask_for_standard_change, draft_template, record_of, submit_template
from ..domain.templates import retire_template, suspend_template
from ..lifecycle import TEMPLATE
from ..models import ChangeType, StandardChangeTemplate
from .class_forms import ReasonOnlyForm, StandardForm, TemplateForm
from .forms import refuse
from .shown import label_of

SORTS = {"title": "title", "state": ("state", "title"), "type": ("change_type", "title")}


@login_required
@require_safe
def templates(request: HttpRequest) -> HttpResponse:
    """What may be changed without a vote, and what is on its way there."""
    facets = [Facet("state", "State", TEMPLATE.choices), Facet("type", "Type", ChangeType.choices, "change_type")]
    page = page_of(
        templates_of(request.user), request, sorts=SORTS, default="title", facets=facets, search=("key", "title")
    )
    rows = [(one, allowed_labels(one), record_of(one)) for one in page.rows]
    context = {"page": page, "rows": rows, "may_draft": can(request.user, "draft", StandardChangeTemplate)}
    return render_page(request, "approvals/templates.html", context=context)


def allowed_labels(template: StandardChangeTemplate) -> list[tuple[str, str]]:
    """The allow-list with the names that people use for the fields."""
    return [(label_of(name), said) for name, said in allowed_words(template)]


@login_required
@require_safe
def template(request: HttpRequest, key: str) -> HttpResponse:
    return show(request, template_named(request.user, key))


def show(request: HttpRequest, row: StandardChangeTemplate, *, refusal: DomainError | None = None) -> HttpResponse:
    """One template: what it lets through, from what it grew, and how its changes have gone."""
    actor = request.user
    context = {
        "template": row,
        "allowed": allowed_labels(row),
        "samples": samples_of(actor, row),
        "changes": changes_by(actor, row),
        "record": record_of(row),
        "events": list(history_of(row)),
        "refusal": refusal,
        "may": {
            "submit": row.state in ("DRAFT", "SUSPENDED") and can(actor, "submit", row),
            "suspend": row.state == "ACTIVE" and can(actor, "suspend", row),
            "retire": row.state in ("DRAFT", "ACTIVE", "SUSPENDED") and can(actor, "retire", row),
        },
    }
    return render_page(
        request, "approvals/template.html", context=context, status=status_of(refusal) if refusal else 200
    )


@login_required
@require_http_methods(["GET", "POST"])
def draft(request: HttpRequest) -> HttpResponse:
    """Grow a template: choose the changes that went well, and say what may be set and how far."""
    require(request.user, "draft", StandardChangeTemplate)
    form = TemplateForm(request.POST or None, samples=possible_samples(request.user))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            said = form.values()
            samples = samples_among(request.user, said.pop("samples"))
            try:
                made = draft_template(samples=samples, **said, now=timezone.now(), actor=request.user)
            except DomainError as error:
                refuse(form, error)
                status = status_of(error)
            else:
                messages.success(request, f"{made} is drafted. Submit it when it is right.")
                return redirect("approvals:template", made.key)
    return render_page(request, "approvals/template_form.html", context={"form": form}, status=status)


def act(request: HttpRequest, key: str, command: Callable[..., Any], form: forms.Form, said: str) -> HttpResponse:
    """Run one command on the template and show it as it then is; refused: the sentence on top."""
    row = template_named(request.user, key)
    try:
        if not form.is_valid():
            wrong = {name: list(map(str, sentences)) for name, sentences in form.errors.items()}
            raise Invalid("Nothing was changed yet: look at what is marked.", errors=wrong)
        made = command(row, **form.cleaned_data, now=timezone.now(), actor=request.user)
    except DomainError as error:
        return show(request, template_named(request.user, key), refusal=error)
    messages.success(request, said.format(template=row, made=made))
    return redirect("approvals:template", key)


@login_required
@require_POST
def submit(request: HttpRequest, key: str) -> HttpResponse:
    return act(request, key, submit_template, forms.Form(request.POST), "{made.key} asks the board to approve it.")


@login_required
@require_POST
def suspend(request: HttpRequest, key: str) -> HttpResponse:
    return act(request, key, suspend_template, ReasonOnlyForm(request.POST), "{template} is suspended.")


@login_required
@require_POST
def retire(request: HttpRequest, key: str) -> HttpResponse:
    return act(request, key, retire_template, forms.Form(request.POST), "{template} is retired.")


@login_required
@require_safe
def choose(request: HttpRequest, interface: str) -> HttpResponse:
    """The templates by which this interface may be changed without a vote."""
    found = interface_named(request.user, interface)
    require(request.user, "submit", found)
    offered = [(one, allowed_labels(one), record_of(one)) for one in templates_for(request.user, found)]
    return render_page(request, "approvals/standard_choose.html", context={"interface": found, "offered": offered})


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, key: str, interface: str) -> HttpResponse:
    """New values inside the template's ranges, and when; posted, it is scheduled or operations are asked."""
    row, found = template_named(request.user, key), interface_named(request.user, interface)
    require(request.user, "submit", found)
    form = StandardForm(request.POST or None, template=row, base=values_of(row, found))
    status, refusal = 200, None
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                change = ask_for_standard_change(
                    row, interface=found, patch=form.patch(), **form.when(), now=timezone.now(), actor=request.user
                )
            except DomainError as error:
                refuse(form, error)
                status, refusal = status_of(error), error
            else:
                messages.success(request, f"{change.key} {WAITS[change.state]}.")
                return redirect("approvals:change", change.key)
    context = {"template": row, "interface": found, "form": form, "refusal": refusal}
    return render_page(request, "approvals/standard.html", context=context, status=status)


WAITS = {
    "SCHEDULED": "is authorised by its template and scheduled",
    "AUTHORIZE": "falls inside a freeze: operations are asked",
}


def values_of(template: StandardChangeTemplate, interface: Interface) -> dict[str, Any]:
    return {name: json_value(getattr(interface, name, None)) for name in template.allowed}
