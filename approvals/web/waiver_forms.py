"""The forms of waivers: asking for one, and prolonging one."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from catalog.domain.lookups import possible_owners
from catalog.models import Interface

from ..domain.waiver_queries import tolerable
from ..domain.waiving import OF_WAIVER
from ..models import WaiverKind
from .forms import prose

GROUPS = {
    WaiverKind.FINDING: "An open finding",
    WaiverKind.DEVIATION: "A chosen pattern against policy",
    WaiverKind.RESILIENCE: "An obligation of the tier",
}


class WaiverForm(forms.Form):
    """What is tolerated, for how long, what protects meanwhile, and who mends it by when."""

    tolerated = forms.ChoiceField(label="What shall be tolerated")
    days = forms.IntegerField(
        min_value=1, max_value=365, initial=90, label="For how many days",
        help_text="180 at most for what policy prohibits, else 365; it ends by itself.",
    )  # fmt: skip
    justification = prose("Why it is needed", required=True)
    compensating_control = prose("What protects meanwhile", required=True, help_text="The compensating control.")
    remediation = prose("How it is mended", required=True)
    remediation_owner = forms.ModelChoiceField(None, label="Who mends it", to_field_name="username")
    remediation_due = forms.DateField(
        label="By when", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, *args: Any, interface: Interface, evidence: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kinds = evidence
        groups = [(GROUPS[WaiverKind(kind)], [(f"{kind}:{name}", said) for name, said in rows])
                  for kind, rows in tolerable(interface).items() if rows]  # fmt: skip
        self.fields["tolerated"].choices = [("", "Choose"), *groups]
        self.fields["remediation_owner"].queryset = possible_owners()[1]
        for kind in self.kinds:
            label = kind.replace("_", " ").capitalize()
            self.fields[f"evidence_{kind}"] = forms.CharField(label=label, required=False, max_length=500)

    @property
    def evidence_fields(self) -> list[Any]:
        return [self[f"evidence_{kind}"] for kind in self.kinds]

    def add_error(self, field: Any, error: Any) -> None:
        """What is said of kind, finding or pattern belongs to the one box in which they are chosen."""
        if field in ("kind", "finding", "covers"):
            field = "tolerated"
        super().add_error(field, error)

    def values(self) -> dict[str, Any]:
        said = {name: self.cleaned_data[name] for name in OF_WAIVER}
        given = {kind: self.cleaned_data.get(f"evidence_{kind}", "").strip() for kind in self.kinds}
        return {**said, "evidence": {kind: link for kind, link in given.items() if link}}

    @property
    def chosen(self) -> tuple[str, str]:
        """The kind, and the name of what is tolerated."""
        kind, _, name = self.cleaned_data["tolerated"].partition(":")
        return kind, name


class RenewForm(forms.Form):
    """Once, without the board."""

    days = forms.IntegerField(min_value=1, max_value=365, label="For how many days, from today")
    reason = prose("Why", required=True)


def due_by(days: int, *, now: dt.datetime) -> str:
    """The day that lies so far ahead, as a date field shows it."""
    return f"{now.date() + dt.timedelta(days=days):%Y-%m-%d}"
