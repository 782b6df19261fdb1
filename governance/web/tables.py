"""Decision tables as people read them: the versions, one version's rules as a grid, and a try with given facts."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from ..dmn import CompiledTable, Evaluation, RuleTrace, check_facts, explain_cell
from ..domain.queries import table_version, tables_of, versions_of_table
from ..domain.rules import can
from ..domain.tables import compiled
from ..doors.pages import Facet, page_of, render_page
from ..kernel.errors import DomainError
from ..kernel.findings import Finding
from ..lifecycle import DECISION_TABLE
from ..models import DecisionTable

NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)
SORTS = {"key": ("key", "-effective_from"), "effective": "effective_from", "version": ("version", "key")}
HIT_POLICIES = {
    "U": "Unique: one rule at most holds",
    "A": "Any: rules that hold agree",
    "P": "Priority: the strongest output counts",
    "F": "First: the first rule that holds counts",
    "C": "Collect: every rule that holds counts",
    "R": "Rule order: every rule that holds counts, in order",
    "O": "Output order: every rule that holds counts, strongest first",
    "C+": "Sum of what holds", "C<": "Smallest of what holds", "C>": "Largest of what holds", "C#": "How many hold",
}  # fmt: skip


@login_required
@require_safe
def tables(request: HttpRequest) -> HttpResponse:
    """Every version of every table, those in force first."""
    states = [("ACTIVE", "In force"), *((state, label) for state, label in DECISION_TABLE.choices if state != "ACTIVE")]
    page = page_of(
        tables_of(request.user), request, sorts=SORTS, default="key", search=("key", "title"),
        facets=[Facet("state", "State", states)],
    )  # fmt: skip
    context = {"page": page, "may_draft": can(request.user, "draft", DecisionTable)}
    return render_page(request, "governance/tables.html", context=context)


@login_required
@require_safe
def table(request: HttpRequest, key: str, version: str = "") -> HttpResponse:
    """One version, the one in force when none is named; facts in the address (``f.NAME``) are tried on it."""
    shown = table_version(request.user, key, version)
    machine, hashed = compiled(shown)
    tried = try_facts(machine, request)
    context = {
        "table": shown, "versions": versions_of_table(request.user, key), "hash": hashed,
        "hit_words": HIT_POLICIES.get(shown.hit, shown.hit),
        "inputs": [(column.name, column, request.GET.get(f"f.{column.name}", "")) for column in machine.inputs],
        "outputs": machine.output_names, "grid": grid(machine, tried), "tried": tried,
        "may_edit": can(request.user, "edit", shown),
    }  # fmt: skip
    return render_page(request, "governance/table.html", "governance/_tried.html", context)


@dataclass(frozen=True)
class Tried:
    """What a table says of facts that a reader gave, or the sentence that says why it says nothing."""

    facts: dict[str, Any]
    findings: list[Finding]
    evaluation: Evaluation | None
    refusal: str = ""

    @property
    def rows(self) -> list[dict[str, Any]]:
        """The answer as rows, whatever the hit policy makes of it."""
        output = self.evaluation.output if self.evaluation else None
        return output if isinstance(output, list) else [output] if output else []

    @property
    def matched(self) -> list[tuple[str, list[str]]]:
        """Each rule that holds, with a sentence for each of its cells."""
        trace = self.evaluation.trace if self.evaluation else ()
        return [(rule.id, reasons(rule)) for rule in trace if rule.matched]

    @property
    def close(self) -> list[tuple[str, str]]:
        """The rules that fail by one cell only, with that cell: what would have to be different."""
        trace = self.evaluation.trace if self.evaluation else ()
        failing = [(rule, [cell for cell in rule.cells if not cell.holds]) for rule in trace if not rule.matched]
        return [
            (rule.id, explain_cell(cells[0].name, cells[0].cell, cells[0].value, False))
            for rule, cells in failing
            if len(cells) == 1
        ]


def reasons(rule: RuleTrace) -> list[str]:
    return [explain_cell(cell.name, cell.cell, cell.value, cell.holds) for cell in rule.cells if cell.cell != "-"]


def try_facts(machine: CompiledTable, request: HttpRequest) -> Tried | None:
    said = {column.name: request.GET.get(f"f.{column.name}", "").strip() for column in machine.inputs}
    facts = {name: read_fact(text, lists(machine, name)) for name, text in said.items() if text}
    if not facts:
        return None
    findings = check_facts(machine, facts)
    try:
        return Tried(facts, findings, machine.evaluate(facts))
    except DomainError as refusal:
        return Tried(facts, findings, None, refusal.message)


def lists(machine: CompiledTable, name: str) -> bool:
    """Whether the table asks for a list under this name: one of its cells says ``contains``."""
    return any(cell.startswith("contains") for slot, cell in machine.slots if slot == name)


def read_fact(text: str, listed: bool) -> Any:
    """A fact as a person types it: true and false, numbers, otherwise text; commas part the items of a list."""
    if listed:
        return [part.strip() for part in text.split(",") if part.strip()]
    if text.lower() in ("true", "yes", "false", "no"):
        return text.lower() in ("true", "yes")
    if NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    return text.strip('"')


def grid(machine: CompiledTable, tried: Tried | None) -> list[dict[str, Any]]:
    """The rules as rows: a cell for every input, an output for every output, and how the try went."""
    traced = {rule.id: rule for rule in (tried.evaluation.trace if tried and tried.evaluation else ())}
    rows = []
    for rule in machine.document["rules"]:
        trace = traced.get(str(rule["id"]))
        held = {cell.name: cell for cell in trace.cells} if trace else {}
        rows.append(
            {
                "id": rule["id"],
                "note": rule.get("note", ""),
                "matched": trace.matched if trace else None,
                "cells": [
                    cell_of(rule["when"].get(column.name, "-"), held.get(column.name)) for column in machine.inputs
                ],
                "outputs": [rule["then"].get(name, "") for name in machine.output_names],
            }
        )
    return rows


def cell_of(text: str, traced: Any) -> dict[str, Any]:
    asks = text.strip() != "-"
    if traced is None or not asks:
        return {"text": text if asks else "–", "asks": asks, "holds": None, "why": ""}
    why = explain_cell(traced.name, traced.cell, traced.value, traced.holds)
    return {"text": text, "asks": True, "holds": traced.holds, "why": why}
