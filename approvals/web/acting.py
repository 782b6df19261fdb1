"""What people do to a change: each address posts, runs one command, and shows the change as it then is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from governance.domain.credentials import Credential
from governance.kernel.errors import DomainError, Invalid, StaleRevision

from ..domain.implementing import implement_change
from ..domain.overriding import override_requirement
from ..domain.queries import change_page, requirement_at
from ..domain.recusing import recuse
from ..domain.requests import (
    cancel_change,
    decide_on_change,
    reassess_change,
    reopen_change,
    revise_change,
    submit_change,
)
from ..domain.reviewing import close_change
from ..domain.voting import cast_vote
from ..models import ChangeRequest, Choice, SignMethod
from .change import show
from .class_forms import ReviewForm
from .forms import (
    AskForm,
    BallotForm,
    DecideForm,
    FactsForm,
    NothingForm,
    OverrideForm,
    ReasonForm,
    base_of,
    refuse,
)

INCOMPLETE = "Nothing was changed yet: look at what is marked."
SAID = {Choice.APPROVE: "You approved", Choice.REJECT: "You rejected", Choice.ABSTAIN: "You abstained from"}


def run(
    request: HttpRequest,
    key: str,
    command: Callable[..., Any],
    form: forms.Form,
    *,
    name: str = "",
    said: str = "",
    **values: Any,
) -> HttpResponse:
    """Refused: the fresh page with the sentence on top and what was typed kept. Done: back to the page."""
    row = change_page(request.user, key)
    bound = {name: form} if name else {}
    if not form.is_valid():
        wrong = {field: list(map(str, sentences)) for field, sentences in form.errors.items()}
        return show(request, row, refusal=Invalid(INCOMPLETE, errors=wrong), bound=bound)
    try:
        command(row, **{**form.cleaned_data, **values}, now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        return show(request, change_page(request.user, key), refusal=error, bound=bound)
    fresh = change_page(request.user, key)
    messages.success(request, said or f"{key} {NOW[fresh.state]}.")
    return redirect("approvals:change", key)


#: Where a change stands after a step, as a sentence's end.
NOW = {
    "DETECTED": "was found and waits for a verdict",
    "DRAFT": "is a draft",
    "SUBMITTED": "is submitted",
    "ASSESS": "is being assessed",
    "AUTHORIZE": "is waiting for votes",
    "SCHEDULED": "is authorised and scheduled",
    "IMPLEMENTING": "is being implemented",
    "REVIEW": "is implemented and waits for its review",
    "CLOSED": "is closed",
    "REJECTED": "is rejected",
    "CANCELLED": "is cancelled",
}


@sensitive_post_parameters("signature")
@login_required
@require_POST
def vote(request: HttpRequest, key: str) -> HttpResponse:
    def voted(row: ChangeRequest, *, requirement: int | None, **values: Any) -> Any:
        asked = requirement_at(row, requirement) if requirement else None
        return cast_vote(row, requirement=asked, **signed(values))

    sentence = f"{SAID.get(request.POST.get('choice', ''), 'You asked about')} {key}."
    return run(request, key, voted, BallotForm(request.POST), name="ballot", said=sentence)


def signed(values: dict[str, Any]) -> dict[str, Any]:
    """The password or code that was typed, as what the domain proves; nothing where nothing was typed."""
    secret, method = values.pop("signature", ""), values.pop("sign_method", "") or SignMethod.PASSWORD
    return values | {"signature": Credential(method, secret) if secret else None}


@login_required
@require_POST
def recuse_self(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, recuse, ReasonForm(request.POST), said=f"You have stepped aside from {key}.")


@sensitive_post_parameters("signature")
@login_required
@require_POST
def override(request: HttpRequest, key: str) -> HttpResponse:
    def overridden(row: ChangeRequest, *, requirement: int, **values: Any) -> Any:
        return override_requirement(requirement_at(row, requirement), **signed(values))

    sentence = f"You signed that a requirement of {key} be passed over."
    return run(request, key, overridden, OverrideForm(request.POST), name="override", said=sentence)


@login_required
@require_POST
def decide(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, decide_on_change, DecideForm(request.POST), name="decide")


@login_required
@require_POST
def submit(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, submit_change, NothingForm(request.POST))


@login_required
@require_POST
def reassess(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, reassess_change, NothingForm(request.POST))


@login_required
@require_POST
def cancel(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, cancel_change, ReasonForm(request.POST))


@login_required
@require_POST
def reopen(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, reopen_change, NothingForm(request.POST))


@login_required
@require_POST
def implement(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, implement_change, NothingForm(request.POST))


@login_required
@require_POST
def close(request: HttpRequest, key: str) -> HttpResponse:
    return run(request, key, close_change, ReviewForm(request.POST), name="close")


@login_required
@require_POST
def revise(request: HttpRequest, key: str) -> HttpResponse:
    """A new revision; the form says which revision was on the screen, so that nobody's is overwritten unseen."""
    row = change_page(request.user, key)
    ask = AskForm(request.POST)
    touched = next((item for item in row.items.all() if item.interface), None)
    facts = None
    if touched and touched.interface:
        facts = FactsForm(request.POST, base=base_of(touched.interface, touched))
    bound: dict[str, forms.Form] = {"ask": ask} | ({"facts": facts} if facts else {})
    if not (ask.is_valid() and (facts is None or facts.is_valid())):
        return show(request, row, refusal=Invalid(INCOMPLETE), bound=bound)
    patch = facts.patch() if facts else {}
    values = {"window_start": None, "window_end": None, **ask.values()}
    try:
        check_seen(request, row)
        patches = {touched.position: patch} if touched and patch else None
        revise_change(row, patches=patches, **values, now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(ask, error)
        return show(request, change_page(request.user, key), refusal=error, bound=bound)
    messages.success(request, f"{key} has revision {row.number} now; those who had voted are asked again.")
    return redirect("approvals:change", key)


@login_required
@require_POST
def rebase(request: HttpRequest, key: str) -> HttpResponse:
    """Base the change on what is stored now: of each ticked field the stored value is taken over."""

    def rebased(row: ChangeRequest, **by: Any) -> Any:
        check_seen(request, row)
        take: dict[int, list[str]] = {}
        for said in request.POST.getlist("take"):
            position, _, name = said.partition(".")
            take.setdefault(int(position[:6]) if position.isascii() and position.isdigit() else 0, []).append(name)
        return revise_change(row, take=take, **by)

    return run(request, key, rebased, NothingForm(request.POST), said=f"{key} is based on what is stored now.")


def check_seen(request: HttpRequest, row: ChangeRequest) -> None:
    if request.POST.get("number") != str(row.number):
        raise StaleRevision(f"{row.key} was revised since you opened it. Read what changed, then write yours again.")
