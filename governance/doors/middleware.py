"""What holds for every request: its identity, its bounds, its policy, and how its refusals read."""

from __future__ import annotations

import io
import re
import time
import uuid
from collections.abc import Callable

import structlog
from django.conf import settings
from django.core.handlers.wsgi import LimitedStream
from django.http import HttpRequest, HttpResponse

from ..domain.context import working_via
from ..kernel.errors import DomainError, Malformed, TooLarge
from .metrics import count_request
from .refusals import refusal_page
from .translation import from_database

Handler = Callable[[HttpRequest], HttpResponse]
SANE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{7,63}")
BULK = re.compile(r"/api/v1/contracts/.+/payloads(/|$)")
#: Addresses that carry a secret in their path: a password reset link, a calendar's.
SECRET_PATHS = ("/accounts/", "/changes/calendar/feed/")
UPLOAD = re.compile(r"(/api/v1)?/changes/[^/]+/evidence/attach/?$")
UPLOAD_FRAME = 64 * 1024  # what a form puts around the file that it carries
log = structlog.get_logger("interlock.http")


def door_of(request: HttpRequest) -> str:
    if request.headers.get("User-Agent", "").startswith("interlock-cli"):
        return "CLI"
    return "API" if request.path.startswith("/api/") else "UI"


class RequestIdentity:
    """Gives the request an id (the caller's ``X-Request-ID`` when it is sane) that log, audit and answer share."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if SANE_ID.fullmatch(given) else uuid.uuid4().hex
        started = time.perf_counter()
        with working_via(door_of(request), request_id):
            response = self.get_response(request)
            response.headers["X-Request-ID"] = request_id
            self.tell(request, response, time.perf_counter() - started)
        return response

    def tell(self, request: HttpRequest, response: HttpResponse, seconds: float) -> None:
        match = request.resolver_match
        route = (match.view_name or match.route) if match else "unmatched"
        count_request(route=route, method=request.method or "", status=response.status_code, seconds=seconds)
        path = route if request.path.startswith(SECRET_PATHS) else request.path
        log.info(
            "request",
            method=request.method,
            path=path[:300],
            route=route,
            status=response.status_code,
            milliseconds=round(seconds * 1000, 1),
        )


class OptionalSlash:
    """An API address is the same with and without its last slash: a redirect would lose a POST's body."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path_info.startswith("/api/v1/") and not request.path_info.endswith("/"):
            request.path_info += "/"
            request.path += "/"
        return self.get_response(request)


class BoundedBody:
    """Refuses a body over its bound before anything is read, and an address with a NUL character.

    A chunked body has no stated length: it is read up to the bound, then handed on as one of known length.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        bound = bound_of(request.path)
        if "\x00" in request.path or "%00" in request.META.get("QUERY_STRING", ""):
            return refusal_page(request, Malformed("The address holds a NUL character.", code="NUL_CHARACTER"))
        if stated_length(request) > bound or not read_chunked(request, bound):
            return refusal_page(
                request,
                TooLarge(
                    f"The request body is larger than the {bound:,} bytes that this address accepts.",
                    code="BODY_TOO_LARGE",
                    details={"max_bytes": bound},
                ),
            )
        return self.get_response(request)


def bound_of(path: str) -> int:
    """How many bytes a body to this address may have."""
    if UPLOAD.match(path):
        return int(settings.EVIDENCE_MAX_BYTES) + UPLOAD_FRAME
    return int(settings.MAX_BULK_BYTES if BULK.match(path) else settings.MAX_BODY_BYTES)


def stated_length(request: HttpRequest) -> int:
    stated = request.META.get("CONTENT_LENGTH") or ""
    return int(stated) if stated.isascii() and stated.isdigit() else 0


def read_chunked(request: HttpRequest, bound: int) -> bool:
    """False when a chunked body is over ``bound``. Django reads no body without a length, so it is given one."""
    chunked = "chunked" in request.META.get("HTTP_TRANSFER_ENCODING", "").lower()
    if not chunked or request.META.get("CONTENT_LENGTH"):
        return True
    parts, size = [], 0
    while size <= bound and (part := request.META["wsgi.input"].read(min(65_536, bound + 1 - size))):
        parts.append(part)
        size += len(part)
    request.META["CONTENT_LENGTH"] = str(size)
    request._stream = LimitedStream(io.BytesIO(b"".join(parts)), size)  # type: ignore[attr-defined]
    return size <= bound


class ContentSecurityPolicy:
    """Every answer says what a page may load: our own origin only."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault("Content-Security-Policy", settings.CONTENT_SECURITY_POLICY)
        return response


class RefusalsAsPages:
    """A web view's refusal becomes a message in the page that asked, a page, or the way to sign in."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        error = exception if isinstance(exception, DomainError) else from_database(exception)
        return refusal_page(request, error) if error else None
