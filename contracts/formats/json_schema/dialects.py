"""The drafts of JSON Schema, and where in each a subschema stands."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import jsonschema
import jsonschema_rs
from referencing import Specification
from referencing.jsonschema import DRAFT4, DRAFT6, DRAFT7, DRAFT201909, DRAFT202012

from governance.kernel.errors import Invalid


@dataclass(frozen=True, slots=True)
class Dialect:
    """One draft: its name, its order in time, and what validates it."""

    name: str
    year: int
    uri: str
    specification: Specification[Any]
    fast: Any
    reference: Any
    id_keyword: str = "$id"

    @property
    def ref_hides_siblings(self) -> bool:
        """Until draft-07 everything beside a ``$ref`` is ignored."""
        return self.year <= 7


_HTTP, _HTTPS = "http://json-schema.org", "https://json-schema.org"
DRAFTS = (
    Dialect("draft-04", 4, f"{_HTTP}/draft-04/schema", DRAFT4,
            jsonschema_rs.Draft4Validator, jsonschema.Draft4Validator, "id"),
    Dialect("draft-06", 6, f"{_HTTP}/draft-06/schema", DRAFT6,
            jsonschema_rs.Draft6Validator, jsonschema.Draft6Validator),
    Dialect("draft-07", 7, f"{_HTTP}/draft-07/schema", DRAFT7,
            jsonschema_rs.Draft7Validator, jsonschema.Draft7Validator),
    Dialect("2019-09", 2019, f"{_HTTPS}/draft/2019-09/schema", DRAFT201909,
            jsonschema_rs.Draft201909Validator, jsonschema.Draft201909Validator),
    Dialect("2020-12", 2020, f"{_HTTPS}/draft/2020-12/schema", DRAFT202012,
            jsonschema_rs.Draft202012Validator, jsonschema.Draft202012Validator),
)  # fmt: skip
BY_NAME = {dialect.name: dialect for dialect in DRAFTS}
_BY_URI = {dialect.uri: dialect for dialect in DRAFTS}
DEFAULT = BY_NAME["2020-12"]

_ONE = frozenset({"not", "additionalProperties", "additionalItems", "items", "contains", "propertyNames",
                  "if", "then", "else", "unevaluatedProperties", "unevaluatedItems", "contentSchema"})  # fmt: skip
_LIST = frozenset({"allOf", "anyOf", "oneOf", "prefixItems", "items"})
_MAP = frozenset({"properties", "patternProperties", "definitions", "$defs", "dependencies", "dependentSchemas"})
_SINCE = {"contains": 6, "propertyNames": 6, "if": 7, "then": 7, "else": 7, "$defs": 2019, "prefixItems": 2020,
          "unevaluatedProperties": 2019, "unevaluatedItems": 2019, "dependentSchemas": 2019,
          "contentSchema": 2019}  # fmt: skip
_UNTIL = {"additionalItems": 2019}
ANNOTATIONS = frozenset({"title", "description", "$comment", "examples", "default", "deprecated", "readOnly",
                         "writeOnly"})  # fmt: skip


def dialect_of(document: Any) -> Dialect:
    """The draft a document names; when it names none, the newest that gives every keyword it uses a meaning.

    Raises ``Invalid`` (UNKNOWN_DIALECT).
    """
    named = document.get("$schema") if isinstance(document, dict) else None
    if named is None:
        return _guessed(document)
    found = _BY_URI.get(named.removesuffix("#")) if isinstance(named, str) else None
    if found is None:
        known = ", ".join(dialect.name for dialect in DRAFTS)
        raise Invalid(f'"$schema" names none of the drafts that are read here: {known}.', code="UNKNOWN_DIALECT")
    return found


def _guessed(document: Any) -> Dialect:
    found, stack = DEFAULT, [document]
    while stack:
        schema = stack.pop()
        if isinstance(schema, list):
            stack += schema
        if not isinstance(schema, dict):
            continue
        if any(isinstance(schema.get(name), bool) for name in ("exclusiveMinimum", "exclusiveMaximum")):
            return BY_NAME["draft-04"]
        legacy = isinstance(schema.get("items"), list)
        legacy = legacy or any(isinstance(schema.get(name), dict) for name in ("definitions", "dependencies"))
        if legacy or isinstance(schema.get("additionalItems"), dict | bool):
            found = BY_NAME["draft-07"]
        stack += (schema[name] for name in schema if name not in ("enum", "const", "examples", "default"))
    return found


def subschemas(schema: Any, dialect: Dialect) -> Iterator[tuple[tuple[str, ...], Any]]:
    """The schemas directly inside a schema, each with its path of keys."""
    if not isinstance(schema, dict) or (dialect.ref_hides_siblings and "$ref" in schema):
        if isinstance(schema, dict):
            yield from _in_map(schema, ("definitions",))
        return
    for keyword, value in schema.items():
        if _SINCE.get(keyword, 0) > dialect.year or _UNTIL.get(keyword, 9999) < dialect.year:
            continue
        if keyword in _MAP:
            yield from _in_map(schema, (keyword,))
        elif keyword in _LIST and isinstance(value, list):
            yield from (((keyword, str(index)), item) for index, item in enumerate(value))
        elif keyword in _ONE and isinstance(value, dict | bool):
            yield (keyword,), value


def _in_map(schema: dict[str, Any], keywords: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], Any]]:
    for keyword in keywords:
        value = schema.get(keyword)
        if isinstance(value, dict):
            for key, item in value.items():
                if isinstance(item, dict | bool):
                    yield (keyword, key), item


def pointer(*keys: str) -> str:
    """A JSON Pointer (RFC 6901)."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)
