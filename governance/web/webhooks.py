"""Webhooks: the endpoints with what waits and what was given up, and one endpoint with its deliveries."""

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

from ..domain import delivering
from ..domain.queries import delivery_named, teams_by_name, webhook_named, webhooks_of
from ..domain.rules import can
from ..domain.webhooks import EVENT_TYPES, amend_endpoint, open_endpoint, rotate_secret, switch_endpoint
from ..doors.http import status_of
from ..doors.pages import Facet, page_of, render_page
from ..kernel.errors import DomainError
from ..lifecycle import DELIVERY
from ..models import WebhookEndpoint

SORTS = {"name": "name", "at": "created_at", "due": "due_at", "attempts": "attempts"}
FACETS = [
    Facet("state", "State", DELIVERY.choices),
    Facet("type", "Event", [(one, one) for one in EVENT_TYPES], "event_type"),
]


class EndpointForm(forms.Form):
    """What an endpoint is called, where it is, and which events it wants."""

    name = forms.CharField(label="Name", max_length=80)
    url = forms.CharField(label="Address", max_length=300, help_text="https://host/path. No secret belongs into it.")
    event_types = forms.MultipleChoiceField(
        label="Events", required=False, choices=[(one, one) for one in EVENT_TYPES],
        widget=forms.CheckboxSelectMultiple, help_text="None chosen: every event, also those of later versions.",
    )  # fmt: skip


class NewEndpointForm(EndpointForm):
    team = forms.ModelChoiceField(None, label="Team", help_text="Sees the deliveries and may send them again.")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["team"].queryset = teams_by_name()


class SinceForm(forms.Form):
    """From when on everything is sent again."""

    since = forms.DateTimeField(
        label="Since (UTC)", widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    )
    dead_only = forms.BooleanField(label="Only what was given up", required=False)


@login_required
@require_http_methods(["GET", "POST"])
def webhooks(request: HttpRequest) -> HttpResponse:
    """The endpoints, and for an administrator the form for a new one, whose secret is shown this once."""
    form, status = NewEndpointForm(request.POST or None), 200
    if form.is_bound and form.is_valid():
        try:
            made, secret = open_endpoint(**form.cleaned_data, now=timezone.now(), actor=request.user)
            return show(request, made, secret=secret, status=201)
        except DomainError as refusal:
            status = blame(form, refusal)
    elif form.is_bound:
        status = 400
    page = page_of(webhooks_of(request.user), request, sorts={"name": "name"}, default="name", search=("name", "url"))
    context = {"page": page, "form": form, "may_open": can(request.user, "open", WebhookEndpoint)}
    return render_page(request, "governance/webhooks.html", context=context, status=status)


@login_required
@require_safe
def webhook(request: HttpRequest, pk: Any) -> HttpResponse:
    return show(request, webhook_named(request.user, pk))


def show(
    request: HttpRequest, endpoint: WebhookEndpoint, *, secret: str = "", status: int = 200, **bound: forms.Form
) -> HttpResponse:
    reader = request.user
    initial = {"name": endpoint.name, "url": endpoint.url, "event_types": endpoint.event_types}
    context = {
        "endpoint": endpoint,
        "secret": secret,
        "page": page_of(
            delivering.deliveries_of(endpoint), request, sorts=SORTS, default="-at", facets=FACETS, size=25
        ),
        "form": EndpointForm(initial=initial),
        "since_form": SinceForm(),
        "may_manage": can(reader, "amend", endpoint),
        "may_replay": can(reader, "replay", endpoint),
        **bound,
    }
    return render_page(request, "governance/webhook.html", context=context, status=status)


def blame(form: forms.Form, refusal: DomainError) -> int:
    """The refusal's sentences beside their fields; its status."""
    for name, sentences in (refusal.errors or {"": [refusal.message]}).items():
        form.add_error(name if name in form.fields else None, sentences)
    return status_of(refusal)


@login_required
@require_POST
def amend(request: HttpRequest, pk: Any) -> HttpResponse:
    endpoint, form, status = webhook_named(request.user, pk), EndpointForm(request.POST), 400
    if form.is_valid():
        try:
            amend_endpoint(endpoint, **form.cleaned_data, now=timezone.now(), actor=request.user)
            messages.success(request, "Saved.")
            return redirect("governance:webhook", pk=endpoint.pk)
        except DomainError as refusal:
            status = blame(form, refusal)
    return show(request, webhook_named(request.user, pk), status=status, form=form)


@login_required
@require_POST
def rotate(request: HttpRequest, pk: Any) -> HttpResponse:
    """The new secret is on the answer, and nowhere afterwards."""
    endpoint = webhook_named(request.user, pk)
    secret = rotate_secret(endpoint, now=timezone.now(), actor=request.user)
    return show(request, endpoint, secret=secret)


@login_required
@require_POST
def switch(request: HttpRequest, pk: Any) -> HttpResponse:
    endpoint, active = webhook_named(request.user, pk), request.POST.get("active") == "1"
    done = "It is on." if active else "It is off."
    return acted(request, pk, lambda **by: switch_endpoint(endpoint, active=active, **by), done)


@login_required
@require_POST
def test(request: HttpRequest, pk: Any) -> HttpResponse:
    endpoint = webhook_named(request.user, pk)
    return acted(request, pk, lambda **by: delivering.send_test(endpoint, **by), "A test event is on its way.")


@login_required
@require_POST
def replay(request: HttpRequest, pk: Any) -> HttpResponse:
    """Everything since a time."""
    endpoint, form = webhook_named(request.user, pk), SinceForm(request.POST)
    if not form.is_valid():
        return show(request, endpoint, status=400, since_form=form)
    said = form.cleaned_data
    return acted(request, pk, lambda **by: delivering.replay_since(endpoint, **said, **by), "It is sent again.")


@login_required
@require_POST
def replay_one(request: HttpRequest, pk: Any) -> HttpResponse:
    found = delivery_named(request.user, pk)
    return acted(
        request, found.endpoint_id, lambda **by: delivering.replay_delivery(found, **by), "The delivery is sent again."
    )


def acted(request: HttpRequest, pk: Any, command: Callable[..., Any], done: str) -> HttpResponse:
    """Carry it out and say so on the endpoint's page; a refusal is said there, too."""
    try:
        command(now=timezone.now(), actor=request.user)
        messages.success(request, done)
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("governance:webhook", pk=pk)
