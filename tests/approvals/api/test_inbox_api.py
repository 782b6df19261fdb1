"""The inbox for programs."""

import pytest
from django.utils import timezone

from approvals.domain.requests import revise_change
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/api/v1/inbox/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


def test_tabs_and_their_counts(cast, api):
    change = make.asked_change(cast)
    di, ada = api(cast("di")), api(cast("ada"))
    (row,) = di.get(URL).json()["results"]
    assert (row["key"], row["role"], row["on_behalf_of"], row["phi"]) == (change.key, "SECURITY", "", True)
    assert row["because"][0]["rule"] in change.policy["rules"]
    assert row["lead_hours_left"] == change.lead_hours
    (mine,) = ada.get(f"{URL}?tab=waiting").json()["results"]
    seats = {seat["role"]: seat["who"] for need in mine["missing"] for seat in need["seats"]}
    assert seats["SECURITY"] == ["Di"]
    assert ada.get(f"{URL}counts/").json() == {"mine": 0, "waiting": 1, "stale": 0}
    make.vote(cast, change, "di")
    revise_change(change, backout="Back", now=cast.now, actor=cast("ada"))
    assert di.get(f"{URL}counts/").json() == {"mine": 1, "waiting": 0, "stale": 1}
    assert [one["key"] for one in di.get(f"{URL}?tab=stale").json()["results"]] == [change.key]


def test_filters_and_what_is_refused(cast, api):
    make.asked_change(cast)
    di = api(cast("di"))
    assert di.get(f"{URL}?change_class=EMERGENCY").json()["results"] == []
    refused = di.get(f"{URL}?tab=everything")
    assert (refused.status_code, refused.json()["errors"]) == (400, {"tab": ["one of mine, waiting, stale"]})
    assert di.get(f"{URL}?of=bo").json()["code"] == "UNKNOWN_PARAMETER"
    assert api().get(URL).status_code == 401
