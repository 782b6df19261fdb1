"""What every part of the API shares: revisions by If-Match, and a rate for each actor."""

import pytest
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from governance.doors.api import ActorRateThrottle, require_revision
from governance.doors.renderers import OrjsonRenderer
from governance.kernel.errors import RevisionRequired, StaleRevision
from governance.models import Team


def saying(**headers):
    return Request(APIRequestFactory().patch("/", **headers))


def test_an_update_says_which_revision_it_has_seen():
    record = Team(revision=3)
    for given in ('"3"', '"2", "3"', "*"):
        require_revision(saying(HTTP_IF_MATCH=given), record)
    with pytest.raises(RevisionRequired):
        require_revision(saying(), record)
    for given in ('"2"', "3", 'W/"3"', "nonsense"):
        with pytest.raises(StaleRevision) as refused:
            require_revision(saying(HTTP_IF_MATCH=given), record)
        assert refused.value.details == {"given": given, "current": '"3"'}


def test_each_actor_has_a_rate(api, ada, uma, monkeypatch):
    monkeypatch.setattr(ActorRateThrottle, "THROTTLE_RATES", {"actor": "2/min"})
    client = api(ada)
    answers = [client.get("/api/v1/people/me/") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].json()["code"] == "THROTTLED"
    assert answers[2]["Retry-After"] == str(answers[2].json()["retry_after"])
    assert 0 < int(answers[2]["Retry-After"]) <= 60
    assert api(uma).get("/api/v1/people/me/").status_code == 200


def test_numbers_of_any_size_are_written():
    assert OrjsonRenderer().render({"a": 2**70, "b": 1}) == b'{"a":1180591620717411303424,"b":1}'
    assert OrjsonRenderer().render({"a": "ä"}) == '{"a":"ä"}'.encode()
    assert OrjsonRenderer().render(None) == b""
