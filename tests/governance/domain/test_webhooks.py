"""Webhooks against a real receiver: what is sent and signed, what happens when it is not taken, and what comes back."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import pytest

from approvals.domain.calendar import declare_calendar_entry
from governance.domain import delivering, webhooks
from governance.kernel.errors import Invalid, NotAllowed, NotFound, WrongState
from governance.models import AuditEvent, Notice, WebhookDelivery, WebhookEndpoint
from tests.factories.receivers import receiver

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)


@pytest.fixture
def told():
    with receiver() as running:
        yield running


@pytest.fixture
def endpoint(cast, told):
    """Its endpoint and secret, of quinn's making, in uma's team."""
    uma = cast("uma")
    made, secret = webhooks.open_endpoint(
        name="Ticket system", url=told.url, team=uma.memberships.get().team, event_types=["calendar."],
        now=cast.now, actor=cast("quinn"),
    )  # fmt: skip
    made.secret = secret
    return made


def happen(cast, number=1):
    start = cast.now + dt.timedelta(days=number)
    return declare_calendar_entry(
        "BLACKOUT", name=f"Freeze {number}", starts_at=start, ends_at=start + HOUR, now=cast.now, actor=cast("max")
    )


def sweep(cast, *, after=dt.timedelta(0)):
    return delivering.deliver_due(now=cast.now + after, actor=cast.clock)


def verified(secret, headers, body):
    """By the words of the Standard Webhooks specification, with nothing of the product's."""
    content = headers["webhook-id"].encode() + b"." + headers["webhook-timestamp"].encode() + b"." + body
    key = base64.b64decode(secret[len("whsec_") :])
    expected = base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    return any(version == "v1" and hmac.compare_digest(sent, expected) for version, _, sent in given)


def test_an_event_is_sent_once_as_a_signed_cloud_event(cast, endpoint, told):
    entry = happen(cast)
    assert (sweep(cast), sweep(cast)) == (1, 0)
    ((headers, body),) = told.got
    event = json.loads(body)
    assert {name: event[name] for name in ("specversion", "type", "subject", "datacontenttype")} == {
        "specversion": "1.0", "type": "calendar.declared", "subject": str(entry.pk),
        "datacontenttype": "application/json",
    }  # fmt: skip
    assert (event["time"], event["data"]["actor"]) == ("2026-05-26T09:00:00.000Z", "Max")
    assert headers["content-type"] == "application/cloudevents+json; charset=utf-8"
    assert headers["webhook-id"] == event["id"]
    assert headers["webhook-timestamp"] == str(int(cast.now.timestamp()))
    assert verified(endpoint.secret, headers, body)
    assert not verified(endpoint.secret, headers, body + b" ")
    assert not verified(webhooks.new_secret(), headers, body)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status, delivery.attempts) == ("DELIVERED", 200, 1)


def test_only_what_is_wanted_is_kept_and_nothing_that_was_rolled_back(cast, endpoint):
    with pytest.raises(Invalid):
        declare_calendar_entry(
            "BLACKOUT", name="Backwards", starts_at=cast.now, ends_at=cast.now - HOUR, now=cast.now, actor=cast("max")
        )
    webhooks.amend_endpoint(
        endpoint, name="T", url=endpoint.url, event_types=["change."], now=cast.now, actor=cast("quinn")
    )
    happen(cast)
    assert not WebhookDelivery.objects.exists()


def test_what_is_not_taken_is_tried_again_later_and_ever_more_slowly(cast, endpoint, told):
    happen(cast)
    told.answers = [500, 503, 200]
    assert sweep(cast) == 0
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status, delivery.error) == ("DUE", 500, "Answered 500, not 2xx.")
    first = delivery.due_at - cast.now
    assert dt.timedelta(seconds=8) <= first <= dt.timedelta(seconds=12)
    assert sweep(cast, after=dt.timedelta(seconds=5)) == 0
    assert len(told.got) == 1
    sweep(cast, after=first)
    delivery.refresh_from_db()
    assert dt.timedelta(seconds=16) <= delivery.due_at - cast.now - first <= dt.timedelta(seconds=24)
    assert WebhookEndpoint.objects.get().failing_since == cast.now
    assert sweep(cast, after=HOUR) == 1
    assert len({headers["webhook-id"] for headers, _ in told.got}) == 1
    assert WebhookEndpoint.objects.get().failing_since is None


def test_after_the_last_attempt_it_is_given_up_in_sight_and_can_be_sent_again(cast, endpoint, told, settings):
    settings.WEBHOOK_ATTEMPTS = 2
    happen(cast)
    told.answers = [500, 500]
    sweep(cast)
    sweep(cast, after=HOUR)
    delivery = WebhookDelivery.objects.get()
    assert (delivery.state, delivery.status, sweep(cast, after=30 * HOUR)) == ("DEAD", 500, 0)
    delivering.replay_delivery(delivery, now=cast.now + 2 * HOUR, actor=cast("uma"))
    assert sweep(cast, after=2 * HOUR) == 1
    assert [headers["webhook-id"] for headers, _ in told.got] == [str(delivery.event_id)] * 3
    with pytest.raises(NotAllowed):
        delivering.replay_delivery(delivery, now=cast.now, actor=cast("gus"))
    with pytest.raises(NotFound):
        delivering.replay_delivery(delivery, now=cast.now, actor=cast("eve"))


def test_replay_since_a_time_sends_that_and_nothing_older(cast, endpoint, told):
    happen(cast)
    sweep(cast)
    later = cast.now + 3 * HOUR
    declare_calendar_entry(
        "BLACKOUT", name="Later", starts_at=later, ends_at=later + HOUR, now=later, actor=cast("max")
    )
    sweep(cast, after=3 * HOUR)
    replay = {"since": cast.now + HOUR, "now": later, "actor": cast("uma")}
    assert delivering.replay_since(endpoint, **replay, dead_only=True) == 0
    assert delivering.replay_since(endpoint, **replay) == 1
    assert sweep(cast, after=3 * HOUR) == 1
    assert told.got[-1][0]["webhook-id"] == told.got[-2][0]["webhook-id"] != told.got[0][0]["webhook-id"]


def test_a_redirect_is_not_followed(cast, endpoint, told):
    happen(cast)
    told.answers = [307]
    sweep(cast)
    assert told.paths == ["/hooks"]
    assert WebhookDelivery.objects.get().error.startswith("Answered 307, not 2xx. Redirects are not followed")


def test_both_secrets_count_for_a_day_after_a_rotation(cast, endpoint, told):
    fresh = webhooks.rotate_secret(endpoint, now=cast.now, actor=cast("quinn"))
    happen(cast)
    sweep(cast)
    assert [verified(secret, *told.got[0]) for secret in (endpoint.secret, fresh)] == [True, True]
    happen(cast, 2)
    sweep(cast, after=25 * HOUR)
    assert [verified(secret, *told.got[1]) for secret in (endpoint.secret, fresh)] == [False, True]


def test_secrets_are_in_no_column_and_no_audit_row(cast, endpoint):
    fresh = webhooks.rotate_secret(endpoint, now=cast.now, actor=cast("quinn"))
    stored = json.dumps([*WebhookEndpoint.objects.values(), *AuditEvent.objects.values("before", "after")], default=str)
    assert [secret for secret in (endpoint.secret, fresh) if secret in stored or secret[6:20] in stored] == []


def test_too_long_without_success_switches_it_off_and_says_so(cast, endpoint, told):
    happen(cast)
    happen(cast, 2)
    told.answers = [500] * 9
    sweep(cast)
    assert len(told.got) == 1, "the rest waits when one is not taken"
    sweep(cast, after=71 * HOUR)
    assert WebhookEndpoint.objects.get().active
    sweep(cast, after=80 * HOUR)
    assert not WebhookEndpoint.objects.get().active
    told_people = set(Notice.objects.filter(kind="webhook.off").values_list("recipient__username", flat=True))
    assert told_people == {"uma", "quinn"}
    assert AuditEvent.objects.filter(action="governance.webhook.give_up").count() == 1
    asked = len(told.got)
    happen(cast, 3)
    assert (sweep(cast, after=90 * HOUR), len(told.got)) == (0, asked)
    off = WebhookEndpoint.objects.get()
    webhooks.switch_endpoint(off, active=True, now=cast.now + 91 * HOUR, actor=cast("quinn"))
    told.answers = []
    assert sweep(cast, after=100 * HOUR) == 2
    with pytest.raises(WrongState):
        webhooks.switch_endpoint(off, active=True, now=cast.now, actor=cast("quinn"))


def test_gone_means_never_again(cast, endpoint, told):
    happen(cast)
    told.answers = [410]
    sweep(cast)
    assert (WebhookDelivery.objects.get().state, WebhookEndpoint.objects.get().active) == ("DEAD", False)


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/",
        "http://10.1.2.3/",
        "ftp://example.org/",
        "http://u:p@example.org/",
        "example.org",
    ],
)
def test_addresses_are_guarded_when_typed(cast, url):
    with pytest.raises(Invalid) as refused:
        webhooks.open_endpoint(name="X", url=url, team=cast.team("viewers"), now=cast.now, actor=cast("quinn"))
    assert list(refused.value.errors) == ["url"]


def test_addresses_are_guarded_again_when_connected_to(cast, endpoint, told, settings):
    settings.PROBE_ALLOWED_NETWORKS = []
    WebhookEndpoint.objects.update(url=told.url.replace("127.0.0.1", "localhost"))
    happen(cast)
    assert (sweep(cast), told.got) == (0, [])
    assert "loopback, private or reserved" in WebhookDelivery.objects.get().error


def test_only_administrators_set_endpoints_up(cast, endpoint, told):
    for name in ("uma", "max", "gus", "ada"):
        with pytest.raises(NotAllowed):
            webhooks.open_endpoint(name="X", url=told.url, team=endpoint.team, now=cast.now, actor=cast(name))
    with pytest.raises(NotAllowed):
        webhooks.rotate_secret(endpoint, now=cast.now, actor=cast("uma"))
    with pytest.raises(Invalid) as refused:
        webhooks.open_endpoint(
            name="X", url=told.url, team=endpoint.team, event_types=["weather."], now=cast.now, actor=cast("quinn")
        )
    assert list(refused.value.errors) == ["event_types"]
