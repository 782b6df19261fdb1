"""Waivers: what the board tolerates for a time. Their own command asks; a waiver's words are not changed afterwards."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from governance.kernel.errors import WrongState
from governance.models import User

from ...models import ChangeItem, ChangeRequest, Operation, Waiver
from ..granting import activate_waiver, approve_waiver, content_hash, reject_waiver
from ..mandates import mandate_for
from .base import ItemSpec, Kind


class WaiverKind(Kind):
    column, words = "waiver", "a waiver"
    operations = (Operation.CREATE,)

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        """Its own command has asked the interface's people already; it is not put into a change by name."""

    def check(self, spec: ItemSpec) -> None:
        if spec.subject.state != "REQUESTED":
            raise WrongState(f"{spec.subject.key} is {spec.subject.state}: ask for another waiver.")

    def content(self, subject: Waiver) -> str:
        return content_hash(subject)

    def approve(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            approve_waiver(item.subject, mandate=mandate_for(change, item, action="approve"), now=now, actor=actor)

    def reject(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        self.send_back(change, items, reason=reason, now=now, actor=actor)

    def send_back(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        for item in items:
            if item.subject.state in ("REQUESTED", "APPROVED"):
                reject_waiver(item.subject, reason=reason, now=now, actor=actor)

    def reopen(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            self.check(ItemSpec(item.subject, Operation.CREATE))

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            activate_waiver(item.subject, mandate=mandate_for(change, item, action="apply"), now=now, actor=actor)
