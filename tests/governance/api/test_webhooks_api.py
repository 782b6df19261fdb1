"""Mail wishes, notices and webhooks for programs."""

import pytest
from django.utils import timezone

from governance.models import Notice, User, WebhookDelivery

pytestmark = pytest.mark.django_db
URL = "/api/v1/webhooks/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


def asked(cast, **values):
    team = cast.team("viewers").key
    return {"name": "Tickets", "url": "http://127.0.0.1:9/", "team": team, "event_types": ["change."], **values}


def test_an_endpoint_by_its_whole_life(cast, api):
    quinn = api(cast("quinn"))
    made = quinn.post(URL, asked(cast), format="json")
    assert made.status_code == 201
    one = f"{URL}{made.json()['id']}/"
    assert made.json()["secret"].startswith("whsec_")
    assert "secret" not in quinn.get(one).json()
    assert [found["name"] for found in quinn.get(URL).json()["results"]] == ["Tickets"]
    changed = {"name": "Other", "url": "http://127.0.0.1:10/"}
    assert quinn.put(one, changed, format="json").json()["event_types"] == []
    assert quinn.post(f"{one}rotate/", {}, format="json").json()["secret"] != made.json()["secret"]
    test = quinn.post(f"{one}test/", {}, format="json").json()
    assert (test["event_type"], test["event"]["specversion"], test["state"]) == ("webhook.tested", "1.0", "DUE")
    replay = f"/api/v1/webhook-deliveries/{test['id']}/replay/"
    assert quinn.post(replay, {}, format="json").status_code == 409
    WebhookDelivery.objects.update(state="DEAD")
    since = {"since": "2020-01-01T00:00:00Z"}
    assert quinn.post(f"{one}replay/", since, format="json").json() == {"replayed": 1}
    WebhookDelivery.objects.update(state="DEAD")
    assert quinn.post(replay, {}, format="json").json()["state"] == "DUE"
    assert quinn.get("/api/v1/webhook-deliveries/?state=DUE").json()["results"][0]["id"] == test["id"]
    assert quinn.post(f"{one}switch/", {"active": False}, format="json").json()["active"] is False
    assert quinn.post(f"{one}test/", {}, format="json").json()["code"] == "WRONG_STATE"


def test_what_is_refused(cast, api):
    quinn, uma, ada = api(cast("quinn")), api(cast("uma")), api(cast("ada"))
    refused = quinn.post(
        URL, asked(cast, url="http://[::ffff:169.254.169.254]/", event_types=["weather"]), format="json"
    )
    assert (refused.status_code, sorted(refused.json()["errors"])) == (400, ["event_types", "url"])
    assert uma.post(URL, asked(cast), format="json").status_code == 403
    one = f"{URL}{quinn.post(URL, asked(cast), format='json').json()['id']}/"
    assert (uma.get(one).status_code, ada.get(one).status_code) == (200, 404)
    assert (uma.post(f"{one}rotate/", {}, format="json").status_code, api().get(one).status_code) == (403, 401)
    assert quinn.get(f"{URL}no-such-id-but-of-the-right-length--36/").status_code == 404


def test_mail_wish_and_notices(cast, api):
    bo = api(cast("bo"))
    assert bo.get("/api/v1/people/me/mail/").json() == {"mail": "DIGEST", "timezone": "UTC"}
    wished = bo.put("/api/v1/people/me/mail/", {"mail": "NONE", "timezone": "America/Chicago"}, format="json")
    assert (wished.status_code, User.objects.get(username="bo").mail) == (200, "NONE")
    wrong = bo.put("/api/v1/people/me/mail/", {"mail": "EACH", "timezone": "Mars/Base"}, format="json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["timezone"])
    for number in range(3):
        Notice.objects.create(recipient=cast("bo"), kind="NEWS", message=f"News {number}", at=cast.now)
    assert bo.post("/api/v1/notices/read-all/").json() == {"read": 3}
    assert bo.post("/api/v1/notices/read-all/").json() == {"read": 0}
    dead = Notice.objects.create(recipient=cast("bo"), kind="NEWS", message="Lost", at=cast.now, mail="DEAD")
    assert bo.post(f"/api/v1/notices/{dead.pk}/resend/").json()["mail"] == "DUE"
    assert bo.post(f"/api/v1/notices/{dead.pk}/resend/").status_code == 404
