"""An impact or a simulation as one reader may see it: the counts are of all, the rows of what the reader sees."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.core.exceptions import ValidationError

from ..models import User
from .rules import registered, visible

#: What a row may be filtered by: an aspect that differs, or what follows of it.
WORDS = {
    "NON_CONFORMING": "No longer conforming",
    "CONFORMING": "Conforming again",
    "CONFORMANCE": "Another verdict",
    "DECIDER": "Decided by others",
    "OBLIGATIONS": "Other resilience",
    "APPROVAL": "Other approvals",
}


@dataclass(frozen=True)
class Report:
    """``counts`` over all; ``rows`` that the reader may see and asked for; ``hidden`` that they may not see."""

    counts: dict[str, int]
    rows: list[dict[str, Any]]
    hidden: int
    left_off: int

    @property
    def tabs(self) -> list[tuple[str, str, int]]:
        """Each aspect in which something differs: its name, its words, how many records."""
        return [(name, label, self.counts[name]) for name, label in WORDS.items() if self.counts.get(name)]


def report_for(actor: User, stored: Mapping[str, Any], *, what: str = "") -> Report:
    """``what`` narrows to rows in which that aspect differs. One query for each kind of record."""
    rows = stored.get("rows", [])
    known = {kind: seen_ids(actor, kind, rows) for kind in {row["type"] for row in rows} if kind in models_ruled()}
    shown = [row for row in rows if row["type"] not in models_ruled() or row["id"] in known[row["type"]]]
    asked = [row for row in shown if not what or what in aspects_of(row)]
    return Report(dict(stored.get("counts", {})), asked, len(rows) - len(shown), stored.get("left_off", 0))


def models_ruled() -> set[str]:
    """Kinds of records that not everybody may see."""
    return {model._meta.label_lower for model in registered()}


def seen_ids(actor: User, kind: str, rows: list[dict[str, Any]]) -> set[str]:
    model = apps.get_model(kind)
    ids = [row["id"] for row in rows if row["type"] == kind]
    try:
        return {
            str(pk) for pk in visible(model._default_manager.filter(pk__in=ids), actor).values_list("pk", flat=True)
        }
    except ValidationError:
        return set()


def aspects_of(row: Mapping[str, Any]) -> set[str]:
    found = row["differences"]
    return {one["aspect"] for one in found} | {one["grave"] for one in found if one["grave"]}
