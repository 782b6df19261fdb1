"""Reading a half-filled request form: what is said so far becomes facts, what is not said stays null."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import Any
from uuid import UUID

from governance.domain.rules import visible
from governance.models import User

from ..models import Interface, System

WHOLE_NUMBERS = ("latency_s", "volume_day", "fan_out", "steps", "tier")
TEXTS = ("key", "name", "purpose", "trigger", "initiator", "interaction", "msg_standard")
LISTS = ("patterns", "data_classes", "environments", "message_types")
FLAGS = ("patient_adjacent", "financial", "external", "certified_connector", "new_technology")
SYSTEMS = ("provider", "source", "target")


def read_draft(values: Mapping[str, Any], *, actor: User) -> Interface:
    """An unsaved interface from loose values (a form's or a JSON body's); never raises for what is missing or wrong.

    Systems are named by key or id; those the actor may not see count as not said.
    """
    draft = Interface()
    for name in TEXTS:
        if isinstance(values.get(name), str):
            setattr(draft, name, values[name])
    for name in WHOLE_NUMBERS:
        setattr(draft, name, whole(values.get(name), default=1 if name == "steps" else None))
    for name in LISTS:
        setattr(draft, name, [word for word in as_list(values.get(name)) if isinstance(word, str) and word])
    for name in FLAGS:
        setattr(draft, name, values.get(name) in (True, "true", "on", "1", "True"))
    # What is not said is null here, though a stored interface always says it.
    vars(draft)["payload_mb"] = decimal(values.get("payload_mb"))
    for name in SYSTEMS:
        setattr(draft, name, named_system(values.get(name), actor) if values.get(name) else None)
    return draft


def whole(given: Any, *, default: int | None) -> int | None:
    try:
        number = int(given)
    except (TypeError, ValueError):
        return default
    return number if 0 <= number <= 2_147_483_647 else default


def decimal(given: Any) -> Decimal | None:
    try:
        number = Decimal(str(given))
    except InvalidOperation:
        return None
    return number if number.is_finite() and 0 <= number < 10_000_000 else None


def as_list(given: Any) -> list[Any]:
    if isinstance(given, str):
        return [part.strip() for part in given.split(",")]
    return list(given) if isinstance(given, list | tuple) else []


def named_system(given: Any, actor: User) -> System | None:
    seen = visible(System.objects.all(), actor).select_related("domain")
    text = str(given)
    try:
        return seen.filter(pk=UUID(text)).first()
    except ValueError:
        return seen.filter(key=text).first()
