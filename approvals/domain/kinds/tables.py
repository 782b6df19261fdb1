"""Versions of decision tables: in force from the change's window on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from governance.domain.tables import publish_table
from governance.kernel.errors import Invalid, NotFound
from governance.models import DecisionTable, User

from ...models import ChangeItem, ChangeRequest
from ..mandates import mandate_for
from .base import Kind


class TableKind(Kind):
    column, words, example = "decision_table", "a decision table", "approval@2"

    def named(self, name: str, *, actor: User) -> DecisionTable:
        key, separator, number = name.partition("@")
        if not (separator and number.isascii() and number.isdigit()):
            raise Invalid(f"'{name}' is no version.", errors={"items": ["Name a table's version as approval@2."]})
        found = DecisionTable.objects.filter(key=key, version=number[:6]).first()
        if found is None:
            raise NotFound(f"There is no table '{name}'.")
        return found

    def name_of(self, subject: DecisionTable) -> str:
        return f"{subject.key}@{subject.version}"

    def content(self, subject: DecisionTable) -> str:
        return subject.content_hash

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        effective = change.window_start or now
        for item in items:
            mandate = mandate_for(change, item, action="publish")
            publish_table(item.subject, mandate=mandate, effective_from=effective, now=now, actor=actor)
