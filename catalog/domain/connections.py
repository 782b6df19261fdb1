"""Who consumes an interface, and where it runs: subscriptions, bindings and endpoints."""

from __future__ import annotations

import datetime as dt

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, WrongState
from governance.models import User

from ..lifecycle import BUILDING_STATES, OPEN_STATES
from ..models import Facility, Interface, InterfaceBinding, InterfaceEndpoint, Subscription, System, SystemInstance
from .checks import clean


def subscribe(interface: Interface, *, consumer: System, purpose: str, now: dt.datetime, actor: User) -> Subscription:
    """``consumer`` relies on the interface from ``now`` on. Free while it is a proposal, later through a change."""
    require(actor, "subscribe", interface)
    check_open(interface, "consumers")
    if interface.subscriptions.filter(consumer=consumer, until__isnull=True).exists():
        raise Conflict(f"{consumer} already consumes {interface.key}.", code="DUPLICATE")
    subscription = Subscription(interface=interface, consumer=consumer, purpose=purpose, since=now)
    clean(subscription)
    with recorded("catalog.interface.subscribe", actor=actor, subject=subscription, now=now):
        subscription.save(force_insert=True)
    return subscription


def note_traffic(subscription: Subscription, *, at: dt.datetime) -> None:
    """Telemetry saw the consumer's traffic; not a decision, so it is measured, not audited."""
    Subscription.objects.filter(pk=subscription.pk).update(last_traffic_at=at)


def bind(
    interface: Interface,
    *,
    environment: str,
    facility: Facility | None = None,
    provider_instance: SystemInstance | None = None,
    now: dt.datetime,
    actor: User,
) -> InterfaceBinding:
    """The interface runs in this environment at this facility; asked again, it is the same binding."""  # fmt: skip
    require(actor, "bind", interface)
    present = interface.bindings.filter(environment=environment, facility=facility).first()
    if present:
        return present
    binding = InterfaceBinding(
        interface=interface, environment=environment, facility=facility, provider_instance=provider_instance, since=now
    )
    clean(binding)
    with recorded("catalog.interface.bind", actor=actor, subject=binding, now=now):
        binding.save(force_insert=True)
    return binding


def add_endpoint(
    binding: InterfaceBinding,
    *,
    role: str,
    transport: str,
    address: str,
    order: int = 1,
    tls: bool = True,
    auth: str = "",
    instance: SystemInstance | None = None,
    now: dt.datetime,
    actor: User,
) -> InterfaceEndpoint:
    """One address on the way: free of a proposal and while it is built; later by a change."""  # fmt: skip
    interface = binding.interface
    require(actor, "bind", interface)
    if interface.state not in (*OPEN_STATES, *BUILDING_STATES):
        raise WrongState(
            f"{interface.key} is {interface.state}: its endpoints change through a change request. Ask for an endpoint "
            "move that names the endpoint, or that adds one at this place.",
            details={"state": interface.state},
        )
    endpoint = InterfaceEndpoint(
        binding=binding,
        role=role,
        transport=transport,
        address=address,
        order=order,
        tls=tls,
        auth=auth,
        instance=instance,
    )
    clean(endpoint)
    with recorded("catalog.interface.add_endpoint", actor=actor, subject=endpoint, now=now):
        endpoint.save(force_insert=True)
    return endpoint


def check_open(interface: Interface, what: str) -> None:
    if interface.state not in OPEN_STATES:
        raise WrongState(
            f"{interface.key} is {interface.state}: its {what} change through a change request. Ask for one.",
            details={"state": interface.state},
        )
