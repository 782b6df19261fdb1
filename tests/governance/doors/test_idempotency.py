"""A repeated POST: done once, answered alike, and never mistaken for another."""

import datetime as dt

import pytest
from django.utils import timezone

from governance.domain.requests import claim_request
from governance.models import IdempotencyRecord

URL = "/api/v1/tables/resilience/decide/"
FACTS = {"facts": {"tier": 1}}
KEY = {"HTTP_IDEMPOTENCY_KEY": "a-key-of-mine"}


@pytest.fixture
def client(ada, api, seed_tables):
    return api(ada)


def test_a_repeated_request_is_answered_from_the_record(client):
    first = client.post(URL, FACTS, format="json", **KEY)
    second = client.post(URL, FACTS, format="json", **KEY)
    assert (first.status_code, second.status_code) == (200, 200)
    assert "Idempotency-Replayed" not in first
    assert second["Idempotency-Replayed"] == "true"
    assert second.content == first.content
    assert second["Content-Type"] == first["Content-Type"]
    assert IdempotencyRecord.objects.count() == 1


def test_a_refusal_below_500_is_repeated_too(client):
    answers = [client.post(URL, {"facts": 1}, format="json", **KEY) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [400, 400]
    assert answers[1]["Idempotency-Replayed"] == "true"
    assert answers[1]["Content-Type"] == "application/problem+json"


def test_another_body_or_address_under_the_same_key_is_refused(client):
    client.post(URL, FACTS, format="json", **KEY)
    for url, body in ((URL, {"facts": {"tier": 2}}), ("/api/v1/tables/approval/decide/", FACTS)):
        answer = client.post(url, body, format="json", **KEY)
        assert (answer.status_code, answer.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_keys_belong_to_their_actor(client, api, uma):
    client.post(URL, FACTS, format="json", **KEY)
    answer = api(uma).post(URL, FACTS, format="json", **KEY)
    assert "Idempotency-Replayed" not in answer


def test_while_the_first_is_at_work_the_second_is_told_to_wait(client, ada):
    client.post(URL, FACTS, format="json", **KEY)
    IdempotencyRecord.objects.update(status=None, body=None)
    answer = client.post(URL, FACTS, format="json", **KEY)
    assert (answer.status_code, answer.json()["code"]) == (409, "IDEMPOTENCY_IN_FLIGHT")


@pytest.mark.parametrize(
    ("age", "status"),
    [(dt.timedelta(hours=25), 200), (dt.timedelta(minutes=6), None)],
    ids=["kept for 24 hours", "a first that never ended is given up"],
)
def test_a_record_is_forgotten(ada, age, status):
    now = timezone.now()
    first, _ = claim_request("key", digest="d", now=now, actor=ada)
    IdempotencyRecord.objects.filter(pk=first.pk).update(status=status, created_at=now - age)
    second, fresh = claim_request("key", digest="other", now=now, actor=ada)
    assert fresh
    assert second.pk != first.pk


@pytest.mark.parametrize("key", ["", "x" * 201, "schlüssel", "a\tb"])
def test_a_key_that_cannot_be_kept_is_refused(client, key):
    answer = client.post(URL, FACTS, format="json", HTTP_IDEMPOTENCY_KEY=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "IDEMPOTENCY_KEY")


def test_a_fault_of_ours_frees_the_key(client, monkeypatch):
    from governance.api import tables

    def broken(*args, **kwargs):
        raise RuntimeError("broken")

    with monkeypatch.context() as patched:
        patched.setattr(tables, "decide", broken)
        client.raise_request_exception = False
        answer = client.post(URL, FACTS, format="json", **KEY)
    assert (answer.status_code, answer.json()["code"]) == (500, "INTERNAL")
    assert not IdempotencyRecord.objects.exists()
    assert client.post(URL, FACTS, format="json", **KEY).status_code == 200
