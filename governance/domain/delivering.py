"""Telling the endpoints: claimed by one worker, signed, tried again ever more slowly, given up in sight, replayed."""

from __future__ import annotations

import datetime as dt
import json
import time
from typing import Any

import structlog
from django.conf import settings
from django.db.models import F, QuerySet
from django.urls import reverse

from ..kernel.errors import WrongState
from ..lifecycle import DELIVERY
from ..models import User, WebhookDelivery, WebhookEndpoint
from .audit import recorded
from .events import cloud_event
from .notices import give_notices
from .posting import Answer, post
from .retrying import LEASE, SWEEP_S, backoff
from .rules import require
from .webhooks import network_policy, signatures

GONE = 410
log = structlog.get_logger("interlock.webhooks")


def deliver_due(*, now: dt.datetime, actor: User, limit: int = 200) -> int:
    """Send what is due; how many were taken. An endpoint that does not take one waits for the next sweep whole."""
    due = WebhookDelivery.objects.due(now).filter(endpoint__active=True).select_related("endpoint__team")
    until, taken, stuck = time.monotonic() + SWEEP_S, 0, set()
    for delivery in due[:limit]:
        if time.monotonic() > until:
            break
        if delivery.endpoint_id in stuck or not claim(delivery, now=now):
            continue
        if attempt(delivery, now=now, actor=actor):
            taken += 1
        else:
            stuck.add(delivery.endpoint_id)
    return taken


def claim(delivery: WebhookDelivery, *, now: dt.datetime) -> bool:
    """By compare-and-swap: of two workers one sends. Who dies meanwhile leaves a lease that runs out."""
    seen = WebhookDelivery.objects.filter(
        pk=delivery.pk, state="DUE", due_at=delivery.due_at, attempts=delivery.attempts
    )
    if not seen.update(due_at=now + LEASE, attempts=F("attempts") + 1):
        return False
    delivery.attempts += 1
    return True


def attempt(delivery: WebhookDelivery, *, now: dt.datetime, actor: User) -> bool:
    endpoint, body = delivery.endpoint, json.dumps(delivery.event, separators=(",", ":")).encode()
    message_id, timestamp = str(delivery.event_id), int(now.timestamp())
    headers = {
        "Content-Type": "application/cloudevents+json; charset=utf-8",
        "webhook-id": message_id,
        "webhook-timestamp": str(timestamp),
        "webhook-signature": signatures(endpoint, message_id, timestamp, body, now=now),
    }
    answer = post(endpoint.url, body, headers, policy=network_policy())
    log.info("webhook attempt", delivery=str(delivery.pk), status=answer.status, attempts=delivery.attempts)
    if answer.taken:
        DELIVERY.move(delivery, "deliver", delivered_at=now, status=answer.status, error="")
        WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since__isnull=False).update(failing_since=None)
    else:
        not_taken(delivery, answer, now=now, actor=actor)
    return answer.taken


def not_taken(delivery: WebhookDelivery, answer: Answer, *, now: dt.datetime, actor: User) -> None:
    """Later again, or never; the endpoint is switched off when it says that it is gone, or has failed for too long."""
    said = {"status": answer.status, "error": answer.error[:300]}
    if answer.status == GONE or delivery.attempts >= settings.WEBHOOK_ATTEMPTS:
        DELIVERY.move(delivery, "give_up", **said)
    else:
        due_at = now + backoff(delivery.attempts)
        WebhookDelivery.objects.filter(pk=delivery.pk, state="DUE").update(due_at=due_at, **said)
    endpoint = delivery.endpoint
    WebhookEndpoint.objects.filter(pk=endpoint.pk, failing_since=None).update(failing_since=now)
    endpoint.refresh_from_db(fields=["active", "failing_since"])
    failing = now - (endpoint.failing_since or now)
    if endpoint.active and (answer.status == GONE or failing >= dt.timedelta(hours=settings.WEBHOOK_FAILING_HOURS)):
        give_up_on(endpoint, reason=answer.error, now=now, actor=actor)


def give_up_on(endpoint: WebhookEndpoint, *, reason: str, now: dt.datetime, actor: User) -> None:
    """Switched off by the clock; its team and the administrators are told."""
    with recorded("governance.webhook.give_up", actor=actor, subject=endpoint, now=now, reason=reason[:300]):
        if WebhookEndpoint.objects.filter(pk=endpoint.pk, active=True).update(active=False):
            endpoint.active = False
            said = f"The webhook {endpoint} is switched off: {reason}"
            url = reverse("governance:webhook", kwargs={"pk": endpoint.pk})
            give_notices(people_of(endpoint), "webhook.off", said, url=url, now=now)


def people_of(endpoint: WebhookEndpoint) -> list[User]:
    present = {"memberships__until__isnull": True}
    team = User.objects.filter(memberships__team=endpoint.team_id, **present)
    keepers = User.objects.filter(memberships__team__roles__role="PLATFORM_ADMIN", **present)
    return [*team, *keepers]


def replay_delivery(delivery: WebhookDelivery, *, now: dt.datetime, actor: User) -> WebhookDelivery:
    """Send one message again, with its own id, from the first attempt on. Raises ``WrongState`` while it waits."""
    require(actor, "replay", delivery.endpoint)
    with recorded("governance.webhook.replay_delivery", actor=actor, subject=delivery, now=now):
        DELIVERY.move(delivery, "replay", due_at=now, attempts=0, delivered_at=None)
    return delivery


def replay_since(
    endpoint: WebhookEndpoint, *, since: dt.datetime, dead_only: bool = False, now: dt.datetime, actor: User
) -> int:
    """Send again what was given up or taken of the events since then; how many they are."""
    require(actor, "replay", endpoint)
    facts: dict[str, Any] = {"since": since.isoformat(), "dead_only": dead_only}
    with recorded("governance.webhook.replay", actor=actor, subject=endpoint, now=now, facts=facts) as entry:
        states = ["DEAD"] if dead_only else ["DEAD", "DELIVERED"]
        told = endpoint.deliveries.filter(state__in=states, created_at__gte=since)
        count = told.update(state="DUE", due_at=now, attempts=0, delivered_at=None)
        entry.facts["replayed"] = count
    return count


def send_test(endpoint: WebhookEndpoint, *, now: dt.datetime, actor: User) -> WebhookDelivery:
    """One event of the type ``webhook.tested``, whatever the endpoint wants. Raises ``WrongState`` while it is off."""
    require(actor, "replay", endpoint)
    if not endpoint.active:
        raise WrongState(f"{endpoint} is off; switch it on first.")
    event = cloud_event("webhook.tested", subject=endpoint.name, at=now, data={"actor": str(actor)})
    delivery = WebhookDelivery(
        endpoint=endpoint, event_id=event["id"], event_type=event["type"], event=event, due_at=now, created_at=now
    )
    with recorded("governance.webhook.test", actor=actor, subject=delivery, now=now):
        delivery.save(force_insert=True)
    return delivery


def deliveries_of(endpoint: WebhookEndpoint) -> QuerySet[WebhookDelivery]:
    return endpoint.deliveries.order_by("-created_at", "-pk")
