"""What a cell of a decision table says: the S-FEEL unary tests, read from text without ever evaluating it.

Grammar: DMN 1.5, chapter 9 (S-FEEL), rules 7-17. One extension is ours and documented with the seed policy:
``contains("REST")`` and ``contains any("A","B")`` ask a list-valued input for its elements.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any

from .values import KINDS, READERS, shortened

MAX_CELL_LENGTH = 2_000
ANY_TEXT = "-"

_SPACE = re.compile(r"\s*")
_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"', re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u([0-9a-fA-F]{4})|(.))", re.DOTALL)
_ESCAPED = {'"': '"', "\\": "\\", "'": "'", "/": "/", "n": "\n", "r": "\r", "t": "\t"}
_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]+)?|\.[0-9]+)(?:[eE][+-]?[0-9]{1,3})?")
_OPERATOR = re.compile(r"<=|>=|!=|<|>|=")
_NOT = re.compile(r"not\s*\(")
_CONTAINS = re.compile(r"contains(\s+any)?\s*\(")
_TEMPORAL = re.compile(r'(date\s+and\s+time|date|time|duration)\s*\(\s*"([^"]*)"\s*\)|@"([^"]*)"')
_WORD = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_UNORDERED = frozenset({"boolean", "null"})
_TEMPORAL_KINDS = tuple(kind for kind in KINDS if kind not in ("number", "string", "boolean", "list"))
_DURATIONS = ("days and time duration", "years and months duration")


class CellSyntax(ValueError):
    """The cell cannot be read: ``message`` says what was expected, ``column`` counts characters from 1."""

    def __init__(self, text: str, position: int, expected: str) -> None:
        self.column = position + 1
        super().__init__(f"`{shortened(text)}` cannot be read at character {self.column}: {expected}.")


@dataclass(frozen=True, slots=True)
class Literal:
    """A value written in a cell; ``kind`` is one of ``values.KINDS`` or ``null``."""

    kind: str
    value: Any
    text: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """``=``, ``!=``, ``<``, ``<=``, ``>`` or ``>=`` and a value; a bare value means ``=``."""

    operator: str
    literal: Literal

    @property
    def kind(self) -> str:
        return self.literal.kind


@dataclass(frozen=True, slots=True)
class Interval:
    """From ``low`` to ``high``, each end inside or outside."""

    low: Literal
    high: Literal
    low_inside: bool
    high_inside: bool

    @property
    def kind(self) -> str:
        return self.low.kind


@dataclass(frozen=True, slots=True)
class Contains:
    """The list-valued input holds all of ``items``, or, with ``any_of``, at least one."""

    items: tuple[Literal, ...]
    any_of: bool

    @property
    def kind(self) -> str:
        return "list"


Test = Comparison | Interval | Contains


@dataclass(frozen=True, slots=True)
class UnaryTests:
    """A whole cell: it holds when one of ``tests`` does (``negated``: when none does); no tests: any."""

    tests: tuple[Test, ...] = ()
    negated: bool = False

    @property
    def anything(self) -> bool:
        return not self.tests

    @property
    def holds_for_missing(self) -> bool:
        """Only ``null`` is true of a missing fact; ``not(...)`` never is."""
        return not self.negated and Comparison("=", NULL) in self.tests

    @property
    def kinds(self) -> frozenset[str]:
        """The kinds of fact that the cell can speak about; ``null`` speaks about none."""
        return frozenset(test.kind for test in self.tests) - {"null"}


NULL = Literal("null", None, "null")
_CONSTANTS = {
    "true": Literal("boolean", True, "true"),
    "false": Literal("boolean", False, "false"),
    "null": NULL,
}


@lru_cache(maxsize=2048)
def parse_cell(text: str) -> UnaryTests:
    """Read one cell. Raises ``CellSyntax`` naming the character at which it stops making sense."""
    if len(text) > MAX_CELL_LENGTH:
        raise CellSyntax(text, MAX_CELL_LENGTH, f"a cell has at most {MAX_CELL_LENGTH:,} characters")
    if text.strip() in ("", ANY_TEXT):
        return UnaryTests()
    return Cursor(text).read()


class Cursor:
    """A cursor over the text of one cell; other readers of FEEL build on it."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def read(self) -> UnaryTests:
        negated = self.take(_NOT) is not None
        tests = self.tests()
        if negated:
            self.expect(")", "a closing parenthesis ends not(...)")
        self.space()
        if self.at < len(self.text):
            raise self.wrong("a comma or the end of the cell is expected here")
        return UnaryTests(tests, negated)

    def tests(self) -> tuple[Test, ...]:
        found = [self.test()]
        while self.skip(","):
            found.append(self.test())
        return tuple(found)

    def test(self) -> Test:
        operator = self.take(_OPERATOR)
        if operator is not None:
            return self.comparison(operator.group())
        contains = self.take(_CONTAINS)
        if contains is not None:
            return self.contains(any_of=contains.group(1) is not None)
        if self.text[self.at : self.at + 1] in ("[", "]", "("):
            return self.interval()
        return Comparison("=", self.literal())

    def comparison(self, operator: str) -> Comparison:
        self.space()
        start = self.at
        literal = self.literal()
        if operator not in ("=", "!=") and literal.kind in _UNORDERED:
            raise CellSyntax(self.text, start, f"{literal.text} has no order for {operator} to compare")
        return Comparison(operator, literal)

    def contains(self, *, any_of: bool) -> Contains:
        items = [self.literal()]
        while self.skip(","):
            items.append(self.literal())
        self.expect(")", "a closing parenthesis ends contains(...)")
        return Contains(tuple(items), any_of)

    def interval(self) -> Interval:
        start = self.at
        low_inside = self.text[start] == "["
        self.at += 1
        low = self.literal()
        self.expect("..", "two dots stand between the ends of an interval")
        high = self.literal()
        self.space()
        closing = self.text[self.at : self.at + 1]
        if closing not in ("]", ")", "["):
            raise self.wrong("], ) or [ ends an interval")
        self.at += 1
        if low.kind != high.kind or low.kind in _UNORDERED:
            raise CellSyntax(self.text, start, "both ends of an interval must be ordered values of one kind")
        if _above(low.value, high.value):
            raise CellSyntax(self.text, start, f"{low.text} is above {high.text}, so it can never hold")
        return Interval(low, high, low_inside, closing == "]")

    def literal(self) -> Literal:
        self.space()
        if match := self.take(_TEMPORAL):
            return self.temporal(match)
        if match := self.take(_STRING):
            return Literal("string", self.unescaped(match), match.group())
        if match := self.take(_NUMBER):
            number = Decimal(match.group())
            whole = number == number.to_integral_value() if abs(number.adjusted()) < 400 else False
            return Literal("number", int(number) if whole else number, match.group())
        word = _WORD.match(self.text, self.at)
        if word is None:
            raise self.wrong('a number, a "text", true, false, null or an interval is expected here')
        if word.group() not in _CONSTANTS:
            raise self.wrong(f'{shortened(word.group())} is not a value; a text needs quotes: "…"')
        self.at = word.end()
        return _CONSTANTS[word.group()]

    def temporal(self, match: re.Match[str]) -> Literal:
        function, argument, at_literal = match.groups()
        kinds: tuple[str, ...] = _TEMPORAL_KINDS
        if function is not None:
            name = " ".join(function.split())
            kinds = _DURATIONS if name == "duration" else (name,)
        text = argument if function is not None else at_literal
        for kind in kinds:
            value = READERS[kind](text)
            if value is not None:
                return Literal(kind, value, text)
        wanted = " or ".join(KINDS[kind] for kind in kinds)
        raise CellSyntax(self.text, match.start(), f'"{shortened(text)}" is not {wanted}')

    def unescaped(self, match: re.Match[str]) -> str:
        def one(escape: re.Match[str]) -> str:
            code, character = escape.groups()
            plain = chr(int(code, 16)) if code else _ESCAPED.get(character)
            if plain is None or "\ud800" <= plain <= "\udfff":
                start = match.start(1) + escape.start()
                raise CellSyntax(self.text, start, f"{escape.group()} is not a known escape")
            return plain

        return _ESCAPE.sub(one, match.group(1))

    def space(self) -> None:
        found = _SPACE.match(self.text, self.at)
        self.at = found.end() if found else self.at

    def take(self, pattern: re.Pattern[str]) -> re.Match[str] | None:
        self.space()
        match = pattern.match(self.text, self.at)
        if match is not None:
            self.at = match.end()
        return match

    def skip(self, mark: str) -> bool:
        self.space()
        if not self.text.startswith(mark, self.at):
            return False
        self.at += len(mark)
        return True

    def expect(self, mark: str, sentence: str) -> None:
        if not self.skip(mark):
            raise self.wrong(sentence)

    def wrong(self, expected: str) -> CellSyntax:
        return CellSyntax(self.text, self.at, expected)


def _above(low: Any, high: Any) -> bool:
    try:
        return bool(low > high)
    except TypeError:  # a time with a zone has no order with one without
        return True
