"""Asking a decision table from outside: facts are held against the table before it speaks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..dmn import CompiledTable, check_facts
from ..kernel.errors import Invalid
from ..kernel.findings import Finding, blocking
from ..models import DecisionTable
from .tables import Decided, active_table, compiled, evaluate_table


def decide(key: str, facts: Mapping[str, Any]) -> tuple[Decided, list[Finding]]:
    """What the table in force says of ``facts``, and what to know about them (facts that it does not ask).

    Raises ``NotFound`` TABLE_NOT_FOUND, and ``Invalid`` FACTS with every fact of a wrong type or value by name.
    """
    table = active_table(key)
    findings = checked_facts(compiled(table)[0], facts)
    return evaluate_table(table, facts), findings


def findings_on(machine: CompiledTable, facts: Mapping[str, Any]) -> list[Finding]:
    """Every finding on ``facts``, whether it blocks or not."""
    return check_facts(machine, facts)


def checked_facts(machine: CompiledTable, facts: Mapping[str, Any]) -> list[Finding]:
    """The findings on ``facts`` that do not block; ``Invalid`` FACTS for those that do."""
    findings = check_facts(machine, facts)
    wrong = blocking(findings)
    if wrong:
        errors: dict[str, list[str]] = {}
        for finding in wrong:
            errors.setdefault(finding.where, []).append(finding.message)
        raise Invalid(" ".join(finding.message for finding in wrong), code="FACTS", errors=errors)
    return findings


def table_in_force(key: str) -> CompiledTable:
    """The compiled table in force, for one who asks many times of the same version."""
    return compiled(active_table(key))[0]


def rules_of(table: DecisionTable) -> list[dict[str, Any]]:
    """The rules of one version in their order."""
    return [{"id": rule.rule_id, "when": rule.when, "then": rule.then, "note": rule.note} for rule in table.rules.all()]
