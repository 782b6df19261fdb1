"""The contract documents of the demo: a JSON Schema where the interface says its fields, else a profile of messages."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from .world import HERE

FORMATS = {
    "JSON": "json_schema",
    "SCIM": "json_schema",
    "HL7V2": "hl7v2",
    "FHIR": "fhir",
    "X12": "x12",
    "CSV": "table_schema",
}
TEMPORAL = ("date", "date-time")


def format_of(msg_standard: str) -> str:
    """The contract format for a message standard; empty when the demo has none."""
    return FORMATS.get(msg_standard, "")


def document_of(row: Mapping[str, Any], msg_standard: str) -> bytes:
    """The interface's first promise, as bytes."""
    if "document" in row:
        return (HERE / "stories" / row["document"]).read_bytes()
    if "fields" in row:
        return as_bytes(schema_of(row["key"], row["fields"]))
    return as_bytes(
        {
            "title": row["key"],
            "standard": msg_standard,
            "messages": [{"name": name, "usage": "required"} for name in row["message_types"]],
        }
    )


def schema_of(key: str, fields: Mapping[str, Any], *, optional: Mapping[str, Any] | None = None) -> dict[str, Any]:
    """Every one of ``fields`` is required, those of ``optional`` may be left out, and there are no others."""
    named = {**fields, **(optional or {})}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:lakeshore:contract:{key.lower()}",
        "type": "object",
        "properties": {name: property_of(kind) for name, kind in named.items()},
        "required": list(fields),
        "additionalProperties": False,
    }


def property_of(kind: str | list[str]) -> dict[str, Any]:
    """``kind`` is a JSON type, ``date`` or ``date-time``, or the list of allowed words."""
    if isinstance(kind, list):
        return {"enum": kind}
    if kind in TEMPORAL:
        return {"type": "string", "format": kind}
    return {"type": kind, "minLength": 1, "maxLength": 80} if kind == "string" else {"type": kind}


def as_bytes(document: Mapping[str, Any]) -> bytes:
    return json.dumps(document, indent=2).encode()
