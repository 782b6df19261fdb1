"""What every part of the REST API shares: records by key, revisions, strict input, pages by cursor, rates."""

from __future__ import annotations

from base64 import b64decode
from importlib import import_module
from typing import Any
from urllib.parse import parse_qsl

from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError
from django.db.models import QuerySet
from rest_framework.exceptions import NotFound as PageNotFound
from rest_framework.exceptions import ValidationError
from rest_framework.pagination import CursorPagination
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle

from ..kernel.errors import Invalid, RevisionRequired, StaleRevision

PAGE_PARAMETERS = ("cursor", "page_size")
VIEWS = ("ActorView", "KnownParameters", "RegisterViewSet")


def __getattr__(name: str) -> Any:
    """The view classes, loaded when asked for: REST framework reads this module while defining its own views."""
    if name in VIEWS:
        return getattr(import_module(".registers", __package__), name)
    raise AttributeError(f"module {__name__} has no attribute {name}")


class Strict:
    """Serializer mixin: a field that is not known, or cannot be set, is an error beside its name."""

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            fields = self.fields  # type: ignore[attr-defined]
            wrong = {name: ["unknown field"] for name in data if name not in fields}
            wrong |= {name: ["cannot be set"] for name in data if name in fields and fields[name].read_only}
            if wrong:
                raise ValidationError(wrong)
        return super().to_internal_value(data)  # type: ignore[misc]


class KeyCursorPagination(CursorPagination):
    """Pages by position: ``next`` stays right while rows come and go. A view names a unique ``cursor_ordering``."""

    page_size_query_param = "page_size"
    max_page_size = 200

    def get_ordering(self, request: Request, queryset: QuerySet, view: Any) -> tuple[str, ...]:
        return tuple(getattr(view, "cursor_ordering", ("key",)))

    def get_page_size(self, request: Request) -> int | None:
        asked = request.query_params.get(self.page_size_query_param)
        if asked is None:
            return self.page_size
        if not (asked.isascii() and asked.isdigit() and 1 <= int(asked[:9]) <= self.max_page_size):
            raise Invalid("Correct page_size.", errors={"page_size": [f"a number from 1 to {self.max_page_size}"]})
        return int(asked)

    def decode_cursor(self, request: Request) -> Any:
        """As REST framework does, but a text that only resembles a cursor is refused, not read as the first page."""
        given = request.query_params.get(self.cursor_query_param)
        if given is not None:
            names = {name for name, _ in parse_qsl(b64decode(given, validate=True).decode(), strict_parsing=True)}
            if not names <= {"p", "o", "r"}:
                raise ValueError(given)
        return super().decode_cursor(request)

    def paginate_queryset(self, queryset: QuerySet, request: Request, view: Any = None) -> Any:
        try:
            return super().paginate_queryset(queryset, request, view)
        except (PageNotFound, ValueError, TypeError, ModelInvalid, DataError):
            if "cursor" not in request.query_params:
                raise
            said = "This cursor is not one of ours. Start again without it."
            raise Invalid(said, code="INVALID_CURSOR", errors={"cursor": ["not a cursor"]}) from None


class ActorRateThrottle(SimpleRateThrottle):
    """So many requests a minute for each actor (for each address while nobody is signed in)."""

    scope = "actor"

    def get_cache_key(self, request: Request, view: Any) -> str:
        user = request.user
        return f"throttle:{user.pk}" if user and user.is_authenticated else f"throttle:{self.get_ident(request)}"


def etag_of(record: Any) -> str:
    """The entity tag of a record: its revision."""
    return f'"{record.revision}"'


def entity_tags(header: str) -> list[str]:
    return [tag.strip() for tag in header.split(",") if tag.strip()]


def require_revision(request: Request, record: Any) -> None:
    """The caller must have seen the record as it is: If-Match names its tag.

    Raises ``RevisionRequired`` without If-Match and ``StaleRevision`` when it names another revision.
    """
    given, now = request.headers.get("If-Match", ""), etag_of(record)
    if not given:
        raise RevisionRequired(f"Say which revision you have seen: send If-Match with the ETag, now {now}.")
    if given.strip() != "*" and now not in entity_tags(given):
        raise StaleRevision(
            f"You have seen revision {given[:40]}; it is {now} now. Reload it and look again.",
            details={"given": given[:40], "current": now},
        )


def not_modified(request: Request, etag: str) -> bool:
    given = request.headers.get("If-None-Match", "")
    return given.strip() == "*" or etag in [tag.removeprefix("W/") for tag in entity_tags(given)]
