"""The form of a calendar entry: its time on its own clock, and how it repeats in words that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms

from ..domain.calendar_queries import Choices
from ..models import CalendarEntry, CalendarKind
from ..recurrence import DAYS, instant_of, local_of
from .forms import moment, prose

CUSTOM = "CUSTOM"
WORKING = "MO,TU,WE,TH,FR"
REPEATS = (
    ("", "Once"),
    ("DAILY", "Every day"),
    ("WEEKLY", "Every week on that weekday"),
    ("BIWEEKLY", "Every second week on that weekday"),
    ("MONTHDAY", "Every month on that day"),
    ("NTH", "Every month on that weekday of the month"),
    ("LAST_WORKING", "Every month on the last working day"),
    ("YEARLY", "Every year on that day"),
    (CUSTOM, "As a rule says"),
)


def rule_of(repeats: str, first: dt.datetime, *, until: dt.date | None) -> str:
    """The RRULE of what was chosen, for a first local time."""
    day = DAYS[first.weekday()]
    rule = {
        "DAILY": "FREQ=DAILY",
        "WEEKLY": f"FREQ=WEEKLY;BYDAY={day}",
        "BIWEEKLY": f"FREQ=WEEKLY;INTERVAL=2;BYDAY={day}",
        "MONTHDAY": f"FREQ=MONTHLY;BYMONTHDAY={first.day}",
        "NTH": f"FREQ=MONTHLY;BYDAY={(first.day - 1) // 7 + 1}{day}",
        "LAST_WORKING": f"FREQ=MONTHLY;BYDAY={WORKING};BYSETPOS=-1",
        "YEARLY": f"FREQ=YEARLY;BYMONTH={first.month};BYMONTHDAY={first.day}",
    }.get(repeats, "")
    return f"{rule};UNTIL={until:%Y%m%d}" if rule and until else rule


class EntryForm(forms.Form):
    """Times are typed as the clocks of ``zone`` show them."""

    kind = forms.ChoiceField(label="What it is", choices=CalendarKind.choices)
    name = forms.CharField(max_length=120, help_text="As people call it, such as: year-end close freeze.")
    scope = forms.ChoiceField(label="Whom it is for", required=False)
    zone = forms.ChoiceField(label="Clock", required=False, help_text="The times below are on this clock.")
    starts_at = moment("Starts")
    ends_at = moment("Ends")
    repeats = forms.ChoiceField(label="Repeats", choices=REPEATS, required=False)
    until = forms.DateField(
        label="Repeats until", required=False, widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Empty: for good. Included.",
    )  # fmt: skip
    rrule = forms.CharField(
        label="Rule", required=False, max_length=200,
        help_text="Only for “as a rule says”: an RFC 5545 rule, such as FREQ=MONTHLY;BYDAY=1SU.",
    )  # fmt: skip
    reason = prose("Why", help_text="Shown to those whom it stops.")

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.choices = choices
        self.fields["starts_at"].required = self.fields["ends_at"].required = True
        self.fields["reason"].max_length = 300  # type: ignore[attr-defined]
        self.choose("scope", [
            ("", "Everything"),
            ("Facilities", [(f"facility:{one.key}", one.name) for one in choices.facilities]),
            ("Domains", [(f"domain:{one.key}", one.name) for one in choices.domains]),
            ("Systems", [(f"system:{one.key}", one.name) for one in choices.systems]),
        ])  # fmt: skip
        known = list(dict.fromkeys([*choices.zones, self.initial.get("zone", "UTC")]))
        self.choose("zone", [("", "The facility's own, else UTC"), *((name, name) for name in known)])

    def choose(self, name: str, options: list[Any]) -> None:
        field: Any = self.fields[name]
        field.choices = options

    def clean(self) -> dict[str, Any]:
        said = super().clean() or {}
        scope = self.choices.scope(said.get("scope", ""))
        place = scope.facility if scope else None
        said["zone"] = said.get("zone") or (place.timezone if place else "UTC")
        first = said.get("starts_at")
        if first and said.get("repeats") != CUSTOM:
            said["rrule"] = rule_of(said.get("repeats", ""), first, until=said.get("until"))
        for name in ("starts_at", "ends_at"):
            if said.get(name):
                said[name] = instant_of(said[name].replace(tzinfo=None), said["zone"])
        return said

    def values(self) -> dict[str, Any]:
        """What the commands take."""
        said = dict(self.cleaned_data)
        scope = self.choices.scope(said.pop("scope"))
        for name in ("repeats", "until"):
            said.pop(name)
        places = {name: getattr(scope, name) if scope else None for name in ("facility", "domain", "system")}
        return {**said, **places}

    def preview(self) -> CalendarEntry | None:
        """An entry of what is typed so far, to count its times; None while its times are not understood."""
        said = getattr(self, "cleaned_data", {})
        if not (said.get("starts_at") and said.get("ends_at") and said["ends_at"] > said["starts_at"]):
            return None
        named = {name: said.get(name) or "" for name in ("kind", "name")}
        rule = said.get("rrule", "").strip().upper().removeprefix("RRULE:")
        return CalendarEntry(
            **named, starts_at=said["starts_at"], ends_at=said["ends_at"], zone=said["zone"], rrule=rule
        )


def entry_initial(entry: CalendarEntry) -> dict[str, Any]:
    """An entry's present words; what repeats is shown as its rule."""
    scope = entry.scope
    kind = scope._meta.model_name if scope else ""
    times = {name: local_of(getattr(entry, name), entry.zone) for name in ("starts_at", "ends_at")}
    return {
        **{name: getattr(entry, name) for name in ("kind", "name", "zone", "rrule", "reason")}, **times,
        "scope": f"{kind}:{scope.key}" if scope else "", "repeats": CUSTOM if entry.rrule else "",
    }  # fmt: skip
