"""Values and cells as FEEL writes them, so that other tools of the standard understand our tables and we theirs.

Only literals cross: numbers, texts, true, false, null, dates, times, durations, lists and contexts of them. Our cells
are S-FEEL and stay as they are written, but for ``contains``, which FEEL says as a function of the input's value ``?``.
"""

from __future__ import annotations

import datetime
import re
from decimal import Decimal
from typing import Any

from .checks import MAX_DEPTH
from .unary import MAX_CELL_LENGTH, CellSyntax, Cursor, Literal, parse_cell
from .values import number_of

TEMPORAL = {
    "date": "date",
    "time": "time",
    "date and time": "date and time",
    "days and time duration": "duration",
    "years and months duration": "duration",
}
"""Each kind that JSON says as a text, and the FEEL function that makes it of that text."""

MAX_FEEL_LENGTH = 8 * MAX_CELL_LENGTH
"""FEEL says our shortest test of a list, ``contains("A","B")``, in some six times as many characters."""

_SCALAR = (
    r'(?:"(?:[^"\\]|\\.)*"'
    r'|(?:date\s+and\s+time|date|time|duration)\s*\(\s*"[^"]*"\s*\)|@"[^"]*"'
    r"|-?[0-9.]+(?:[eE][+-]?[0-9]+)?|true\b|false\b|null\b)"
)
_STRING = r'"(?:[^"\\]|\\.)*+(?:"|\Z)'  # one that is never closed ends all: looking again from inside it costs time
_ASKED = rf"list\s+contains\s*\(\s*\?\s*,\s*{_SCALAR}\s*\)"
_OURS = re.compile(
    rf"{_STRING}|\bcontains(?P<any>\s+any)?\s*\(\s*(?P<items>{_SCALAR}(?:\s*,\s*{_SCALAR})*)\s*\)", re.DOTALL
)
_THEIRS = re.compile(
    rf"{_STRING}|(?P<all>{_ASKED}(?:\s+and\s+{_ASKED})*)(?!\s+or\b)|(?P<either>{_ASKED}(?:\s+or\s+{_ASKED})+)"
    rf"|\bsome\s+(?P<each>\w+)\s+in\s+\?\s+satisfies\s+(?P=each)\s*"
    rf"(?:=\s*(?P<one>{_SCALAR})|in\s*\(\s*(?P<some>{_SCALAR}(?:\s*,\s*{_SCALAR})*)\s*\))",
    re.DOTALL,
)
_ITEM = re.compile(rf"list\s+contains\s*\(\s*\?\s*,\s*(?P<item>{_SCALAR})\s*\)|(?P<plain>{_SCALAR})", re.DOTALL)
_UNSAYABLE = re.compile("[\x00-\x1f\x7f\ufffe\uffff]")
_SHORT = {"\n": "\\n", "\r": "\\r", "\t": "\\t"}
_KEY = re.compile(r'[^\s"{}\[\],:][^"{}\[\],:]*')


def cell_as_feel(text: str) -> str:
    """A cell as FEEL has it: ``contains("A")`` becomes ``list contains(?, "A")``; all else is S-FEEL already.

    FEEL takes no line break inside the quotes of a text, as ours may have: it becomes an escape.
    """

    def said(found: re.Match[str]) -> str:
        if found["items"] is None:
            return _UNSAYABLE.sub(_escaped, found.group())
        items = [_UNSAYABLE.sub(_escaped, item) for item in _items(found["items"])]
        if found["any"] and len(items) == 1:
            return f"some item in ? satisfies item = {items[0]}"
        return (" or " if found["any"] else " and ").join(f"list contains(?, {item})" for item in items)

    return _OURS.sub(said, text)


def cell_from_feel(text: str) -> str:
    """A FEEL cell as one of ours. Raises ``CellSyntax`` for FEEL beyond S-FEEL and the tests of lists."""

    def said(found: re.Match[str]) -> str:
        if found["all"]:
            return f"contains({','.join(_items(found['all']))})"
        any_of = found["either"] or found["one"] or found["some"]
        return f"contains any({','.join(_items(any_of))})" if any_of else found.group()

    if len(text) > MAX_FEEL_LENGTH:
        raise CellSyntax(text, MAX_FEEL_LENGTH, f"a cell has at most {MAX_FEEL_LENGTH:,} characters of FEEL")
    ours = _THEIRS.sub(said, text)
    try:
        parse_cell(ours)
    except CellSyntax:
        parse_cell(text)  # the refusal quotes the file, not our reading of it
        raise
    return ours


def write_value(value: Any, kind: str | None = None) -> str:
    """A JSON value as a FEEL literal; with a temporal ``kind`` its text becomes ``date("2026-01-31")`` and the like."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return f"{TEMPORAL[kind]}({_quoted(value)})" if kind in TEMPORAL else _quoted(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(write_value(item) for item in value)}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_quoted(key)}: {write_value(item)}' for key, item in value.items())}}}"
    if isinstance(value, float):
        digits = format(Decimal(repr(value)), "f")
        return digits if "." in digits else f"{digits}.0"
    return str(int(value))


def write_values(values: list[Any], kind: str | None = None) -> str:
    return ", ".join(write_value(value, kind) for value in values)


def read_value(text: str) -> Any:
    """The JSON value of a FEEL literal; raises ``CellSyntax`` for what would have to be computed."""
    reader = _Values(text)
    value = reader.value()
    reader.end()
    return value


def read_values(text: str) -> list[Any] | None:
    """The values that a FEEL list of literals enumerates; None when it states something else, such as a range."""
    reader = _Values(text)
    try:
        values = [reader.value()]
        while reader.skip(","):
            values.append(reader.value())
        reader.end()
    except CellSyntax:
        return None
    return values


class _Values(Cursor):
    """Reads literals, and lists and contexts of literals."""

    depth = 0

    def value(self) -> Any:
        self.space()
        opening = self.text[self.at : self.at + 1]
        if opening not in ("[", "{"):
            return self.scalar()
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong(f"a value is nested at most {MAX_DEPTH} levels deep")
        self.at += 1
        value = self.list_of_values() if opening == "[" else self.context()
        self.depth -= 1
        return value

    def scalar(self) -> Any:
        start = self.at
        literal = self.literal()
        if literal.kind != "number":
            return _as_json(literal)
        if literal.text.lstrip("-").isdigit():
            return int(literal.text)
        number = float(literal.text)
        if number_of(number) != Decimal(literal.text):
            raise CellSyntax(self.text, start, "the number has more digits than JSON can carry")
        return number

    def list_of_values(self) -> list[Any]:
        items: list[Any] = []
        if self.skip("]"):
            return items
        items.append(self.value())
        while self.skip(","):
            items.append(self.value())
        self.expect("]", "a closing bracket ends a list")
        return items

    def context(self) -> dict[str, Any]:
        entries: dict[str, Any] = {}
        if self.skip("}"):
            return entries
        while True:
            key = self.key()
            self.expect(":", "a colon follows the name of an entry")
            entries[key] = self.value()
            if not self.skip(","):
                break
        self.expect("}", "a closing brace ends a context")
        return entries

    def key(self) -> str:
        self.space()
        if self.text[self.at : self.at + 1] == '"':
            return str(self.literal().value)
        named = self.take(_KEY)
        if named is None:
            raise self.wrong("the name of an entry is expected here")
        return named.group().strip()

    def end(self) -> None:
        self.space()
        if self.at < len(self.text):
            raise self.wrong("the end of the value is expected here: only a literal can stand in a table")


def _as_json(literal: Literal) -> Any:
    """Dates, times and durations are texts in JSON, as they are written."""
    if isinstance(literal.value, datetime.date | datetime.time | datetime.timedelta) or literal.kind in TEMPORAL:
        return literal.text
    return literal.value


def _items(text: str) -> list[str]:
    return [found["item"] or found["plain"] for found in _ITEM.finditer(text)]


def _quoted(text: str) -> str:
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{_UNSAYABLE.sub(_escaped, plain)}"'


def _escaped(found: re.Match[str]) -> str:
    character = found.group()
    return _SHORT.get(character) or f"\\u{ord(character):04x}"
