"""Reading a JSON Schema contract: bounded, of a known draft, well-formed, and complete in itself."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from governance.kernel.errors import Invalid, Malformed, TooLarge

from ..base import Document, canonical_bytes
from ..strict import parse_strictly
from .dialects import Dialect, dialect_of, pointer
from .expressions import compiled
from .references import References, check_references

MAX_BYTES = 1_000_000
MAX_DEPTH = 64
MAX_VALUES = 100_000
MAX_ERRORS = 20


def parse(data: bytes, *, bundled: Mapping[str, Any] | None = None) -> Document:
    """A contract document from its bytes, or a refusal that names where and what.

    Raises ``TooLarge`` (BODY_TOO_LARGE, TOO_DEEP, TOO_MANY_VALUES, REF_CHAIN_TOO_LONG, TOO_MANY_BRANCHES),
    ``Malformed`` (MALFORMED_JSON, DUPLICATE_KEY) or ``Invalid`` (UNKNOWN_DIALECT, INVALID_SCHEMA,
    PATTERN_NOT_LINEAR, REF_NOT_BUNDLED, REF_DANGLING, REF_LOOP).
    """
    content = parse_strictly(data, max_bytes=MAX_BYTES, max_depth=MAX_DEPTH, what="schema")
    return from_content(content, bundled=bundled)


def from_content(content: Any, *, bundled: Mapping[str, Any] | None = None) -> Document:
    """The same checks for a schema that is already decoded (one found inside another document)."""
    if not isinstance(content, dict | bool):
        raise Invalid("A JSON Schema is an object, true or false.", code="INVALID_SCHEMA")
    if sum(1 for _ in _values(content)) > MAX_VALUES:
        raise TooLarge(f"The schema holds more than {MAX_VALUES} values.", code="TOO_MANY_VALUES")
    dialect = dialect_of(content)
    try:
        canonical = canonical_bytes(content)
    except UnicodeEncodeError:
        raise Malformed("The schema holds text that UTF-8 cannot carry.", code="MALFORMED_JSON") from None
    _check_meta_schema(content, dialect)
    _check_patterns(content, dialect)
    check_references(References(content, dialect, bundled))
    return Document("json_schema", content, canonical, hashlib.sha256(canonical).hexdigest(), dialect.name)


def _values(content: Any) -> Iterator[Any]:
    stack = [content]
    while stack:
        value = stack.pop()
        yield value
        if isinstance(value, dict):
            stack += value.values()
        elif isinstance(value, list):
            stack += value


@lru_cache(maxsize=8)
def _meta_validator(dialect: Dialect) -> Any:
    return dialect.fast(dialect.reference.META_SCHEMA, offline=True, validate_formats=False)


def _check_meta_schema(content: Any, dialect: Dialect) -> None:
    errors: dict[str, list[str]] = {}
    for error in _meta_validator(dialect).iter_errors(content):
        where = pointer(*(str(key) for key in error.instance_path))
        errors.setdefault(where, []).append(error.message[:200])
        if len(errors) >= MAX_ERRORS:
            break
    if errors:
        where = next(iter(errors))
        raise Invalid(
            f"The schema is not valid {dialect.name} JSON Schema at {where or 'the root'}: {errors[where][0]}.",
            code="INVALID_SCHEMA",
            errors=errors,
        )


def _check_patterns(content: Any, dialect: Dialect) -> None:
    errors: dict[str, list[str]] = {}
    for place in References(content, dialect).places():
        for keys, text in _patterns(place.schema):
            try:
                compiled(text)
            except ValueError:
                errors[place.pointer + pointer(*keys)] = [
                    "is not a pattern that can be matched in linear time: no look-around, no back-references"
                ]
    if errors:
        raise Invalid(
            f"The pattern at {next(iter(errors))} cannot be matched in linear time (look-around and "
            "back-references are not accepted) or is malformed.",
            code="PATTERN_NOT_LINEAR",
            errors=errors,
        )


def _patterns(schema: Any) -> Iterator[tuple[tuple[str, ...], str]]:
    if isinstance(schema.get("pattern"), str):
        yield ("pattern",), schema["pattern"]
    for text in schema.get("patternProperties") or () if isinstance(schema.get("patternProperties"), dict) else ():
        yield ("patternProperties", text), text
