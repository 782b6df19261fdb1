"""POST once: an Idempotency-Key makes a repeated request safe, whatever happened to the first answer."""

from __future__ import annotations

import hashlib
import hmac
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.http.request import RawPostDataException
from django.utils import timezone
from rest_framework.exceptions import UnsupportedMediaType
from rest_framework.request import Request

from ..domain.requests import answer_request, claim_request, release_request
from ..kernel.errors import Invalid
from ..models import IdempotencyRecord

KEPT_HEADERS = ("Content-Type", "ETag", "Location")
MAX_KEY = 200


class Replay(Exception):
    """Ends the request early with the answer that was given before."""

    def __init__(self, record: IdempotencyRecord) -> None:
        self.record = record


def digest_of(request: Request) -> str:
    """What makes two requests the same: method, address, type and body; keyed, for a body may hold what one signs with.

    A form from a browser is refused here: the check of the CSRF token has read it already.
    """
    made = hmac.new(settings.SECRET_KEY.encode(), digestmod=hashlib.sha256)
    for part in (request.method or "", request.get_full_path(), request.content_type or ""):
        made.update(part.encode(errors="replace") + b"\n")
    try:
        made.update(request._request.body)
    except RawPostDataException:
        raise UnsupportedMediaType(request.content_type or "") from None
    return made.hexdigest()


def replayed(record: IdempotencyRecord) -> HttpResponse:
    headers = {**record.headers, "Idempotency-Replayed": "true"}
    return HttpResponse(bytes(record.body or b""), status=record.status, headers=headers)


class Idempotent:
    """View mixin. A POST with Idempotency-Key is done once per actor and key, and answered alike for 24 hours.

    The key is claimed before the work; answers below 500 are kept, a fault of ours or a streamed answer frees the key.
    """

    _claim: IdempotencyRecord | None = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)  # type: ignore[misc]
        key = request.headers.get("Idempotency-Key")
        if request.method != "POST" or key is None:
            return
        if not key.isascii() or not key.isprintable() or not 1 <= len(key) <= MAX_KEY:
            raise Invalid(f"An Idempotency-Key is 1 to {MAX_KEY} printable ASCII characters.", code="IDEMPOTENCY_KEY")
        now, digest = timezone.now(), digest_of(request)
        record, fresh = claim_request(key, digest=digest, now=now, actor=request.user)
        if not fresh:
            raise Replay(record)
        self._claim = record

    def handle_exception(self, exc: Exception) -> HttpResponse:
        if isinstance(exc, Replay):
            return replayed(exc.record)
        try:
            return super().handle_exception(exc)  # type: ignore[misc]
        except Exception:
            self.free()
            raise

    def finalize_response(self, request: Request, response: HttpResponse, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().finalize_response(request, response, *args, **kwargs)  # type: ignore[misc]
        claim = self._claim
        if claim is None:
            return response
        if response.streaming or response.status_code >= 500:
            self.free()
            return response
        try:
            answer = response.render() if hasattr(response, "render") else response
            headers = {name: answer[name] for name in KEPT_HEADERS if name in answer}
            answer_request(claim, status=answer.status_code, body=answer.content, headers=headers)
        except Exception:
            self.free()
            raise
        return answer

    def free(self) -> None:
        if self._claim is not None:
            release_request(self._claim)
            self._claim = None
