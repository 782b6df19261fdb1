"""Asking the board: for a new interface, for a change of one in force, for a contract version; in one go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods

from catalog.domain.lookups import interface_named
from catalog.models import Interface
from contracts.domain.queries import version_of
from governance.domain.rules import require
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError, NotReady
from governance.kernel.findings import Finding

from ..domain.composing import asks_of
from ..domain.decided import submission_blockers
from ..domain.items import ItemSpec, check_not_in_another_change
from ..domain.pieces import missing_evidence, missing_sentence
from ..domain.requests import ask_for_change, errors_of_ask
from ..domain.requirements import ChangePlan, plan_for_interface
from ..models import ChangeItem, ChangeRequest
from .forms import AskForm, FactsForm, base_of, refuse


@login_required
@require_http_methods(["GET", "POST"])
def submit_interface(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for a proposed interface to come into force."""
    interface = interface_named(request.user, key)
    require(request.user, "submit", interface)
    spec = ItemSpec(interface, "CREATE")
    return ask(request, [spec], interface=interface, change_type="NEW_INTERFACE", title=interface.name)


@login_required
@require_http_methods(["GET", "POST"])
def submit_version(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """Ask for a contract version to be promised."""
    found = version_of(request.user, key, version)
    interface = interface_named(request.user, found.contract.interface.key)
    require(request.user, "submit", interface)
    title = f"{interface.name} {found.version}"
    return ask(request, [ItemSpec(found, "CREATE")], interface=interface, change_type="CONTRACT_VERSION", title=title)


@login_required
@require_http_methods(["GET", "POST"])
def change_new(request: HttpRequest, key: str) -> HttpResponse:
    """Ask for other values of an interface in force: what differs from the record is the change."""
    interface = interface_named(request.user, key)
    require(request.user, "submit", interface)
    facts = FactsForm(request.POST or None, base=base_of(interface))
    patch = facts.patch() if facts.is_bound and facts.is_valid() else {}
    spec = ItemSpec(interface, "UPDATE", patch)
    return ask(request, [spec], interface=interface, change_type="MODIFY", title=interface.name, facts=facts)


def ask(
    request: HttpRequest,
    specs: Sequence[ItemSpec],
    *,
    interface: Interface,
    change_type: str,
    title: str,
    facts: FactsForm | None = None,
) -> HttpResponse:
    """The form with what policy will ask; posted, the change is open and submitted, or nothing was written."""
    breaking = any(getattr(spec.subject, "level", "") == "MAJOR" for spec in specs)
    planned = plan_for_interface(interface, change_type=change_type, breaking=breaking)
    page = {"interface": interface, "facts": facts, "planned": planned, "change_type": change_type, "title": title}
    if request.method == "GET":
        form = AskForm(evidence=list(planned.plan.evidence))
        return form_page(request, form, page | {"blockers": blockers_of(specs)}, refusal=taken(specs))
    form = AskForm(given_by(request), evidence=list(planned.plan.evidence))
    sound = all([form.is_valid(), facts is None or facts.is_valid()])
    said = {"title": title, **form.values()}
    blockers = blockers_of(specs)
    if blockers or not sound:
        lead = planned.plan.lead_hours
        wrong = errors_of_ask(change_type=change_type, lead_hours=lead, now=timezone.now(), actor=request.user, **said)
        for name in wrong.keys() & form.fields.keys() - form.errors.keys():
            form.add_error(name, wrong[name])
        status = status_of(NotReady("")) if sound and not form.errors else 400
        return form_page(request, form, page | {"blockers": blockers, "tried": True}, status=status)
    try:
        change = ask_for_change(
            change_type=change_type, items=specs, now=timezone.now(), actor=request.user, **said
        )  # fmt: skip
    except DomainError as error:
        refuse(form, error)
        if facts is not None:
            beside = {name: sentences for name, sentences in error.errors.items() if name in facts.fields}
            for name, sentences in beside.items():
                facts.add_error(name, sentences)
        return form_page(request, form, page, status=status_of(error))
    messages.success(request, f"{change.key} is submitted: {waiting_words(change)}")
    return redirect("approvals:change", change.key)


def given_by(request: HttpRequest) -> QueryDict:
    """What was posted; the short form on the interface's page has one field for the window."""
    given = request.POST.copy()
    if "window" in given:
        given.setdefault("window_start", given["window"])
    return given


#: Where on the interface's page a blocker is put right, and what is done there.
PLACES = {
    "owners": ("owners", "Name the owners"),
    "patterns": ("facts", "See the facts"),
    "data_classes": ("facts", "See the facts"),
    "decision": ("decision", "Open the decision"),
}


@dataclass(frozen=True, slots=True)
class Blocker:
    """What blocks the submission of a new interface, with the place on its page and the link's words."""

    finding: Finding
    interface: Interface
    place: str
    words: str


def blockers_of(specs: Sequence[ItemSpec | ChangeItem]) -> list[Blocker]:
    """Everything that blocks the submission of what is asked for, of a form or of a change that is written already."""
    created = [one.subject for one in specs if one.operation == "CREATE" and isinstance(one.subject, Interface)]
    return [Blocker(one, made, *PLACES[one.where]) for made in created for one in submission_blockers(made)]


def taken(specs: Sequence[ItemSpec]) -> DomainError | None:
    """Another change that carries it already, said before anything is typed."""
    try:
        check_not_in_another_change([spec.subject for spec in specs], besides=ChangeRequest(key="-"))
    except DomainError as refusal:
        return refusal
    return None


def waiting_words(change: ChangeRequest) -> str:
    if change.state == "ASSESS":
        missing = missing_sentence(missing_evidence(change))
        return f"it waits. {missing}" if missing else "it waits for a decision, or for somebody to be named."
    return f"its voters are asked, and the lead time of {change.lead_hours} h runs."


def form_page(
    request: HttpRequest,
    form: forms.Form,
    page: dict[str, Any],
    *,
    refusal: DomainError | None = None,
    status: int = 200,
) -> HttpResponse:
    planned: ChangePlan = page["planned"]
    context = {"form": form, "refusal": refusal, "asks": asks_of(planned), **page}
    return render_page(request, "approvals/ask.html", context=context, status=status)
