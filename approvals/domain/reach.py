"""What a calendar entry is held against: the domains, systems and places that a set of interfaces touches."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.models import (
    Domain,
    DomainKey,
    Environment,
    Facility,
    Interface,
    InterfaceBinding,
    InterfaceEndpoint,
    System,
    SystemInstance,
)

from ..models import CalendarEntry, CalendarKind


@dataclass
class Reach:
    """``guarded``: money is moved or the ERP takes part, which is what quiet times protect."""

    domains: set[Any] = field(default_factory=set)
    systems: set[Any] = field(default_factory=set)
    facilities: set[Any] = field(default_factory=set)
    guarded: bool = False


def concerns(entry: CalendarEntry, reach: Reach) -> bool:
    """Whether the entry's scope holds any of it; one without a scope is for everything."""
    if entry.kind == CalendarKind.QUIET and not reach.guarded:
        return False
    if entry.domain_id:
        return entry.domain_id in reach.domains
    if entry.system_id:
        return entry.system_id in reach.systems
    return entry.facility_id is None or entry.facility_id in reach.facilities


def reaches(
    entries: Iterable[CalendarEntry],
    groups: Mapping[Any, Sequence[Interface]],
    *,
    systems: Mapping[Any, Sequence[System]] | None = None,
    places: bool = False,
) -> dict[Any, Reach]:
    """The reach of each group, all at once; ``systems`` are those that a group names besides its interfaces.

    What costs a query is looked up only where one of the ``entries`` asks for it, or with ``places`` in any case.
    """
    asked = list(entries)
    made = {name: Reach() for name in groups}
    for name, interfaces in groups.items():
        for interface in interfaces:
            parties = (interface.provider, interface.source, interface.target)
            made[name].domains |= {party.domain_id for party in parties}
            made[name].systems |= {party.pk for party in parties}
            made[name].guarded |= interface.financial
        for system in (systems or {}).get(name, ()):
            made[name].domains.add(system.domain_id)
            made[name].systems.add(system.pk)
    if places or any(one.facility_id or one.system_id for one in asked):
        add_places(made, groups)
    if any(one.kind == CalendarKind.QUIET for one in asked):
        erp = set(Domain.objects.filter(key=DomainKey.ERP).values_list("pk", flat=True))
        for reach in made.values():
            reach.guarded |= bool(reach.domains & erp)
    return made


def add_places(made: Mapping[Any, Reach], groups: Mapping[Any, Sequence[Interface]]) -> None:
    """Where the interfaces run in production, and the systems on their way, in four queries however many there are."""
    every = {interface.pk: interface for interfaces in groups.values() for interface in interfaces}
    stands, passes = bound_at(every), dict[Any, set[Any]]()
    hops = InterfaceEndpoint.objects.filter(binding__interface__in=every, instance__isnull=False)
    for interface, system in hops.values_list("binding__interface", "instance__system"):
        passes.setdefault(interface, set()).add(system)
    unbound = {interface.provider_id for pk, interface in every.items() if not stands.get(pk)}
    installed: dict[Any, set[Any]] = {}
    instances = SystemInstance.objects.filter(system__in=unbound, environment=Environment.PROD, facility__isnull=False)
    for system, facility in instances.values_list("system", "facility"):
        installed.setdefault(system, set()).add(facility)
    above = dict(Facility.objects.values_list("pk", "parent"))
    for name, interfaces in groups.items():
        for one in interfaces:
            here = stands.get(one.pk) or installed.get(one.provider_id, set())
            made[name].facilities |= {place for facility in here for place in with_parents(facility, above)}
            made[name].systems |= passes.get(one.pk, set())


def bound_at(every: Mapping[Any, Interface]) -> dict[Any, set[Any]]:
    """By interface, the facilities of its production bindings: each binding's own, or else its provider instance's."""
    stands: dict[Any, set[Any]] = {}
    bindings = InterfaceBinding.objects.filter(interface__in=every, environment=Environment.PROD)
    for interface, facility, installed in bindings.values_list("interface", "facility", "provider_instance__facility"):
        if facility or installed:
            stands.setdefault(interface, set()).add(facility or installed)
    return stands


def with_parents(facility: Any, above: Mapping[Any, Any]) -> Iterator[Any]:
    """A freeze of a hospital holds for its clinics: the facility and everything that it is part of."""
    seen: set[Any] = set()
    while facility and facility not in seen:
        seen.add(facility)
        yield facility
        facility = above.get(facility)
