"""Changes over the REST API: the board's whole way, every refusal by its code, and lists that cost the same."""

import datetime as dt

import pytest
from django.utils import timezone

from approvals.domain.calendar import declare_calendar_entry
from approvals.models import ChangeRequest, Vote
from catalog.domain.rules import SEE
from catalog.models import Interface
from governance.domain.people import grant_container
from tests.cast import PASSWORD
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/api/v1/changes/"


@pytest.fixture
def now():
    """The API's door asks the real clock, so the cast lives today."""
    return timezone.now().replace(microsecond=0)


def post(client, path, body=None, **headers):
    return client.post(f"{URL}{path}", body or {}, format="json", headers=headers)


def ballot(revision_hash, **values):
    signature = {"method": "PASSWORD", "secret": PASSWORD}
    return {"choice": "APPROVE", "revision_hash": revision_hash, "signature": signature, **values}


def opening(**values):
    return {
        "change_type": "NEW_INTERFACE", "title": "Case completed", "reason": "Charges are late",
        "items": [{"interface": "IF-SUR-001", "operation": "CREATE"}], **values,
    }  # fmt: skip


def test_the_whole_way_from_draft_to_implemented(cast, api):
    make.decided_interface(cast)
    ada = api(cast("ada"))
    opened = post(ada, "", opening(evidence=make.EVIDENCE))
    assert opened.status_code == 201, opened.json()
    key = opened.json()["key"]
    assert (opened.headers["Location"], opened.json()["state"]) == (f"{URL}{key}/", "DRAFT")
    asked = post(ada, f"{key}/submit/").json()
    assert (asked["state"], asked["missing"]) == (
        "AUTHORIZE", ["INTERFACE_OWNER", "CLINICAL_IT", "OPERATIONS", "SECURITY", "DATA_GOVERNANCE"],
    )  # fmt: skip
    assert "backout_plan" in asked["evidence_demanded"]
    for name in ("abe", "bo", "di", "ed", "fay"):
        voted = post(api(cast(name)), f"{key}/vote/", ballot(asked["revision_hash"]))
        assert voted.status_code == 200, voted.json()
    assert (voted.json()["state"], voted.json()["missing"]) == ("SCHEDULED", [])
    early = post(api(cast("max")), f"{key}/implement/")
    assert (early.status_code, early.json()["code"]) == (422, "LEAD_TIME")
    ChangeRequest.objects.update(revised_at=timezone.now() - dt.timedelta(hours=73))
    assert post(api(cast("max")), f"{key}/implement/").json()["state"] == "REVIEW"
    assert Interface.objects.get().state == "IN_BUILD"
    assert post(api(cast("max")), f"{key}/close/", {"outcome": "SUCCESSFUL"}).json()["outcome"] == "SUCCESSFUL"
    story = [step["action"] for step in ada.get(f"{URL}{key}/history/").json()]
    assert story.count("approvals.change.vote") == 5
    assert story[-1] == "approvals.change.close"


@pytest.mark.parametrize(
    ("name", "code"), [("ada", "SOD_AUTHOR"), ("max", "SOD_MANAGER"), ("cy", "NOT_ELIGIBLE"), ("uma", "NOT_ELIGIBLE")]
)
def test_vote_refused_with_its_code(cast, api, name, code):
    change = make.asked_change(cast)
    said = post(api(cast(name)), f"{change.key}/vote/", ballot(change.revision_hash))
    assert (said.status_code, said.json()["code"]) == (403, code)
    assert not Vote.objects.exists()


def test_a_service_account_cannot_vote(cast, api, hal_token):

    change = make.asked_change(cast)
    grant_container(
        cast.team("pipelines"), container=cast.domains()["CLINICAL"], permissions=(SEE,), now=cast.now, actor=cast.clock
    )
    ballot = {"choice": "APPROVE", "revision_hash": change.revision_hash}
    said = post(api(token=hal_token), f"{change.key}/vote/", ballot)
    assert (said.status_code, said.json()["code"]) == (403, "SERVICE_CANNOT_VOTE")
    weak = api(token=cast.token("gate:read", now=timezone.now()))
    assert post(weak, f"{change.key}/vote/", ballot).json()["code"] == "SCOPE_MISSING"
    assert weak.get(f"{URL}{change.key}/").status_code == 200


def test_window_too_early_says_the_arithmetic_beside_the_field(cast, api):
    make.decided_interface(cast)
    ada = api(cast("ada"))
    key = post(ada, "", opening(window_start=(timezone.now() + dt.timedelta(hours=41, minutes=1)).isoformat())).json()[
        "key"
    ]
    said = post(ada, f"{key}/submit/")
    assert (said.status_code, said.json()["code"]) == (400, "WINDOW_TOO_EARLY")
    assert "41 h < 72 h" in said.json()["detail"]
    assert list(said.json()["errors"]) == ["window_start"]
    assert ada.get(f"{URL}{key}/").json()["state"] == "DRAFT"


def test_revise_needs_the_seen_revision_and_makes_votes_stale(cast, api):
    change = make.asked_change(cast)
    ada, di = api(cast("ada")), api(cast("di"))
    seen = ada.get(f"{URL}{change.key}/").headers["ETag"]
    post(di, f"{change.key}/vote/", ballot(change.revision_hash))
    body = {"patches": {"1": {"volume_day": 9000}}}
    assert post(ada, f"{change.key}/revise/", body).status_code == 428
    assert post(ada, f"{change.key}/revise/", body, **{"If-Match": seen}).json()["code"] == "STALE_REVISION"
    now_seen = ada.get(f"{URL}{change.key}/").headers["ETag"]
    revised = post(ada, f"{change.key}/revise/", body, **{"If-Match": now_seen})
    assert (revised.status_code, revised.json()["state"]) == (200, "ASSESS")
    assert [one["stale"] for one in ada.get(f"{URL}{change.key}/votes/").json()] == [True]
    post(api(cast("jo")), f"{change.key}/decide/", {"rationale": "Still fits"})
    said = post(di, f"{change.key}/vote/", ballot(change.revision_hash))
    assert (said.status_code, said.json()["code"]) == (409, "VOTE_STALE")


def test_requirements_say_who_is_missing_and_why(cast, api):
    change = make.asked_change(cast)
    rows = api(cast("rae")).get(f"{URL}{change.key}/requirements/").json()
    clinical = next(row for row in rows if row["requirement"]["label"] == "CLINICAL_IT")
    assert clinical["because"] == [{"rule": "A03", "note": ""}]
    assert (clinical["who"], clinical["yours"], clinical["votes"]) == (["Bo", "Rae (for Bo)"], "CLINICAL_IT", [])
    assert clinical["seats"] == [
        {"role": "CLINICAL_IT", "standing": "WAITING", "who": ["Bo", "Rae (for Bo)"], "why": "has not voted yet"}
    ]


@pytest.mark.parametrize(
    ("change", "status", "field"),
    [
        ({"title": ""}, 400, "title"),
        ({"colour": "red"}, 400, "colour"),
        ({"change_class": "STANDARD"}, 400, "change_class"),
        ({"items": []}, 400, "items"),
        ({"items": [{"interface": "IF-SUR-001", "operation": "CREATE", "patch": {"tier": 9}}]}, 400, "tier"),
        ({"items": [{"operation": "CREATE"}]}, 400, "items"),
        ({"items": [{"interface": "IF-SUR-001", "operation": "DELETE"}]}, 409, None),
        ({"items": [{"interface": "IF-SUR-999", "operation": "CREATE"}]}, 404, None),
        ({"items": [{"contract_version": "IF-SUR-001", "operation": "CREATE"}]}, 400, "items"),
        ({"window_end": "2030-01-01T00:00:00Z"}, 400, "window_end"),
        ({"evidence": {"test_evidence": 3.5e9}}, 400, "evidence"),
        ({"evidence": {"impact_list": "https://wiki.example/impact"}}, 400, "evidence"),
        ({"evidence": {"gut_feeling": "https://wiki.example/gut"}}, 400, "evidence"),
    ],
)
def test_open_refuses_beside_the_field_and_writes_nothing(cast, api, change, status, field):
    make.decided_interface(cast)
    said = post(api(cast("ada")), "", opening(**change))
    assert said.status_code == status, said.json()
    if status == 400:
        assert list(said.json()["errors"]) == [field], said.json()
    assert not ChangeRequest.objects.exists()


def test_open_with_the_same_idempotency_key_opens_once(cast, api):
    make.decided_interface(cast)
    ada = api(cast("ada"))
    first, again = (post(ada, "", opening(), **{"Idempotency-Key": "k1"}) for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert ChangeRequest.objects.count() == 1
    other = post(ada, "", opening(title="Another"), **{"Idempotency-Key": "k1"})
    assert (other.status_code, other.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_what_may_not_be_seen_is_not_there(cast, api):
    change = make.asked_change(cast)
    assert api(cast("eve")).get(f"{URL}{change.key}/").status_code == 404
    assert api(cast("eve")).get(URL).json()["results"] == []
    assert api().get(URL).status_code == 401
    assert api(cast("gus")).get(f"{URL}{change.key}/").status_code == 200
    assert post(api(cast("gus")), f"{change.key}/cancel/", {"reason": "No"}).status_code == 403


def test_list_filters(cast, api):
    one = make.asked_change(cast)
    two = make.new_interface_change(cast, "IF-SUR-004")

    def keys(name, query):
        return [row["key"] for row in api(cast(name)).get(f"{URL}?{query}").json()["results"]]

    assert keys("gus", "") == [two.key, one.key]
    assert keys("gus", "state=DRAFT") == [two.key]
    assert keys("gus", "interface=IF-SUR-001") == [one.key]
    assert keys("gus", "change_type=NEW_INTERFACE&change_class=NORMAL") == [two.key, one.key]
    assert keys("di", "mine=vote") == [one.key]
    assert keys("cy", "mine=vote") == []
    assert keys("ada", "mine=author") == [two.key, one.key]
    assert api(cast("gus")).get(f"{URL}?colour=red").status_code == 400


def test_list_and_page_cost_the_same_with_one_and_three_rows(cast, api, django_assert_num_queries):
    client = api(cast("gus"))
    make.asked_change(cast)
    client.get(URL)
    with django_assert_num_queries(8):
        assert len(client.get(URL).json()["results"]) == 1
    make.asked_change(cast, "IF-SUR-004")
    make.asked_change(cast, "IF-SUR-005")
    with django_assert_num_queries(8):
        assert len(client.get(URL).json()["results"]) == 3


def test_gate_by_token(cast, api, hal_token):
    interface = make.asked_change(cast).items.get().interface
    gate = f"/api/v1/gate/?interface={interface.key}"
    assert api(cast("ada")).get(gate).json()["missing"][:2] == ["contract", "vote INTERFACE_OWNER"]
    assert api(token=hal_token).get(gate).status_code == 404
    assert api(cast("ada")).get(f"{gate}&environment=MOON").status_code == 400
    assert api(cast("ada")).get("/api/v1/gate").status_code == 400
    assert api(token=cast.token("contracts:check", now=timezone.now())).get(gate).json()["code"] == "SCOPE_MISSING"


def test_calendar(cast, api):
    declare_calendar_entry(
        "BLACKOUT", name="Quarter end", starts_at=cast.now, ends_at=cast.now + make.HOUR, now=cast.now,
        actor=cast("max"),
    )  # fmt: skip
    assert [row["name"] for row in api(cast("ada")).get("/api/v1/calendar/").json()["results"]] == ["Quarter end"]


def test_impact_is_computed(cast, api):
    change = make.new_interface_change(cast)
    interface = change.items.get().interface
    catalog.consumed(cast, interface, catalog.system(cast, "cost-acct", domain="ERP"))
    (row,) = api(cast("ada")).get(f"{URL}{change.key}/impact/").json()
    assert (row["interface"], [one["key"] for one in row["consumers"]]) == ("IF-SUR-001", ["cost-acct"])
