"""The steps of an interface's page: each posts, runs one command, and shows the page again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST

from governance.kernel.errors import DomainError

from ..domain.connections import add_endpoint, bind, subscribe
from ..domain.decisions import decide_pattern
from ..domain.interfaces import reopen_interface, withdraw_interface
from ..domain.owners import assign_owner
from ..domain.queries import interface_page
from ..domain.readiness import activate_interface, attest_fact, resume_interface, start_test, suspend_interface
from ..models import Interface
from .forms import ConsumerForm, DecideForm, EndpointForm, EvidenceForm, OwnerForm, refuse
from .spine import BUTTONS, refused, show

MOVES: dict[str, Callable[..., Interface]] = {
    "withdraw": withdraw_interface,
    "reopen": reopen_interface,
    "start_test": start_test,
    "activate": activate_interface,
    "suspend": suspend_interface,
    "resume": resume_interface,
}


def back_to(key: str, section: str) -> HttpResponse:
    return redirect(f"{reverse('catalog:interface', args=[key])}#{section}")


@login_required
@require_POST
def move(request: HttpRequest, key: str, verb: str) -> HttpResponse:
    """One move of the lifecycle, by the command of the same name."""
    verb = verb.replace("-", "_")
    command = MOVES.get(verb)
    if command is None:
        raise Http404(f"An interface has no move '{verb}'.")
    interface = interface_page(request.user, key)
    why = {"reason": request.POST.get("reason", "")} if BUTTONS[verb].why else {}
    try:
        command(interface, **why, now=timezone.now(), actor=request.user)
    except DomainError as error:
        return refused(request, key, error)
    messages.success(request, f"{key} is {interface.get_state_display().lower()} now.")
    return redirect("catalog:interface", key)


def step(
    section: str, name: str, make: Callable[[HttpRequest], Any], run: Callable[..., str]
) -> Callable[[HttpRequest, str], HttpResponse]:
    """A view that reads one small form, runs one command with it, and says what happened."""

    @login_required
    @require_POST
    def view(request: HttpRequest, key: str) -> HttpResponse:
        interface, form = interface_page(request.user, key), make(request)
        if not form.is_valid():
            return show(request, interface, status=400, **{name: form})
        try:
            said = run(interface, form, now=timezone.now(), actor=request.user)
        except DomainError as error:
            refuse(form, error)
            return refused(request, key, error, **{name: form})
        messages.success(request, said)
        return back_to(key, section)

    return view


def run_decide(interface: Interface, form: DecideForm, **by: Any) -> str:
    record = decide_pattern(interface, rationale=form.cleaned_data["rationale"], **by)
    return f"Decided: {', '.join(record.chosen).replace('_', ' ').lower()} for {interface.key}."


def run_owner(interface: Interface, form: OwnerForm, **by: Any) -> str:
    assignment = assign_owner(interface, **form.values(), **by)
    return f"{assignment.owner} is {assignment.get_kind_display().lower()} of {interface.key}."


def run_consumer(interface: Interface, form: ConsumerForm, **by: Any) -> str:
    return f"{subscribe(interface, **form.values(), **by).consumer} consumes {interface.key}."


def run_endpoint(interface: Interface, form: EndpointForm, **by: Any) -> str:
    endpoint = add_endpoint(bind(interface, **form.where(), **by), **form.values(), **by)
    return f"{endpoint.get_role_display()} endpoint {endpoint.order} is recorded."


def run_evidence(interface: Interface, form: EvidenceForm, **by: Any) -> str:
    fact = attest_fact(interface, **form.values(), **by)
    return f"{fact.requirement.replace('_', ' ').capitalize()} is stated."


decide = step("decision", "decide_form", lambda request: DecideForm(request.POST, prefix="decide"), run_decide)
own = step("owners", "owner_form", lambda request: OwnerForm(request.POST, prefix="owner"), run_owner)
consume = step(
    "consumers",
    "consumer_form",
    lambda request: ConsumerForm(request.POST, prefix="consumer", actor=request.user),
    run_consumer,
)
connect = step("places", "endpoint_form", lambda request: EndpointForm(request.POST, prefix="endpoint"), run_endpoint)
attest = step("readiness", "evidence_form", lambda request: EvidenceForm(request.POST, prefix="evidence"), run_evidence)
