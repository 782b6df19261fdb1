"""Schemas as logic: every keyword becomes a term that can be negated, joined and taken apart.

"Everything valid under A is valid under B" is the question whether ``A and not B`` has no instance. Terms are in
negation normal form. A *literal* speaks about one type: positive, "if the value is of this type, the constraint
holds"; negative, "the value is of this type and the constraint does not hold".
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from ..base import canonical_bytes

TYPES = ("string", "number", "object", "array", "boolean", "null")
Constraint = tuple[Any, ...]


class Term:
    """An immutable formula with its hash computed once; ``op`` says how to read ``args``.

    true, false; and(terms), or(terms); type(names); lit(type, constraint, positive); enum(keys, positive);
    ref(key, positive); opaque(keyword, pointer, positive).
    """

    __slots__ = ("_hash", "args", "op")

    def __init__(self, op: str, *args: Any) -> None:
        self.op = op
        self.args = args
        self._hash = hash((op, args))

    def __hash__(self) -> int:
        return self._hash

    def __eq__(self, other: object) -> bool:
        return self is other or (
            isinstance(other, Term) and self._hash == other._hash and self.op == other.op and self.args == other.args
        )

    def __repr__(self) -> str:
        return f"{self.op}{self.args!r}"


TRUE, FALSE = Term("true"), Term("false")


def every(terms: Iterable[Term]) -> Term:
    """All of them hold."""
    flat: dict[Term, None] = {}
    for term in terms:
        if term.op == "false":
            return FALSE
        if term.op != "true":
            flat.update(dict.fromkeys(term.args[0] if term.op == "and" else (term,)))
    if not flat:
        return TRUE
    return next(iter(flat)) if len(flat) == 1 else Term("and", tuple(flat))


def either(terms: Iterable[Term]) -> Term:
    """At least one of them holds."""
    flat: dict[Term, None] = {}
    for term in terms:
        if term.op == "true":
            return TRUE
        if term.op != "false":
            flat.update(dict.fromkeys(term.args[0] if term.op == "or" else (term,)))
    if not flat:
        return FALSE
    return next(iter(flat)) if len(flat) == 1 else Term("or", tuple(flat))


def of_type(names: Iterable[str]) -> Term:
    found = frozenset(names)
    return TRUE if len(found) == len(TYPES) else Term("type", found) if found else FALSE


def when(kind: str, *constraint: Any, positive: bool = True) -> Term:
    """A literal about one type."""
    return Term("lit", kind, constraint, positive)


def one_of_values(values: Iterable[Any]) -> Term:
    """The value equals one of these, as JSON compares (1 equals 1.0, not true)."""
    keys = frozenset(value_key(value) for value in values)
    return Term("enum", keys, True) if keys else FALSE


def negate(term: Term) -> Term:
    """The term that holds exactly where this one does not."""
    op, args = term.op, term.args
    if op == "true":
        return FALSE
    if op == "false":
        return TRUE
    if op == "and":
        return either(negate(part) for part in args[0])
    if op == "or":
        return every(negate(part) for part in args[0])
    if op == "type":
        return of_type(name for name in TYPES if name not in args[0])
    return Term(op, *args[:-1], not args[-1])


def value_key(value: Any) -> str:
    """Equal JSON values have equal keys."""
    return canonical_bytes(value).decode("utf-8")


@lru_cache(maxsize=4096)
def value_of(key: str) -> Any:
    return json.loads(key)


def exact(number: int | float) -> Fraction:
    """The number as it is written: 0.1 is one tenth."""
    return Fraction(number) if isinstance(number, int) else Fraction(repr(number))


def plain(number: Fraction) -> int | float:
    """The number as JSON carries it."""
    return int(number) if number.denominator == 1 else float(number)


def type_of(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int | float):
        return "number"
    return "string" if isinstance(value, str) else "array" if isinstance(value, list) else "object"
