"""From what a cell says to a function that tests a fact: built once per table, called many times a second.

A test answers True, False, or None when the fact is of a kind that the cell does not speak about. None never
holds, under ``not(...)`` neither: what cannot be compared is not evidence of the opposite.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable
from typing import Any

from .unary import Comparison, Contains, Interval, Literal, Test, UnaryTests
from .values import KINDS, READERS, boolean_of, described, number_of

Match = Callable[[Any], bool | None]

_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


def matcher(cell: UnaryTests) -> Match:
    """The test of a cell for a present fact; it never raises."""
    texts = [literal.value for test in cell.tests for literal in _equal_to(test, "string")]
    others = [_one(test) for test in cell.tests if not _equal_to(test, "string", "null")]
    parts = [*([_among(texts)] if texts else []), *others]
    either = parts[0] if len(parts) == 1 else _either(parts)
    return _opposite(either) if cell.negated else either


def mismatch(cell: UnaryTests, value: Any) -> str:
    """Why a present fact could not be compared: the sentence beside a cell in the trace."""
    wanted = " or ".join(KINDS[kind] for kind in KINDS if kind in cell.kinds)
    return f"is {described(value)}, where the cell needs {wanted}"


def _equal_to(test: Test, *kinds: str) -> tuple[Literal, ...]:
    """The literal that the test asks for, if it asks for equality with one of these kinds."""
    if isinstance(test, Comparison) and test.operator == "=" and test.kind in kinds:
        return (test.literal,)
    return ()


def _one(test: Test) -> Match:
    if isinstance(test, Interval):
        return _within(test)
    if isinstance(test, Contains):
        return _containing(test)
    if test.kind == "null":  # only != null arrives here, and a present fact satisfies it
        return lambda value: True
    if test.kind == "number":
        return _number(_COMPARE[test.operator], test.literal.value)
    if test.kind == "boolean":
        return _boolean(_COMPARE[test.operator], test.literal.value)
    return _ordered(READERS[test.kind], _COMPARE[test.operator], test.literal.value)


def _among(texts: Iterable[str]) -> Match:
    allowed = frozenset(texts)
    return lambda value: value in allowed if isinstance(value, str) else None


def _number(compare: Callable[[Any, Any], bool], bound: Any) -> Match:
    def test(value: Any) -> bool | None:
        if value.__class__ is int:  # what JSON mostly holds; a bool has another class
            return compare(value, bound)
        number = number_of(value)
        return None if number is None else compare(number, bound)

    return test


def _boolean(compare: Callable[[Any, Any], bool], wanted: bool) -> Match:
    return lambda value: None if boolean_of(value) is None else compare(value, wanted)


def _ordered(read: Callable[[Any], Any], compare: Callable[[Any, Any], bool], bound: Any) -> Match:
    def test(value: Any) -> bool | None:
        found = read(value)
        if found is None:
            return None
        try:
            return compare(found, bound)
        except TypeError:  # a time with a zone has no order with one without
            return None

    return test


def _within(interval: Interval) -> Match:
    low = _one(Comparison(">=" if interval.low_inside else ">", interval.low))
    high = _one(Comparison("<=" if interval.high_inside else "<", interval.high))

    def test(value: Any) -> bool | None:
        above = low(value)
        return high(value) if above else above

    return test


def _containing(test: Contains) -> Match:
    wanted = [_element(literal) for literal in test.items]
    combine = any if test.any_of else all

    def contains(value: Any) -> bool | None:
        if not isinstance(value, list | tuple):
            return None
        return combine(any(is_it(element) for element in value) for is_it in wanted)

    return contains


def _element(literal: Literal) -> Callable[[Any], bool | None]:
    if literal.kind == "null":
        return lambda element: element is None
    equal = _one(Comparison("=", literal))
    return lambda element: element is not None and equal(element)


def _either(parts: list[Match]) -> Match:
    """True if one is; undecided only if there are parts and none of them could compare the fact."""

    def test(value: Any) -> bool | None:
        decided = not parts
        for part in parts:
            holds = part(value)
            if holds:
                return True
            decided = decided or holds is not None
        return False if decided else None

    return test


def _opposite(match: Match) -> Match:
    def test(value: Any) -> bool | None:
        holds = match(value)
        return None if holds is None else not holds

    return test
