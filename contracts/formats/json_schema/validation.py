"""Holding payloads against a schema: the fast validator decides, the reference validator explains.

Neither can fetch anything: both get the document's bundled resources and nothing else. Patterns run on
linear-time engines in both.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache, partial
from itertools import islice
from threading import Lock
from typing import Any

import jsonschema
import jsonschema_rs
from jsonschema import validators
from jsonschema_specifications import REGISTRY as META_SCHEMAS
from referencing import Registry, Resource
from referencing.exceptions import NoSuchResource

from governance.kernel.errors import Invalid

from ..base import Document, PayloadError, PayloadResult
from .dialects import BY_NAME, Dialect, pointer
from .expressions import FORMATS, found_in, is_checked, passes

MAX_ERRORS = 20
_KEPT = 256
_REFERRING = (b'"$ref"', b'"$dynamicRef"', b'"$recursiveRef"')
_fast: OrderedDict[tuple[str, str], Any] = OrderedDict()
_lock = Lock()


def fast_validator(document: Document, *, formats: bool = False, bundled: Mapping[str, Any] | None = None) -> Any:
    """The compiled validator of a document (kept for the 256 used last); ``formats`` makes ``format`` assert.

    Raises ``Invalid`` (INVALID_SCHEMA) when the engine cannot compile it.
    """
    if bundled:
        return _compile(document, document.content, formats, bundled)
    return _kept(document, f"one {formats}", lambda: _compile(document, document.content, formats, {}))


def fast_list_validator(document: Document) -> Any | None:
    """The same for a list of payloads: valid when each of them is, in one call instead of one for each.

    None for a document that refers to something: inside another one its references could mean another place.
    """
    if any(word in document.canonical for word in _REFERRING):
        return None
    named = ("$schema", "$id", "id")
    content = document.content
    if isinstance(content, dict):
        content = {keyword: value for keyword, value in content.items() if keyword not in named}
    return _kept(document, "list", lambda: _compile(document, {"items": content}, False, {}))


def _kept(document: Document, kind: str, build: Callable[[], Any]) -> Any:
    key = (document.sha256 + document.dialect, kind)
    with _lock:
        if key in _fast:
            _fast.move_to_end(key)
            return _fast[key]
    built = build()
    with _lock:
        _fast[key] = built
        while len(_fast) > _KEPT:
            _fast.popitem(last=False)
    return built


def _compile(document: Document, content: Any, formats: bool, bundled: Mapping[str, Any]) -> Any:
    dialect = BY_NAME[document.dialect]
    try:
        return dialect.fast(
            content, validate_formats=formats, retriever=partial(_bundled_only, bundled),
            pattern_options=jsonschema_rs.RegexOptions(size_limit=8 << 20),
        )  # fmt: skip
    except (ValueError, jsonschema_rs.ValidationError, jsonschema_rs.ReferencingError):
        raise Invalid("The schema cannot be compiled for validation.", code="INVALID_SCHEMA") from None


def _bundled_only(bundled: Mapping[str, Any], uri: str) -> Any:
    if uri not in bundled:
        raise ValueError("nothing is fetched")
    return bundled[uri]


def _resource(dialect: Dialect, bundled: Mapping[str, Any], uri: str) -> Any:
    if uri not in bundled:
        refusal: Any = NoSuchResource
        raise refusal(ref=uri)
    return Resource.from_contents(bundled[uri], default_specification=dialect.specification)


def reference_validator(document: Document, *, formats: bool = False, bundled: Mapping[str, Any] | None = None) -> Any:
    """The slower validator whose errors can be explained."""
    dialect = BY_NAME[document.dialect]
    create: Any = Registry
    registry = create(retrieve=partial(_resource, dialect, bundled or {}))
    registry = registry.with_resources((uri, META_SCHEMAS[uri]) for uri in META_SCHEMAS)
    cls = _linear(dialect)
    return cls(document.content, registry=registry, format_checker=_FORMATS if formats else None)


@lru_cache(maxsize=8)
def _linear(dialect: Dialect) -> Any:
    return validators.extend(dialect.reference, {
        "pattern": _pattern, "patternProperties": _pattern_properties,
        "additionalProperties": _additional_properties, **(_CONTENT if dialect.year in (6, 7) else {}),
    })  # fmt: skip


def _pattern(_validator: Any, pattern: str, instance: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(instance, str) and not found_in(pattern, instance):
        yield jsonschema.ValidationError("does not match the pattern")


def _pattern_properties(validator: Any, patterns: Any, instance: Any, _schema: Any) -> Iterator[Any]:
    if isinstance(instance, dict):
        for pattern, schema in patterns.items():
            for name, value in instance.items():
                if found_in(pattern, name):
                    yield from validator.descend(value, schema, path=name, schema_path=pattern)


def _additional_properties(validator: Any, allowed: Any, instance: Any, schema: Any) -> Iterator[Any]:
    if not isinstance(instance, dict):
        return
    known, patterns = schema.get("properties", {}), schema.get("patternProperties", {})
    for name, value in instance.items():
        if name in known or any(found_in(pattern, name) for pattern in patterns):
            continue
        if allowed is False:
            yield jsonschema.ValidationError("is a property that the schema does not know")
        else:
            yield from validator.descend(value, allowed, path=name)


def _content(keyword: str) -> Any:
    def check(_validator: Any, named: Any, instance: Any, _schema: Any) -> Iterator[Any]:
        if isinstance(instance, str) and is_checked(keyword, named) and not passes(keyword, named, instance):
            yield jsonschema.ValidationError("is not what the schema names")

    return check


def _format_checker() -> Any:
    checker = jsonschema.FormatChecker(formats=())
    for name in sorted(FORMATS):
        checker.checks(name)(partial(_is_format, name))
    return checker


def _is_format(name: str, instance: Any) -> bool:
    return not isinstance(instance, str) or passes("format", name, instance)


_CONTENT = {keyword: _content(keyword) for keyword in ("contentEncoding", "contentMediaType")}
_FORMATS = _format_checker()
_SAYS = {
    "type": "is not of the type that the schema asks for",
    "required": "lacks a property that the schema requires",
    "additionalProperties": "has a property that the schema does not know",
    "unevaluatedProperties": "has a property that the schema does not know",
    "enum": "is none of the values that the schema lists",
    "const": "is not the one value that the schema allows",
    "pattern": "does not match the pattern that the schema asks for",
    "format": "is not in the format that the schema names",
    "false": "is refused by the schema whatever it is",
}  # fmt: skip


def validate(document: Document, payload: Any, *, formats: bool = False) -> PayloadResult:
    """Whether one decoded payload keeps the contract; the errors name places and rules, never values."""
    if fast_validator(document, formats=formats).is_valid(payload):
        return PayloadResult(True)
    return PayloadResult(False, tuple(explain(document, payload, formats=formats)))


def explain(document: Document, payload: Any, *, formats: bool = False) -> list[PayloadError]:
    """At most 20 located errors; for a missing property the sentence names it, because the schema does."""
    if not reference_is_linear(document):
        return _briefly(document, payload, formats)
    found: list[PayloadError] = []
    try:
        for error in reference_validator(document, formats=formats).iter_errors(payload):
            keyword = str(error.validator or "false")
            found.append(PayloadError(_where(error), keyword, _sentence(error, keyword)))
            if len(found) >= MAX_ERRORS:
                break
    except RecursionError:
        found = []
    return found or [PayloadError("", "schema", "is refused by the schema")]


def reference_is_linear(document: Document) -> bool:
    """The reference validator runs patterns on a backtracking engine where it looks for unevaluated properties."""
    return not all(word in document.canonical for word in (b'"unevaluatedProperties"', b'"patternProperties"'))


def _briefly(document: Document, payload: Any, formats: bool) -> list[PayloadError]:
    found = []
    for error in islice(fast_validator(document, formats=formats).iter_errors(payload), MAX_ERRORS):
        keyword = str(error.kind.name) if hasattr(error.kind, "name") else "schema"
        where = pointer(*(str(key) for key in error.instance_path))
        found.append(PayloadError(where, keyword, _SAYS.get(keyword, f'breaks the rule "{keyword}"')))
    return found


def _where(error: Any) -> str:
    return pointer(*(str(key) for key in error.absolute_path))


def _sentence(error: Any, keyword: str) -> str:
    if keyword == "required" and isinstance(error.instance, dict):
        missing = [name for name in error.validator_value if name not in error.instance]
        named = next((name for name in missing if repr(name) in error.message), missing[0] if missing else "")
        return f'lacks the property "{named}" that the schema requires'
    return _SAYS.get(keyword, f'breaks the rule "{keyword}"')
