"""Absence through its page and its API: lent, shown to both, ended by either, refused beside the field."""

import datetime as dt

import pytest
from django.utils import timezone

from governance.models import AuditEvent, Delegation

pytestmark = pytest.mark.django_db
AT = "/people/absence/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def given(now):
    ends = now + dt.timedelta(days=5)
    return {
        "taker": "pam", "scope": "SECURITY", "starts_at": f"{now:%Y-%m-%dT%H:%M}", "ends_at": f"{ends:%Y-%m-%dT%H:%M}",
        "reason": "Vacation",
    }  # fmt: skip


@pytest.fixture
def staged(cast, board):
    for name in ("pam", "uma", "gus", "max", "sam"):
        cast(name)
    return cast


def test_lent_and_ended_early(staged, as_user, given):
    di = as_user(staged("di"))
    page = di.get(AT).content.decode()
    assert 'value="pam"' in page
    assert 'value="gus"' not in page
    assert 'value="max"' not in page
    assert di.post(AT, given).status_code == 302
    lent = Delegation.objects.get()
    assert (lent.giver, lent.taker, lent.scope) == (staged("di"), staged("pam"), "SECURITY")
    assert "acts for you" in di.get(AT).content.decode()
    assert "You act for" in as_user(staged("pam")).get(AT).content.decode()
    assert "<b>Pam</b> for Di" in as_user(staged("uma")).get("/people/").content.decode()
    as_user(staged("sam")).post(f"{AT}{lent.pk}/end/")
    assert Delegation.objects.get().ends_at == lent.ends_at
    as_user(staged("pam")).post(f"{AT}{lent.pk}/end/")
    assert Delegation.objects.get().ends_at < lent.ends_at
    assert AuditEvent.objects.filter(action="governance.delegation.end").count() == 1


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"taker": "sam"}, "has not the clearance"),
        ({"taker": "gus"}, "Select a valid choice"),
        ({"ends_at": "2099-01-01T00:00"}, "at most 30 days"),
        ({"reason": ""}, "required"),
    ],
)
def test_refused_beside_the_field(staged, as_user, given, changed, said):
    answer = as_user(staged("di")).post(AT, given | changed)
    assert answer.status_code == 400
    assert said in answer.content.decode()
    assert not Delegation.objects.exists()


def test_who_holds_no_vote_lends_nothing(staged, as_user):
    assert "nothing to lend" in as_user(staged("uma")).get(AT).content.decode()


def test_over_the_api(staged, api, given):
    di, url = api(staged("di")), "/api/v1/delegations/"
    given |= {"starts_at": given["starts_at"] + "Z", "ends_at": given["ends_at"] + "Z"}
    refused = di.post(url, given | {"taker": "uma"}, format="json")
    assert (refused.status_code, list(refused.json()["errors"])) == (400, ["taker"])
    made = di.post(url, given, format="json")
    assert made.status_code == 201, made.json()
    assert [one["taker"] for one in api(staged("uma")).get(url).json()["results"]] == ["pam"]
    assert api(staged("uma")).post(f"{url}{made.json()['id']}/end/", {}, format="json").status_code == 403
    assert di.post(f"{url}{made.json()['id']}/end/", {}, format="json").status_code == 200
    assert di.post(f"{url}{made.json()['id']}/end/", {}, format="json").json()["code"] in ("WRONG_STATE", "NOT_FOUND")
