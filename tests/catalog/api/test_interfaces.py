"""Interfaces over REST: read, proposed, corrected, decided; each wrong request with its named refusal."""

import pytest

from catalog.models import DecisionRecord, Interface
from governance.models import AuditEvent
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db
LIST = "/api/v1/interfaces/"


def body(cast, story="IF-SUR-001", **changes):
    """The story interface as a program posts it."""
    values = make.story_values(cast, story)
    return {**values, **{name: values[name].key for name in ("provider", "source", "target")}, **changes}


def keys(answer):
    return [one["key"] for one in answer.json()["results"]]


def refusal(answer):
    return answer.status_code, answer.json()["code"]


def test_list_holds_what_the_actor_may_see(cast, api):
    make.register_stories(cast)
    assert keys(api(cast("uma")).get(LIST)) == ["IF-SUR-001", "IF-SUR-004", "IF-SUR-007"]
    assert keys(api(cast("eve")).get(LIST)) == []
    assert refusal(api().get(LIST)) == (401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("phi=true&domain=CLINICAL&tier=1", ["IF-SUR-001", "IF-SUR-007"]),
        ("pattern=EVENT&phi=false", ["IF-SUR-003"]),
        ("q=payroll", ["IF-ONB-004"]),
        ("state=ACTIVE", []),
    ],
)
def test_list_is_filtered(cast, api, query, expected):
    make.register_stories(cast)
    assert keys(api(cast("gus")).get(f"{LIST}?{query}")) == expected


@pytest.mark.parametrize(
    ("query", "code", "field"),
    [("color=red", "UNKNOWN_PARAMETER", "color"), ("tier=9", "INVALID", "tier"), ("state=GONE", "INVALID", "state")],
)
def test_wrong_query_is_named(cast, api, query, code, field):
    answer = api(cast("ada")).get(f"{LIST}?{query}")
    assert (*refusal(answer), list(answer.json()["errors"])) == (400, code, [field])


@pytest.mark.parametrize("wanted", [["IF-SUR-001"], ["IF-SUR-001", "IF-SUR-003", "IF-SUR-007"]])
def test_list_costs_the_same_for_one_row_and_three(cast, api, django_assert_num_queries, wanted):
    for key in wanted:
        make.consumed(cast, make.owned(cast, make.story_interface(cast, key)), make.system(cast, "billing"))
    client = api(cast("ada"))
    client.get(LIST)
    with django_assert_num_queries(12):
        assert keys(client.get(LIST)) == wanted


def test_one_is_read_by_key_with_its_tag(cast, api):
    make.owned(cast, make.story_interface(cast))
    client = api(cast("uma"))
    answer = client.get(f"{LIST}IF-SUR-001/")
    said = answer.json()
    assert (answer["ETag"], said["source"], said["phi"], said["domain"], said["state"]) == (
        '"1"', "ehr-a", True, "CLINICAL", "PROPOSED",
    )  # fmt: skip
    assert [owner["team"] for owner in said["owners"]] == ["integration-owners"] * 3
    assert client.get(f"{LIST}IF-SUR-001/", headers={"If-None-Match": '"1"'}).status_code == 304
    assert refusal(client.get(f"{LIST}IF-SUR-999/")) == (404, "NOT_FOUND")


def test_proposal_is_posted_once(cast, api):
    client, said = api(cast("ada")), body(cast)
    first = client.post(LIST, said, format="json", headers={"Idempotency-Key": "one"})
    again = client.post(LIST, said, format="json", headers={"Idempotency-Key": "one"})
    other = client.post(LIST, {**said, "key": "IF-SUR-009"}, format="json", headers={"Idempotency-Key": "one"})
    assert (first.status_code, again.status_code, again.json()["id"]) == (201, 201, first.json()["id"])
    assert refusal(other) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert list(Interface.objects.values_list("key", flat=True)) == ["IF-SUR-001"]
    assert AuditEvent.objects.get(action="catalog.interface.register").via == "API"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"colour": "red"}, "colour"),
        ({"state": "ACTIVE"}, "state"),
        ({"tier": "one"}, "tier"),
        ({"tier": 9}, "tier"),
        ({"patterns": ["PIGEON"]}, "patterns.0"),
        ({"source": "nowhere"}, "source"),
        ({"latency_s": -1}, "latency_s"),
        ({"key": "SUR-1"}, "key"),
        ({"steps": 3}, "steps"),
    ],
)
def test_wrong_field_is_named_and_nothing_is_written(cast, api, changes, field):
    answer = api(cast("ada")).post(LIST, body(cast, **changes), format="json")
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert Interface.objects.count() == 0


def test_who_may_propose_where(cast, api):
    said = body(cast)
    make.system(cast, "partner", domain="EXTERNAL")
    answers = {name: refusal(api(cast(name)).post(LIST, said, format="json")) for name in ("uma", "jo")}
    assert answers == {"uma": (403, "NOT_ALLOWED"), "jo": (403, "NOT_ALLOWED")}
    elsewhere = api(cast("ada")).post(LIST, {**said, "provider": "partner"}, format="json")
    assert refusal(elsewhere) == (403, "NOT_ALLOWED")


def test_token_reads_no_more_than_its_account_and_writes_nothing(cast, api, hal_token):
    said = body(cast)
    assert refusal(api(token=hal_token).post(LIST, said, format="json")) == (403, "SCOPE_MISSING")
    assert keys(api(token=hal_token).get(LIST)) == []


def test_correction_names_the_revision_it_has_seen(cast, api):
    make.story_interface(cast)
    client, address = api(cast("ada")), f"{LIST}IF-SUR-001/"
    blind = client.patch(address, {"volume_day": 900}, format="json")
    done = client.patch(address, {"volume_day": 900}, format="json", headers={"If-Match": '"1"'})
    stale = client.patch(address, {"volume_day": 100}, format="json", headers={"If-Match": '"1"'})
    assert (refusal(blind), refusal(stale)) == ((428, "REVISION_REQUIRED"), (412, "STALE_REVISION"))
    assert (done.status_code, done["ETag"], done.json()["volume_day"]) == (200, '"2"', 900)
    key = client.patch(address, {"key": "IF-SUR-002"}, format="json", headers={"If-Match": '"2"'})
    assert (key.status_code, key.json()["errors"]) == (400, {"key": ["cannot be set"]})


def test_decision_is_recorded_by_whose_it_is(cast, api, seed_tables):
    make.owned(cast, make.story_interface(cast))
    address, why = f"{LIST}IF-SUR-001/decide-pattern/", {"rationale": "The engine already speaks HL7 v2."}
    answers = [api(cast(name)).post(address, why, format="json") for name in ("ada", "kai", "jo")]
    assert [answer.status_code for answer in answers] == [403, 403, 201]
    assert answers[0].json()["code"] == "DECIDER"
    listed = api(cast("ada")).get(f"{LIST}IF-SUR-001/decisions/").json()
    assert [(one["decider"], one["decided_by"], one["standing"]) for one in listed] == [
        ("DESIGN_AUTHORITY", "jo", True)
    ]
    assert DecisionRecord.objects.get().verdicts["HL7_FHIR_MEDIATION"]["rules"] == ["P07"]


def test_withdrawn_proposal_stays_in_the_history(cast, api):
    make.story_interface(cast)
    client = api(cast("ada"))
    answer = client.post(f"{LIST}IF-SUR-001/withdraw/", {"reason": "Covered by IF-SUR-003"}, format="json")
    again = client.post(f"{LIST}IF-SUR-001/withdraw/", {}, format="json")
    story = client.get(f"{LIST}IF-SUR-001/history/").json()["results"]
    assert (answer.json()["state"], refusal(again)) == ("WITHDRAWN", (409, "WRONG_STATE"))
    assert [(step["action"], step["reason"]) for step in story] == [
        ("catalog.interface.withdraw", "Covered by IF-SUR-003"), ("catalog.interface.register", ""),
    ]  # fmt: skip
