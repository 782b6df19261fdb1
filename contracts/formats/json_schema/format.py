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
        """See ``documents.parse`` for the refusals."""
        return documents.parse(data)

    def validate(self, document: Document, payload: Any) -> PayloadResult:
        return validation.validate(document, payload)

    def compare(
        self, old: Document, new: Document, *, direction: str = "backward", budget_seconds: float = 2.0
    ) -> Comparison:
        return compare(old, new, direction=direction, budget_seconds=budget_seconds)


JSON_SCHEMA = JsonSchema()
