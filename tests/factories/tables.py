"""Decision tables for tests, drafted and brought into force by the commands that people use."""

from __future__ import annotations

from typing import Any

from governance.domain.drafts import start_draft
from governance.domain.tables import active_table, seed_table
from governance.models import DecisionTable
from tests.cast import Cast

#: Three tiers, two of which the rules decide: T2 is its one gap.
ROUTES: dict[str, Any] = {
    "key": "routes", "version": "1.0", "title": "Routes", "hit": "U",
    "inputs": [
        {"name": "tier", "type": "number", "range": "[0..2]", "whole": True},
        {"name": "kind", "type": "string", "values": ["FAST", "SLOW"]},
    ],
    "outputs": [{"name": "say", "type": "string", "values": ["one", "two", "three"]}],
    "rules": [
        {"id": "A1", "when": {"tier": "0"}, "then": {"say": "one"}, "note": "the most urgent"},
        {"id": "A2", "when": {"tier": "1", "kind": '"FAST"'}, "then": {"say": "two"}, "note": ""},
        {"id": "A3", "when": {"tier": "1", "kind": '"SLOW"'}, "then": {"say": "three"}, "note": ""},
    ],
    "cases": [{"name": "urgent", "facts": {"tier": 0, "kind": "FAST"}, "expect": {"output": {"say": "one"}}}],
}  # fmt: skip
CLOSING = {"id": "A4", "when": {"tier": "2"}, "then": {"say": "three"}}


def routes_in_force(cast: Cast, **values: Any) -> DecisionTable:
    return seed_table({**ROUTES, **values}, title="Routes", now=cast.now, actor=cast.clock)


def draft(cast: Cast, name: str = "jo", **values: Any) -> DecisionTable:
    """A draft copy of the routes in force."""
    if not DecisionTable.objects.filter(key="routes").exists():
        routes_in_force(cast)
    return start_draft("routes", based_on=active_table("routes"), now=cast.now, actor=cast(name), **values)


def rule_ids(table: DecisionTable) -> list[str]:
    return list(table.rules.order_by("position").values_list("rule_id", flat=True))
