"""The request form: the questions that make up an interface, in the order in which people think of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms

from governance.models import User

from ..domain.facts import plain_number
from ..domain.lookups import systems_offered
from ..domain.queries import proposing_domains
from ..models import (
    DataClass,
    Environment,
    Initiator,
    Interaction,
    Interface,
    MessageStandard,
    Tier,
)
from ..patterns import PATTERN_CHOICES
from .forms import grouped_systems

ENDS = ("provider", "source", "target")
COPIED = (
    "name", "purpose", "initiator", "interaction", "patterns", "msg_standard", "trigger", "latency_s", "volume_day",
    "fan_out", "steps", "data_classes", "tier", "patient_adjacent", "financial", "external", "certified_connector",
    "new_technology", "environments",
)  # fmt: skip


def whole(label: str, **kwargs: Any) -> forms.IntegerField:
    return forms.IntegerField(label=label, max_value=kwargs.pop("max_value", 2_147_483_647), **kwargs)


def some_of(label: str, choices: Any, **kwargs: Any) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, widget=forms.CheckboxSelectMultiple, required=False, **kwargs
    )


def flag(label: str) -> forms.BooleanField:
    return forms.BooleanField(label=label, required=False)


class InterfaceForm(forms.Form):
    """Every question once; the panel beside it reads the same names."""

    key = forms.CharField(
        max_length=24,
        help_text="IF, the family, a number: IF-SUR-008.",
        widget=forms.TextInput(attrs={"placeholder": "IF-SUR-008", "autocomplete": "off", "spellcheck": "false"}),
    )
    name = forms.CharField(max_length=160, help_text="What it carries, in the words of the business.")
    purpose = forms.CharField(
        required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 2}), label="What is it for?"
    )
    provider = forms.ChoiceField(label="Provider", help_text="The system that owns it: whose domain answers for it.")
    source = forms.ChoiceField(label="Data comes from")
    target = forms.ChoiceField(label="Data goes to", help_text="The first hop's target; consumers are declared later.")
    initiator = forms.ChoiceField(label="Who starts it?", choices=Initiator.choices)
    external = flag("The other party is another organisation")
    interaction = forms.ChoiceField(label="What kind of exchange?", choices=[("", "Choose"), *Interaction.choices])
    steps = whole("Ordered steps across systems", required=False, min_value=1, max_value=32_767)
    msg_standard = forms.ChoiceField(label="Message standard", choices=[("", "Choose"), *MessageStandard.choices])
    message_types = forms.CharField(
        required=False, max_length=400, label="Message types", help_text="Such as DFT^P03; commas between several."
    )
    trigger = forms.CharField(required=False, max_length=160, label="Business event that triggers it")
    latency_s = whole("How old may the data be on arrival? (seconds)", min_value=0)
    volume_day = whole("Messages on an ordinary day", min_value=0)
    payload_mb = forms.DecimalField(label="Size of a message (MB)", min_value=0, max_digits=10, decimal_places=3)
    fan_out = whole("Declared consumer systems", min_value=0, max_value=32_767, initial=1)
    tier = forms.ChoiceField(label="How soon must it be back?", choices=[("", "Choose"), *Tier.choices])
    data_classes = some_of("Which classes of data?", DataClass.choices)
    patient_adjacent = flag("Patient care waits for it")
    financial = flag("It moves money or posts to the ledger")
    environments = some_of("Environments", Environment.choices)
    certified_connector = flag("The ERP's vendor has a certified connector for it")
    new_technology = flag("It brings middleware or a protocol that we do not run yet")
    patterns = some_of("Which pattern, or patterns together?", PATTERN_CHOICES)

    def __init__(self, *args: Any, actor: User, editing: Interface | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.systems = {system.key: system for system in systems_offered(actor)}
        own = set(proposing_domains(actor).values_list("pk", flat=True))
        for name in ENDS:
            offered = [one for one in self.systems.values() if name != "provider" or one.domain_id in own]
            self.fields[name].choices = grouped_systems(offered)
        if editing:
            del self.fields["key"]

    def clean_tier(self) -> int:
        return int(self.cleaned_data["tier"])

    def clean_message_types(self) -> list[str]:
        return [part.strip() for part in self.cleaned_data["message_types"].split(",") if part.strip()]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        is_process = cleaned.get("interaction") == Interaction.PROCESS
        cleaned["steps"] = (cleaned.get("steps") or 1) if is_process else 1
        return cleaned

    def values(self) -> dict[str, Any]:
        """What the command takes: systems instead of their keys."""
        return {**self.cleaned_data, **{name: self.systems[self.cleaned_data[name]] for name in ENDS}}


def initial_from(interface: Interface) -> dict[str, Any]:
    """The answers that made an interface, to edit them or to start another from them."""
    return {
        **{name: getattr(interface, name) for name in COPIED},
        **{name: getattr(interface, name).key for name in ENDS},
        "tier": str(interface.tier),
        "payload_mb": plain_number(interface.payload_mb),
        "message_types": ", ".join(interface.message_types),
        "key": interface.key,
    }


def said_so_far(data: Any) -> Mapping[str, Any]:
    """A posted form as loose values, lists where a question takes several answers."""
    several = ("patterns", "data_classes", "environments")
    return {name: data.getlist(name) if name in several else data.get(name) for name in data}
