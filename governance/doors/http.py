"""How a refusal leaves over HTTP: one table from kind to status, and one shape, problem+json (RFC 9457).

Everything that can go wrong in a request is first turned into a ``DomainError`` (``refusal_from``), so that
programs and people read the same code and sentence whichever layer refused.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse

from ..domain.context import origin
from ..kernel import errors as kinds
from ..kernel.errors import DomainError
from .translation import refusal_from

STATUS = {
    kinds.Invalid: 400,
    kinds.Malformed: 400,
    kinds.NotAuthenticated: 401,
    kinds.NotAllowed: 403,
    kinds.NotFound: 404,
    kinds.WrongState: 409,
    kinds.Conflict: 409,
    kinds.StaleRevision: 412,
    kinds.TooLarge: 413,
    kinds.NotReady: 422,
    kinds.Forbidden: 422,
    kinds.RevisionRequired: 428,
    DomainError: 400,
}
# A code whose status is another one than its kind's: the input could be read, and what it asks for is refused.
STATUS_OF_CODE = {
    "BUMP_TOO_SMALL": 422,
    "UNPARSABLE": 422,
    "NOT_ANALYSED": 422,
    "IDEMPOTENCY_KEY_REUSED": 422,
    "METHOD_NOT_ALLOWED": 405,
    "NOT_ACCEPTABLE": 406,
    "UNSUPPORTED_MEDIA_TYPE": 415,
    "THROTTLED": 429,
    "INTERNAL": 500,
    "BUSY": 503,
}
PROBLEM = "application/problem+json"


def status_of(error: DomainError) -> int:
    """The HTTP status of a refusal: its code's own, or that of the nearest kind."""
    if error.code in STATUS_OF_CODE:
        return STATUS_OF_CODE[error.code]
    return next(STATUS[kind] for kind in type(error).__mro__ if kind in STATUS)


def problem_document(request: HttpRequest, error: DomainError) -> dict[str, Any]:
    """The body: the standard members, ``code``, ``request_id``, ``errors`` per field, and the refusal's details."""
    document: dict[str, Any] = {
        "type": f"/api/problems/{error.code}",
        "title": error.code.replace("_", " ").capitalize(),
        "status": status_of(error),
        "detail": error.message,
        "code": error.code,
        "instance": request.path,
        "request_id": origin().request_id,
    }
    if error.errors:
        document["errors"] = error.errors
    return {**error.details, **document}


def headers_of(error: DomainError) -> dict[str, str]:
    """What the status obliges us to say in a header."""
    if status_of(error) == 401:
        reason = ', error="invalid_token"' if error.code.startswith("TOKEN_") else ""
        return {"WWW-Authenticate": f'Bearer realm="interlock"{reason}'}
    if error.code == "THROTTLED":
        return {"Retry-After": str(error.details.get("retry_after", 1))}
    if error.code == "BUSY":
        return {"Retry-After": "1"}
    if error.code == "METHOD_NOT_ALLOWED" and error.details.get("allowed"):
        return {"Allow": ", ".join(error.details["allowed"])}
    return {}


def problem(request: HttpRequest, error: DomainError) -> HttpResponse:
    """The refusal as ``application/problem+json`` with its status and headers."""
    body = orjson.dumps(problem_document(request, error), default=str, option=orjson.OPT_NON_STR_KEYS)
    return HttpResponse(
        body, status=status_of(error), content_type=PROBLEM, headers={**headers_of(error), "Cache-Control": "no-store"}
    )


def problem_handler(exc: Exception, context: Mapping[str, Any]) -> HttpResponse | None:
    """REST framework's exception handler. What nobody refused on purpose stays an exception: a logged 500."""
    allowed = list(getattr(context.get("view"), "allowed_methods", []))
    error = refusal_from(exc, allowed_methods=allowed)
    if error is None:
        return None
    return problem(context["request"], error)


def wants_problem(request: HttpRequest) -> bool:
    """Programs (everything under ``/api/``) get problem+json; people get a page."""
    return request.path.startswith("/api/")
