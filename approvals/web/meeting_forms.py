"""The forms of a meeting: its plan, the question that fills its agenda, and what is said of an item."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils import timezone

from catalog.models import DomainKey
from governance.models import Board, Constituency, User

from ..models import ChangeClass
from .forms import method_field, moment, prose, signing_field

ANY = [("", "Any")]


class AgendaFilterForm(forms.Form):
    """Which of the changes that wait for votes belong on the agenda."""

    risk_min = forms.IntegerField(label="Risk at least", min_value=1, max_value=25, required=False)
    lead_left_h = forms.IntegerField(
        label="Lead time over within (hours)", min_value=0, max_value=10_000, required=False
    )
    undecided_by = forms.ChoiceField(label="Not decided by", choices=[*ANY, *Constituency.choices], required=False)
    classes = forms.MultipleChoiceField(
        label="Class", choices=ChangeClass.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    domains = forms.MultipleChoiceField(
        label="Domain", choices=DomainKey.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    stale = forms.BooleanField(label="Only with stale votes", required=False)
    no_discussion_up_to = forms.IntegerField(
        label="No discussion up to risk", min_value=0, max_value=25, required=False,
        help_text="Not for votes of the whole board, nor where somebody doubts.",
    )  # fmt: skip

    def filter(self) -> dict[str, Any]:
        """What the command takes; what was left open asks nothing."""
        said = {name: self.cleaned_data[name] for name in AgendaFilterForm.base_fields}
        return {name: value for name, value in said.items() if value not in (None, "", [], False)}


class PlanForm(AgendaFilterForm):
    title = forms.CharField(max_length=160, help_text="Such as: Board, week 22.")
    board = forms.ChoiceField()
    starts_at = moment("Begins (UTC)")
    minutes_planned = forms.IntegerField(label="Length (minutes)", min_value=5, max_value=480, initial=60)
    chair = forms.ChoiceField(help_text="Who leads it and signs the minutes.")

    field_order = ("title", "board", "starts_at", "minutes_planned", "chair")

    def __init__(self, *args: Any, boards: Iterable[Board], chairs: Iterable[User], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shown: Any = self.fields
        shown["board"].choices = [(one.key, str(one)) for one in boards]
        shown["chair"].choices = [(one.username, str(one)) for one in chairs]
        shown["starts_at"].required = True

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        starts: dt.datetime | None = said.get("starts_at")
        if starts and starts < timezone.now():
            self.add_error("starts_at", "Later than now.")
        return said

    @property
    def plan_fields(self) -> list[Any]:
        return [self[name] for name in self.field_order]

    @property
    def filter_fields(self) -> list[Any]:
        return [self[name] for name in AgendaFilterForm.base_fields]


class AddItemForm(forms.Form):
    change = forms.CharField(label="Change", max_length=16, help_text="Its key, such as CR-2026-0042.")


class ComeForm(forms.Form):
    """Who has come: one of the board's people, or anybody else by username."""

    person = forms.CharField(max_length=150, required=False, label="Username")
    constituency = forms.ChoiceField(choices=[*ANY, *Constituency.choices], required=False)


class SeenForm(forms.Form):
    seen = forms.CharField(widget=forms.HiddenInput, required=False, max_length=16)


class StepForm(forms.Form):
    """One step up or down, or a place counted from 1."""

    step = forms.TypedChoiceField(choices=[("-1", "Up"), ("1", "Down")], coerce=int, required=False, empty_value=0)
    position = forms.IntegerField(min_value=1, max_value=1000, required=False)


class DeferForm(forms.Form):
    reason = forms.CharField(max_length=150, label="Why")
    to_next = forms.BooleanField(required=False, label="Put it on the next meeting")


class NotesForm(forms.Form):
    notes = prose("Notes", rows=4)
    revision = forms.IntegerField(widget=forms.HiddenInput)


class SignForm(forms.Form):
    minutes_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    signature = signing_field()
    sign_method = method_field()
