"""Owners, consumers, endpoints, readiness and assessments over REST."""

import pytest

from governance.models import DecisionRule
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db
ONE = "/api/v1/interfaces/IF-SUR-001/"
ASSESS = "/api/v1/assessments/"


def test_owner_is_named_and_the_former_ends(cast, api):
    make.owned(cast, make.story_interface(cast))
    client = api(cast("ada"))
    cast("sam")
    made = client.post(f"{ONE}owners/", {"kind": "SUPPORT", "person": "sam"}, format="json")
    support = [one for one in client.get(f"{ONE}owners/").json() if one["kind"] == "SUPPORT"]
    assert made.status_code == 201
    assert sorted((one["person"], one["team"], one["until"] is None) for one in support if one["person"]) == [
        ("sam", None, True)
    ]
    assert [one["until"] is None for one in support if one["team"]] == [False]


def test_owner_is_either_team_or_person(cast, api):
    make.story_interface(cast)
    answer = api(cast("ada")).post(f"{ONE}owners/", {"kind": "SUPPORT"}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "INVALID")


def test_consumer_is_added_once(cast, api):
    make.story_interface(cast)
    make.system(cast, "billing")
    client, said = api(cast("ada")), {"consumer": "billing", "purpose": "Charges"}
    answers = [client.post(f"{ONE}subscriptions/", said, format="json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 409]
    assert [one["consumer"] for one in client.get(f"{ONE}subscriptions/").json()] == ["billing"]


def test_endpoint_address_is_for_those_who_may_see_it(cast, api):
    make.owned(cast, make.story_interface(cast))
    client = api(cast("ada"))
    binding = client.post(f"{ONE}bindings/", {"environment": "TEST"}, format="json").json()["id"]
    said = {"role": "SOURCE", "transport": "MLLP", "address": "mllp://10.0.0.7:2575"}
    made = client.post(f"{ONE}bindings/{binding}/endpoints/", said, format="json")
    seen = {
        name: api(cast(name)).get(f"{ONE}bindings/").json()[0]["endpoints"][0]["address"] for name in ("abe", "uma")
    }
    assert made.status_code == 201
    assert seen == {"abe": "mllp://10.0.0.7:2575", "uma": None}
    nowhere = client.post(f"{ONE}bindings/{'0' * 36}/endpoints/", said, format="json")
    assert (nowhere.status_code, nowhere.json()["code"]) == (404, "NOT_FOUND")


def test_readiness_names_what_is_missing(cast, api):
    make.story_interface(cast)
    said = api(cast("uma")).get(f"{ONE}readiness/").json()
    assert (said["next_move"], said["ready"], [one["code"] for one in said["missing"]]) == (
        "submit", False, ["OWNER_MISSING"] * 3,
    )  # fmt: skip


def test_assessment_of_a_stored_interface_and_of_its_facts_agree(cast, api, seed_tables):
    make.story_interface(cast)
    client, told = api(cast("ada")), make.story("IF-SUR-001")
    stored = client.get(f"{ONE}assessment/").json()
    asked = client.post(ASSESS, {"facts": told["facts"], "chosen": told["chosen"]}, format="json").json()
    assert stored == asked
    assert (stored["deviation"], stored["decider"], stored["verdicts"]["HL7_FHIR_MEDIATION"]["rules"]) == (
        "NONE", "DESIGN_AUTHORITY", ["P07"],
    )  # fmt: skip
    assert {table["version"] for table in stored["tables"].values()} == {"1.0"}


def test_assessment_of_a_draft_takes_what_is_said(cast, api, seed_tables):
    make.story_interface(cast)
    draft = {"source": "ehr-a", "target": "event-hub", "interaction": "NOTIFICATION", "latency_s": 60, "tier": 1}
    said = (
        api(cast("ada")).post(ASSESS, {"draft": {**draft, "patterns": ["MANAGED_FILE_TRANSFER"]}}, format="json").json()
    )
    assert (said["deviation"], said["decider"], said["facts"]["volume_day"]) == (
        "PROHIBITED", "INTEGRATION_GOVERNANCE_BOARD", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("asked", "code", "field"),
    [
        ({}, "INVALID", "facts"),
        ({"facts": {"colour": "red"}}, "UNKNOWN_FACT", "facts.colour"),
        ({"facts": {"tier": "one"}}, "FACTS", "facts.tier"),
        ({"facts": {"tier": 1}, "chosen": ["PIGEON"]}, "PATTERN_UNKNOWN", "pattern"),
        ({"facts": {"tier": 1}, "colour": "red"}, "INVALID", "colour"),
    ],
)
def test_wrong_question_is_named(cast, api, seed_tables, asked, code, field):
    answer = api(cast("ada")).post(ASSESS, asked, format="json")
    assert (answer.status_code, answer.json()["code"], list(answer.json()["errors"])) == (400, code, [field])


def test_assessment_without_a_table_in_force_says_so(cast, api):
    answer = api(cast("ada")).post(ASSESS, {"facts": {"tier": 1}}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (404, "TABLE_NOT_FOUND")


def test_edited_rule_speaks_at_once(cast, api, seed_tables):
    make.story_interface(cast)
    DecisionRule.objects.filter(table=seed_tables["pattern_verdict"], rule_id="P07").update(
        then={"pattern": "HL7_FHIR_MEDIATION", "verdict": "DISCOURAGED"}
    )
    said = api(cast("ada")).get(f"{ONE}assessment/").json()
    assert (said["verdicts"]["HL7_FHIR_MEDIATION"]["verdict"], said["deviation"]) == ("DISCOURAGED", "DISCOURAGED")
