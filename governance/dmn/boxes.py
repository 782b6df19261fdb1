"""A table's rules as boxes over its inputs' domains, and boxes as what people read: cells and one example of facts."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from .cover import Box, Budget
from .hits import TableNotAgreed, TableNotUnique
from .regions import Domain, domain_of
from .table import CompiledTable

Region = dict[str, str]
"""Per input that it restricts, the cell that says how; inputs that may be anything are left out, as in a rule."""


class NotConfirmed(RuntimeError):
    """The table itself answers an example otherwise than the analysis says: the analysis is wrong, not the table."""


@dataclass(frozen=True, slots=True)
class Boxes:
    """``space`` is all facts that there can be; ``rules`` are the boxes of the table's rules, in its order."""

    table: CompiledTable
    domains: tuple[Domain, ...]
    space: Box
    rules: tuple[Box, ...]

    def region(self, box: Box) -> Region:
        return {
            domain.name: domain.text(side)
            for domain, side in zip(self.domains, box, strict=True)
            if side != domain.everything
        }

    def example(self, box: Box, *, hit: Collection[str] = (), missed: Collection[str] = ()) -> dict[str, Any]:
        """Facts of the box, put to the table itself: the rules ``hit`` hold for them, those ``missed`` do not.

        A missing fact, and one that no cell asks for and no type describes, is left out.
        """
        facts = {domain.name: domain.fact(side) for domain, side in zip(self.domains, box, strict=True)}
        facts = {name: fact for name, fact in facts.items() if fact is not None}
        held = rules_holding(self.table, facts)
        if not held.issuperset(hit) or not held.isdisjoint(missed):
            raise NotConfirmed(f"For {facts} the table {self.table.key} says {sorted(held)}.")
        return facts


def boxes_of(table: CompiledTable, budget: Budget) -> Boxes:
    """Raises ``Exhausted`` when the inputs have more classes than the budget allows."""
    cells = dict(table.columns)
    domains = tuple(domain_of(column, cells[column.name], budget.spend) for column in table.inputs)
    space = tuple(domain.everything for domain in domains)
    places = {domain.name: at for at, domain in enumerate(domains)}
    rules = []
    for rule in table.rules:
        box = list(space)
        for condition in rule.conditions:
            name, text = table.slots[condition]
            box[places[name]] = domains[places[name]].holds[text]
        rules.append(tuple(box))
    return Boxes(table, domains, space, tuple(rules))


def rules_holding(table: CompiledTable, facts: dict[str, Any]) -> set[str]:
    """The rules that hold for facts, also where the hit policy then refuses to answer."""
    try:
        return set(table.evaluate(facts, trace=False).rules)
    except (TableNotUnique, TableNotAgreed) as refused:
        return set(refused.details["rules"])
