"""From the keywords of each draft to terms; one meaning per keyword, whatever the draft calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from governance.kernel.errors import DomainError

from ..base import canonical_bytes
from .expressions import is_checked
from .references import Place, References
from .terms import (
    FALSE,
    TRUE,
    TYPES,
    Term,
    either,
    every,
    exact,
    negate,
    of_type,
    one_of_values,
    when,
)
from .unevaluated import unevaluated

Keyword = Callable[["Compiler", Place, Any], Term]


class Compiler:
    """Terms for the schemas of one document; ``side`` keeps the references of two documents apart."""

    def __init__(self, references: References, side: str, asserted: bool = False) -> None:
        self.references = references
        self.side = side
        self.asserted = asserted or references.dialect.year <= 7
        self.year = references.dialect.year
        self._targets: dict[str, Place] = {}
        self._opened: dict[str, Term] = {}
        self._keys: dict[int, str] = {}

    def root(self) -> Term:
        return self.term(self.references.root)

    def owns(self, key: str) -> bool:
        return key in self._targets

    def open(self, key: str) -> Term:
        """What a reference stands for."""
        if key not in self._opened:
            self._opened[key] = self.term(self._targets[key])
        return self._opened[key]

    def term(self, place: Place) -> Term:
        schema = place.schema
        if not isinstance(schema, dict):
            return FALSE if schema is False else TRUE
        if "$ref" in schema and self.references.dialect.ref_hides_siblings:
            return self.reference(place, schema["$ref"])
        return every(
            KEYWORDS[keyword](self, place, schema[keyword])
            for keyword in schema
            if keyword in KEYWORDS and SINCE.get(keyword, 0) <= self.year <= UNTIL.get(keyword, 9999)
        )

    def inner(self, place: Place, *keys: str) -> Term:
        """The term of a subschema, by its keys."""
        schema = place.schema
        for key in keys:
            schema = schema[int(key)] if isinstance(schema, list) else schema[key]
        return self.term(self.references.place_of(schema, place, *keys))

    def reference(self, place: Place, ref: str) -> Term:
        try:
            target = self.references.resolve(ref, place)
        except DomainError:
            return self.opaque(place, "$ref")
        key = self._key(target)
        self._targets.setdefault(key, target)
        return Term("ref", key, True)

    def _key(self, target: Place) -> str:
        """Equal for equal schemas of both documents as long as they refer to nothing else."""
        if id(target.schema) not in self._keys:
            text = canonical_bytes(target.schema).decode("utf-8")
            own = f"{self.side}{target.base} {target.pointer}"
            refers = any(name in text for name in ('Ref":', '$ref":', '"unevaluated'))
            self._keys[id(target.schema)] = own if refers else f"{self.year} {text}"
        return self._keys[id(target.schema)]

    def opaque(self, place: Place, keyword: str) -> Term:
        """A keyword that is not analysed: it may hold or not."""
        return Term("opaque", keyword, f"{place.pointer}/{keyword}", True)


def _type(_compiler: Compiler, _place: Place, names: Any) -> Term:
    wanted = [names] if isinstance(names, str) else names
    plain = of_type("number" if name == "number" else name for name in wanted if name != "integer")
    if "integer" not in wanted or "number" in wanted:
        return plain
    return either([plain, every([of_type(["number"]), when("number", "mult", exact(1))])])


def _bound(name: str, keyword: str) -> Keyword:
    def compile_(compiler: Compiler, place: Place, bound: Any) -> Term:
        if isinstance(bound, bool):
            return TRUE
        strict = keyword.startswith("exclusive") or (
            compiler.year == 4 and place.schema.get("exclusive" + keyword.capitalize()) is True
        )
        return when("number", name, exact(bound), strict)

    return compile_


def _size(kind: str, name: str) -> Keyword:
    return lambda _compiler, _place, bound: when(kind, name, int(bound))


def _properties(compiler: Compiler, place: Place, properties: Any) -> Term:
    return every(when("object", "prop", name, compiler.inner(place, "properties", name)) for name in properties)


def _pattern_properties(compiler: Compiler, place: Place, patterns: Any) -> Term:
    return every(
        when("object", "each", ("pat", text), compiler.inner(place, "patternProperties", text)) for text in patterns
    )


def _additional_properties(compiler: Compiler, place: Place, _value: Any) -> Term:
    schema = place.schema
    known = frozenset(schema.get("properties", {})), tuple(sorted(schema.get("patternProperties", {})))
    return when("object", "each", ("rest", *known), compiler.inner(place, "additionalProperties"))


def _required(_compiler: Compiler, _place: Place, names: Any) -> Term:
    return every(when("object", "req", name) for name in names)


def _dependencies(keyword: str) -> Keyword:
    def compile_(compiler: Compiler, place: Place, dependencies: Any) -> Term:
        return every(
            either([when("object", "req", name, positive=False), then, of_type(set(TYPES) - {"object"})])
            for name, needed in dependencies.items()
            for then in [
                _required(compiler, place, needed) if isinstance(needed, list) else compiler.inner(place, keyword, name)
            ]
        )

    return compile_


def _property_names(compiler: Compiler, place: Place, _value: Any) -> Term:
    return when("object", "names", compiler.inner(place, "propertyNames"))


def _items(compiler: Compiler, place: Place, items: Any) -> Term:
    if isinstance(items, list):
        return every(when("array", "item", at, compiler.inner(place, "items", str(at))) for at in range(len(items)))
    start = len(place.schema.get("prefixItems", ())) if compiler.year >= 2020 else 0
    return when("array", "items", start, compiler.inner(place, "items"))


def _prefix_items(compiler: Compiler, place: Place, items: Any) -> Term:
    return every(when("array", "item", at, compiler.inner(place, "prefixItems", str(at))) for at in range(len(items)))


def _additional_items(compiler: Compiler, place: Place, _value: Any) -> Term:
    items = place.schema.get("items")
    if not isinstance(items, list):
        return TRUE
    return when("array", "items", len(items), compiler.inner(place, "additionalItems"))


def _contains(compiler: Compiler, place: Place, _value: Any) -> Term:
    counted = compiler.year >= 2019
    low = int(place.schema.get("minContains", 1)) if counted else 1
    high = int(place.schema["maxContains"]) if counted and "maxContains" in place.schema else None
    return when("array", "contains", compiler.inner(place, "contains"), low, high)


def _unique(_compiler: Compiler, _place: Place, wanted: Any) -> Term:
    return when("array", "unique") if wanted else TRUE


def _check(keyword: str) -> Keyword:
    """Until draft-07 validators may assert these, and some do: a comparison takes them at their word."""

    def compile_(compiler: Compiler, _place: Place, named: Any) -> Term:
        asserted = compiler.asserted and is_checked(keyword, named)
        return when("string", "check", keyword, named) if asserted else TRUE

    return compile_


def _branches(keyword: str, compiler: Compiler, place: Place) -> list[Term]:
    return [compiler.inner(place, keyword, str(at)) for at in range(len(place.schema[keyword]))]


def _one_of(compiler: Compiler, place: Place, _value: Any) -> Term:
    terms = _branches("oneOf", compiler, place)
    others = [every(negate(term) for at, term in enumerate(terms) if at != chosen) for chosen in range(len(terms))]
    return either(every([term, other]) for term, other in zip(terms, others, strict=True))


def _if(compiler: Compiler, place: Place, _value: Any) -> Term:
    test = compiler.inner(place, "if")
    then, otherwise = (
        compiler.inner(place, keyword) if keyword in place.schema else TRUE for keyword in ("then", "else")
    )
    if then == otherwise:
        return then
    return either([every([test, then]), every([negate(test), otherwise])])


def _dynamic_ref(compiler: Compiler, place: Place, ref: Any) -> Term:
    anchor = ref.partition("#")[2]
    carriers = compiler.references.dynamic(anchor)
    if anchor and not anchor.startswith("/") and len(carriers) > 1:
        return compiler.opaque(place, "$dynamicRef")
    return compiler.reference(place, ref)


def _recursive_ref(compiler: Compiler, place: Place, ref: Any) -> Term:
    carriers = [each for each in compiler.references.places() if each.schema.get("$recursiveAnchor") is True]
    if len(carriers) > 1 or (carriers and carriers[0].pointer):
        return compiler.opaque(place, "$recursiveRef")
    return compiler.reference(place, ref)


def _unevaluated(kind: str) -> Keyword:
    return lambda compiler, place, _value: unevaluated(compiler, place, kind) or compiler.opaque(place, kind)


KEYWORDS: dict[str, Keyword] = {
    "type": _type,
    "enum": lambda _compiler, _place, values: one_of_values(values),
    "const": lambda _compiler, _place, value: one_of_values([value]),
    "minimum": _bound("min", "minimum"),
    "maximum": _bound("max", "maximum"),
    "exclusiveMinimum": _bound("min", "exclusiveMinimum"),
    "exclusiveMaximum": _bound("max", "exclusiveMaximum"),
    "multipleOf": lambda _compiler, _place, step: when("number", "mult", exact(step)),
    "minLength": _size("string", "minlen"),
    "maxLength": _size("string", "maxlen"),
    "pattern": lambda _compiler, _place, text: when("string", "pattern", text),
    "properties": _properties,
    "patternProperties": _pattern_properties,
    "additionalProperties": _additional_properties,
    "required": _required,
    "dependencies": _dependencies("dependencies"),
    "dependentRequired": _dependencies("dependentRequired"),
    "dependentSchemas": _dependencies("dependentSchemas"),
    "propertyNames": _property_names,
    "minProperties": _size("object", "minprops"),
    "maxProperties": _size("object", "maxprops"),
    "format": _check("format"),
    "contentEncoding": _check("contentEncoding"),
    "contentMediaType": _check("contentMediaType"),
    "items": _items,
    "prefixItems": _prefix_items,
    "additionalItems": _additional_items,
    "contains": _contains,
    "uniqueItems": _unique,
    "minItems": _size("array", "minitems"),
    "maxItems": _size("array", "maxitems"),
    "allOf": lambda compiler, place, _value: every(_branches("allOf", compiler, place)),
    "anyOf": lambda compiler, place, _value: either(_branches("anyOf", compiler, place)),
    "oneOf": _one_of,
    "not": lambda compiler, place, _value: negate(compiler.inner(place, "not")),
    "if": _if,
    "$ref": lambda compiler, place, ref: compiler.reference(place, ref),
    "$dynamicRef": _dynamic_ref,
    "$recursiveRef": _recursive_ref,
    "unevaluatedProperties": _unevaluated("unevaluatedProperties"),
    "unevaluatedItems": _unevaluated("unevaluatedItems"),
}
SINCE = {"const": 6, "contentEncoding": 6, "contentMediaType": 6,
         "contains": 6, "propertyNames": 6, "if": 7, "dependentRequired": 2019, "dependentSchemas": 2019,
         "prefixItems": 2020, "$dynamicRef": 2020, "$recursiveRef": 2019, "unevaluatedProperties": 2019,
         "unevaluatedItems": 2019}  # fmt: skip
UNTIL = {"contentEncoding": 7, "contentMediaType": 7, "dependencies": 7, "additionalItems": 2019, "$recursiveRef": 2019}


def opaque_in(term: Term) -> Iterator[tuple[str, str]]:
    """Keyword and pointer of everything not analysed in a term; references are not opened."""
    if term.op == "opaque":
        yield term.args[0], term.args[1]
    elif term.op in ("and", "or"):
        for part in term.args[0]:
            yield from opaque_in(part)
    elif term.op == "lit":
        for part in term.args[1]:
            if isinstance(part, Term):
                yield from opaque_in(part)
