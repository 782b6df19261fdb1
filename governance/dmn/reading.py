"""From a table's document to a table that can be evaluated, or to the list of all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from operator import itemgetter
from typing import Any

from .checks import (
    MAX_INPUTS,
    MAX_OUTPUTS,
    MAX_RULES,
    Declared,
    Problems,
    check_cell_fits,
    check_columns,
    check_output_value,
    check_rule_shape,
)
from .hits import HIT_POLICIES, NUMERIC, ORDERED, Conclusion, Row, identity
from .matching import matcher
from .table import Cell, CellTrace, CompiledTable, Input, Rule
from .unary import ANY_TEXT, CellSyntax, UnaryTests, parse_cell
from .values import shortened

Columns = dict[str, dict[str, UnaryTests]]


def compile_table(document: Mapping[str, Any]) -> CompiledTable:
    """Check a table and make it ready for evaluation.

    Raises ``Invalid`` (TABLE_INVALID) with all errors at once, keyed by place: ``hit``, ``inputs/tier``,
    ``outputs/decider/values``, ``rules/P07/when/tier``. A cell's message quotes it and names the character.
    The document is kept, not copied: do not change it afterwards.
    """
    problems = Problems()
    hit = _checked_head(document, problems)
    inputs = check_columns(document, "inputs", MAX_INPUTS, problems)
    outputs = check_columns(document, "outputs", MAX_OUTPUTS, problems)
    rules = check_rule_shape(document, MAX_RULES, problems)
    _check_policy(hit, outputs, problems)
    columns = _parsed(inputs, rules, problems)
    rows = [_row(place, rule, outputs, hit, problems) for place, rule in rules]
    problems.refuse("The decision table is not valid")
    return _assembled(document, inputs, outputs, columns, rows)


def _checked_head(document: Mapping[str, Any], problems: Problems) -> str:
    """The hit policy, empty when it is none."""
    key = document.get("key")
    if not isinstance(key, str) or not 0 < len(key) <= 100:
        problems.add("key", "The table needs a key of 1 to 100 characters.")
    hit = document.get("hit")
    if isinstance(hit, str) and hit in HIT_POLICIES:
        return hit
    problems.add("hit", f"{shortened(repr(hit))} is no hit policy; known are {', '.join(HIT_POLICIES)}.")
    return ""


def _check_policy(hit: str, outputs: dict[str, Declared], problems: Problems) -> None:
    if hit in ORDERED and not any(output.values for output in outputs.values()):
        problems.add("outputs", f"Hit policy {hit} needs an output with ordered values, its priorities.")
    if hit in (*NUMERIC, "C#") and len(outputs) != 1:
        problems.add("outputs", f"Hit policy {hit} aggregates one output; the table has {len(outputs)}.")
    for name, output in outputs.items():
        if hit in NUMERIC and output.kind not in (None, "number"):
            problems.add(f"outputs/{name}/type", f"Hit policy {hit} aggregates numbers, not {output.kind}.")


def _parsed(inputs: dict[str, Declared], rules: list[tuple[str, Mapping[str, Any]]], problems: Problems) -> Columns:
    columns: Columns = {name: {} for name in inputs}
    for place, rule in rules:
        for name, text in rule["when"].items():
            where = f"{place}/when/{name}"
            if name not in inputs:
                problems.add(where, f"The table has no input {shortened(str(name))}.")
            elif not isinstance(text, str):
                problems.add(where, f"A cell is text; this one is {type(text).__name__}.")
            else:
                _parse_into(columns[name], text, where, inputs[name], problems)
    return columns


def _parse_into(column: dict[str, UnaryTests], text: str, where: str, declared: Declared, problems: Problems) -> None:
    try:
        tests = parse_cell(text)
    except CellSyntax as problem:
        problems.add(where, str(problem))
        return
    check_cell_fits(tests, text, declared, where, problems)
    if not tests.anything:
        column[text.strip()] = tests


def _row(place: str, rule: Mapping[str, Any], outputs: dict[str, Declared], hit: str, problems: Problems) -> Row:
    then = rule["then"]
    for name in then:
        if name not in outputs:
            problems.add(f"{place}/then/{name}", f"The table has no output {shortened(str(name))}.")
    row: Row = {}
    for name, output in outputs.items():
        row[name] = then.get(name, output.default)
        where = f"{place}/then/{name}"
        if name in then:
            check_output_value(row[name], output, where, problems, one=hit in ORDERED)
        if hit in NUMERIC:
            problems.need_number(row[name], where, hit)
    return row


def _assembled(
    document: Mapping[str, Any],
    inputs: dict[str, Declared],
    outputs: dict[str, Declared],
    columns: Columns,
    rows: list[Row],
) -> CompiledTable:
    places: dict[tuple[str, str], int] = {}
    cells: list[tuple[str, tuple[Cell, ...]]] = []
    for name, column in columns.items():
        places[name, ""] = len(places)
        for text in column:
            places[name, text] = len(places)
        cells.append((name, tuple(_cell(text, tests) for text, tests in column.items())))
    priorities = [
        (name, {identity(value): at for at, value in enumerate(output.values)})
        for name, output in outputs.items()
        if output.values
    ]
    rules = [_rule(rule, row, columns, places, priorities) for rule, row in zip(document["rules"], rows, strict=True)]
    defaulted = any(output.has_default for output in outputs.values())
    return CompiledTable(
        document=document,
        inputs=tuple(_input(declared, columns[name]) for name, declared in inputs.items()),
        output_names=tuple(outputs),
        columns=tuple(cells),
        rules=tuple(rules),
        slots=tuple((name, text) for name, column in columns.items() for text in (ANY_TEXT, *column)),
        default={name: output.default for name, output in outputs.items()} if defaulted else None,
        decides={name: output.decides for name, output in outputs.items() if output.decides is not None},
    )


def _cell(text: str, tests: UnaryTests) -> Cell:
    return Cell(text, tests, matcher(tests), tests.holds_for_missing)


def _input(declared: Declared, column: dict[str, UnaryTests]) -> Input:
    found = frozenset(kind for tests in column.values() for kind in tests.kinds)
    kinds = frozenset({declared.kind}) if declared.kind else found
    return Input(
        declared.name,
        declared.kind,
        declared.values,
        kinds,
        range=_cell(*declared.range) if declared.range else None,
        whole=declared.whole,
        optional=declared.optional,
    )


def _rule(
    rule: Mapping[str, Any],
    row: Row,
    columns: Columns,
    places: dict[tuple[str, str], int],
    priorities: list[tuple[str, dict[str, int]]],
) -> Rule:
    when = {name: text.strip() for name, text in rule["when"].items()}
    asked = {name: text for name, text in when.items() if text in columns[name]}
    rank = tuple(order.get(identity(row[name]), len(order)) for name, order in priorities)
    return Rule(
        Conclusion(rule["id"], row, rank, not any(isinstance(value, list | dict) for value in row.values())),
        tuple(places[name, text] for name, text in asked.items()),
        _picker([places[name, asked.get(name, "")] for name in columns]),
    )


def _picker(places: list[int]) -> Callable[[list[CellTrace]], tuple[CellTrace, ...]]:
    if len(places) > 1:
        return itemgetter(*places)
    return lambda traces: tuple(traces[at] for at in places)
