"""Asking the board for a version of a table, on the page and over REST."""

import pytest

from approvals.models import ChangeRequest
from governance.domain import drafts
from governance.models import DecisionTable
from tests.factories import tables as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
PAGE = "/changes/tables/routes/1.1/"
SAID = {"reason": "Tier 2 is routed now"}


@pytest.fixture
def table(cast):
    cast.board()
    return make.draft(cast)


def close_gap(cast, table):
    drafts.add_rule(table, rule=make.CLOSING, now=cast.now, actor=cast("jo"))


def test_the_page_says_what_stands_in_the_way_and_then_asks(as_user, cast, table):
    client = as_user(cast("jo"))
    html = client.get(PAGE).content.decode()
    assert "Nobody decides tier 2" in html
    assert "Board, 4 of 5" in html
    refused = client.post(PAGE, SAID)
    assert (refused.status_code, ChangeRequest.objects.count()) == (422, 0)
    close_gap(cast, table)
    wrong = client.post(PAGE, {**SAID, "effective_from": "2020-01-01T00:00"})
    assert (wrong.status_code, "effective_from" in wrong.context["form"].errors) == (400, True)
    answer = client.post(PAGE, {**SAID, "effective_from": "2099-07-01T00:00"})
    change = ChangeRequest.objects.get()
    assert answer["Location"] == f"/changes/{change.key}/"
    assert change.items.get().patch == {"effective_from": "2099-07-01T00:00:00+00:00"}
    assert "2099" in client.get(f"/changes/{change.key}/").content.decode()
    assert client.get(PAGE)["Location"] == "/tables/routes/1.1/"
    assert client.get("/tables/routes/1.1/edit/")["Location"] == "/tables/routes/1.1/"


def test_programs_ask_the_same(api, cast, table):
    client = api(cast("jo"))
    address = "/api/v1/tables/routes/versions/1.1/submit/"
    body = {"reason": "Tier 2 is routed now"}
    typed = client.post(address, {**body, "evidence": {"impact_report": "https://wiki.example"}}, format="json")
    assert (typed.status_code, typed.json()["code"]) == (400, "EVIDENCE_COMPUTED")
    refused = client.post(address, body, format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "TABLE_NOT_READY")
    assert [finding["code"] for finding in refused.json()["findings"]] == ["GAP"]
    close_gap(cast, table)
    answer = client.post(address, body, format="json")
    assert (answer.status_code, answer.json()["state"]) == (201, "AUTHORIZE")
    assert DecisionTable.objects.get(pk=table.pk).state == "IN_REVIEW"
    assert client.post(address, body, format="json").status_code == 409


def test_only_the_boards_own_people_ask(as_user, api, cast, table):
    close_gap(cast, table)
    for name in ("kai", "uma"):
        assert as_user(cast(name)).post(PAGE, SAID).status_code == 403
    answer = api(cast("ada")).post("/api/v1/tables/routes/versions/1.1/submit/", {"reason": "x"}, format="json")
    assert (answer.status_code, ChangeRequest.objects.count()) == (403, 0)
