"""Story 1, part 2, as the pipeline lives it: over REST with a scoped token."""

import datetime as dt
import json

import pytest

from contracts.models import ContractVersion, Document

from ..conftest import document

BASE = "/api/v1/contracts/IF-SUR-003"


def body(name, **more):
    return {"document": json.loads(document(name)), **more}


@pytest.fixture
def ci(api, pipeline):
    return api(token=pipeline.secret())


def test_check_answers_200_with_the_result_document_and_stores_nothing(published, ci):
    answers = [ci.post(f"{BASE}/check", body("1_5_0_candidate", version="1.5.0"), format="json") for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].content == answers[1].content
    result = answers[0].json()
    assert (result["verdict"], result["level"], result["accepted"]) == ("breaking", "MAJOR", False)
    assert result["suggested_version"] == "2.0.0"
    assert all(change["pointer_new"] or change["pointer_old"] for change in result["changes"])
    assert result["counterexample"]["valid_under"] == "old"
    assert Document.objects.count() == 1


def test_check_of_an_unreadable_candidate_is_an_answer_too(published, ci):
    answer = ci.post(f"{BASE}/check", {"text": '{"type": "objekt"}'}, format="json")
    result = answer.json()
    assert (answer.status_code, result["verdict"], result["reason"]) == (200, "unknown", "UNPARSABLE")
    assert list(result["details"]["errors"]) == ["/type"]


def test_a_minor_bump_of_a_breaking_change_is_422_and_a_major_one_201(published, ci):
    refused = ci.post(f"{BASE}/versions/", body("1_5_0_candidate", version="1.5.0"), format="json")
    assert (refused.status_code, refused.json()["code"]) == (422, "BUMP_TOO_SMALL")
    assert refused.json()["result"]["level"] == "MAJOR"
    assert ContractVersion.objects.count() == 1
    posted = ci.post(f"{BASE}/versions", body("1_5_0_candidate", version="2.0.0", notes="Units"), format="json")
    assert (posted.status_code, posted.json()["state"], posted["Location"]) == (
        201, "IN_REVIEW", f"{BASE}/versions/2.0.0/",
    )  # fmt: skip
    assert ci.post(f"{BASE}/versions/", body("1_5_0_candidate", version="2.0.0"), format="json").status_code == 200
    other = ci.post(f"{BASE}/versions/", body("1_4_1", version="2.0.0"), format="json")
    assert (other.status_code, other.json()["code"], other.json()["state"]) == (409, "VERSION_EXISTS", "IN_REVIEW")


def test_the_same_idempotency_key_posts_once(published, ci):
    def post(name):
        sent = body(name, version="1.5.0")
        return ci.post(f"{BASE}/versions/", sent, format="json", headers={"Idempotency-Key": "build-77"})

    first, second, third = post("1_5_0_ok"), post("1_5_0_ok"), post("1_4_1")
    assert (first.status_code, second.status_code) == (201, 201)
    assert (second.content, second["Idempotency-Replayed"]) == (first.content, "true")
    assert (third.status_code, third.json()["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")


def test_reading_contracts_and_versions(published, ci):
    listed = ci.get("/api/v1/contracts/").json()["results"]
    assert [(row["key"], row["published_version"], row["version_count"]) for row in listed] == [
        ("IF-SUR-003", "1.4.0", 1)
    ]
    assert ci.get(f"{BASE}/").json()["mode"] == "BACKWARD"
    assert [row["version"] for row in ci.get(f"{BASE}/versions/").json()["results"]] == ["1.4.0"]
    one = ci.get(f"{BASE}/versions/1.4.0/")
    assert one.json()["document"] == json.loads(document("1_4_0"))
    assert one.json()["report"]["verdict"] == "compatible"
    assert one["ETag"]


def test_one_contract_names_its_published_version_as_the_list_does(published, ci):
    one = ci.get(f"/api/v1/contracts/{published.contract.key}/").json()
    [listed] = ci.get("/api/v1/contracts/").json()["results"]
    assert (one["published_version"], one) == (published.version, listed)


@pytest.mark.parametrize("count", [1, 3])
def test_a_list_of_versions_costs_the_same_queries_with_more_rows(
    published, hospital, api, count, django_assert_num_queries
):
    reader = api(hospital.viewer)
    for number, name in [("1.4.1", "1_4_1"), ("1.5.0", "1_5_0_ok")][: count - 1]:
        api(hospital.arch).post(f"{BASE}/versions/", body(name, version=number), format="json")
    reader.get("/api/v1/contracts/")
    with django_assert_num_queries(6):
        rows = reader.get(f"{BASE}/versions/").json()["results"]
    assert len(rows) == count


def test_who_may(published, api, hospital, pipeline):
    sent = body("1_5_0_ok", version="1.5.0")
    statuses = {
        name: api(getattr(hospital, name)).post(f"{BASE}/versions/", sent, format="json").status_code
        for name in ("outsider", "viewer", "arch")
    }
    assert statuses == {"outsider": 404, "viewer": 403, "arch": 201}
    assert api(hospital.viewer).post(f"{BASE}/check/", body("1_4_1"), format="json").status_code == 200
    assert api().get(f"{BASE}/").status_code == 401
    checks_only = api(token=pipeline.secret("contracts:check"))
    refused = checks_only.post(f"{BASE}/versions/", sent, format="json")
    assert (refused.status_code, refused.json()["code"]) == (403, "SCOPE_MISSING")
    expired = api(token=pipeline.secret(lasting=dt.timedelta(seconds=-1)))
    refused = expired.post(f"{BASE}/check/", sent, format="json")
    assert (refused.status_code, refused.json()["code"]) == (401, "TOKEN_EXPIRED")


def deep(levels):
    return '{"not":' * levels + "true" + "}" * levels


HOSTILE = {
    "malformed": ("{", 422, "UNPARSABLE", "MALFORMED_JSON"),
    "duplicate key": ('{"type":"object","type":"string"}', 422, "UNPARSABLE", "DUPLICATE_KEY"),
    "no schema": ("[1]", 422, "UNPARSABLE", "INVALID_SCHEMA"),
    "unknown dialect": ('{"$schema":"https://example.org/own"}', 422, "UNPARSABLE", "UNKNOWN_DIALECT"),
    "remote reference": ('{"$ref":"http://127.0.0.1:9/schema.json"}', 422, "UNPARSABLE", "REF_NOT_BUNDLED"),
    "file reference": ('{"$ref":"file:///etc/passwd"}', 422, "UNPARSABLE", "REF_NOT_BUNDLED"),
    "circular reference": ('{"$ref":"#"}', 422, "UNPARSABLE", "REF_LOOP"),
    "catastrophic pattern": (r'{"pattern":"(a)\\1"}', 422, "UNPARSABLE", "PATTERN_NOT_LINEAR"),
    "too deep": (deep(100), 413, "TOO_DEEP", None),
    "too large": (json.dumps({"description": "x" * 1_000_001}), 413, "BODY_TOO_LARGE", None),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_document_is_a_named_refusal(contract, ci, name):
    text, status, code, cause = HOSTILE[name]
    answer = ci.post(f"{BASE}/versions/", {"version": "1.0.0", "text": text}, format="json")
    said = answer.json()
    assert (answer.status_code, said["code"], said.get("cause")) == (status, code, cause)
    assert ContractVersion.objects.count() == 0


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        ({"version": "1.0.0", "document": {}, "colour": "red"}, "colour"),
        ({"version": "1.0.0"}, "document"),
        ({"version": "1.0.0", "document": {}, "text": "{}"}, "document"),
        ({"document": {}}, "version"),
        ({"version": "one", "document": {}}, "version"),
        ({"version": "1.0.0", "document": {}, "notes": {}}, "notes"),
    ],
)
def test_a_wrong_body_is_refused_beside_the_field(contract, ci, sent, field):
    answer = ci.post(f"{BASE}/versions/", sent, format="json")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, [field])


def test_not_json_at_all_and_the_wrong_type(contract, ci):
    wrong = ci.post(f"{BASE}/check/", "a=b", content_type="application/x-www-form-urlencoded")
    assert (wrong.status_code, wrong.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
    latin = ci.post(f"{BASE}/check/", b'{"text": "\xe9"}', content_type="application/json")
    assert (latin.status_code, latin.json()["code"]) == (400, "MALFORMED_JSON")
