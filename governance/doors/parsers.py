"""Request bodies, read within the documented bounds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import IO, Any

from django.conf import settings
from rest_framework.parsers import BaseParser

from ..kernel.bounded import parse_json
from ..kernel.errors import Malformed

CHUNK = 64 * 1024
NUL = "\x00"


class BoundedJSONParser(BaseParser):
    """One JSON object, bounded in size and depth before it is decoded, without NUL characters.

    Raises ``TooLarge`` (BODY_TOO_LARGE, TOO_DEEP) and ``Malformed`` (MALFORMED_JSON, NOT_AN_OBJECT, NUL_CHARACTER).
    """

    media_type = "application/json"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> dict[str, Any]:
        data = stream.read()
        body = parse_json(
            data, max_bytes=settings.MAX_BODY_BYTES, max_depth=settings.MAX_JSON_DEPTH, what="request body"
        )
        if not isinstance(body, dict):
            raise Malformed("The request body must be a JSON object: { ... }.", code="NOT_AN_OBJECT")
        if b"\\u0000" in data and holds_nul(body):
            raise Malformed("A text in the request body holds a NUL character.", code="NUL_CHARACTER")
        return body


def holds_nul(value: Any) -> bool:
    """Whether a name or text anywhere in ``value`` holds the character that PostgreSQL cannot store."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str) and NUL in item:
            return True
        if isinstance(item, dict):
            waiting += [*item.keys(), *item.values()]
        elif isinstance(item, list):
            waiting += item
    return False


class NdjsonParser(BaseParser):
    """Hands on the body as chunks of bytes; the view reads lines from them with ``kernel.bounded.iter_ndjson``."""

    media_type = "application/x-ndjson"

    def parse(
        self, stream: IO[bytes], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> Iterator[bytes]:
        return iter(lambda: stream.read(CHUNK), b"")
