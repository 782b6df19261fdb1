"""What frameworks and databases raise, said as our own refusals."""

from __future__ import annotations

import math
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any

import psycopg
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import DataError, IntegrityError, OperationalError
from django.http import Http404
from rest_framework import exceptions as rest

from ..kernel.errors import (
    Conflict,
    DomainError,
    Invalid,
    Malformed,
    NotAllowed,
    NotAuthenticated,
    NotFound,
    TooLarge,
)

UNIQUE = ("SQLITE_CONSTRAINT_UNIQUE", "SQLITE_CONSTRAINT_PRIMARYKEY")
BUSY = ("SQLITE_BUSY", "SQLITE_LOCKED")
BUSY_SQLSTATES = ("40001", "40P01", "55P03")  # serialization failure, deadlock, lock not available


def refusal_from(exc: BaseException, *, allowed_methods: Sequence[str] = ()) -> DomainError | None:
    """The refusal that ``exc`` amounts to, or None: then it is a fault of ours and must stay one."""
    if isinstance(exc, DomainError):
        return exc
    if isinstance(exc, rest.APIException):
        return from_rest(exc, allowed_methods)
    if isinstance(exc, ModelInvalid):
        return invalid(dict(exc) if hasattr(exc, "error_dict") else {"": exc.messages})
    if isinstance(exc, Http404):
        return NotFound("There is nothing at this address, or you may not see it.")
    if isinstance(exc, PermissionDenied):
        return NotAllowed("You may not do this.")
    if isinstance(exc, RequestDataTooBig):
        return TooLarge("The request body is larger than this address accepts.", code="BODY_TOO_LARGE")
    if isinstance(exc, SuspiciousOperation):
        return Malformed("The request is not one that this server can read.")
    return from_database(exc)


def from_rest(exc: rest.APIException, allowed_methods: Sequence[str]) -> DomainError | None:
    match exc:
        case rest.ValidationError():
            return invalid(exc.detail)
        case rest.NotAuthenticated() | rest.AuthenticationFailed():
            return NotAuthenticated("Sign in, or send a service account's token as 'Authorization: Bearer ...'.")
        case rest.PermissionDenied():
            return NotAllowed(str(exc.detail))
        case rest.NotFound():
            return NotFound("There is nothing at this address, or you may not see it.")
        case rest.MethodNotAllowed():
            said = f"This address does not take that method. It takes {', '.join(allowed_methods) or 'others'}."
            return DomainError(said, code="METHOD_NOT_ALLOWED", details={"allowed": list(allowed_methods)})
        case rest.NotAcceptable():
            return DomainError("This address answers application/json.", code="NOT_ACCEPTABLE")
        case rest.UnsupportedMediaType():
            return DomainError(
                "Send application/json; another Content-Type is not read here.", code="UNSUPPORTED_MEDIA_TYPE"
            )
        case rest.Throttled():
            wait = math.ceil(exc.wait or 1)
            return DomainError(
                f"Too many requests. Try again in {wait} s.", code="THROTTLED", details={"retry_after": wait}
            )
        case rest.ParseError():
            return Malformed(str(exc.detail))
    return None


def invalid(detail: Any) -> Invalid:
    """Every wrong field with its sentences, nested fields by their dotted path."""
    errors: dict[str, list[str]] = {}
    for field, sentence in leaves(detail, ""):
        errors.setdefault(field, []).append(sentence)
    named = [field for field in errors if field]
    said = f"Correct {', '.join(named)}." if named else " ".join(errors.get("", []))
    return Invalid(said or "The input is not valid.", errors=errors)


def leaves(detail: Any, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(detail, dict):
        for name, inner in detail.items():
            own = "" if name in ("non_field_errors", "__all__") else str(name)
            yield from leaves(inner, ".".join(filter(None, (path, own))))
    elif isinstance(detail, list | tuple):
        for position, inner in enumerate(detail):
            yield from leaves(inner, f"{path}.{position}" if isinstance(inner, dict) and inner else path)
    else:
        yield path, str(detail)


def from_database(exc: BaseException) -> DomainError | None:
    """A unique or check constraint that spoke, a value that fits no column, or a lock that did not come free."""
    cause = exc.__cause__
    name = getattr(cause, "sqlite_errorname", "")
    state = getattr(cause, "sqlstate", "") or ""
    if isinstance(exc, IntegrityError):
        if isinstance(cause, psycopg.errors.UniqueViolation) or name in UNIQUE:
            return Conflict("There is one like this already; its key or combination must be unique.", code="DUPLICATE")
        if isinstance(cause, psycopg.errors.CheckViolation) or name == "SQLITE_CONSTRAINT_CHECK":
            return Invalid(f"The record would break the rule '{constraint_name(cause)}'.", code="CONSTRAINT")
    if isinstance(exc, OperationalError) and (name.startswith(BUSY) or state in BUSY_SQLSTATES):
        return DomainError("The database is busy; nothing was written. Try again.", code="BUSY")
    if isinstance(exc, DataError) or (isinstance(exc, OverflowError) and "SQLite" in str(exc)):
        return Invalid("A value is longer or larger than its field holds.", code="CONSTRAINT")
    return None


def constraint_name(cause: BaseException | None) -> str:
    if isinstance(cause, sqlite3.Error):
        return str(cause).rpartition(": ")[2]
    return getattr(getattr(cause, "diag", None), "constraint_name", "") or ""
