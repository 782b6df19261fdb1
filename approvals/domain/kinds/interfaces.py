"""Interfaces: brought into force or changed field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from catalog.domain import interfaces, readiness
from catalog.domain.adopting import (
    approve_discovered,
    assess_all,
    bring_all_into_force,
    submit_discovered,
    write_decisions,
)
from catalog.domain.decisions import record_board_decision
from catalog.domain.facts import PROPOSED_FIELDS, json_value, proposed_values, with_proposed
from catalog.domain.interfaces import OPEN_STATES as PROPOSAL_STATES
from catalog.domain.interfaces import check_interface
from catalog.domain.owners import OWNER_FIELDS, owner_named, owner_values
from catalog.domain.retiring import END_FIELDS, check_may_end, check_ready_to_end, end_interface
from catalog.models import Interface, Origin
from governance.domain.rules import require, visible_or_404
from governance.kernel.errors import Conflict, Invalid, WrongState
from governance.models import User

from ...models import ChangeItem, ChangeRequest, Operation
from ..decided import check_decided
from ..mandates import mandate_for, refusal_mandate
from .base import ItemSpec, Kind
from .rows import write_item

UNDER_REVIEW = ("IN_REVIEW", "REJECTED", "APPROVED")


class InterfaceKind(Kind):
    column, words, example = "interface", "an interface", "IF-SUR-003"
    operations = (Operation.CREATE, Operation.UPDATE, Operation.DELETE)
    fields = (*PROPOSED_FIELDS, *OWNER_FIELDS)

    def named(self, name: str, *, actor: User) -> Interface:
        return visible_or_404(Interface.objects.with_parties(), actor, key=name)

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        require(actor, "submit", spec.subject)

    def check(self, spec: ItemSpec) -> None:
        one = spec.subject
        if spec.operation == Operation.UPDATE and not spec.patch:
            raise Invalid("This changes nothing.", errors={"items": [f"Say what shall change of {one.key}."]})
        if spec.operation == Operation.UPDATE and one.state in (*PROPOSAL_STATES, "REJECTED", "WITHDRAWN"):
            raise WrongState(f"{one.key} is {one.state}: edit it directly, then submit it as a new interface.")
        if spec.operation == Operation.CREATE and one.state not in PROPOSAL_STATES:
            raise WrongState(f"{one.key} is {one.state}: it is past its proposal. Change it with an UPDATE.")
        if spec.operation == Operation.DELETE:
            check_may_end(one)
            super().checked(one, {name: value for name, value in spec.patch.items() if name not in END_FIELDS})

    def base(self, subject: Interface) -> dict[str, Any]:
        return proposed_values(subject)

    def stored(self, subject: Interface, names: Iterable[str]) -> dict[str, Any]:
        return super().stored(subject, names) | owner_values(subject, names)

    def checked(self, subject: Interface, patch: Mapping[str, Any]) -> dict[str, Any]:
        if not patch:
            return {}
        super().checked(subject, {name: value for name, value in patch.items() if name not in self.fields})
        owners = {name: value for name, value in patch.items() if name in OWNER_FIELDS}
        for name, value in owners.items():
            owner_named(name, value)
        seen = with_proposed(subject, patch)
        check_interface(seen, known=True)
        return {name: owners[name] if name in owners else json_value(getattr(seen, name)) for name in patch}

    def refresh(self, item: ChangeItem) -> None:
        """A proposal may still be edited while its change is a draft: take over what was edited since it was written.

        Raises ``Conflict`` for a field that both the draft and the register changed, differently.
        """
        if item.operation != Operation.CREATE or item.interface is None:
            return
        stored, conflicts = proposed_values(item.interface), {}
        patch = dict(item.patch)
        for name, now in stored.items():
            base, wanted = item.base.get(name), item.patch.get(name)
            if wanted == base:
                patch[name] = now
            elif now not in (base, wanted):
                conflicts[name] = {"base": base, "stored": now, "wanted": wanted}
        if conflicts:
            named = ", ".join(sorted(conflicts))
            said = f"{item.interface.key} was edited since the change was written: {named}."
            raise Conflict(said, details={"conflicts": conflicts})
        if (patch, stored) != (item.patch, item.base):
            item.patch, item.base, item.base_revision = patch, stored, item.interface.revision
            write_item(item)

    def submit(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        submit_discovered([item.subject for item in found_running(items)], now=now, actor=actor)
        for item in proposed(items):
            check_decided(item.subject, item.patch)
            interfaces.submit_interface(item.subject, now=now, actor=actor)
        for item in ended(items):
            check_ready_to_end(item.subject, item.patch, reason=change.reason, now=now)

    def approve(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        said = f"{change.key}: decided by the board's vote"
        self.approve_adopted(change, found_running(items), rationale=said, now=now, actor=actor)
        for item in proposed(items):
            record_board_decision(item.subject, proposed=item.patch, rationale=said, now=now, actor=actor)
            mandate = mandate_for(change, item, action="approve")
            interfaces.approve_interface(item.subject, proposed=item.patch, mandate=mandate, now=now, actor=actor)

    def approve_adopted(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, rationale: str, now: dt.datetime, actor: User
    ) -> None:
        """Where the board's vote is the decision it is written down; then all of them are approved."""
        assessed = assess_all((item.subject, item.patch) for item in items)
        board = [(interface, one) for interface, one in assessed if one.forum == "BOARD_MEETING"]
        write_decisions(board, rationale=rationale, now=now, actor=actor)
        pairs = [(item.subject, item.patch, mandate_for(change, item, action="approve")) for item in items]
        approve_discovered(pairs, now=now, actor=actor)

    def reject(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        for item in created(items):
            mandate = refusal_mandate(change, item)
            interfaces.reject_interface(item.subject, reason=reason, mandate=mandate, now=now, actor=actor)

    def send_back(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        for item in created(items):
            if item.subject.state in UNDER_REVIEW:
                interfaces.reopen_interface(item.subject, now=now, actor=actor)

    def reopen(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in created(items):
            if item.subject.state == "REJECTED":
                interfaces.reopen_interface(item.subject, now=now, actor=actor)

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        said = f"{change.key} was implemented {now:%Y-%m-%d %H:%MZ}"
        for item in ended(items):
            end_interface(
                item.subject, base=item.base, patch=item.patch, reason=change.reason,
                mandate=mandate_for(change, item, action="apply"), now=now, actor=actor,
            )  # fmt: skip
        as_found = [item for item in found_running(items) if item.patch == self.base(item.subject)]
        pairs = [(item.subject, mandate_for(change, item, action="apply")) for item in as_found]
        bring_all_into_force(pairs, source=change.key, reason=said, now=now, actor=actor)
        for item in kept(items):
            if item in as_found:
                continue
            mandate = mandate_for(change, item, action="apply")
            interfaces.apply_interface_patch(
                item.subject, base=item.base, patch=item.patch, mandate=mandate, now=now, actor=actor
            )
            readiness.state_fact(
                item.subject, requirement="change_implemented", satisfied=True, reason=said, source=change.key,
                now=now, actor=actor,
            )  # fmt: skip


def created(items: Sequence[ChangeItem]) -> list[ChangeItem]:
    return [item for item in items if item.operation == Operation.CREATE]


def found_running(items: Sequence[ChangeItem]) -> list[ChangeItem]:
    return [item for item in created(items) if item.subject.origin == Origin.IMPORTED]


def proposed(items: Sequence[ChangeItem]) -> list[ChangeItem]:
    return [item for item in created(items) if item.subject.origin != Origin.IMPORTED]


def ended(items: Sequence[ChangeItem]) -> list[ChangeItem]:
    return [item for item in items if item.operation == Operation.DELETE]


def kept(items: Sequence[ChangeItem]) -> list[ChangeItem]:
    return [item for item in items if item.operation != Operation.DELETE]
