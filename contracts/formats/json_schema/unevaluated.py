"""``unevaluatedProperties`` and ``unevaluatedItems`` by cases: which branches held decides what was evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

from governance.kernel.errors import DomainError

from .references import Place
from .terms import TRUE, Term, either, every, negate, when

if TYPE_CHECKING:
    from .compiling import Compiler

MOST_CASES = 64


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What one case has evaluated: property names and patterns, or the first so many items; or everything."""

    names: frozenset[str] = frozenset()
    patterns: frozenset[str] = frozenset()
    items: int = 0
    all_properties: bool = False
    all_items: bool = False

    def plus(self, other: Evaluated) -> Evaluated:
        return Evaluated(
            self.names | other.names,
            self.patterns | other.patterns,
            max(self.items, other.items),
            self.all_properties or other.all_properties,
            self.all_items or other.all_items,
        )


Case = tuple[Term, Evaluated]
NOTHING = Evaluated()


class NotAnalysed(Exception):
    """Too many cases, or a keyword whose evaluations are not followed."""


def unevaluated(compiler: Compiler, place: Place, keyword: str) -> Term | None:
    """The keyword as a term, or ``None`` when its cases are not analysed."""
    inner = compiler.inner(place, keyword)
    try:
        cases = _cases(compiler, place, keyword, skip=True)
    except (NotAnalysed, DomainError):
        return None
    return either(every([condition, _rest(evaluated, keyword, inner)]) for condition, evaluated in cases)


def _rest(evaluated: Evaluated, keyword: str, inner: Term) -> Term:
    if keyword == "unevaluatedProperties":
        selector = "rest", evaluated.names, tuple(sorted(evaluated.patterns))
        return TRUE if evaluated.all_properties else when("object", "each", selector, inner)
    return TRUE if evaluated.all_items else when("array", "items", evaluated.items, inner)


def _cases(compiler: Compiler, place: Place, keyword: str, *, skip: bool = False) -> list[Case]:
    schema = place.schema
    if not isinstance(schema, dict):
        return [(TRUE, NOTHING)]
    groups = [[(TRUE, _own(compiler, schema, keyword, skip))], *_in_place(compiler, place, keyword)]
    found: list[Case] = [(TRUE, NOTHING)]
    for group in groups:
        if len(found) * len(group) > MOST_CASES:
            raise NotAnalysed
        found = [(every([left, right]), seen.plus(more)) for (left, seen), (right, more) in product(found, group)]
    return found


def _own(compiler: Compiler, schema: dict[str, Any], keyword: str, skip: bool) -> Evaluated:
    if keyword == "unevaluatedItems" and "contains" in schema and compiler.year >= 2020:
        raise NotAnalysed
    items = schema.get("items")
    rest = "additionalItems" in schema or isinstance(items, dict | bool)
    return Evaluated(
        frozenset(schema.get("properties", ())),
        frozenset(schema.get("patternProperties", ())),
        len(items) if isinstance(items, list) else len(schema.get("prefixItems", ())),
        "additionalProperties" in schema or (not skip and "unevaluatedProperties" in schema),
        rest or (not skip and "unevaluatedItems" in schema),
    )


def _in_place(compiler: Compiler, place: Place, keyword: str) -> Iterator[list[Case]]:
    schema, references = place.schema, compiler.references

    def cases(*keys: str) -> list[Case]:
        inner: Any = schema
        for key in keys:
            inner = inner[int(key)] if isinstance(inner, list) else inner[key]
        return _cases(compiler, references.place_of(inner, place, *keys), keyword)

    if "$dynamicRef" in schema or "$recursiveRef" in schema:
        raise NotAnalysed
    if "$ref" in schema:
        yield _cases(compiler, references.resolve(schema["$ref"], place), keyword)
    for at in range(len(schema.get("allOf", ()))):
        yield cases("allOf", str(at))
    for several in ("anyOf", "oneOf"):
        for at in range(len(schema.get(several, ()))):
            yield _if_it_holds(compiler.inner(place, several, str(at)), cases(several, str(at)))
    for name in schema.get("dependentSchemas", ()):
        yield _if_it_holds(when("object", "req", name), cases("dependentSchemas", name))
    if "if" in schema:
        test = compiler.inner(place, "if")
        then, otherwise = (cases(branch) if branch in schema else [(TRUE, NOTHING)] for branch in ("then", "else"))
        yield [
            *((every([test, left, right]), seen.plus(more))
              for (left, seen), (right, more) in product(cases("if"), then)),
            *((every([negate(test), condition]), seen) for condition, seen in otherwise),
        ]  # fmt: skip


def _if_it_holds(test: Term, cases: list[Case]) -> list[Case]:
    return [*((every([test, condition]), seen) for condition, seen in cases), (negate(test), NOTHING)]
