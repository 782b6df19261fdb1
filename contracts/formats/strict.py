"""JSON that people agree on: read as it is written, to the last digit, or refused."""

from __future__ import annotations

import json
from math import isinf
from typing import Any

from governance.kernel.bounded import parse_json
from governance.kernel.errors import Malformed


def parse_strictly(data: bytes, *, max_bytes: int, max_depth: int = 64, what: str = "document") -> Any:
    """Decode a contract's document. Two readers must read the same in it: a repeated key is refused, and integers
    of any size keep their digits. Raises what ``parse_json`` does, and ``Malformed`` (DUPLICATE_KEY)."""
    return parse_json(data, max_bytes=max_bytes, max_depth=max_depth, what=what, decode=_decode)


def _decode(data: bytes) -> Any:
    return json.loads(data.decode(), object_pairs_hook=_unique, parse_constant=_finite, parse_float=_finite)


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Malformed("An object in the document names the same key twice.", code="DUPLICATE_KEY")
    return found


def _finite(text: str) -> float:
    number = float(text)
    if isinf(number) or number != number:
        raise ValueError
    return number
