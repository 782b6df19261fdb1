"""Where every ``$ref`` of a document leads. Nothing outside the document is ever fetched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag, urljoin

from jsonschema_specifications import REGISTRY as META_SCHEMAS
from referencing.exceptions import Unresolvable

from governance.kernel.errors import Invalid, TooLarge

from .dialects import Dialect, pointer, subschemas

_IN_PLACE = frozenset({"allOf", "anyOf", "oneOf", "not", "if", "then", "else", "dependentSchemas", "dependencies"})
LONGEST_CHAIN = 200
MOST_BRANCHES = 20_000


@dataclass(frozen=True, slots=True)
class Place:
    """One schema of a document: its content, the URI that relative references start from, and its pointer."""

    schema: Any
    base: str
    pointer: str


class References:
    """The identifiers and anchors of one document, and of the documents bundled with it."""

    def __init__(self, root: Any, dialect: Dialect, bundled: Mapping[str, Any] | None = None) -> None:
        self.dialect = dialect
        self._resources: dict[str, Place] = {}
        self._anchors: dict[tuple[str, str], Place] = {}
        self._dynamic: dict[str, list[Place]] = {}
        self._places: dict[int, Place] = {}
        self._bundled = bundled or {}
        self.root = Place(root, "", "")
        self._index(self.root)
        self.root = self._places.get(id(root), self.root)

    def places(self) -> Iterator[Place]:
        """Every schema of the document itself."""
        return (place for place in list(self._places.values()) if not place.pointer or place.pointer[0] == "/")

    def place_of(self, schema: Any, fallback: Place, *keys: str) -> Place:
        """The place of a direct subschema, reached from ``fallback`` by ``keys``."""
        return self._places.get(id(schema)) or Place(schema, fallback.base, fallback.pointer + pointer(*keys))

    def dynamic(self, anchor: str) -> list[Place]:
        """Every schema that carries this ``$dynamicAnchor``."""
        return self._dynamic.get(anchor, [])

    def resolve(self, ref: str, place: Place) -> Place:
        """The schema a reference means. Raises ``Invalid``: REF_NOT_BUNDLED, REF_DANGLING."""
        uri, fragment = urldefrag(ref)
        uri = _join(place.base, uri)
        resource = self._resources.get(uri) or self._known(uri)
        if resource is None:
            raise Invalid(
                f'The "$ref" at {place.pointer or "the root"} leads outside the document. Nothing is fetched: '
                'bundle what it needs under "$defs" with its "$id".',
                code="REF_NOT_BUNDLED",
                errors={place.pointer: ["leads outside the document"]},
            )
        fragment = unquote(fragment)
        found = self._anchors.get((uri, fragment)) if fragment and fragment[0] != "/" else None
        found = found or (self._walk(resource, fragment) if not fragment or fragment[0] == "/" else None)
        if found is None:
            raise Invalid(
                f'The "$ref" at {place.pointer or "the root"} leads to nothing in the document.',
                code="REF_DANGLING",
                errors={place.pointer: ["leads to nothing in the document"]},
            )
        return found

    def _known(self, uri: str) -> Place | None:
        try:
            content = self._bundled[uri] if uri in self._bundled else META_SCHEMAS.contents(uri)
        except (Unresolvable, KeyError):
            return None
        place = Place(content, uri, uri + "#")
        self._resources[uri] = place
        self._index(place)
        return place

    def _walk(self, resource: Place, fragment: str) -> Place | None:
        node: Any = resource.schema
        base, keys = resource.base, fragment.split("/")[1:]
        for key in (part.replace("~1", "/").replace("~0", "~") for part in keys):
            if isinstance(node, dict) and key in node:
                node = node[key]
            elif isinstance(node, list) and key.isdecimal() and int(key) < len(node):
                node = node[int(key)]
            else:
                return None
            base = self._places[id(node)].base if id(node) in self._places else base
        if not isinstance(node, dict | bool):
            return None
        if isinstance(node, dict) and id(node) not in self._places:
            self._index(Place(node, base, resource.pointer + fragment))
        return self._places.get(id(node)) or Place(node, base, resource.pointer + fragment)

    def _index(self, start: Place) -> None:
        stack = [start]
        while stack:
            place = self._identified(stack.pop())
            if not isinstance(place.schema, dict):
                continue
            self._places[id(place.schema)] = place
            for keys, schema in subschemas(place.schema, self.dialect):
                stack.append(Place(schema, place.base, place.pointer + pointer(*keys)))

    def _identified(self, place: Place) -> Place:
        schema, base = place.schema, place.base
        hidden = isinstance(schema, dict) and self.dialect.ref_hides_siblings and "$ref" in schema
        if isinstance(schema, dict) and not hidden:
            named = schema.get(self.dialect.id_keyword)
            if isinstance(named, str) and not named.startswith("#"):
                base = _join(place.base, urldefrag(named)[0])
                place = Place(schema, base, place.pointer)
                self._resources[base] = place
            elif isinstance(named, str) and self.dialect.year <= 7:
                self._anchors[base, named[1:]] = place
            self._name(schema, place)
        if not place.pointer:
            self._resources.setdefault(base, place)
            self._resources.setdefault("", place)
        return place

    def _name(self, schema: dict[str, Any], place: Place) -> None:
        for keyword in ("$anchor", "$dynamicAnchor"):
            anchor = schema.get(keyword)
            if isinstance(anchor, str) and self.dialect.year >= 2019:
                self._anchors[place.base, anchor] = place
                if keyword == "$dynamicAnchor":
                    self._dynamic.setdefault(anchor, []).append(place)


def _join(base: str, uri: str) -> str:
    return base if not uri else urljoin(base, uri)


def check_references(references: References) -> None:
    """Refuse what leads outside or nowhere, and references that never come to look at a payload.

    Raises ``Invalid`` (REF_NOT_BUNDLED, REF_DANGLING, REF_LOOP) or ``TooLarge`` (REF_CHAIN_TOO_LONG,
    TOO_MANY_BRANCHES): a document whose branches multiply would keep any validator busy for ever.
    """
    height: dict[int, int] = {}
    branches: dict[int, int] = {}
    for start in references.places():
        _measure(references, start, height, branches)
    if max(height.values(), default=0) > LONGEST_CHAIN:
        raise TooLarge(f"A chain of references is longer than {LONGEST_CHAIN}.", code="REF_CHAIN_TOO_LONG")
    if max(branches.values(), default=0) > MOST_BRANCHES:
        raise TooLarge(f"One value would be judged along over {MOST_BRANCHES} branches.", code="TOO_MANY_BRANCHES")


def _measure(references: References, start: Place, height: dict[int, int], branches: dict[int, int]) -> None:
    stack: list[tuple[Place, list[Place], int]] = [(start, [], -1)]
    open_: set[int] = set()
    while stack:
        place, steps, at = stack.pop()
        key = id(place.schema)
        if at < 0:
            if key in height or not isinstance(place.schema, dict):
                continue
            if key in open_:
                raise Invalid(
                    f"The references at {place.pointer or 'the root'} lead back to it without looking at a value.",
                    code="REF_LOOP",
                    errors={place.pointer: ["refers to itself"]},
                )
            open_.add(key)
            steps = list(_in_place(references, place))
        if at + 1 < len(steps):
            stack += [(place, steps, at + 1), (steps[at + 1], [], -1)]
            continue
        open_.discard(key)
        height[key] = 1 + max((height.get(id(step.schema), 0) for step in steps), default=0)
        branches[key] = 1 + sum(branches.get(id(step.schema), 1) for step in steps)


def _in_place(references: References, place: Place) -> Iterator[Place]:
    schema = place.schema
    for keyword in ("$ref", "$dynamicRef", "$recursiveRef"):
        if isinstance(schema.get(keyword), str):
            yield references.resolve(schema[keyword], place)
    for keys, inner in subschemas(schema, references.dialect):
        if keys[0] in _IN_PLACE and isinstance(inner, dict):
            yield references.place_of(inner, place, *keys)
