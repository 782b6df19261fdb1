"""The forms of single classes of change: a template, a standard change, an emergency, a verdict, a review."""

from __future__ import annotations

import json
from collections.abc import Iterable
from copy import deepcopy
from typing import Any

from django import forms

from catalog.domain.facts import json_value

from ..domain.verdicts import VERDICTS
from ..models import ChangeRequest, Outcome, StandardChangeTemplate
from ..ranges import range_words
from .forms import FactsForm, moment, prose
from .shown import label_of

#: Which fields a person may report as observed: those that one can see from outside.
NUMBERS = ("latency_s", "volume_day", "fan_out", "tier")
TEXTS = ("trigger", "msg_standard", "name")
WAYS = (Outcome.SUCCESSFUL, Outcome.SUCCESSFUL_WITH_ISSUES, Outcome.FAILED_BACKED_OUT)


class ReasonOnlyForm(forms.Form):
    reason = prose("Why", required=True)


class TemplateForm(forms.Form):
    """A draft of a template, grown from samples."""

    title = forms.CharField(max_length=160, help_text="What it does, such as: rotate a certificate.")
    key = forms.SlugField(max_length=60, help_text="Its name in addresses, such as rotate-certificate.")
    samples = forms.MultipleChoiceField(
        widget=forms.SelectMultiple(attrs={"size": 10}), label="Changes that went well", help_text="Three or more."
    )
    allowed = forms.CharField(
        label="What may be set, with its range", widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
        max_length=8000, initial='{"volume_day": {"min": 1, "max": 5000}}',
        help_text='As JSON by field: {"min": 1, "max": 9}, {"values": ["A", "B"]} or {"any": true}.',
    )  # fmt: skip
    plan = prose("Plan", help_text="Empty: the latest sample's.")
    backout = prose("Way back", help_text="Empty: the latest sample's.")

    def __init__(self, *args: Any, samples: Iterable[ChangeRequest], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["samples"]
        field.choices = [(one.key, f"{one} ({one.get_change_type_display().lower()})") for one in samples]

    def clean_allowed(self) -> dict[str, Any]:
        try:
            said = json.loads(self.cleaned_data["allowed"])
        except (ValueError, RecursionError):
            raise forms.ValidationError("This is not JSON.") from None
        if not isinstance(said, dict):
            raise forms.ValidationError("Write an object with the fields' names.")
        return said

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)

    def add_error(self, field: Any, error: Any) -> None:
        """What is said of a single range belongs to the box that holds them all."""
        if isinstance(field, str) and field not in self.fields:
            field = "allowed" if field.startswith("allowed") else None
        super().add_error(field, error)


class StandardForm(forms.Form):
    """Only what the template lets through, each field with its range; what is left as it is, is not changed."""

    window_start = moment("Window opens (UTC)", "Empty: now.")
    window_end = moment("Window closes (UTC)")

    def __init__(self, *args: Any, template: StandardChangeTemplate, base: dict[str, Any], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.base = base
        for name, said in template.allowed.items():
            plain = forms.CharField(max_length=400, label=name.replace("_", " ").capitalize())
            field = deepcopy(FactsForm.base_fields.get(name, plain))
            field.required = False
            field.initial, field.help_text = base.get(name), f"Allowed: {range_words(said)}."
            self.fields[name] = field
        self.order_fields([*template.allowed, "window_start", "window_end"])

    def patch(self) -> dict[str, Any]:
        """What differs from the record; nothing said is the same as nothing there."""
        given = {name: json_value(self.cleaned_data[name]) for name in self.base}
        empty = ("", None)
        return {
            name: value
            for name, value in given.items()
            if value != self.base[name] and not (value in empty and self.base[name] in empty)
        }

    def when(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("window_start", "window_end")}

    @property
    def allowed_fields(self) -> list[Any]:
        return [self[name] for name in self.base]


class EmergencyForm(forms.Form):
    """As little as an emergency may be asked with."""

    reason = prose("What is wrong, and what will be done", required=True)
    incident_ref = forms.CharField(label="Incident", max_length=80, help_text="Its number, such as INC-4711.")
    patient_safety_statement = prose("What it means for patients", help_text="Asked at tiers T0 and T1.")
    backout = prose("Way back", help_text="How it is undone.")

    def values(self) -> dict[str, Any]:
        said = dict(self.cleaned_data)
        evidence = {name: said.pop(name).strip() for name in ("incident_ref", "patient_safety_statement")}
        return {**said, "evidence": {name: text for name, text in evidence.items() if text}}


class VerdictForm(forms.Form):
    verdict = forms.ChoiceField(
        label="What shall become of it", choices=[(one, one.label) for one in VERDICTS],
        help_text="Accepted in retrospect: the record takes what was observed.",
    )  # fmt: skip
    what_happened = prose("What happened", required=True)


class ReviewForm(forms.Form):
    """The post-implementation review."""

    outcome = forms.ChoiceField(label="What came of it", choices=[(one, one.label) for one in WAYS])
    met_its_aim = forms.BooleanField(label="It met its aim", required=False, initial=True)
    what_happened = prose("What happened", help_text="Needed of an emergency and of a failure.")
    lessons = prose("What it taught")
    p1 = forms.IntegerField(label="P1 incidents caused", min_value=0, max_value=20, initial=0, required=False)
    p2 = forms.IntegerField(label="P2 incidents caused", min_value=0, max_value=20, initial=0, required=False)
    p3 = forms.IntegerField(label="P3 incidents caused", min_value=0, max_value=20, initial=0, required=False)

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        return {**said, **{name: said.get(name) or 0 for name in ("p1", "p2", "p3") if name not in self.errors}}


class FindingForm(forms.Form):
    """What contradicts the record, as it was seen."""

    source = forms.CharField(max_length=120, label="Where it was seen", help_text="An import, a monitor, a person.")
    field = forms.ChoiceField(label="Which field", choices=[(name, label_of(name)) for name in sorted(NUMBERS + TEXTS)])
    observed = forms.CharField(max_length=400, label="What was observed")

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        observed = said.get("observed", "")
        if said.get("field") in NUMBERS and observed:
            if not observed.isascii() or not observed.isdecimal():
                self.add_error("observed", "Write a whole number.")
            else:
                said["observed"] = int(observed[:12])
        return said

    def found(self) -> dict[str, Any]:
        return dict(self.cleaned_data)
