"""JSON Schema behind the protocol of every contract format."""

from __future__ import annotations

from typing import Any

from ..base import Comparison, Document, PayloadResult
from . import documents, validation
from .comparing import compare


class JsonSchema:
    """JSON Schema, draft-04 to 2020-12."""

    name = "json_schema"

    def parse(self, data: bytes) -> Document:
        return documents.parse(data)

    def validate(self, document: Document, payload: Any) -> PayloadResult:
        return validation.validate(document, payload)

    def compare(self, writer: Document, reader: Document, *, budget_seconds: float = 2.0) -> Comparison:
        return compare(writer, reader, budget_seconds=budget_seconds)


JSON_SCHEMA = JsonSchema()
