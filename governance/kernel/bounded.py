"""JSON from outside, read within stated bounds: size and nesting are checked before anything is decoded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import chain
from json import JSONDecodeError
from typing import Any

import orjson

from .errors import DomainError, Malformed, TooLarge

Decoder = Callable[[bytes], Any]
_STRINGS_AND_BRACKETS = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)|[\[\]{}]', re.DOTALL)


def parse_json(
    data: bytes, *, max_bytes: int, max_depth: int = 64, what: str = "document", decode: Decoder = orjson.loads
) -> Any:
    """Decode a document, or refuse with its bound or its line and column; the refusal never quotes the document.

    The decoder is the fast one: the last of two equal keys wins and an integer beyond 64 bits becomes a float.
    ``decode`` is for documents that need more care. Raises ``TooLarge`` (BODY_TOO_LARGE, TOO_DEEP) or ``Malformed``
    (MALFORMED_JSON).
    """
    if len(data) > max_bytes:
        raise TooLarge(f"The {what} is larger than {max_bytes} bytes.", code="BODY_TOO_LARGE")
    if data.count(b"[") + data.count(b"{") > max_depth and _deeper_than(data, max_depth):
        raise TooLarge(f"The {what} is nested deeper than {max_depth} levels.", code="TOO_DEEP")
    try:
        return decode(data)
    except JSONDecodeError as error:
        details = {"line": error.lineno, "column": error.colno}
        place = f"line {error.lineno}, column {error.colno}"
        raise Malformed(f"The {what} is not JSON: {place}.", code="MALFORMED_JSON", details=details) from None
    except UnicodeDecodeError as error:
        raise Malformed(f"The {what} is not UTF-8 at byte {error.start}.", code="MALFORMED_JSON") from None
    except ValueError:
        raise Malformed(f"The {what} holds a number that JSON cannot carry.", code="MALFORMED_JSON") from None


def _deeper_than(data: bytes, limit: int) -> bool:
    depth = 0
    for match in _STRINGS_AND_BRACKETS.finditer(data):
        token = match.group()
        depth += (token in b"[{") - (token in b"]}")
        if depth > limit:
            return True
    return False


def line_batches(chunks: Iterable[bytes], *, max_line: int) -> Iterator[tuple[int, list[bytes | None]]]:
    """The lines that each chunk completes, with their line ends, and the number of the first; None for one too long."""
    number, rest, skipping = 1, b"", False
    for chunk in chain(chunks, (b"\n",)):
        lines: list[bytes | None] = list(BytesIO(rest + chunk).readlines())
        rest = b"" if chunk.endswith(b"\n") or not lines else lines.pop() or b""
        if skipping and lines:
            lines[0], skipping = None, False
        if len(rest) > max_line:
            rest, skipping = b"", True
        if lines and max(map(len, filter(None, lines)), default=0) > max_line:
            lines = [line if line is not None and len(line) <= max_line + 1 else None for line in lines]
        if lines:
            yield number, lines
        number += len(lines)


def numbered_lines(
    first: int, lines: Iterable[bytes | None], *, max_line: int, max_lines: int
) -> Iterator[tuple[int, bytes | DomainError]]:
    """The non-blank ones of a batch, each with its number or refused in its place; ends after one line too many."""
    for number, line in enumerate(lines, first):
        if line is not None and not line.strip():
            continue
        if number > max_lines:
            yield number, TooLarge(f"The stream has more than {max_lines} lines.", code="TOO_MANY_LINES")
            return
        if line is None:
            yield number, TooLarge(f"The line is longer than {max_line} bytes.", code="LINE_TOO_LARGE")
        else:
            yield number, line.rstrip(b"\r\n")
