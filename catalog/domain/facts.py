"""The facts of an interface, as the board's tables read them."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ..models import Interface, Origin

#: Columns of the interface that a change may patch and that make up its facts or its description.
PROPOSED_FIELDS = (
    "name", "purpose", "provider_id", "source_id", "target_id", "initiator", "interaction", "patterns",
    "msg_standard", "message_types", "trigger", "latency_s", "volume_day", "payload_mb", "fan_out", "steps",
    "data_classes", "tier", "patient_adjacent", "financial", "external", "certified_connector", "new_technology",
    "environments", "sunset_on", "successor_id",
)  # fmt: skip


def facts_of(interface: Interface, *, breaking: bool = False) -> dict[str, Any]:
    """What T1 to T4 ask of an interface, also of one that is only half filled in: what is not said is null.

    ``tier`` is 0 to 4, ``latency_s`` seconds, ``volume_day`` messages a day, ``payload_mb`` megabytes.
    ``lifecycle`` is EXISTING only for imported records. State and owners are no facts.
    """
    source = interface.source if interface.source_id else None
    target = interface.target if interface.target_id else None
    return {
        "interaction": interface.interaction or None,
        "latency_s": interface.latency_s,
        "msg_standard": interface.msg_standard or None,
        "source_domain": source.domain.key if source else None,
        "target_domain": target.domain.key if target else None,
        "fan_out": interface.fan_out,
        "steps": interface.steps if interface.interaction == "PROCESS" else 1,
        "volume_day": interface.volume_day,
        "payload_mb": plain_number(interface.payload_mb),
        "phi": interface.phi,
        "external": interface.external,
        "source_speaks": list(source.speaks) if source else [],
        "target_speaks": list(target.speaks) if target else [],
        "certified_connector": interface.certified_connector,
        "tier": interface.tier,
        "lifecycle": "EXISTING" if interface.origin == Origin.IMPORTED else "NEW",
        "new_technology": interface.new_technology,
        "breaking": breaking,
        "financial": interface.financial,
    }


def plain_number(value: Decimal | int | float | None) -> int | float | None:
    """A JSON number: whole where it is whole, so that 1.000 and 1 are the same fact."""
    if value is None:
        return None
    return int(value) if value == int(value) else float(value)


def facts_hash(facts: Mapping[str, Any]) -> str:
    """SHA-256 of the facts as canonical JSON: what a decision was made on."""
    return hashlib.sha256(json.dumps(facts, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def proposed_values(interface: Interface) -> dict[str, Any]:
    """The interface's patchable columns as JSON values; the base that a change is compared with."""
    return {name: json_value(getattr(interface, name)) for name in PROPOSED_FIELDS}


def json_value(value: Any) -> Any:
    if isinstance(value, Decimal):
        return plain_number(value)
    if value is None or isinstance(value, str | int | float | bool | list):
        return value
    return str(value)


def with_proposed(interface: Interface, patch: Mapping[str, Any]) -> Interface:
    """A copy in memory, never saved, as it would be after ``patch``."""
    copy = Interface(**{f.attname: getattr(interface, f.attname) for f in Interface._meta.concrete_fields})
    for name in PROPOSED_FIELDS:
        if name in patch:
            setattr(copy, name, patch[name])
    return copy
