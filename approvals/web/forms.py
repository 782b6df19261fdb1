"""The forms of a change's page: each asks for what one command needs."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.domain.decisions import PATTERN_LABELS
from catalog.domain.facts import json_value, plain_number
from catalog.models import DataClass, Environment, Interface, Tier
from governance.kernel.errors import DomainError

from ..evidence import kind_of
from ..models import ChangeItem, ChangeRequest, Choice, SignMethod

WORDS = ("very low", "low", "medium", "high", "very high")
LEVELS = [(level, f"{level} {word}") for level, word in enumerate(WORDS, start=1)]
SEVERAL = ("patterns", "data_classes", "environments")


def refuse(form: forms.Form, error: DomainError) -> None:
    """Put a command's refusal where the reader looks: beside the fields it names, the sentence above them."""
    form.full_clean()
    beside = {name: sentences for name, sentences in error.errors.items() if name in form.fields}
    elsewhere = [f"{name}: {one}" for name, said in error.errors.items() if name not in beside for one in said]
    form.add_error(None, [error.message, *elsewhere])
    for name, sentences in beside.items():
        form.add_error(name, sentences)


def moment(label: str, help_text: str = "") -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
    return forms.DateTimeField(label=label, required=False, widget=widget, help_text=help_text)


def prose(label: str, *, required: bool = False, rows: int = 2, help_text: str = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=required, max_length=4000, widget=widget, help_text=help_text)


def signing_field() -> forms.CharField:
    widget = forms.PasswordInput(attrs={"autocomplete": "current-password"})
    return forms.CharField(label="Password", required=False, max_length=200, strip=False, widget=widget)


def method_field() -> forms.ChoiceField:
    return forms.ChoiceField(label="Sign with", required=False, choices=SignMethod.choices)


class BallotForm(forms.Form):
    """A vote on the revision that was shown."""

    choice = forms.ChoiceField(label="Your vote", choices=Choice.choices, widget=forms.RadioSelect)
    comment = prose("Comment", help_text="Needed to reject, and to ask.")
    revision_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    requirement = forms.IntegerField(widget=forms.HiddenInput, required=False)
    signature = signing_field()
    sign_method = method_field()


class OverrideForm(forms.Form):
    """A seat's signed word that a requirement be passed over."""

    requirement = forms.IntegerField(widget=forms.HiddenInput)
    revision_hash = forms.CharField(widget=forms.HiddenInput, max_length=64)
    reason = forms.CharField(max_length=300)
    signature = signing_field()
    sign_method = method_field()


class DecideForm(forms.Form):
    rationale = prose("Why these patterns", required=True, rows=3, help_text="Kept with the decision.")


class ReasonForm(forms.Form):
    reason = prose("Reason", required=True)


class NothingForm(forms.Form):
    """A button: the address says what is done."""


class AskForm(forms.Form):
    """What author and board need to know of a change, besides what it changes."""

    title = forms.CharField(max_length=160, required=False, help_text="Empty: the interface's name.")
    reason = prose("Why", required=True, help_text="What is better afterwards, and for whom.")
    plan = prose("Plan", help_text="The steps, in order.")
    backout = prose("Way back", help_text="How it is undone, and how long that takes.")
    window_start = moment("Window opens (UTC)", "Empty: as soon as it is allowed.")
    window_end = moment("Window closes (UTC)")
    likelihood = forms.TypedChoiceField(label="Likelihood of trouble", choices=LEVELS, coerce=int, initial=2)
    impact = forms.TypedChoiceField(label="Impact of trouble", choices=LEVELS, coerce=int, initial=2)

    def __init__(self, *args: Any, evidence: list[str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = [kind.key for kind in map(kind_of, evidence or []) if not kind.computed]
        for key in self.kinds:
            self.fields[f"evidence_{key}"] = forms.CharField(label=kind_of(key).label, required=False, max_length=500)
        for name in ("likelihood", "impact"):
            self.fields[name].required = False

    @property
    def evidence_fields(self) -> list[Any]:
        return [self[f"evidence_{kind}"] for kind in self.kinds]

    def values(self) -> dict[str, Any]:
        """What the command takes: evidence as ``{kind: link}``, what was left empty left out."""
        said = {name: self.cleaned_data.get(name) for name in AskForm.base_fields}
        given = {kind: link for kind in self.kinds if (link := self.cleaned_data.get(f"evidence_{kind}", "").strip())}
        said |= {"evidence": given} if given else {}
        return {name: value for name, value in said.items() if value not in ("", None) or name in ("plan", "backout")}


class FactsForm(forms.Form):
    """The fields of an interface that a change asks to set; only what differs becomes the patch."""

    name = forms.CharField(max_length=160)
    purpose = prose("What is it for?")
    trigger = forms.CharField(required=False, max_length=160, label="Business event that triggers it")
    latency_s = forms.IntegerField(min_value=0, label="Age of the data on arrival (seconds)")
    volume_day = forms.IntegerField(min_value=0, label="Messages on an ordinary day")
    payload_mb = forms.DecimalField(min_value=0, max_digits=10, decimal_places=3, label="Size of a message (MB)")
    fan_out = forms.IntegerField(min_value=0, label="Declared consumer systems")
    tier = forms.TypedChoiceField(choices=Tier.choices, coerce=int, label="How soon must it be back?")
    sunset_on = forms.DateField(required=False, widget=forms.DateInput(attrs={"type": "date"}), label="Sunset")
    patterns = forms.MultipleChoiceField(
        choices=list(PATTERN_LABELS.items()), widget=forms.CheckboxSelectMultiple, required=False
    )
    data_classes = forms.MultipleChoiceField(
        choices=DataClass.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    environments = forms.MultipleChoiceField(
        choices=Environment.choices, widget=forms.CheckboxSelectMultiple, required=False
    )
    patient_adjacent = forms.BooleanField(required=False, label="Patient care waits for it")
    financial = forms.BooleanField(required=False, label="It moves money or posts to the ledger")
    external = forms.BooleanField(required=False, label="The other party is another organisation")
    new_technology = forms.BooleanField(required=False, label="It brings middleware or a protocol not run here yet")

    def __init__(self, *args: Any, base: dict[str, Any], **kwargs: Any) -> None:
        kwargs.setdefault("prefix", "f")
        super().__init__(*args, initial={name: base.get(name) for name in self.base_fields}, **kwargs)
        self.base = base

    def patch(self) -> dict[str, Any]:
        """Field by field what differs from the base, as JSON values; lists keep their order where they are equal."""
        changed = {}
        for name, value in self.cleaned_data.items():
            given = json_value(value)
            same = sorted(given) == sorted(self.base.get(name) or []) if name in SEVERAL else given == self.base[name]
            if not same and not (given == "" and self.base[name] in ("", None)):
                changed[name] = given
        return changed


def base_of(interface: Interface, item: ChangeItem | None = None) -> dict[str, Any]:
    """What the facts form starts from: what is stored, and over it what the change already asks for."""
    stored = {name: json_value(getattr(interface, name)) for name in FactsForm.base_fields}
    stored["payload_mb"] = plain_number(interface.payload_mb)
    wanted = item.patch if item else {}
    return stored | {name: wanted[name] for name in stored if name in wanted}


def ask_initial(change: ChangeRequest) -> dict[str, Any]:
    """A change's present words, to revise them."""
    names = ("title", "reason", "plan", "backout", "window_start", "window_end", "likelihood", "impact")
    return {name: getattr(change, name) for name in names}
