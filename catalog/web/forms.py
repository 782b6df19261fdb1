"""The small forms of an interface's page: each asks for what one command needs."""

from __future__ import annotations

from typing import Any

from django import forms

from governance.kernel.errors import DomainError
from governance.models import Team, User

from ..domain.lookups import possible_owners, systems_offered
from ..lifecycle import OWNER_STATED_FACTS
from ..models import Environment, Facility, OwnerKind, Severity, Transport
from ..models.words import EndpointRole


def refuse(form: forms.Form, error: DomainError) -> None:
    """Put a command's refusal where the reader looks: beside the fields it names, the sentence above them."""
    form.full_clean()
    beside = {name: sentences for name, sentences in error.errors.items() if name in form.fields}
    elsewhere = [sentence for name, said in error.errors.items() if name not in beside for sentence in said]
    form.add_error(None, [error.message, *elsewhere])
    for name, sentences in beside.items():
        form.add_error(name, sentences)


def grouped_systems(systems: Any) -> list[tuple[str, Any]]:
    """Choices by domain: key and name of each system."""
    groups: dict[str, list[tuple[str, str]]] = {}
    for system in systems:
        groups.setdefault(system.domain.get_key_display(), []).append((system.key, system.name))
    return [("", "Choose a system"), *sorted(groups.items())]


class DecideForm(forms.Form):
    """Why the chosen patterns are right; kept with the decision."""

    rationale = forms.CharField(
        widget=forms.Textarea(attrs={"rows": 3}),
        max_length=4000,
        help_text="A sentence or two. The facts, the verdicts and the tables' versions are kept with it.",
    )


class OwnerForm(forms.Form):
    """A team or a person for one kind of ownership."""

    kind = forms.ChoiceField(label="Kind of ownership", choices=OwnerKind.choices)
    owner = forms.ChoiceField(label="Team or person")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        teams, people = possible_owners()
        self.offered = {f"team:{one.key}": one for one in teams} | {f"person:{one.username}": one for one in people}
        groups: dict[type, list[tuple[str, str]]] = {Team: [], User: []}
        for word, one in self.offered.items():
            groups[type(one)].append((word, str(one)))
        self.fields["owner"].choices = [("", "Choose"), ("Teams", groups[Team]), ("People", groups[User])]

    def values(self) -> dict[str, Any]:
        chosen = self.offered[self.cleaned_data["owner"]]
        team, person = (chosen, None) if isinstance(chosen, Team) else (None, chosen)
        return {"kind": self.cleaned_data["kind"], "team": team, "person": person}


class ConsumerForm(forms.Form):
    """A system that will rely on the interface, and what for."""

    consumer = forms.ChoiceField(label="Consumer system")
    purpose = forms.CharField(max_length=200, label="What for")

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.seen = {one.key: one for one in systems_offered(actor)}
        self.fields["consumer"].choices = grouped_systems(self.seen.values())

    def values(self) -> dict[str, Any]:
        return {"consumer": self.seen[self.cleaned_data["consumer"]], "purpose": self.cleaned_data["purpose"]}


class EndpointForm(forms.Form):
    """One address on the way, in one environment at one facility; the binding is made when it is not there yet."""

    environment = forms.ChoiceField(choices=Environment.choices)
    facility = forms.ModelChoiceField(Facility.objects.all(), required=False, empty_label="Enterprise-wide")
    role = forms.ChoiceField(choices=EndpointRole.choices, label="Place on the way")
    order = forms.IntegerField(min_value=1, max_value=99, initial=1)
    transport = forms.ChoiceField(choices=Transport.choices, initial="HTTPS")
    address = forms.CharField(max_length=300, help_text="Shown only to those who may see addresses.")
    tls = forms.BooleanField(required=False, initial=True, label="Encrypted in transit (TLS)")
    auth = forms.CharField(max_length=60, required=False, label="Authentication")

    def where(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("environment", "facility")}

    def values(self) -> dict[str, Any]:
        said = ("role", "order", "transport", "address", "tls", "auth")
        return {name: self.cleaned_data[name] for name in said}


class EvidenceForm(forms.Form):
    """What an owner states, with the place of its evidence."""

    requirement = forms.ChoiceField(
        choices=[(name, name.replace("_", " ").capitalize()) for name in OWNER_STATED_FACTS]
    )
    evidence = forms.CharField(max_length=300, help_text="A link or document reference.")
    valid_until = forms.DateTimeField(
        required=False, widget=forms.DateTimeInput(attrs={"type": "datetime-local"}), label="Valid until (UTC)"
    )

    def values(self) -> dict[str, Any]:
        return dict(self.cleaned_data)


class FindingForm(forms.Form):
    """What somebody saw that contradicts policy."""

    severity = forms.ChoiceField(choices=Severity.choices, initial=Severity.WARNING)
    message = forms.CharField(max_length=400, widget=forms.Textarea(attrs={"rows": 2}), label="What contradicts policy")
