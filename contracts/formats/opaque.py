"""Formats that are kept but not yet read: well-formed text with an identity, and no opinion.

A contract in one of them can be stored and shown. It validates nothing and every comparison is ``unknown`` with the
reason NO_CHECKER, which never passes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any
from xml.parsers import expat

from governance.kernel.errors import Malformed, NotReady, TooLarge

from .base import Comparison, Document, Level, PayloadResult, Verdict, canonical_bytes
from .strict import parse_strictly

MAX_BYTES = 1_000_000
MAX_DEPTH = 200
NO_CHECKER = "NO_CHECKER"


@dataclass(frozen=True, slots=True)
class OpaqueFormat:
    """A named format without a checker; ``shapes`` are the notations whose well-formedness is held."""

    name: str
    shapes: tuple[str, ...]

    def parse(self, data: bytes) -> Document:
        """Keep a well-formed text. Raises ``TooLarge`` (BODY_TOO_LARGE) or ``Malformed`` (NOT_WELL_FORMED)."""
        if len(data) > MAX_BYTES:
            raise TooLarge(f"The {self.name} document is larger than {MAX_BYTES} bytes.", code="BODY_TOO_LARGE")
        for shape in self.shapes:
            try:
                canonical, content = _READERS[shape](data)
            except (Malformed, UnicodeError):
                continue
            return Document(self.name, content, canonical, hashlib.sha256(canonical).hexdigest(), shape)
        raise Malformed(
            f"The {self.name} document is not well-formed {' or '.join(self.shapes)}.", code="NOT_WELL_FORMED"
        )

    def validate(self, document: Document, payload: Any) -> PayloadResult:
        """Always refused (NO_CHECKER): nothing here can say that a payload keeps the contract."""
        raise NotReady(f"No validator for the format {self.name} is installed.", code=NO_CHECKER)

    def compare(
        self, old: Document, new: Document, *, direction: str = "backward", budget_seconds: float = 2.0
    ) -> Comparison:
        """Always unknown, whatever the documents hold."""
        return Comparison(Verdict.UNKNOWN, Level.UNKNOWN, reason=NO_CHECKER)


def _json(data: bytes) -> tuple[bytes, Any]:
    content = parse_strictly(data, max_bytes=MAX_BYTES)
    if not isinstance(content, dict | list):
        raise Malformed("A contract document in JSON is an object or an array.", code="NOT_WELL_FORMED")
    return canonical_bytes(content), content


def _xml(data: bytes) -> tuple[bytes, Any]:
    """Well-formed XML without a document type: no entity is ever declared, so none can expand or be fetched."""
    parser = expat.ParserCreate()
    parser.StartDoctypeDeclHandler = _refuse_doctype
    parser.StartElementHandler, parser.EndElementHandler = _Depth().handlers()
    try:
        parser.Parse(data, True)
    except (expat.ExpatError, ValueError, LookupError):
        raise Malformed("The document is not well-formed XML without a DTD.", code="NOT_WELL_FORMED") from None
    return data, None


def _refuse_doctype(*_args: Any) -> None:
    raise Malformed("A document type declaration is not accepted.", code="NOT_WELL_FORMED")


class _Depth:
    def __init__(self) -> None:
        self.depth = 0

    def handlers(self) -> tuple[Any, Any]:
        return self._open, self._close

    def _open(self, *_args: Any) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise TooLarge(f"The document is nested deeper than {MAX_DEPTH} levels.", code="TOO_DEEP")

    def _close(self, *_args: Any) -> None:
        self.depth -= 1


_READERS = {"JSON": _json, "XML": _xml}
_SHAPES = {
    "openapi": ("JSON",), "asyncapi": ("JSON",), "avro": ("JSON",), "odcs": ("JSON",), "table_schema": ("JSON",),
    "fixed_width": ("JSON",), "xsd": ("XML",), "fhir": ("JSON", "XML"), "hl7v2": ("JSON", "XML"),
    "x12": ("JSON", "XML"),
}  # fmt: skip
OPAQUE_FORMATS = tuple(OpaqueFormat(name, shapes) for name, shapes in _SHAPES.items())
