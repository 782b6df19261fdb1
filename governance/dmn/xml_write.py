"""XML as we write it: elements as nested values, in a form that gives back every character when it is read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from governance.kernel.errors import Invalid

from .values import shortened

HEAD = '<?xml version="1.0" encoding="UTF-8"?>\n'

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_QUOTED = _TEXT | str.maketrans({'"': "&quot;", "\n": "&#10;", "\t": "&#9;"})


@dataclass(frozen=True, slots=True)
class Element:
    """A name, attributes (those that are None are left out), and either a text or further elements (None: left out)."""

    name: str
    attributes: dict[str, str | None]
    content: str | list[Element | None]


def element(name: str, /, *children: Element | None, **attributes: str | None) -> Element:
    """An element of elements; two underscores in an attribute's name stand for the colon of its prefix."""
    return Element(name, attributes, list(children))


def leaf(name: str, text: str, /, **attributes: str | None) -> Element:
    return Element(name, attributes, text)


def write_xml(root: Element) -> bytes:
    """The file. Raises ``Invalid`` (TABLE_NOT_DMN) for a character that XML cannot hold."""
    return (HEAD + "".join(_lines(root, ""))).encode()


def _lines(one: Element, indent: str) -> Iterator[str]:
    said = [
        f' {name.replace("__", ":")}="{_writable(value).translate(_QUOTED)}"'
        for name, value in one.attributes.items()
        if value is not None
    ]
    opening = f"{indent}<{one.name}{''.join(said)}"
    if isinstance(one.content, str):
        yield f"{opening}>{_writable(one.content).translate(_TEXT)}</{one.name}>\n"
        return
    children = [child for child in one.content if child is not None]
    yield f"{opening}>\n" if children else f"{opening}/>\n"
    for child in children:
        yield from _lines(child, indent + "  ")
    if children:
        yield f"{indent}</{one.name}>\n"


def _writable(text: str) -> str:
    found = _UNWRITABLE.search(text)
    if found:
        code = f"U+{ord(found.group()):04X}"
        quoted = shortened(_UNWRITABLE.sub("�", text))
        raise Invalid(f"XML cannot hold the character {code} of `{quoted}`.", code="TABLE_NOT_DMN")
    return text
