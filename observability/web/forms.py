"""The form with which a probe is registered."""

from __future__ import annotations

from typing import Any

from django import forms

from catalog.domain.lookups import endpoints_of
from catalog.models import Interface, InterfaceEndpoint
from governance.kernel.errors import DomainError

from ..lifecycle import KINDS, METHODS


class ProbeForm(forms.Form):
    """What to ask, how often, and what a good answer is."""

    kind = forms.ChoiceField(choices=KINDS, initial="http", help_text="A heartbeat waits for the interface to call in.")
    name = forms.CharField(max_length=120, help_text="What people will read in a notice: Health, Token endpoint.")
    endpoint = forms.ModelChoiceField(
        InterfaceEndpoint.objects.none(), required=False, empty_label="None: the address below",
        help_text="The probe follows its address when it moves.",
    )  # fmt: skip
    address = forms.CharField(
        max_length=300, required=False, help_text="http(s)://host:port/path. Needs no address with an endpoint."
    )
    method = forms.ChoiceField(choices=METHODS, initial="GET")
    interval_s = forms.IntegerField(label="Interval, seconds", min_value=1, max_value=86_400, initial=60)
    timeout_s = forms.FloatField(label="Timeout, seconds", min_value=0.1, max_value=30, initial=10)
    expect_status = forms.CharField(
        label="Expected status", required=False, initial="200", help_text="Codes with commas; empty: any 2xx."
    )
    slow_ms = forms.IntegerField(
        label="Slow above, milliseconds", required=False, min_value=1, help_text="Empty: never called slow."
    )
    grace_s = forms.IntegerField(
        label="Grace, seconds", min_value=0, max_value=86_400, initial=0, help_text="How late a heartbeat may be."
    )

    def __init__(self, *args: Any, interface: Interface, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["endpoint"].queryset = endpoints_of(interface)  # type: ignore[attr-defined]
        self.fields["endpoint"].label_from_instance = endpoint_words  # type: ignore[attr-defined]

    def clean_expect_status(self) -> list[int]:
        """The codes as numbers; the domain judges whether they are HTTP's."""
        parts = [part.strip() for part in self.cleaned_data["expect_status"].split(",") if part.strip()]
        if not all(part.isascii() and part.isdigit() and len(part) <= 3 for part in parts):
            raise forms.ValidationError("Give numbers with commas between them, such as 200, 204.")
        return [int(part) for part in parts]

    def refuse(self, refused: DomainError) -> None:
        """Show a refusal of the domain beside the fields that it names."""
        for name, sentences in (refused.errors or {"address": [refused.message]}).items():
            for sentence in sentences:
                self.add_error(name if name in self.fields else None, sentence)


def endpoint_words(endpoint: InterfaceEndpoint) -> str:
    """An endpoint by its place on the way; its address is sensitive and stays out."""
    return f"{endpoint.binding.environment} {endpoint.get_role_display()} {endpoint.order}, {endpoint.transport}"
