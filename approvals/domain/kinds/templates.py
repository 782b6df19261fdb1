"""Standard changes' templates: what the board approves in advance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from governance.models import User

from ...models import ChangeItem, ChangeRequest, StandardChangeTemplate
from ..mandates import mandate_for
from ..templates import publish_template, review_template, send_back_template
from .base import ItemSpec, Kind


class TemplateKind(Kind):
    column, words = "template", "a template"

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        """Its own command has asked its keeper already; it is not put into a change by name."""

    def content(self, subject: StandardChangeTemplate) -> str:
        return subject.content_hash

    def submit(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            review_template(item.subject, now=now, actor=actor)

    def reject(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        self.send_back(change, items, reason=reason, now=now, actor=actor)

    def send_back(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        for item in items:
            if item.subject.state == "IN_REVIEW":
                send_back_template(item.subject, reason=reason, now=now, actor=actor)

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            mandate = mandate_for(change, item, action="apply")
            publish_template(item.subject, mandate=mandate, now=now, actor=actor)
