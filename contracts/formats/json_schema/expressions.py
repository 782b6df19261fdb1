"""ECMA-262 patterns for engines that answer in linear time."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import jsonschema_rs
import re2

_OPTIONS = re2.Options()
_OPTIONS.log_errors = False
_OPTIONS.max_mem = 8 << 20
_ESCAPES = re.compile(r"\\(?:u\{([0-9A-Fa-f]+)\}|u([0-9A-Fa-f]{4})|c([A-Za-z])|([pP])\{(\w+)\}|(.))", re.DOTALL)
_CATEGORIES = {"Letter": "L", "digit": "Nd", "Decimal_Number": "Nd", "Number": "N", "Uppercase_Letter": "Lu",
               "Lowercase_Letter": "Ll", "Punctuation": "P", "Symbol": "S", "Separator": "Z", "Mark": "M"}  # fmt: skip


def _translate(match: re.Match[str]) -> str:
    braced, plain, control, sign, category, other = match.groups()
    if control:
        return rf"\x{{{ord(control) % 32:x}}}"
    if braced or plain:
        return rf"\x{{{braced or plain}}}"
    if category:
        return rf"\{sign}{{{_CATEGORIES.get(category, category)}}}"
    if other == "/" or other == "-":
        return "\\" + other
    return match.group()


@lru_cache(maxsize=2048)
def compiled(pattern: str) -> Any:
    """The pattern for RE2. Raises ``ValueError`` where it needs more than linear time (look-around, references)."""
    try:
        return re2.compile(_ESCAPES.sub(_translate, pattern), _OPTIONS)
    except re2.error:
        raise ValueError("not a pattern for the linear-time engine") from None


def found_in(pattern: str, text: str) -> bool:
    """Whether the pattern occurs anywhere in the text, as JSON Schema means it."""
    return compiled(pattern).search(text) is not None


FORMATS = frozenset({"date-time", "date", "time", "duration", "email", "idn-email", "hostname", "idn-hostname", "ipv4",
                     "ipv6", "uri", "uri-reference", "iri", "iri-reference", "uri-template", "json-pointer",
                     "relative-json-pointer", "regex", "uuid"})  # fmt: skip
_CHECKED = {"contentEncoding": frozenset({"base64"}), "contentMediaType": frozenset({"application/json"}),
            "format": FORMATS}  # fmt: skip


def is_checked(keyword: str, value: object) -> bool:
    """Whether the validators look at a text for this keyword's value at all."""
    return isinstance(value, str) and value in _CHECKED[keyword]


@lru_cache(maxsize=64)
def _checker(keyword: str, value: str) -> Any:
    return jsonschema_rs.Draft7Validator({keyword: value}, validate_formats=True, offline=True)


def passes(keyword: str, value: str, text: str) -> bool:
    """Whether a text is what ``format`` or ``contentEncoding`` names."""
    return bool(_checker(keyword, value).is_valid(text))
