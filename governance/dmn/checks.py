"""The checks of a table's document, each stated at the place where its author has to look."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from governance.kernel.errors import Invalid

from .hits import identity
from .unary import CellSyntax, Comparison, Contains, Interval, Literal, Test, UnaryTests, parse_cell
from .values import KINDS, READERS, described, number_of, shortened

MAX_INPUTS = 64
MAX_OUTPUTS = 64
MAX_RULES = 2_000
MAX_VALUES = 1_000
MAX_NAME = 100
MAX_NOTE = 2_000
MAX_DEPTH = 8
MAX_AGGREGATED = 10**18
COLUMN_KEYS = frozenset({"name", "label", "note", "type", "values", "default"})
SIDE_KEYS = {"inputs": frozenset({"range", "whole", "optional"}), "outputs": frozenset({"decides"})}
UNRANGED = frozenset({"boolean", "list"})
RULE_KEYS = frozenset({"id", "when", "then", "note"})


@dataclass(frozen=True, slots=True)
class Declared:
    """An input or output as declared: ``allowed`` are the identities of its values, empty when any value may be.

    ``range``, ``whole`` and ``optional`` are an input's, ``decides`` (identities) an output's: see ``document``.
    """

    name: str
    kind: str | None
    values: tuple[Any, ...]
    allowed: frozenset[str]
    default: Any
    has_default: bool
    range: tuple[str, UnaryTests] | None = None
    whole: bool = False
    optional: bool = False
    decides: frozenset[str] | None = None


class Problems:
    """What is wrong, by place, in the order in which it was found."""

    def __init__(self) -> None:
        self.found: dict[str, list[str]] = {}

    def add(self, place: str, sentence: str) -> None:
        self.found.setdefault(place, []).append(sentence)

    def need_number(self, value: Any, place: str, hit: str) -> None:
        number = number_of(value)
        if number is None or not -MAX_AGGREGATED <= number <= MAX_AGGREGATED:
            self.add(place, f"Hit policy {hit} needs a number up to 10^18 here; it is {_said(value)}.")

    def refuse(self, sentence: str) -> None:
        """Raise ``Invalid`` (TABLE_INVALID) when anything was found."""
        if not self.found:
            return
        count = sum(len(sentences) for sentences in self.found.values())
        place, first = next((place, sentences[0]) for place, sentences in self.found.items())
        raise Invalid(
            f"{sentence}: {count} error{'s' if count > 1 else ''}; first, at {place}: {first}",
            code="TABLE_INVALID",
            errors=self.found,
        )


def check_columns(document: Mapping[str, Any], side: str, limit: int, problems: Problems) -> dict[str, Declared]:
    """The declared inputs or outputs by name; every one that cannot be used is named."""
    declared = document.get(side)
    if not isinstance(declared, list) or (side == "outputs" and not declared):
        problems.add(side, f"The table needs a list of {side}.")
        return {}
    if len(declared) > limit:
        problems.add(side, f"The table has {len(declared)} {side}; at most {limit} are allowed.")
        return {}
    columns: dict[str, Declared] = {}
    for at, column in enumerate(declared):
        name = column.get("name") if isinstance(column, Mapping) else None
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            problems.add(f"{side}/{at}/name", f"It needs a name of 1 to {MAX_NAME} characters.")
        elif name in columns:
            problems.add(f"{side}/{name}", "The name is declared twice.")
        else:
            columns[name] = _column(name, column, side, problems)
    return columns


def check_rule_shape(
    document: Mapping[str, Any], limit: int, problems: Problems
) -> list[tuple[str, Mapping[str, Any]]]:
    """The rules that can be looked into further, each with its place."""
    rules = document.get("rules")
    if not isinstance(rules, list):
        problems.add("rules", "The table needs a list of rules.")
        return []
    if len(rules) > limit:
        problems.add("rules", f"The table has {len(rules):,} rules; at most {limit:,} are allowed.")
        return []
    seen: set[str] = set()
    usable: list[tuple[str, Mapping[str, Any]]] = []
    for at, rule in enumerate(rules):
        name = rule.get("id") if isinstance(rule, Mapping) else None
        if not isinstance(name, str) or not 0 < len(name) <= MAX_NAME:
            problems.add(f"rules/{at}/id", f"A rule needs an id of 1 to {MAX_NAME} characters.")
            continue
        if name in seen:
            problems.add(f"rules/{name}/id", "The id is used twice; a reason must name one rule.")
        seen.add(name)
        if _is_rule(rule, f"rules/{name}", problems):
            usable.append((f"rules/{name}", rule))
    return usable


def check_cell_fits(tests: UnaryTests, text: str, declared: Declared, place: str, problems: Problems) -> None:
    """A cell must be able to hold: of the declared type, and equal only to declared values."""
    foreign = tests.kinds - {declared.kind} if declared.kind else frozenset()
    if foreign:
        other = " or ".join(KINDS[found] for found in KINDS if found in foreign)
        problems.add(place, f"`{shortened(text)}` tests {other}, but the input is {KINDS[str(declared.kind)]}.")
    if not declared.allowed:
        return
    for literal in (found for test in tests.tests for found in _equalities(test)):
        if literal.kind in ("number", "string", "boolean") and _stated(literal) not in declared.allowed:
            problems.add(place, f"`{shortened(text)}` names {literal.text}, which the input's values do not allow.")


def check_output_value(value: Any, output: Declared, place: str, problems: Problems, *, one: bool = False) -> None:
    """A conclusion must be JSON, of the declared type, among the declared values (of a list: each item)."""
    unsayable = json_problem(value)
    if unsayable:
        problems.add(place, unsayable)
        return
    if value is None:
        return
    if output.kind and READERS[output.kind](value) is None:
        problems.add(place, f"It is {described(value)}; the output is declared as {KINDS[output.kind]}.")
    if output.allowed:
        for item in value if isinstance(value, list) and not one else [value]:
            if identity(item) not in output.allowed:
                problems.add(place, f"{shortened(identity(item))} is not among the output's values.")


def json_problem(value: Any, depth: int = 0) -> str | None:
    """Why a value cannot stand in a table, as a sentence, or None."""
    if value is None or isinstance(value, str | bool | int):
        return None
    if isinstance(value, float):
        return None if math.isfinite(value) else "Infinite numbers and NaN are not JSON values."
    if depth >= MAX_DEPTH:
        return f"The value is nested deeper than {MAX_DEPTH} levels."
    if isinstance(value, list):
        return next((found for item in value if (found := json_problem(item, depth + 1))), None)
    if isinstance(value, dict) and all(isinstance(key, str) for key in value):
        return next((found for item in value.values() if (found := json_problem(item, depth + 1))), None)
    return f"{type(value).__name__} is not a JSON value."


def _column(name: str, column: Mapping[str, Any], side: str, problems: Problems) -> Declared:
    place = f"{side}/{name}"
    for key in sorted(str(key) for key in set(column) - COLUMN_KEYS - SIDE_KEYS[side]):
        known = ", ".join(sorted(COLUMN_KEYS | SIDE_KEYS[side]))
        problems.add(f"{place}/{shortened(key)}", f"Unknown field; known are {known}.")
    kind = column.get("type")
    if kind is not None and (not isinstance(kind, str) or kind not in KINDS):
        problems.add(f"{place}/type", f"{shortened(repr(kind))} is no type; known are {', '.join(KINDS)}.")
        kind = None
    values = _values(column.get("values"), f"{place}/values", problems)
    allowed = frozenset(identity(value) for value in values)
    if len(allowed) < len(values):
        problems.add(f"{place}/values", "A value is listed twice.")
    declared = Declared(name, kind, values, allowed, column.get("default"), "default" in column)
    if declared.has_default:
        check_output_value(declared.default, declared, f"{place}/default", problems)
    if side == "outputs":
        return replace(declared, decides=_decides(column, declared, place, problems))
    return replace(
        declared,
        range=_range(column, kind, f"{place}/range", problems),
        whole=_yes(column, "whole", place, problems) and _is_number(kind, f"{place}/whole", problems),
        optional=_yes(column, "optional", place, problems),
    )


def _range(
    column: Mapping[str, Any], kind: str | None, place: str, problems: Problems
) -> tuple[str, UnaryTests] | None:
    """The test that every fact of an input must pass, as text and read: a cell of the input's declared type."""
    text = column.get("range")
    if text is None:
        return None
    if not isinstance(text, str) or kind is None or kind in UNRANGED:
        problems.add(place, "A range is text such as [0..4] or >=0, on an input whose declared type has an order.")
        return None
    try:
        tests = parse_cell(text)
    except CellSyntax as problem:
        problems.add(place, str(problem))
        return None
    if any(test.kind != kind for test in tests.tests):
        problems.add(place, f"`{shortened(text)}` must test {KINDS[kind]} and nothing else.")
        return None
    return None if tests.anything else (text.strip(), tests)


def _yes(column: Mapping[str, Any], key: str, place: str, problems: Problems) -> bool:
    value = column.get(key, False)
    if not isinstance(value, bool):
        problems.add(f"{place}/{key}", f"It is true or false, not {described(value)}.")
    return value is True


def _is_number(kind: str | None, place: str, problems: Problems) -> bool:
    if kind != "number":
        problems.add(place, "Only an input declared as a number can be whole.")
    return kind == "number"


def _decides(column: Mapping[str, Any], declared: Declared, place: str, problems: Problems) -> frozenset[str] | None:
    """The identities of the values by which a rule decides, None when every rule does."""
    if column.get("decides") is None:
        return None
    values = _values(column["decides"], f"{place}/decides", problems)
    if not values:
        problems.add(f"{place}/decides", "It lists at least one value by which a rule decides.")
    one = replace(declared, kind=None) if declared.kind == "list" else declared
    for value in values:
        check_output_value(value, one, f"{place}/decides", problems, one=True)
    return frozenset(identity(value) for value in values)


def _values(values: Any, place: str, problems: Problems) -> tuple[Any, ...]:
    """The declared values, or none when they cannot be used."""
    if values is None:
        return ()
    if not isinstance(values, list) or len(values) > MAX_VALUES:
        problems.add(place, f"The values are a list of at most {MAX_VALUES:,}, an output's in order of priority.")
    elif any(json_problem(value) for value in values):
        problems.add(place, "Every allowed value must be a JSON value.")
    else:
        return tuple(values)
    return ()


def _is_rule(rule: Mapping[str, Any], place: str, problems: Problems) -> bool:
    for key in sorted(str(key) for key in set(rule) - RULE_KEYS):
        problems.add(f"{place}/{shortened(key)}", f"Unknown field; known are {', '.join(sorted(RULE_KEYS))}.")
    note = rule.get("note")
    if note is not None and (not isinstance(note, str) or len(note) > MAX_NOTE):
        problems.add(f"{place}/note", f"A note is text of at most {MAX_NOTE:,} characters.")
    sides = [side for side in ("when", "then") if not isinstance(rule.get(side), Mapping)]
    for side in sides:
        problems.add(f"{place}/{side}", f"`{side}` must map names of {'inputs' if side == 'when' else 'outputs'}.")
    return not sides


def _equalities(test: Test) -> tuple[Literal, ...]:
    if isinstance(test, Contains):
        return test.items
    if isinstance(test, Comparison) and test.operator in ("=", "!="):
        return (test.literal,)
    return (test.low, test.high) if isinstance(test, Interval) and test.low == test.high else ()


def _stated(literal: Literal) -> str:
    value = literal.value
    return identity(value if isinstance(value, str | bool | int) else float(value))


def _said(value: Any) -> str:
    return "missing" if value is None else described(value)
