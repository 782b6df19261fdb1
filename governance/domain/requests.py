"""What the API remembers of requests, so that a repeated POST does its work once, and of tokens, that they live."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

from django.db.models import Q

from ..kernel.errors import Conflict, Invalid
from ..models import IdempotencyRecord, ServiceToken, User

KEPT = dt.timedelta(hours=24)
GIVEN_UP_AFTER = dt.timedelta(minutes=5)
TOKEN_USE_NOTED_EVERY = dt.timedelta(minutes=1)


def claim_request(key: str, *, digest: str, now: dt.datetime, actor: User) -> tuple[IdempotencyRecord, bool]:
    """Reserve ``key`` for the actor's request; True: do the work, False: the record holds the answer to repeat.

    Raises ``Invalid`` IDEMPOTENCY_KEY_REUSED when the key stands for another request, ``Conflict``
    IDEMPOTENCY_IN_FLIGHT while the first is at work. A first that never ended is given up after five minutes.
    """
    mine = IdempotencyRecord.objects.filter(actor=actor)
    mine.filter(created_at__lt=now - KEPT).delete()
    mine.filter(key=key, status__isnull=True, created_at__lt=now - GIVEN_UP_AFTER).delete()
    record, made = IdempotencyRecord.objects.get_or_create(actor=actor, key=key, defaults={"request_digest": digest})
    if made:
        return record, True
    if record.request_digest != digest:
        raise Invalid(
            "This Idempotency-Key was used for another request. Take a new key.", code="IDEMPOTENCY_KEY_REUSED"
        )
    if record.status is None:
        raise Conflict(
            "The first request with this Idempotency-Key is still at work. Ask again.", code="IDEMPOTENCY_IN_FLIGHT"
        )
    return record, False


def answer_request(record: IdempotencyRecord, *, status: int, body: bytes, headers: Mapping[str, str]) -> None:
    """Keep the answer, to be repeated for 24 hours."""
    IdempotencyRecord.objects.filter(pk=record.pk).update(status=status, body=body, headers=dict(headers))


def release_request(record: IdempotencyRecord) -> None:
    """The work failed on our side: the same key may try again."""
    IdempotencyRecord.objects.filter(pk=record.pk).delete()


def note_token_use(token: ServiceToken, *, now: dt.datetime) -> None:
    """Remember that the token lives, at most once a minute."""
    if token.last_used_at is None or now - token.last_used_at >= TOKEN_USE_NOTED_EVERY:
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - TOKEN_USE_NOTED_EVERY)
        ServiceToken.objects.filter(stale, pk=token.pk).update(last_used_at=now)
