"""What a window runs into, live beside the form in which it is chosen, and the next one that is free."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.domain.lookups import interface_named

from ..domain.conflicts import WindowConflict, conflicts_of, conflicts_of_ask
from ..domain.queries import change_page
from ..domain.requirements import plan_for_interface
from ..domain.suggesting import Suggestion, window_for_ask
from ..models import ChangeClass, ChangeRequest, ChangeType
from .forms import moment

LIVE = ("DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "IMPLEMENTING")


class WindowForm(forms.Form):
    """The two times as they stand in the form that is being filled in; what is not understood yet is left out."""

    window_start = moment("Window opens (UTC)")
    window_end = moment("Window closes (UTC)")
    change_type = forms.ChoiceField(choices=ChangeType.choices, required=False)
    change_class = forms.ChoiceField(choices=ChangeClass.choices, required=False)
    besides = forms.SlugField(required=False, max_length=16)

    def said(self, name: str, otherwise: Any = None) -> Any:
        return getattr(self, "cleaned_data", {}).get(name) or otherwise


@login_required
@require_safe
def window_check(request: HttpRequest, interface: str) -> HttpResponse:
    """For what is being written: what its window runs into, and the next free window to take over."""
    found = interface_named(request.user, interface)
    form = WindowForm(request.GET)
    form.full_clean()
    kind, group = form.said("change_type", ChangeType.MODIFY), form.said("change_class", ChangeClass.NORMAL)
    planned = plan_for_interface(found, change_type=kind, change_class=group)
    besides = form.said("besides")
    asked: dict[str, Any] = {
        "lead_hours": planned.plan.lead_hours, "now": timezone.now(), "actor": request.user,
        "besides": change_page(request.user, besides) if besides else None,
        **{name: form.said(name) for name in ("window_start", "window_end")},
    }  # fmt: skip
    free = window_for_ask(found, **asked)
    context = {
        "conflicts": conflicts_of_ask(found, **asked), "free": free, "fill": fill_of(free),
        "chosen": form.said("window_start"),
    }  # fmt: skip
    return render(request, "approvals/_window.html", context)


def fill_of(free: Suggestion) -> str:
    """The free window as the form's two fields take it, in UTC."""
    if free.start is None or free.end is None:
        return ""
    times = {"window_start": free.start, "window_end": free.end}
    return urlencode({name: f"{value.astimezone(dt.UTC):%Y-%m-%dT%H:%M}" for name, value in times.items()})


def conflicts_shown(row: ChangeRequest, request: HttpRequest, now: dt.datetime) -> list[WindowConflict]:
    """On the change's own page, while there is still something to move."""
    return conflicts_of(row, now=now, actor=request.user) if row.state in LIVE else []
