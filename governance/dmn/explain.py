"""A decision in plain words: one sentence for one cell and one fact, for the panel beside the form."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .matching import matcher, mismatch
from .unary import Comparison, Contains, Interval, Literal, Test, UnaryTests, parse_cell
from .values import list_of, shortened

_WORDS = {"<": "below", "<=": "at most", ">": "above", ">=": "at least"}


def explain_cell(name: str, cell: str, value: Any, holds: bool) -> str:
    """Why a cell holds or not, such as "latency_s is 60, which is at most 60".

    ``cell`` comes from a compiled table, so it can be read; otherwise ``CellSyntax`` is raised.
    """
    tests = parse_cell(cell)
    if tests.anything:
        return f"{name} may be anything"
    if value is None:
        return f"{name} is missing{', as the rule asks' if holds else ''}"
    if not holds and matcher(tests)(value) is None:
        return f"{name} {mismatch(tests, value)}"
    among = holds != tests.negated
    asked = tests.tests[0]
    if len(tests.tests) == 1 and isinstance(asked, Contains):
        return f"{name} is {_plain(value)}, which {'contains' if among else 'does not contain'} {_items(asked)}"
    if len(tests.tests) == 1 and isinstance(asked, Comparison) and asked.operator == "=":
        return f"{name} is {_plain(value)}, {'as the rule asks' if holds else _unmet(asked, tests.negated)}"
    return f"{name} is {_plain(value)}, which is {'' if among else 'not '}{_alternatives(tests)}"


def _unmet(asked: Comparison, negated: bool) -> str:
    return "which the rule excludes" if negated else f"not {_written(asked.literal)}"


def _items(test: Contains) -> str:
    items = [_written(item) for item in test.items]
    return f"any of {_joined(items, 'or')}" if test.any_of else _joined(items, "and")


def _alternatives(tests: UnaryTests) -> str:
    if all(_equals(test) for test in tests.tests):
        listed = [_written(test.literal) for test in tests.tests if isinstance(test, Comparison)]
        return f"one of {_joined(listed, 'and')}"
    return _joined([_condition(test) for test in tests.tests], "or")


def _condition(test: Test) -> str:
    if isinstance(test, Interval):
        low = _WORDS[">=" if test.low_inside else ">"]
        high = _WORDS["<=" if test.high_inside else "<"]
        return f"{low} {_written(test.low)} and {high} {_written(test.high)}"
    if isinstance(test, Contains):
        return f"a list with {_items(test)}"
    if test.operator == "!=":
        return f"other than {_written(test.literal)}"
    return f"{_WORDS.get(test.operator, 'equal to')} {_written(test.literal)}"


def _equals(test: Test) -> bool:
    return isinstance(test, Comparison) and test.operator == "="


def _written(literal: Literal) -> str:
    if literal.kind == "null":
        return "missing"
    return shortened(str(literal.value)) if literal.kind == "string" else literal.text


def _plain(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    items = list_of(value)
    if items is not None:
        return f"[{shortened(', '.join(map(str, items)))}]"
    return shortened(str(value))


def _joined(words: Sequence[str], last: str) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"
