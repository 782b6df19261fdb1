"""Endpoints: an address on an interface's way, added or moved."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from catalog.domain.connecting import (
    ENDPOINT_FIELDS,
    PLACE_FIELDS,
    apply_endpoint_patch,
    endpoint_values,
    plan_endpoint,
    proposed_endpoint,
)
from catalog.domain.facts import json_value
from catalog.models import Interface, InterfaceBinding, InterfaceEndpoint
from governance.domain.rules import can, require, visible, visible_or_404
from governance.kernel.errors import Invalid, NotFound, WrongState
from governance.models import User

from ...models import ChangeItem, ChangeRequest, Operation
from ..mandates import mandate_for
from .base import ItemSpec, Kind

#: While it is proposed or built its endpoints are recorded directly.
DIRECT = ("DISCOVERED", "PROPOSED", "IN_BUILD", "IN_TEST")


class EndpointKind(Kind):
    """Named ``IF-SUR-003/PROD`` or ``IF-SUR-003/PROD/lakeshore-main``, with ``:TARGET-1`` for one that is there."""

    column, words, example = "endpoint", "an endpoint", "IF-SUR-003/PROD:TARGET-1"
    fields = (*PLACE_FIELDS, *ENDPOINT_FIELDS)
    hidden = ("address",)

    def spec_named(self, name: str, operation: str, patch: Mapping[str, Any], *, actor: User) -> ItemSpec:
        if operation == Operation.CREATE:
            binding = binding_named(name, actor=actor)
            super().checked(None, {one: value for one, value in patch.items() if one not in self.fields})
            return ItemSpec(InterfaceEndpoint(binding=binding, **patch), operation, patch)
        return ItemSpec(self.named(name, actor=actor), operation, patch)

    def named(self, name: str, *, actor: User) -> InterfaceEndpoint:
        place, separator, at = name.partition(":")
        known = InterfaceEndpoint.objects.select_related("binding__interface__provider__domain", "binding__facility")
        if separator:
            role, _, order = at.rpartition("-")
            number = order if order.isascii() and order.isdigit() else "0"
            found = known.filter(binding=binding_named(place, actor=actor), role=role, order=number[:4]).first()
        else:
            found = seen_by(known, actor).filter(pk__in=ids(name)).first()
        if found is None:
            raise NotFound(f"There is no endpoint '{name}', or you may not see it.")
        return found

    def name_of(self, subject: InterfaceEndpoint) -> str:
        binding = subject.binding
        place = f"/{binding.facility.key}" if binding.facility else ""
        return f"{binding.interface.key}/{binding.environment}{place}:{subject.role}-{subject.order}"

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        require(actor, "bind", spec.subject.binding.interface)

    def check(self, spec: ItemSpec) -> None:
        interface = spec.subject.binding.interface
        if interface.state in DIRECT:
            raise WrongState(f"{interface.key} is {interface.state}: record its endpoints directly.")
        if spec.operation == Operation.UPDATE and not spec.patch:
            raise Invalid("This changes nothing.", errors={"items": [f"Say what shall change of {spec.subject}."]})

    def planned(self, spec: ItemSpec, *, now: dt.datetime, actor: User) -> ItemSpec:
        if not spec.subject._state.adding:
            return spec
        proposed_endpoint(spec.subject, {}, planned=False)  # is the place free, too
        return replace(spec, subject=plan_endpoint(spec.subject, now=now, actor=actor))

    def base(self, subject: InterfaceEndpoint) -> dict[str, Any]:
        return endpoint_values(subject)

    def checked(self, subject: InterfaceEndpoint, patch: Mapping[str, Any]) -> dict[str, Any]:
        known = endpoint_values(subject)
        super().checked(subject, {name: value for name, value in patch.items() if name not in known})
        seen = proposed_endpoint(subject, patch, planned=False)
        return {name: json_value(getattr(seen, name)) for name in patch}

    def may_read(self, subject: InterfaceEndpoint, actor: User) -> bool:
        return can(actor, "see_addresses", subject.binding.interface)

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            mandate = mandate_for(change, item, action="apply")
            apply_endpoint_patch(
                item.subject, base=item.base, patch=item.patch, mandate=mandate, now=now, actor=actor
            )  # fmt: skip


def binding_named(name: str, *, actor: User) -> InterfaceBinding:
    """The place where an interface runs, as ``IF-SUR-003/PROD`` or with a facility's key behind it."""
    key, _, rest = name.partition("/")
    environment, _, facility = rest.partition("/")
    interface = visible_or_404(Interface.objects.with_parties(), actor, key=key)
    at = {"facility__key": facility} if facility else {"facility__isnull": True}
    found = InterfaceBinding.objects.filter(interface=interface, environment=environment, **at).first()
    if found is None:
        known = InterfaceBinding.objects.filter(interface=interface).select_related("facility")
        places = [f"{key}/{one.environment}{f'/{one.facility.key}' if one.facility else ''}" for one in known]
        raise NotFound(f"{key} is not bound at '{rest}'. It is bound at: {', '.join(places) or 'nowhere'}.")
    found.interface = interface
    return found


def seen_by(endpoints: QuerySet[InterfaceEndpoint], actor: User) -> QuerySet[InterfaceEndpoint]:
    return endpoints.filter(binding__interface__in=visible(Interface.objects.all(), actor).values("pk"))


def ids(name: str) -> list[UUID]:
    try:
        return [UUID(name)]
    except ValueError:
        return []
