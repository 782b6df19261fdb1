"""Which open changes touch the same asset as another, or one that is related to it, at about the same time.

Related to an interface are the interfaces of a system that takes part in it (as owner, source, target or consumer),
those in which its own owning system takes part, and a change of such a system itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet

from catalog.models import Interface, Subscription, System

from ..models import ChangeItem, ChangeRequest

#: Submitted and not carried out yet: what still moves in its window.
UNDER_WAY = ("SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "IMPLEMENTING")
#: How long a change takes that does not say when its window closes.
USUAL = dt.timedelta(hours=4)
PATHS = (
    "interface",
    "contract_version__contract__interface",
    "endpoint__binding__interface",
    "subscription__interface",
    "waiver__interface",
)
#: Subjects that are no part of the landscape: the same one is the same asset, and nothing is related to it.
ALONE = ("decision_table_id", "template_id")


@dataclass
class Asset:
    """What one change touches. ``owners``: systems whose own it is; ``parties``: all that take part, owners too."""

    interfaces: set[Any] = field(default_factory=set)
    systems: set[Any] = field(default_factory=set)
    alone: set[tuple[str, Any]] = field(default_factory=set)
    owners: set[Any] = field(default_factory=set)
    parties: set[Any] = field(default_factory=set)


@dataclass(frozen=True)
class Neighbour:
    """Another change's item that touches the same (``same``) or a related asset; ``through`` says by what, in words."""

    change: ChangeRequest
    same: bool
    label: str
    through: str = ""


def during(start: dt.datetime, end: dt.datetime) -> Q:
    """Changes whose window, or appointed time, overlaps the time from ``start`` to ``end``."""
    unclosed = Q(window_end=None, window_start__gt=start - USUAL)
    windowed = Q(window_start__lt=end) & (Q(window_end__gt=start) | unclosed)
    appointed = Q(window_start=None, implement_at__lt=end, implement_at__gt=start - USUAL)
    return windowed | appointed


def span_of(change: ChangeRequest, *, earliest: dt.datetime) -> tuple[dt.datetime, dt.datetime]:
    """When it is done: its window, else from its appointed time or ``earliest`` on, for the usual four hours."""
    start = change.window_start or change.implement_at or earliest
    return start, change.window_end or start + USUAL


def assets_of(
    groups: dict[Any, tuple[Sequence[Interface], Sequence[System], Iterable[tuple[str, Any]]]],
) -> dict[Any, Asset]:
    """The assets of each group of interfaces, systems and other subjects, in one query for the consumers of all."""
    every = {one.pk for interfaces, _, _ in groups.values() for one in interfaces}
    consumers = consumers_of(every)
    made = {}
    for name, (interfaces, systems, alone) in groups.items():
        asset = made[name] = Asset(alone=set(alone), systems={one.pk for one in systems})
        asset.owners |= asset.systems
        for one in interfaces:
            asset.interfaces.add(one.pk)
            asset.owners.add(one.provider_id)
            asset.parties |= {one.source_id, one.target_id, *consumers.get(one.pk, ())}
        asset.parties |= asset.owners
    return made


def consumers_of(interfaces: Iterable[Any]) -> dict[Any, set[Any]]:
    found: dict[Any, set[Any]] = {}
    live = Subscription.objects.filter(interface__in=list(interfaces), until__isnull=True)
    for interface, consumer in live.values_list("interface", "consumer"):
        found.setdefault(interface, set()).add(consumer)
    return found


def neighbours_of(assets: dict[Any, Asset], *, start: dt.datetime, end: dt.datetime) -> dict[Any, dict[Any, Neighbour]]:
    """For each asset the neighbours by the change's id, the nearest relation of each; five queries however many.

    ``start`` and ``end`` bound all of them. An asset's own change is among its neighbours: the caller leaves it out.
    """
    near = related_interfaces(assets.values())
    items = items_touching(assets.values(), near, start=start, end=end)
    consumers = consumers_of({one.touched_interface_id for one in items} - {None})
    found: dict[Any, dict[Any, Neighbour]] = {name: {} for name in assets}
    for name, asset in assets.items():
        for item in items:
            one = relation(asset, item, near, consumers)
            known = found[name].get(item.change_id)
            if one and (known is None or (one.same and not known.same)):
                found[name][item.change_id] = one
    return found


def related_interfaces(assets: Iterable[Asset]) -> dict[Any, Interface]:
    """Every interface that is one of the assets or related to one."""
    listed = list(assets)
    mine = {pk for one in listed for pk in one.interfaces}
    owners = {pk for one in listed for pk in one.owners}
    parties = {pk for one in listed for pk in one.parties}
    consumed = Subscription.objects.filter(consumer__in=owners, until__isnull=True).values("interface")
    related = Q(provider__in=parties) | Q(source__in=owners) | Q(target__in=owners) | Q(pk__in=consumed)
    return Interface.objects.select_related("provider").filter(related | Q(pk__in=mine)).in_bulk()


def items_touching(
    assets: Iterable[Asset], near: dict[Any, Interface], *, start: dt.datetime, end: dt.datetime
) -> list[ChangeItem]:
    listed = list(assets)
    moving = ChangeRequest.objects.filter(during(start, end), state__in=UNDER_WAY)
    rows = ChangeItem.objects.order_by().filter(change__in=moving.values("pk"))
    ways: list[QuerySet] = [rows.filter(**{f"{path}__in": list(near)}) for path in PATHS]
    ways.append(rows.filter(system__in={pk for one in listed for pk in one.parties}))
    for column in ALONE:
        known = {pk for one in listed for name, pk in one.alone if name == column}
        ways.extend([rows.filter(**{f"{column}__in": known})] if known else [])
    first, *others = (way.values("pk") for way in ways)
    touching = [row["pk"] for row in first.union(*others)]
    found = ChangeItem.objects.filter(pk__in=touching).select_related(
        "change", "system", "contract_version__contract", "endpoint__binding", "subscription", "waiver",
        "decision_table", "template",
    )  # fmt: skip
    return list(found.order_by(F("change__window_start").asc(nulls_last=True), "change__key", "position"))


def relation(
    asset: Asset, item: ChangeItem, near: dict[Any, Interface], consumers: dict[Any, set[Any]]
) -> Neighbour | None:
    touched = near.get(item.touched_interface_id)
    alone = {(column, getattr(item, column)) for column in ALONE if getattr(item, column)}
    if touched and touched.pk in asset.interfaces:
        return Neighbour(item.change, True, touched.key)
    if alone & asset.alone or (item.system_id and item.system_id in asset.systems):
        return Neighbour(item.change, True, str(item.subject))
    if touched and touched.provider_id in asset.parties:
        return Neighbour(item.change, False, touched.key, f"an interface of {touched.provider}")
    takes_part = {touched.source_id, touched.target_id, *consumers.get(touched.pk, ())} if touched else set()
    if touched and takes_part & asset.owners:
        return Neighbour(item.change, False, touched.key, "in which the same system takes part")
    if item.system and item.system_id in asset.parties:
        return Neighbour(item.change, False, str(item.system), "a system that takes part in it")
    return None
