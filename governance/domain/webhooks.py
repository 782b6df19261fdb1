"""Addresses that are told of events: who may set them up, their secrets, and switching them off and on."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import json
import secrets
from collections.abc import Sequence
from typing import Any

from cryptography.fernet import Fernet
from django.conf import settings
from django.db.models import Q

from ..kernel.errors import Forbidden, Invalid, WrongState
from ..kernel.net import NetworkPolicy
from ..models import Membership, Role, Team, User, WebhookDelivery, WebhookEndpoint
from .audit import recorded
from .events import EVENTS
from .people import administers
from .rules import has_role, is_clock, register, require
from .seals import derived_key

OVERLAP = dt.timedelta(hours=24)
EVENT_TYPES = sorted(set(EVENTS.values()))


def sees_endpoints(actor: Any) -> Q:
    """Administrators and auditors all of them, others those of their own teams."""
    if is_clock(actor) or has_role(actor, Role.PLATFORM_ADMIN, Role.AUDITOR):
        return Q()
    return Q(team__in=Membership.objects.filter(user=actor, until__isnull=True).values("team"))


def sees_deliveries(actor: Any) -> Q:
    return Q(endpoint__in=WebhookEndpoint.objects.filter(sees_endpoints(actor)).values("pk"))


def replays(actor: User, endpoint: WebhookEndpoint) -> bool:
    """Administrators, and whoever is in the endpoint's team."""
    own = Membership.objects.filter(user=actor, team=endpoint.team_id, until__isnull=True)
    return administers(actor, endpoint) or own.exists()


register(
    WebhookEndpoint,
    view=sees_endpoints,
    open=administers,
    amend=administers,
    rotate=administers,
    switch=administers,
    replay=replays,
)
register(WebhookDelivery, view=sees_deliveries)


def network_policy() -> NetworkPolicy:
    """The same guard as of probes: one setting says which private networks the product may reach."""
    return NetworkPolicy.from_cidrs(settings.PROBE_ALLOWED_NETWORKS)


def open_endpoint(
    *, name: str, url: str, team: Team, event_types: Sequence[str] = (), now: dt.datetime, actor: User
) -> tuple[WebhookEndpoint, str]:
    """An address that is told of events from now on, and its secret, which is shown this once.

    Raises ``Invalid`` beside the field: an address that the guard refuses, a type that there is not.
    """
    require(actor, "open", WebhookEndpoint)
    check_endpoint(name, url, event_types)
    secret = new_secret()
    endpoint = WebhookEndpoint(
        name=name.strip(), url=url, team=team, event_types=list(event_types), sealed_secret=sealed([(secret, None)])
    )
    with recorded("governance.webhook.open", actor=actor, subject=endpoint, now=now):
        endpoint.save(force_insert=True)
    return endpoint, secret


def amend_endpoint(
    endpoint: WebhookEndpoint, *, name: str, url: str, event_types: Sequence[str], now: dt.datetime, actor: User
) -> WebhookEndpoint:
    """Another name, address or choice of events. What waits goes to the new address. Raises as opening does."""
    require(actor, "amend", endpoint)
    check_endpoint(name, url, event_types)
    with recorded("governance.webhook.amend", actor=actor, subject=endpoint, now=now):
        endpoint.name, endpoint.url, endpoint.event_types = name.strip(), url, list(event_types)
        endpoint.save(update_fields=["name", "url", "event_types"])
    return endpoint


def check_endpoint(name: str, url: str, event_types: Sequence[str]) -> None:
    errors: dict[str, list[str]] = {}
    if not 0 < len(name.strip()) <= 80:
        errors["name"] = ["1 to 80 characters"]
    try:
        if "://" not in url:
            raise Forbidden("Write http(s)://host/path.")
        network_policy().read_target(url)
    except Forbidden as refused:
        errors["url"] = [refused.message]
    beginnings = {one.split(".")[0] + "." for one in EVENT_TYPES}
    unknown = [one for one in event_types if one not in EVENT_TYPES and one not in beginnings]
    if unknown:
        errors["event_types"] = [f"there is no event {', '.join(map(str, unknown))[:120]}"]
    if errors:
        raise Invalid("The endpoint is not right yet.", errors=errors)


def rotate_secret(endpoint: WebhookEndpoint, *, now: dt.datetime, actor: User) -> str:
    """A new secret, shown this once; for a day every message carries the signature of the former one, too."""
    require(actor, "rotate", endpoint)
    secret = new_secret()
    with recorded("governance.webhook.rotate", actor=actor, subject=endpoint, now=now, facts={"overlap_hours": 24}):
        # the row's update is the lock: two who rotate at once follow each other
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(name=endpoint.name)
        endpoint.refresh_from_db()
        former = [(one, until or now + OVERLAP) for one, until in opened(endpoint) if until is None or until > now]
        endpoint.sealed_secret = sealed([(secret, None), *former[:1]])
        endpoint.save(update_fields=["sealed_secret"])
    return secret


def switch_endpoint(endpoint: WebhookEndpoint, *, active: bool, now: dt.datetime, actor: User) -> WebhookEndpoint:
    """Off: nothing is sent and nothing new is kept for it. On: what waits is sent again."""
    require(actor, "switch", endpoint)
    if endpoint.active == active:
        raise WrongState(f"{endpoint} is {'on' if active else 'off'} already.")
    with recorded("governance.webhook.switch", actor=actor, subject=endpoint, now=now):
        endpoint.active, endpoint.failing_since = active, None
        endpoint.save(update_fields=["active", "failing_since"])
    return endpoint


def new_secret() -> str:
    """``whsec_`` and 32 random bytes in base64, as Standard Webhooks writes them."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def cipher() -> Fernet:
    return Fernet(base64.urlsafe_b64encode(derived_key("webhook-secret")))


def sealed(pairs: Sequence[tuple[str, dt.datetime | None]]) -> str:
    written = [[secret, until.isoformat() if until else None] for secret, until in pairs]
    return cipher().encrypt(json.dumps(written).encode()).decode()


def opened(endpoint: WebhookEndpoint) -> list[tuple[str, dt.datetime | None]]:
    pairs = json.loads(cipher().decrypt(endpoint.sealed_secret.encode()))
    return [(secret, dt.datetime.fromisoformat(until) if until else None) for secret, until in pairs]


def signatures(endpoint: WebhookEndpoint, message_id: str, timestamp: int, body: bytes, *, now: dt.datetime) -> str:
    """The header ``webhook-signature``: one ``v1,`` signature for each secret that counts now."""
    live = [secret for secret, until in opened(endpoint) if until is None or until > now]
    return " ".join(signature(secret, message_id, timestamp, body) for secret in live)


def signature(secret: str, message_id: str, timestamp: int, body: bytes) -> str:
    key = base64.b64decode(secret.removeprefix("whsec_"))
    signed = f"{message_id}.{timestamp}.".encode() + body
    return "v1," + base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
