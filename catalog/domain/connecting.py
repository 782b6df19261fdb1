"""Consumers and endpoints that a change asks for: planned as rows in nobody's way, in force under its mandate."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, StaleRevision, WrongState
from governance.kernel.mandate import Mandate
from governance.models import User

from ..models import InterfaceEndpoint, Subscription
from .checks import clean
from .facts import json_value
from .merging import merged

#: The columns that a change may patch; the place on the way is said when the endpoint is made.
ENDPOINT_FIELDS = ("transport", "address", "tls", "auth", "instance_id", "certificate_expires_at")
PLACE_FIELDS = ("role", "order")
SUBSCRIPTION_FIELDS = ("purpose",)


def plan_subscription(subscription: Subscription, *, now: dt.datetime, actor: User) -> Subscription:
    """Keep what a change asks for: a consumer that relies on the interface once the change is carried out."""
    require(actor, "plan", subscription)
    check_not_consumed(subscription)
    subscription.planned, subscription.since, subscription.until = True, now, now
    clean(subscription)
    with recorded("catalog.subscription.plan", actor=actor, subject=subscription, now=now):
        subscription.save(force_insert=True)
    return subscription


def check_not_consumed(subscription: Subscription) -> None:
    """Raises ``Conflict`` (DUPLICATE) for a consumer that relies on the interface already."""
    interface, consumer = subscription.interface, subscription.consumer
    if interface.subscriptions.filter(consumer=consumer, until__isnull=True).exists():
        raise Conflict(f"{consumer} already consumes {interface.key}.", code="DUPLICATE")


def begin_subscription(
    subscription: Subscription, *, patch: Mapping[str, Any], mandate: Mandate, now: dt.datetime, actor: User
) -> None:
    """From ``now`` on the consumer relies on the interface. Raises ``Conflict`` when it does so already."""
    require(actor, "begin", subscription)
    mandate.redeem(subject=subscription, action="apply")
    check_not_consumed(subscription)
    with recorded("catalog.subscription.begin", actor=actor, subject=subscription, mandate=mandate, now=now):
        planned = Subscription.every.filter(pk=subscription.pk, planned=True)
        if not planned.update(**patch, planned=False, since=now, until=None, revision=F("revision") + 1):
            raise Conflict(f"{subscription} has begun already.", code="DUPLICATE")


def end_subscription(subscription: Subscription, *, mandate: Mandate, now: dt.datetime, actor: User) -> None:
    """The consumer no longer relies on the interface; what was, stays in the record."""
    require(actor, "end", subscription)
    mandate.redeem(subject=subscription, action="apply")
    with recorded("catalog.subscription.end", actor=actor, subject=subscription, mandate=mandate, now=now):
        live = Subscription.objects.filter(pk=subscription.pk, until__isnull=True)
        if not live.update(until=now, revision=F("revision") + 1):
            raise WrongState(f"{subscription} has ended already.")


def endpoint_values(endpoint: InterfaceEndpoint) -> dict[str, Any]:
    """What a change may patch of an endpoint, as JSON values; the base that the change is compared with."""
    fields = (*PLACE_FIELDS, *ENDPOINT_FIELDS) if endpoint.planned else ENDPOINT_FIELDS
    return {name: json_value(getattr(endpoint, name)) for name in fields}


def proposed_endpoint(
    endpoint: InterfaceEndpoint, patch: Mapping[str, Any], *, planned: bool | None = None
) -> InterfaceEndpoint:
    """A copy in memory, never saved, as it would be after ``patch``. Raises ``Invalid`` where that is not sound."""
    kept = {field.attname: getattr(endpoint, field.attname) for field in InterfaceEndpoint._meta.concrete_fields}
    copy = InterfaceEndpoint(**kept)
    copy.planned = endpoint.planned if planned is None else planned
    for name, value in patch.items():
        setattr(copy, name, value)
    clean(copy, known=True)
    return copy


def plan_endpoint(endpoint: InterfaceEndpoint, *, now: dt.datetime, actor: User) -> InterfaceEndpoint:
    """Keep what a change asks for: an address at a place, in nobody's way until the change is carried out."""
    require(actor, "bind", endpoint.binding.interface)
    endpoint.planned = True
    clean(endpoint)
    with recorded("catalog.endpoint.plan", actor=actor, subject=endpoint, now=now):
        endpoint.save(force_insert=True)
    return endpoint


def apply_endpoint_patch(
    endpoint: InterfaceEndpoint,
    *,
    base: Mapping[str, Any],
    patch: Mapping[str, Any],
    mandate: Mandate,
    now: dt.datetime,
    actor: User,
) -> InterfaceEndpoint:
    """The planned endpoint comes into force, the present one moves, three ways. Raises ``Conflict`` field by field.

    Whoever follows the endpoint, a probe first of all, follows it to its new address.
    """  # fmt: skip
    require(actor, "apply", endpoint.binding.interface)
    mandate.redeem(subject=endpoint, action="apply")
    current = InterfaceEndpoint.every.select_related("binding__interface").get(pk=endpoint.pk)
    wanted = merged(str(current), endpoint_values(current), base=base, patch=patch, hidden=("address",))
    copy = proposed_endpoint(current, wanted, planned=False)
    with recorded("catalog.endpoint.apply", actor=actor, subject=current, mandate=mandate, now=now):
        values = {name: getattr(copy, name) for name in wanted}
        unmoved = InterfaceEndpoint.every.filter(pk=current.pk, revision=current.revision)
        if not unmoved.update(**values, planned=False, revision=F("revision") + 1):
            raise StaleRevision(f"{current} was changed by someone else at this moment. Try again.")
    endpoint.refresh_from_db()
    return endpoint
