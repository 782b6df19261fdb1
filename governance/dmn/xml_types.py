"""The types of a DMN model: from a ``typeRef`` and its item definitions to what an input or output of ours declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from .values import KINDS
from .xml_tree import Node

MAX_CHAIN = 16

_SAME = {
    "integer": "number", "int": "number", "long": "number", "double": "number", "float": "number", "decimal": "number",
    "datetime": "date and time", "dateandtime": "date and time", "daytimeduration": "days and time duration",
    "daysandtimeduration": "days and time duration", "yearmonthduration": "years and months duration",
    "yearsandmonthsduration": "years and months duration",
}  # fmt: skip
_UNTYPED = frozenset({"", "any", "context"})


@dataclass(frozen=True, slots=True)
class Typed:
    """What a ``typeRef`` comes to: a kind of ours or None, the text of its allowed values, and whether it is known."""

    kind: str | None = None
    allowed: str = ""
    known: bool = True


class Types:
    """The item definitions of one model by name, and what a name of a type stands for."""

    def __init__(self, definitions: Node) -> None:
        self.items = {node.get("name"): node for node in definitions.all("itemDefinition")}

    def typed(self, reference: str, depth: int = 0) -> Typed:
        """Follow a name through its item definitions, at most ``MAX_CHAIN`` of them."""
        node = self.items.get(reference.strip())
        if node is None:
            return builtin(reference)
        return self.of_item(node, depth)

    def of_item(self, node: Node, depth: int = 0) -> Typed:
        if depth >= MAX_CHAIN:
            return Typed(known=False)
        base = self.typed(node.text_at("typeRef") or "", depth + 1)
        allowed = (node.text_at("allowedValues", "text") or "").strip() or base.allowed
        kind = "list" if node.get("isCollection") in ("true", "1") else base.kind
        return replace(base, kind=kind, allowed=allowed)

    def along(self, reference: str, path: list[str]) -> Typed:
        """The type of a component: ``Age`` of ``Applicant`` by the item definition of the applicant's type."""
        node = self.items.get(reference.strip())
        for _ in range(MAX_CHAIN):
            if node is None or not path:
                break
            node = next((part for part in self._components(node) if part.get("name") == path[0]), None)
            path = path[1:]
        return self.of_item(node) if node is not None and not path else Typed()

    def _components(self, node: Node) -> Iterator[Node]:
        yield from node.all("itemComponent")
        referred = self.items.get((node.text_at("typeRef") or "").strip())
        if referred is not None and referred is not node:
            yield from referred.all("itemComponent")


def builtin(reference: str) -> Typed:
    """A type of FEEL itself, however the versions of DMN and its tools spell it."""
    name = " ".join(reference.rsplit(":", 1)[-1].split())
    if name in KINDS:
        return Typed(name)
    spelled = name.replace(" ", "").lower()
    if spelled in _UNTYPED:
        return Typed()
    if spelled == "list" or spelled.startswith("list<"):
        return Typed("list")
    kind = _SAME.get(spelled, spelled)
    return Typed(kind) if kind in KINDS else Typed(known=False)
