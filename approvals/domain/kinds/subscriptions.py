"""Subscriptions: a consumer that shall rely on an interface, or shall no longer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from catalog.domain.connecting import (
    SUBSCRIPTION_FIELDS,
    begin_subscription,
    check_not_consumed,
    end_subscription,
    plan_subscription,
)
from catalog.models import Interface, Subscription, System
from governance.domain.rules import require, visible_or_404
from governance.kernel.errors import Invalid, NotFound, WrongState
from governance.models import User

from ...models import ChangeItem, ChangeRequest, Operation
from ..mandates import mandate_for
from .base import ItemSpec, Kind

#: Before that a consumer is declared on the proposal itself.
PROPOSED = ("DISCOVERED", "PROPOSED")


class SubscriptionKind(Kind):
    column, words, example = "subscription", "a consumer's subscription", "IF-SUR-003@erp-costing"
    operations = (Operation.CREATE, Operation.DELETE)
    fields = SUBSCRIPTION_FIELDS

    def spec_named(self, name: str, operation: str, patch: Mapping[str, Any], *, actor: User) -> ItemSpec:
        key, separator, consumer = name.partition("@")
        if not separator:
            said = f"Name the interface and the consumer as {self.example}."
            raise Invalid(f"'{name}' is no subscription.", errors={"items": [said]})
        interface = visible_or_404(Interface.objects.with_parties(), actor, key=key)
        system = visible_or_404(System.objects.select_related("domain"), actor, key=consumer)
        if operation == Operation.CREATE:
            purpose = str(patch.get("purpose") or "")
            return ItemSpec(Subscription(interface=interface, consumer=system, purpose=purpose), operation, patch)
        live = interface.subscriptions.filter(consumer=system, until__isnull=True)
        found = live.select_related("interface__provider__domain", "consumer__domain").first()
        if found is None:
            raise NotFound(f"{system} does not consume {key} now.")
        return ItemSpec(found, operation, patch)

    def name_of(self, subject: Subscription) -> str:
        return f"{subject.interface.key}@{subject.consumer.key}"

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        require(actor, "plan", spec.subject)

    def check(self, spec: ItemSpec) -> None:
        interface = spec.subject.interface
        if spec.operation == Operation.CREATE and interface.state in PROPOSED:
            raise WrongState(f"{interface.key} is {interface.state}: name its consumers directly.")
        if spec.operation == Operation.CREATE and interface.state in ("DEPRECATED", "RETIRED"):
            raise WrongState(f"{interface.key} is {interface.state}: nobody begins to rely on what ends.")
        if spec.operation == Operation.CREATE:
            check_not_consumed(spec.subject)
        elif spec.patch:
            raise Invalid("What ends is not edited.", errors={"patch": ["leave it empty"]})

    def planned(self, spec: ItemSpec, *, now: dt.datetime, actor: User) -> ItemSpec:
        if not spec.subject._state.adding:
            return spec
        return replace(spec, subject=plan_subscription(spec.subject, now=now, actor=actor))

    def base(self, subject: Subscription) -> dict[str, Any]:
        return {"purpose": subject.purpose} if subject.planned else {}

    def checked(self, subject: Subscription, patch: Mapping[str, Any]) -> dict[str, Any]:
        super().checked(subject, {name: value for name, value in patch.items() if name not in self.fields})
        purpose = patch.get("purpose", subject.purpose)
        if not (isinstance(purpose, str) and purpose.strip() and len(purpose) <= 200):
            raise Invalid("Say what the data is needed for.", errors={"purpose": ["1 to 200 characters"]})
        return {name: purpose.strip() for name in patch}

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            mandate = mandate_for(change, item, action="apply")
            if item.operation == Operation.CREATE:
                begin_subscription(item.subject, patch=item.patch, mandate=mandate, now=now, actor=actor)
            else:
                end_subscription(item.subject, mandate=mandate, now=now, actor=actor)
