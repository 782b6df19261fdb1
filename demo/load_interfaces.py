"""What an architect does for one interface before anyone is asked: the record, its owners, consumers and contract."""

from __future__ import annotations

import datetime as dt
import json
from decimal import Decimal
from functools import cache
from typing import Any

from catalog.domain import connections, interfaces, owners
from catalog.models import Interface
from contracts.domain import contracts, versions
from contracts.models import ContractVersion
from governance.models import User

from .documents import document_of, format_of
from .world import HERE, World

FLAGS = ("patient_adjacent", "financial", "external")
TECHNICAL = "integration-engineering"
#: The facts that are columns of the interface; the others follow from its systems, its origin and its classes.
FACT_COLUMNS = (
    "interaction", "latency_s", "msg_standard", "fan_out", "steps", "volume_day", "payload_mb", "external",
    "certified_connector", "tier", "new_technology", "financial",
)  # fmt: skip


@cache
def stories() -> dict[str, dict[str, Any]]:
    """The 13 story interfaces with their facts, by key."""
    return {story["key"]: story for story in json.loads((HERE / "stories" / "facts.json").read_text(encoding="utf-8"))}


def values_of(world: World, row: dict[str, Any]) -> dict[str, Any]:
    """The columns of one interface; a story's facts are read from ``facts.json``, never repeated."""
    values: dict[str, Any] = {flag: flag in row["flags"] for flag in FLAGS}
    if row.get("story"):
        story = stories()[row["key"]]
        values |= {name: story["facts"][name] for name in FACT_COLUMNS}
        values |= {"name": story["name"][0].upper() + story["name"][1:], "patterns": story["chosen"]}
    else:
        names = ("name", "interaction", "patterns", "msg_standard", "latency_s", "volume_day", "payload_mb", "tier")
        values |= {name: row[name] for name in names}
        values["fan_out"] = len(row["consumers"])
    for name in ("key", "purpose", "message_types", "trigger", "data_classes"):
        values[name] = row[name]
    for name in ("provider", "source", "target"):
        values[name] = world.systems[row[name]]
    return {**values, "payload_mb": Decimal(str(values["payload_mb"])), "environments": ["TEST", "PROD"]}


def register(world: World, row: dict[str, Any], *, at: dt.datetime) -> Interface:
    """The proposal, complete enough to be submitted."""
    actor = world.architect(world.systems[row["provider"]].domain)
    interface = interfaces.register_interface(**values_of(world, row), now=at, actor=actor)
    name_owners(world, row, interface, at=at + dt.timedelta(minutes=10), actor=actor)
    for key in row["consumers"]:
        consumer = world.systems[key]
        purpose = row["purpose"] or f"{consumer.name} reads it"
        connections.subscribe(
            interface, consumer=consumer, purpose=purpose[:200], now=at + dt.timedelta(minutes=20), actor=actor
        )
    return interface


def name_owners(world: World, row: dict[str, Any], interface: Interface, *, at: dt.datetime, actor: User) -> None:
    named = {"BUSINESS_OWNER": row["owner"], "TECHNICAL_OWNER": TECHNICAL, "SUPPORT": "operations-desk"}
    if "PHI" in row["data_classes"]:
        named["DATA_STEWARD"] = "data-stewards"
    for kind, team in named.items():
        owners.assign_owner(interface, kind=kind, team=world.teams[team], now=at, actor=actor)


def draft_contract(
    world: World, row: dict[str, Any], interface: Interface, *, at: dt.datetime
) -> ContractVersion | None:
    """The interface's first contract version, a draft; ``None`` for standards that the demo promises nothing in."""
    form = format_of(interface.msg_standard)
    if not form:
        return None
    actor = interface.proposed_by
    steward = world.teams[row.get("steward", row["owner"])]
    contract = contracts.open_contract(interface, format=form, steward=steward, now=at, actor=actor)
    text = document_of(row, interface.msg_standard)
    return versions.draft_version(contract, version=row.get("version", "1.0.0"), text=text, now=at, actor=actor)
