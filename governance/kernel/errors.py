"""Refusals: everything the domain can say no with.

A refusal carries a stable ``code`` for machines, a sentence for people, and, where one field is to
blame, its name. Doors turn refusals into problem+json or a message beside the field
(``governance/doors/http.py`` holds the one table from kind to HTTP status). Nothing here knows HTTP.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any


class DomainError(Exception):
    """A refusal with a stable code, a sentence, and optional typed extras (``errors`` per field, ``details``)."""

    code = "REFUSED"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        errors: Mapping[str, Sequence[str]] | None = None,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.errors = {field: list(sentences) for field, sentences in (errors or {}).items()}
        self.details = dict(details or {})


class Invalid(DomainError):
    """The input is wrong: nothing was written."""

    code = "INVALID"


class Malformed(DomainError):
    """The bytes could not be read as what they claim to be."""

    code = "MALFORMED"


class TooLarge(DomainError):
    """The input is over a documented bound (bytes, depth, items)."""

    code = "TOO_LARGE"


class NotFound(DomainError):
    """It does not exist, or the actor may not know that it does."""

    code = "NOT_FOUND"


class NotAllowed(DomainError):
    """The actor is known and may not do this."""

    code = "NOT_ALLOWED"


class NotAuthenticated(DomainError):
    """Nobody, or an expired or revoked credential, is asking."""

    code = "NOT_AUTHENTICATED"


class WrongState(DomainError):
    """The move is not one the lifecycle has from the present state, or another writer was faster."""

    code = "WRONG_STATE"


class Conflict(DomainError):
    """What is stored differs from what the change was based on; the difference is in ``details``."""

    code = "CONFLICT"


class StaleRevision(DomainError):
    """If-Match names a revision that is no longer the current one."""

    code = "STALE_REVISION"


class RevisionRequired(DomainError):
    """An update without If-Match: the caller must say which revision it has seen."""

    code = "REVISION_REQUIRED"


class NotReady(DomainError):
    """The request is well-formed and allowed, but what makes it safe is not in place; findings say what."""

    code = "NOT_READY"


class Forbidden(DomainError):
    """A target outside what the network guard allows."""

    code = "FORBIDDEN_TARGET"
