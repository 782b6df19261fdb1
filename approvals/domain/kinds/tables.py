"""Versions of decision tables: fixed while the board looks at them, in force from the date that it agreed to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.dateparse import parse_datetime

from governance.domain.impacts import impact_said
from governance.domain.queries import table_version
from governance.domain.table_review import agreed_hash, editors_of, review_table
from governance.domain.tables import approve_table, publish_table, send_back_table
from governance.kernel.errors import Invalid, WrongState
from governance.models import DecisionTable, User

from ...models import ChangeAuthor, ChangeItem, ChangeRequest, Operation
from ..mandates import mandate_for
from .base import ItemSpec, Kind


class TableKind(Kind):
    column, words, example = "decision_table", "a decision table", "approval@1.1"
    operations = (Operation.CREATE,)
    fields = ("effective_from",)

    def named(self, name: str, *, actor: User) -> DecisionTable:
        key, separator, version = name.partition("@")
        if not (separator and key and version):
            raise Invalid(f"'{name}' is no version.", errors={"items": ["Name a table's version as approval@1.1."]})
        return table_version(actor, key, version)

    def name_of(self, subject: DecisionTable) -> str:
        return f"{subject.key}@{subject.version}"

    def check(self, spec: ItemSpec) -> None:
        if spec.subject.state != "DRAFT":
            said = spec.subject.get_state_display().lower()
            raise WrongState(f"{spec.subject} is {said}: only a draft is asked of the board.")

    def base(self, subject: DecisionTable) -> dict[str, Any]:
        return {"effective_from": None}

    def checked(self, subject: DecisionTable, patch: Mapping[str, Any]) -> dict[str, Any]:
        """``effective_from`` is when it shall come into force, ISO 8601 with a zone; None: when it is carried out."""
        super().checked(subject, {name: value for name, value in patch.items() if name not in self.fields})
        return {name: moment_text(value) for name, value in patch.items()}

    def content(self, subject: DecisionTable) -> str:
        """Rules, test cases and the gaps that are left open: all of it is agreed to."""
        return agreed_hash(subject)

    def submit(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        """In review; whoever wrote any of its rules is an author of the change and votes on it no more."""
        for item in items:
            review_table(item.subject, now=now, actor=actor)
            for person in editors_of(item.subject):
                ChangeAuthor.objects.get_or_create(change=change, user=person, number=change.number)

    def approve(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            mandate = mandate_for(change, item, action="approve")
            approve_table(item.subject, mandate=mandate, now=now, actor=actor)

    def reject(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        self.send_back(change, items, reason=reason, now=now, actor=actor)

    def send_back(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        for item in items:
            if item.subject.state in ("IN_REVIEW", "APPROVED"):
                send_back_table(item.subject, reason=reason, now=now, actor=actor)

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            agreed = item.patch.get("effective_from")
            effective = dt.datetime.fromisoformat(agreed) if agreed else now
            mandate = mandate_for(change, item, action="publish")
            said = impact_said(item.subject)
            publish_table(item.subject, mandate=mandate, effective_from=effective, impact=said, now=now, actor=actor)

    def values_shown(self, item: ChangeItem) -> dict[str, Any]:
        at = item.subject.effective_from
        return {"effective_from": at.isoformat() if at else None}


def moment_text(value: Any) -> str | None:
    """A moment with a zone as ISO 8601 in UTC. Raises ``Invalid`` beside ``effective_from``."""
    if value in (None, ""):
        return None
    try:
        moment = value if isinstance(value, dt.datetime) else parse_datetime(str(value))
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        said = "A date and time with its zone, such as 2026-07-01T00:00:00Z."
        raise Invalid("This is no date.", errors={"effective_from": [said]})
    return moment.astimezone(dt.UTC).isoformat()
