"""JSON from outside, read within stated bounds: size and nesting are checked before anything is decoded."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from typing import Any

import orjson

from .errors import DomainError, Malformed, TooLarge

_STRINGS_AND_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)
_OPENING = (b"[", b"{")


def parse_json(
    data: bytes, *, max_bytes: int, max_depth: int = 64, what: str = "document", unique_keys: bool = False
) -> Any:
    """Decode a document, or refuse with its bound or its line and column; the refusal never quotes the document.

    ``unique_keys`` is for documents that people agree on (contracts): a repeated key is refused and integers of any
    size keep their digits. Without it the fast decoder is used: the last key wins and an integer beyond 64 bits
    becomes a float. Raises ``TooLarge`` (BODY_TOO_LARGE, TOO_DEEP) or ``Malformed`` (MALFORMED_JSON, DUPLICATE_KEY).
    """
    if len(data) > max_bytes:
        raise TooLarge(f"The {what} is larger than {max_bytes} bytes.", code="BODY_TOO_LARGE")
    if data.count(b"[") + data.count(b"{") > max_depth and _deeper_than(data, max_depth):
        raise TooLarge(f"The {what} is nested deeper than {max_depth} levels.", code="TOO_DEEP")
    try:
        if not unique_keys:
            return orjson.loads(data)
        return json.loads(
            data.decode("utf-8"), object_pairs_hook=_unique, parse_constant=_no_constant, parse_float=_finite
        )
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        details = {"line": error.lineno, "column": error.colno}
        raise Malformed(f"The {what} is not JSON: {place}.", code="MALFORMED_JSON", details=details) from None
    except UnicodeDecodeError as error:
        raise Malformed(f"The {what} is not UTF-8 at byte {error.start}.", code="MALFORMED_JSON") from None
    except ValueError:
        raise Malformed(f"The {what} holds a number that JSON cannot carry.", code="MALFORMED_JSON") from None


def _deeper_than(data: bytes, limit: int) -> bool:
    depth = 0
    for match in _STRINGS_AND_BRACKETS.finditer(data):
        token = match.group()
        if token in _OPENING:
            depth += 1
            if depth > limit:
                return True
        elif token in (b"]", b"}"):
            depth -= 1
    return False


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("An object in the document names the same key twice.", code="DUPLICATE_KEY")
    return found


def _no_constant(_text: str) -> Any:
    raise ValueError


def _finite(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise ValueError
    return number


def iter_ndjson(
    chunks: Iterable[bytes], *, max_line: int, max_lines: int
) -> Iterator[tuple[int, bytes | DomainError]]:
    """Each non-blank line with its number, in memory bounded by ``max_line`` however long the stream is.

    A line over the bound is answered by a refusal (LINE_TOO_LARGE) in its place and reading goes on behind it; the
    line after the last one allowed is answered by TOO_MANY_LINES and ends the stream.
    """
    too_long = TooLarge(f"The line is longer than {max_line} bytes.", code="LINE_TOO_LARGE")
    for number, line in _lines(chunks, max_line):
        if number > max_lines:
            yield number, TooLarge(f"The stream has more than {max_lines} lines.", code="TOO_MANY_LINES")
            return
        if line is None or line.strip():
            yield number, too_long if line is None else line.rstrip(b"\r")


def _lines(chunks: Iterable[bytes], max_line: int) -> Iterator[tuple[int, bytes | None]]:
    number, rest, skipping = 0, b"", False
    for chunk in chunks:
        *ended, rest = (rest + chunk).split(b"\n")
        for line in ended:
            number += 1
            yield number, None if skipping or len(line) > max_line else line
            skipping = False
        if len(rest) > max_line:
            rest, skipping = b"", True
    if rest or skipping:
        yield number + 1, None if skipping or len(rest) > max_line else rest
