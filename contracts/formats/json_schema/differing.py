"""What changed between two documents, keyword by keyword, and whether each change tightens or loosens.

Which changes break anything is not decided here: a tightened keyword may be covered elsewhere. The direction of each
change is found by the same search as the verdict, on the changed part alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from governance.kernel.errors import DomainError

from ..base import Direction, canonical_bytes
from .compiling import KEYWORDS
from .dialects import ANNOTATIONS, pointer
from .evaluating import selects
from .inclusion import Pair
from .outcomes import BudgetSpent
from .references import Place, References
from .solving import Solver
from .terms import TRUE, Term, every, negate

MOST_CHANGES = 500
_GROUPS = (
    ("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum"), ("contains", "minContains", "maxContains"),
    ("if", "then", "else"), ("items", "prefixItems", "additionalItems"),
)  # fmt: skip
_DEPENDS = ("additionalProperties", "unevaluatedProperties", "unevaluatedItems")
_SKIPPED = frozenset({"$defs", "definitions", "$id", "id", "$anchor", "$dynamicAnchor", "$vocabulary"})


@dataclass(frozen=True, slots=True)
class Difference:
    """One difference with both pointers and both fragments, before anyone judged it."""

    rule: str
    direction: Direction
    pointer_old: str | None
    pointer_new: str | None
    old: Any
    new: Any
    message: str


class Differ:
    """Walks two documents side by side within the time of one solver."""

    def __init__(self, pair: Pair, solver: Solver) -> None:
        self.pair = pair
        self.solver = solver
        self.old, self.new = pair.compilers
        self._seen: set[tuple[int, int]] = set()

    def walk(self) -> Iterator[Difference]:
        yield from self.schemas(self.old.references.root, self.new.references.root)

    def direction(self, old: Term, new: Term) -> Direction:
        """Which of two terms allows more."""
        tightens, loosens = self._separates(old, new), self._separates(new, old)
        if tightens is None or loosens is None:
            return Direction.UNDETERMINED
        if tightens:
            return Direction.BOTH if loosens else Direction.TIGHTENS
        return Direction.LOOSENS if loosens else Direction.NEITHER

    def _separates(self, left: Term, right: Term) -> bool | None:
        try:
            outcome = self.solver.solve([left, negate(right)])
        except (BudgetSpent, RecursionError):
            return None
        return False if outcome.empty else True if outcome.usable else None

    def schemas(self, old: Place, new: Place) -> Iterator[Difference]:
        """The differences of two schemas that stand for the same values."""
        old, new = _target(self.old.references, old), _target(self.new.references, new)
        key = id(old.schema), id(new.schema)
        if key in self._seen or (canonical_bytes(old.schema) == canonical_bytes(new.schema) and not _refers(old, new)):
            return
        self._seen.add(key)
        if not isinstance(old.schema, dict) or not isinstance(new.schema, dict):
            yield self._difference("schema.changed", old, new, (), (), self.old.term(old), self.new.term(new))
            return
        yield from self._properties(old, new)
        yield from self._required(old, new)
        yield from self._closed(old, new)
        yield from self._patterns(old, new)
        yield from self._keywords(old, new)

    def _difference(
        self, rule: str, old: Place, new: Place, at_old: Any, at_new: Any, term_old: Term, term_new: Term
    ) -> Difference:
        """``at_old`` and ``at_new`` are the keys below the places, ``None`` where there is nothing on that side."""
        direction = self.direction(term_old, term_new)
        where_old = None if at_old is None else old.pointer + pointer(*at_old)
        where_new = None if at_new is None else new.pointer + pointer(*at_new)
        message = f"{_says(rule, at_new if at_new is not None else at_old)}: this {_effect(direction)}."
        fragments = _fragment(old.schema, at_old), _fragment(new.schema, at_new)
        return Difference(rule, direction, where_old, where_new, *fragments, message)

    def _properties(self, old: Place, new: Place) -> Iterator[Difference]:
        before, after = old.schema.get("properties", {}), new.schema.get("properties", {})
        for name in (*before, *(name for name in after if name not in before)):
            keys = "properties", name
            if name in before and name in after:
                yield from self.schemas(
                    self.old.references.place_of(before[name], old, *keys),
                    self.new.references.place_of(after[name], new, *keys),
                )
                continue
            rule, at_old, at_new = (
                ("property.removed", keys, None) if name in before else ("property.added", None, keys)
            )
            terms = _value_term(self.old, old, name), _value_term(self.new, new, name)
            yield self._difference(rule, old, new, at_old, at_new, *terms)

    def _required(self, old: Place, new: Place) -> Iterator[Difference]:
        before, after = (_names(place.schema.get("required")) for place in (old, new))
        for name in (*after, *(name for name in before if name not in after)):
            if name in before and name in after:
                continue
            added = name in after
            tightens = Direction.TIGHTENS if added else Direction.LOOSENS
            places = None if added else old.pointer + "/required", new.pointer + "/required" if added else None
            says = f'The property "{name}" is {"now" if added else "no longer"} required: this {_effect(tightens)}.'
            yield Difference(
                "required.added" if added else "required.removed", tightens, *places,
                None if added else name, name if added else None, says,
            )  # fmt: skip

    def _closed(self, old: Place, new: Place) -> Iterator[Difference]:
        keyword = "additionalProperties"
        if old.schema.get(keyword, True) == new.schema.get(keyword, True):
            return
        before, after = (
            compiler.inner(place, keyword) if keyword in place.schema else TRUE
            for compiler, place in ((self.old, old), (self.new, new))
        )
        yield self._difference(
            f"{keyword}.changed", old, new, *_keys(old, new, keyword), before, after
        )  # fmt: skip

    def _patterns(self, old: Place, new: Place) -> Iterator[Difference]:
        keyword = "patternProperties"
        before, after = old.schema.get(keyword, {}), new.schema.get(keyword, {})
        for text in (*before, *(text for text in after if text not in before)):
            if text in before and text in after:
                yield from self.schemas(
                    self.old.references.place_of(before[text], old, keyword, text),
                    self.new.references.place_of(after[text], new, keyword, text),
                )
                continue
            inside = {keyword: {text: (before | after)[text]}}
            term = (self.old if text in before else self.new).term(
                Place(inside, (old if text in before else new).base, (old if text in before else new).pointer)
            )
            keys = (keyword, text)
            rule = f"{keyword}.{'removed' if text in before else 'added'}"
            yield self._difference(
                rule, old, new, keys if text in before else None, None if text in before else keys,
                term if text in before else TRUE, TRUE if text in before else term,
            )  # fmt: skip

    def _keywords(self, old: Place, new: Place) -> Iterator[Difference]:
        handled = {"properties", "required", "additionalProperties", "patternProperties"} | _SKIPPED
        for keyword in dict.fromkeys((*old.schema, *new.schema)):
            group = next((each for each in _GROUPS if keyword in each), (keyword,))
            if keyword in handled:
                continue
            handled |= set(group)
            before, after = (
                {name: place.schema[name] for name in group if name in place.schema} for place in (old, new)
            )
            if canonical_bytes(before) == canonical_bytes(after):
                continue
            yield from self._group(keyword, before, after, old, new)

    def _group(
        self, keyword: str, before: dict[str, Any], after: dict[str, Any], old: Place, new: Place
    ) -> Iterator[Difference]:
        inner = list(self._inside(keyword, before, after, old, new))
        if inner:
            yield from inner
            return
        kept = old.schema if keyword in _DEPENDS else before, new.schema if keyword in _DEPENDS else after
        known = keyword in KEYWORDS
        terms = [
            compiler.term(Place(schema, place.base, place.pointer)) if known else TRUE
            for compiler, schema, place in ((self.old, kept[0], old), (self.new, kept[1], new))
        ]
        verb = "added" if not before else "removed" if not after else "changed"
        rule = f"annotation.{keyword}" if keyword in ANNOTATIONS else f"{keyword}.{verb}"
        yield self._difference(rule, old, new, *_keys(old, new, keyword), *terms)

    def _inside(
        self, keyword: str, before: dict[str, Any], after: dict[str, Any], old: Place, new: Place
    ) -> Iterator[Difference]:
        """Where both sides hold schemas in the same places, the differences lie inside them."""
        if set(before) != set(after) or keyword in ("not", "if"):
            return
        for name in before:
            left, right = before[name], after[name]
            pairs: list[tuple[tuple[str, ...], Any, Any]] = []
            if isinstance(left, dict) and isinstance(right, dict) and name in ("items", "contains", "propertyNames"):
                pairs = [((name,), left, right)]
            elif name in ("items", "prefixItems", "allOf", "anyOf", "oneOf") and _alike(left, right):
                pairs = [((name, str(at)), *both) for at, both in enumerate(zip(left, right, strict=True))]
            for keys, one, other in pairs:
                yield from self.schemas(
                    self.old.references.place_of(one, old, *keys), self.new.references.place_of(other, new, *keys)
                )


def _alike(left: Any, right: Any) -> bool:
    return isinstance(left, list) and isinstance(right, list) and len(left) == len(right)


def _names(required: Any) -> list[str]:
    return required if isinstance(required, list) else []


def _refers(old: Place, new: Place) -> bool:
    """Equal text may mean different things when it refers to definitions."""
    return any(b'$ref"' in canonical_bytes(place.schema) for place in (old, new))


def _target(references: References, place: Place) -> Place:
    """Follow a reference that stands alone."""
    for _ in range(50):
        schema = place.schema
        if not isinstance(schema, dict) or "$ref" not in schema:
            return place
        if not references.dialect.ref_hides_siblings and set(schema) - {"$ref"} - ANNOTATIONS:
            return place
        try:
            place = references.resolve(schema["$ref"], place)
        except DomainError:
            return place
    return place


def _keys(old: Place, new: Place, keyword: str) -> tuple[Any, Any]:
    return (keyword,) if keyword in old.schema else None, (keyword,) if keyword in new.schema else None


def _fragment(schema: Any, keys: Any) -> Any:
    for key in keys or ():
        schema = schema[key]
    return None if keys is None else schema


def _value_term(compiler: Any, place: Place, name: str) -> Term:
    """What a schema asks of the value of a property of this name."""
    schema, terms = place.schema, []
    if name in schema.get("properties", {}):
        terms.append(compiler.inner(place, "properties", name))
    patterns = tuple(schema.get("patternProperties", ()))
    terms += [compiler.inner(place, "patternProperties", text) for text in patterns if selects(("pat", text), name)]
    rest = "rest", frozenset(schema.get("properties", ())), patterns
    if "additionalProperties" in schema and selects(rest, name):
        terms.append(compiler.inner(place, "additionalProperties"))
    return every(terms)


def _says(rule: str, keys: Any) -> str:
    subject, _, verb = rule.partition(".")
    if subject == "property":
        return f'The property "{keys[-1]}" was {verb}'
    if subject == "annotation":
        return f'The description "{verb}" was changed'
    return f'The rule "{subject}" was {verb}'


def _effect(direction: Direction) -> str:
    return {
        Direction.TIGHTENS: "allows fewer payloads",
        Direction.LOOSENS: "allows more payloads",
        Direction.BOTH: "allows other payloads than before",
        Direction.NEITHER: "allows the same payloads",
        Direction.UNDETERMINED: "may allow fewer or more payloads; that was not determined",
    }[direction]
