"""Waivers for programs and people over REST."""

import datetime as dt

import pytest
from django.utils import timezone

from approvals.models import Waiver
from tests.factories import approvals as make
from tests.factories import waivers as made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
DAY = dt.timedelta(days=1)
LIST = "/api/v1/waivers/"


@pytest.fixture
def interface(cast):
    return made.ground(cast)


@pytest.fixture
def waiver(cast, interface):
    return made.active_waiver(cast, interface, now=timezone.now() - 85 * DAY)


def test_a_waiver_is_asked_for_over_rest(cast, interface, api):
    finding = made.finding_on(cast, interface)
    said = {
        "interface": interface.key, "kind": "FINDING", "finding": str(finding.pk), "days": 90,
        "justification": "The ward moves.", "compensating_control": "Phone", "remediation": "Rewrite it",
        "remediation_owner": "abe", "remediation_due": f"{timezone.now().date() + 60 * DAY}",
        "evidence": make.EVIDENCE,
    }  # fmt: skip
    answer = api(cast("ada")).post(LIST, said, format="json")
    shown = answer.json()
    assert (answer.status_code, shown["state"], shown["remediation_owner"]) == (201, "REQUESTED", "abe")
    assert answer["Location"].endswith(f"{shown['key']}/")
    assert api(cast("ada")).get(f"/api/v1/changes/{shown['change']}/requirements/").status_code == 200
    again = api(cast("ada")).post(LIST, said, format="json")
    assert (again.status_code, again.json()["code"], again.json()["waiver"]) == (409, "WAIVER_OPEN", shown["key"])
    wrong = api(cast("ada")).post(LIST, {**said, "days": 366}, format="json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["days"])
    assert api(cast("eve")).post(LIST, said, format="json").status_code == 404
    assert api(cast("cy")).post(LIST, said, format="json").status_code == 403


def test_a_machine_neither_asks_nor_prolongs(cast, waiver, api, hal_token):
    client = api(token=hal_token)
    assert client.post(f"{LIST}{waiver.key}/renew/", {"days": 30, "reason": "x"}, format="json").status_code in (
        403,
        404,
    )
    assert Waiver.objects.get().renewed_at is None


def test_the_list_is_filtered_and_closed_to_outsiders(cast, waiver, api):
    client = api(cast("uma"))
    later = (waiver.expires_at + DAY).isoformat().replace("+00:00", "Z")
    for query, count in (
        ("", 1), ("state=ACTIVE", 1), ("state=EXPIRED", 0), ("kind=DEVIATION", 0), ("domain=CLINICAL", 1),
        (f"interface={waiver.interface.key}", 1), (f"expires_before={later}", 1),
    ):  # fmt: skip
        assert len(client.get(f"{LIST}?{query}").json()["results"]) == count, query
    assert client.get(f"{LIST}{waiver.key}/").json()["days_left"] == (waiver.expires_at - timezone.now()).days
    assert api(cast("eve")).get(LIST).json()["results"] == []
    assert api(cast("eve")).get(f"{LIST}{waiver.key}/").status_code == 404


def test_the_moves_answer_with_the_waiver_as_it_then_is(cast, waiver, api):
    address = f"{LIST}{waiver.key}/"
    renewed = api(cast("pam")).post(f"{address}renew/", {"days": 60, "reason": "Later"}, format="json").json()
    assert (renewed["state"], renewed["days_left"]) == ("ACTIVE", 59)
    once = api(cast("pam")).post(f"{address}renew/", {"days": 90, "reason": "Later"}, format="json")
    assert (once.status_code, once.json()["code"]) == (403, "RENEWED_ONCE")
    assert api(cast("abe")).post(f"{address}revoke/", {"reason": "No"}, format="json").status_code == 403
    mended = api(cast("abe")).post(f"{address}remediate/", {"done": "Rewritten"}, format="json").json()
    assert mended["state"] == "REMEDIATED"
    late = api(cast("pam")).post(f"{address}revoke/", {"reason": "No"}, format="json")
    assert (late.status_code, late.json()["code"]) == (409, "WRONG_STATE")
