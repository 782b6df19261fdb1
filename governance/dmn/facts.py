"""The check that a door makes before it asks a table: are these facts what the table can compare?

Evaluation itself is forgiving (a wrong type is a cell that does not hold, with a reason); here the person or
program that sent the facts learns of the slip.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.kernel.findings import Finding, Severity

from .checks import json_problem
from .hits import identity
from .table import CompiledTable, Input
from .values import KINDS, READERS, described, is_whole, shortened


def check_facts(table: CompiledTable, facts: Mapping[str, Any]) -> list[Finding]:
    """Findings on facts that are of a wrong type, outside the allowed values, or unknown to the table.

    Against a declared type or value the finding is an ERROR (FACT_TYPE, FACT_VALUE); against the kind that
    the table's cells compare, and for an unknown name (FACT_UNKNOWN), a WARNING. A missing fact is none.
    """
    inputs = {column.name: column for column in table.inputs}
    found = [
        finding
        for name, column in inputs.items()
        if facts.get(name) is not None
        for finding in _checked(column, facts[name])
    ]
    unknown = [str(name) for name in facts if name not in inputs]
    return found + [
        Finding(
            "FACT_UNKNOWN",
            f"The table {table.key} asks no {shortened(name)}; the fact is ignored.",
            Severity.WARNING,
            name,
        )
        for name in unknown
    ]


def _checked(column: Input, value: Any) -> list[Finding]:
    if column.kinds and all(READERS[kind](value) is None for kind in column.kinds):
        wanted = " or ".join(KINDS[kind] for kind in KINDS if kind in column.kinds)
        severity = Severity.ERROR if column.declared else Severity.WARNING
        message = f"{column.name} is {described(value)}; the table compares it with {wanted}."
        return [Finding("FACT_TYPE", message, severity, column.name)]
    if problem := _outside(column, value):
        return [Finding("FACT_VALUE", f"{column.name} is {described(value)}; {problem}.", where=column.name)]
    if not column.values:
        return []
    allowed = {identity(item) for item in column.values}
    listed = shortened(", ".join(map(str, column.values)), 400)
    outside = [item for item in (value if isinstance(value, list) else [value]) if not _among(item, allowed)]
    return [
        Finding(
            "FACT_VALUE",
            f"{column.name} is {described(item)}; allowed are {listed}.",
            where=column.name,
        )
        for item in outside
    ]


def _outside(column: Input, value: Any) -> str:
    """What a fact of the right type must be and is not, by the declared range; empty when it may be so."""
    if column.whole and not is_whole(value):
        return "it must be a whole number"
    if column.range and not column.range.match(value):
        return f"it must be {column.range.text}"
    return ""


def _among(item: Any, allowed: set[str]) -> bool:
    return json_problem(item) is None and identity(item) in allowed
