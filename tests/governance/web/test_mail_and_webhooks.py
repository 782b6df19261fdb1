"""The pages of mail and webhooks, and the way out of a mail without signing in."""

import re

import pytest
from django.core import mail
from django.utils import timezone

from governance.domain import delivering, mailing, notices
from governance.models import Notice, User, WebhookDelivery, WebhookEndpoint
from tests.factories.receivers import receiver

pytestmark = pytest.mark.django_db


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def bo(cast):
    User.objects.filter(pk=cast("bo").pk).update(email="bo@lakeshore.example", mail="EACH")
    return User.objects.get(pk=cast("bo").pk)


def test_a_person_chooses_their_mail(cast, as_user, bo):
    browser = as_user(bo)
    assert "bo@lakeshore.example" in browser.get("/people/mail/").content.decode()
    assert browser.post("/people/mail/", {"mail": "NONE", "timezone": "Europe/Berlin"}).status_code == 302
    bo.refresh_from_db()
    assert (bo.mail, bo.timezone) == ("NONE", "Europe/Berlin")
    refused = browser.post("/people/mail/", {"mail": "NEVER", "timezone": "Europe/Berlin"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["mail"])


def test_the_way_out_of_a_mail_needs_no_sign_in_and_asks_first(cast, bo, client):
    notices.give_notices([bo], "vote.asked", "Vote", url="/", now=cast.now)
    mailing.send_due_mail(now=cast.now)
    way = re.fullmatch(r"<http://[^/]+(/.*)>", mail.outbox[0].extra_headers["List-Unsubscribe"])[1]
    assert "Stop mail?" in client.get(way).content.decode()
    bo.refresh_from_db()
    assert bo.mail == "EACH"
    assert client.post(way, {"List-Unsubscribe": "One-Click"}).status_code == 200
    bo.refresh_from_db()
    assert bo.mail == "NONE"
    assert client.post(way[:-3] + "x/").status_code == 404


def test_all_notices_are_read_at_once(cast, as_user, bo):
    for number in range(2):
        Notice.objects.create(recipient=bo, kind="NEWS", message=f"News {number}", at=cast.now)
    other = Notice.objects.create(recipient=cast("ada"), kind="NEWS", message="Hers", at=cast.now)
    as_user(bo).post("/notices/read-all/")
    assert [one.pk for one in Notice.objects.unread()] == [other.pk]


def test_given_up_mail_is_seen_and_sent_again(cast, as_user, bo):
    dead = Notice.objects.create(
        recipient=bo, kind="NEWS", message="News", at=cast.now, mail="DEAD", mail_error="No such box"
    )
    seen = as_user(cast("quinn")).get("/people/mail/").content.decode()
    assert "No such box" in seen
    assert "No such box" not in as_user(cast("uma")).get("/people/mail/").content.decode()
    assert as_user(cast("uma")).post(f"/notices/{dead.pk}/resend/").status_code == 404
    as_user(cast("quinn")).post(f"/notices/{dead.pk}/resend/")
    assert Notice.objects.get(pk=dead.pk).mail == "DUE"


def test_an_administrator_sets_up_an_endpoint_and_sees_its_secret_once(cast, as_user):
    quinn, team = as_user(cast("quinn")), cast.team("viewers")
    asked = {"name": "Tickets", "url": "http://127.0.0.1:9/", "team": team.pk, "event_types": ["change.voted"]}
    made = quinn.post("/webhooks/", asked)
    endpoint = WebhookEndpoint.objects.get()
    secret = made.context["secret"]
    assert (made.status_code, secret in made.content.decode()) == (201, True)
    address = f"/webhooks/{endpoint.pk}/"
    assert secret not in quinn.get(address).content.decode()
    refused = quinn.post("/webhooks/", asked | {"url": "http://169.254.169.254/"})
    assert (refused.status_code, list(refused.context["form"].errors)) == (400, ["url"])
    assert as_user(cast("uma")).post("/webhooks/", asked).status_code == 403
    assert "Tickets" in as_user(cast("uma")).get("/webhooks/").content.decode()
    assert "Tickets" not in as_user(cast("ada")).get("/webhooks/").content.decode()
    assert as_user(cast("ada")).get(address).status_code == 404
    fresh = quinn.post(f"{address}rotate/").context["secret"]
    assert fresh != secret
    assert as_user(cast("uma")).post(f"{address}rotate/").status_code == 403


def test_dead_letters_are_seen_with_the_last_status_and_sent_again(cast, as_user, settings):
    settings.WEBHOOK_ATTEMPTS = 1
    quinn = as_user(cast("quinn"))
    with receiver() as told:
        quinn.post("/webhooks/", {"name": "Tickets", "url": told.url, "team": cast.team("viewers").pk})
        endpoint = WebhookEndpoint.objects.get()
        address = f"/webhooks/{endpoint.pk}/"
        told.answers = [503]
        quinn.post(f"{address}test/")
        delivering.deliver_due(now=timezone.now(), actor=cast.clock)
        (shown,) = quinn.get(f"{address}?state=DEAD").context["page"].rows
        assert (shown.state, shown.status, shown.event_type) == ("DEAD", 503, "webhook.tested")
        assert "503" in quinn.get(address).content.decode()
        assert quinn.get("/webhooks/").context["page"].rows[0].dead == 1
        quinn.post(f"/deliveries/{shown.pk}/replay/")
        delivering.deliver_due(now=timezone.now(), actor=cast.clock)
        assert WebhookDelivery.objects.get().state == "DELIVERED"
        since = {"since": "2020-01-01T00:00"}
        assert quinn.post(f"{address}replay/", since).status_code == 302
        assert WebhookDelivery.objects.get().state == "DUE"
        assert quinn.post(f"{address}replay/", {"since": "soon"}).status_code == 400
        assert as_user(cast("eve")).post(f"{address}replay/", since).status_code == 404


def test_an_endpoint_is_amended_and_switched(cast, as_user):
    quinn = as_user(cast("quinn"))
    quinn.post("/webhooks/", {"name": "Tickets", "url": "http://127.0.0.1:9/", "team": cast.team("viewers").pk})
    address = f"/webhooks/{WebhookEndpoint.objects.get().pk}/"
    changed = {"name": "Tickets", "url": "http://127.0.0.1:10/", "event_types": ["change.voted"]}
    assert quinn.post(f"{address}amend/", changed).status_code == 302
    quinn.post(f"{address}switch/", {"active": "0"})
    endpoint = WebhookEndpoint.objects.get()
    assert (endpoint.url, endpoint.event_types, endpoint.active) == ("http://127.0.0.1:10/", ["change.voted"], False)
    refused = quinn.post(f"{address}amend/", changed | {"url": "http://10.0.0.1/"})
    assert (refused.status_code, refused.context["form"].errors["url"][0][:19]) == (400, "The target 10.0.0.1")
