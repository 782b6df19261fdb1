"""XML from outside, read within stated bounds: nothing is declared in it, expanded or fetched, and every line is known.

A document type declaration is refused at its first character, so no entity can exist but the five of XML itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

from governance.kernel.errors import Malformed, TooLarge

MAX_BYTES = 2_000_000
MAX_DEPTH = 32
MAX_ELEMENTS = 150_000


class Node:
    """An element: its ``namespace`` and ``name``, attributes by name, elements inside it, its text, and its line."""

    __slots__ = ("attributes", "children", "line", "name", "namespace", "text")

    def __init__(self, namespace: str, name: str, attributes: dict[str, str], line: int) -> None:
        self.namespace = namespace
        self.name = name
        self.attributes = attributes
        self.line = line
        self.children: list[Node] = []
        self.text = ""

    def get(self, attribute: str, default: str = "") -> str:
        return self.attributes.get(attribute, default)

    def all(self, name: str) -> Iterator[Node]:
        """The elements directly inside that have this name, in this element's own namespace."""
        return (child for child in self.children if child.name == name and child.namespace == self.namespace)

    def first(self, name: str) -> Node | None:
        return next(self.all(name), None)

    def text_at(self, *path: str) -> str | None:
        """The text of the first element along a path, or None when there is no such element."""
        node: Node | None = self
        for name in path:
            node = node.first(name) if node else None
        return node.text if node else None


def parse_xml(data: bytes, *, what: str = "file") -> Node:
    """The root. Raises ``TooLarge`` (BODY_TOO_LARGE, TOO_DEEP), or ``Malformed`` (MALFORMED_XML) with a line."""
    if len(data) > MAX_BYTES:
        raise TooLarge(f"The {what} is larger than {MAX_BYTES:,} bytes.", code="BODY_TOO_LARGE")
    builder = _Builder(what)
    try:
        builder.parser.Parse(data, True)
    except expat.ExpatError as error:
        details = {"line": error.lineno, "column": error.offset + 1}
        place = f"line {error.lineno}, column {error.offset + 1}"
        sentence = f"The {what} is not well-formed XML: {expat.ErrorString(error.code)} at {place}."
        raise Malformed(sentence, code="MALFORMED_XML", details=details) from None
    except (ValueError, LookupError):
        raise Malformed(f"The {what} is in no encoding that can be read.", code="MALFORMED_XML") from None
    return builder.root


class _Builder:
    """Builds the tree while the parser reads, and stops it at the first bound that is passed."""

    def __init__(self, what: str) -> None:
        self.what = what
        self.open: list[Node] = []
        self.root = Node("", "", {}, 0)
        self.count = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self.doctype
        self.parser.StartElementHandler = self.start
        self.parser.EndElementHandler = self.end
        self.parser.CharacterDataHandler = self.characters

    def doctype(self, *_declared: Any) -> None:
        line = self.parser.CurrentLineNumber
        sentence = f"The {self.what} declares a document type at line {line}; entities are never read."
        raise Malformed(sentence, code="MALFORMED_XML", details={"line": line})

    def start(self, name: str, attributes: dict[str, str]) -> None:
        self.count += 1
        if len(self.open) >= MAX_DEPTH:
            raise TooLarge(f"The {self.what} is nested deeper than {MAX_DEPTH} levels.", code="TOO_DEEP")
        if self.count > MAX_ELEMENTS:
            raise TooLarge(f"The {self.what} has more than {MAX_ELEMENTS:,} elements.", code="BODY_TOO_LARGE")
        namespace, _, local = name.rpartition(" ")
        node = Node(namespace, local, attributes, self.parser.CurrentLineNumber)
        if self.open:
            self.open[-1].children.append(node)
        else:
            self.root = node
        self.open.append(node)

    def end(self, _name: str) -> None:
        self.open.pop()

    def characters(self, text: str) -> None:
        self.open[-1].text += text
