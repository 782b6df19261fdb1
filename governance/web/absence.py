"""Absence: whom the reader lets act for them, for whom they act, and the way to give and to end it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST

from ..domain.delegating import SCOPES, cleared_people, delegate, delegations_of, end_delegation, votes_of_person
from ..domain.queries import delegation_named
from ..doors.http import status_of
from ..doors.pages import render_page
from ..kernel.errors import DomainError
from ..models import User


def day(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, widget=widget, help_text=help_text)


class AbsenceForm(forms.Form):
    """Who acts for the reader, for which of their votes, and how long."""

    taker = forms.ModelChoiceField(None, label="Who acts for you", to_field_name="username")
    scope = forms.ChoiceField(label="As what", required=False)
    starts_at = day("From (UTC)")
    ends_at = day("Until (UTC)", "30 days after its start at most.")
    reason = forms.CharField(label="Why", max_length=200, help_text="Shown beside both names.")

    def __init__(self, *args: Any, giver: User, now: dt.datetime, **kwargs: Any) -> None:
        super().__init__(*args, initial={"starts_at": now}, **kwargs)
        labels = dict(SCOPES)
        held = [(name, labels[name]) for name in votes_of_person(giver, now=now)]
        self.fields["taker"].queryset = cleared_people(giver)
        self.fields["scope"].choices = [("", "Everything I hold"), *held]


@login_required
@require_http_methods(["GET", "POST"])
def absence(request: HttpRequest) -> HttpResponse:
    now, reader = timezone.now(), request.user
    form = AbsenceForm(request.POST or None, giver=reader, now=now)
    status = 200
    if form.is_bound and form.is_valid():
        try:
            made = delegate(reader, **form.cleaned_data, now=now, actor=reader)
        except DomainError as refusal:
            status = status_of(refusal)
            for name, sentences in (refusal.errors or {"": [refusal.message]}).items():
                form.add_error(name if name in form.fields else None, sentences)
            form.add_error(None, refusal.message)
        else:
            messages.success(request, f"{made.taker} acts for you.")
            return redirect("governance:absence")
    elif form.is_bound:
        status = 400
    context = {
        "form": form,
        "votes": votes_of_person(reader, now=now),
        "delegations": [
            (one, one.starts_at <= now < one.ends_at, one.ends_at <= now) for one in delegations_of(reader)
        ],
    }
    return render_page(request, "governance/absence.html", context=context, status=status)


@login_required
@require_POST
def end(request: HttpRequest, pk: Any) -> HttpResponse:
    found = delegation_named(request.user, pk)
    try:
        end_delegation(found, now=timezone.now(), actor=request.user)
        messages.success(request, f"{found.taker} no longer acts for {found.giver}.")
    except DomainError as refusal:
        messages.error(request, refusal.message)
    return redirect("governance:absence")
