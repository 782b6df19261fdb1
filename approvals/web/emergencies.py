"""Emergencies for people: a short form on what is wrong and what is done, and the block that a late one leaves."""

from __future__ import annotations

import uuid

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
from governance.kernel.errors import DomainError, Invalid

from ..domain.class_queries import block_at
from ..domain.emergencies import lift_block
from ..domain.items import ItemSpec
from ..domain.requests import ask_for_change
from ..domain.requirements import plan_for_interface
from .asking import asks_of, taken
from .class_forms import EmergencyForm, ReasonOnlyForm
from .forms import FactsForm, base_of, refuse
from .teams import show_teams


@login_required
@require_http_methods(["GET", "POST"])
def emergency(request: HttpRequest, interface: str) -> HttpResponse:
    """Ask who may authorise it now; those who would have been asked otherwise are asked afterwards."""
    found = interface_named(request.user, interface)
    require(request.user, "submit", found)
    form = EmergencyForm(request.POST or None)
    facts = FactsForm(request.POST or None, base=base_of(found))
    planned = plan_for_interface(found, change_class="EMERGENCY", change_type="CONFIG")
    specs = [ItemSpec(found, "UPDATE")]
    status, refusal = 200, taken(specs)
    if request.method == "POST":
        status = 400
        if form.is_valid() and facts.is_valid():
            specs = [ItemSpec(found, "UPDATE", facts.patch())]
            try:
                change = ask_for_change(
                    change_class="EMERGENCY", change_type="CONFIG", title=f"Emergency: {found.name}"[:160], items=specs,
                    now=timezone.now(), actor=request.user, **form.values(),
                )  # fmt: skip
            except DomainError as error:
                refuse(form, error)
                status, refusal = status_of(error), error
            else:
                messages.success(request, f"{change.key}: who may authorise emergencies is asked now.")
                return redirect("approvals:change", change.key)
    page = {"interface": found, "form": form, "facts": facts, "planned": planned, "asks": asks_of(planned)}
    return render_page(request, "approvals/emergency.html", context=page | {"refusal": refusal}, status=status)


@login_required
@require_POST
def lift(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Let the team call emergencies again, with a reason."""
    form = ReasonOnlyForm(request.POST)
    block = block_at(request.user, pk)
    try:
        if not form.is_valid():
            raise Invalid("Say why the block is lifted.", errors={"reason": ["is required"]})
        lift_block(block, reason=form.cleaned_data["reason"], now=timezone.now(), actor=request.user)
    except DomainError as error:
        return show_teams(request, refusal=error)
    messages.success(request, f"{block.team} may call emergencies again.")
    return redirect("approvals:teams")
