"""The decision tables over REST: what is in force, and what it says."""

import pytest
from rest_framework.test import APIClient

from governance.dmn import content_hash
from governance.domain.table_files import read_table_file
from governance.domain.tables import seed_table
from governance.kernel.errors import Malformed
from governance.models import DecisionRule

TYPED = {
    "key": "typed", "version": "1", "hit": "U",
    "inputs": [{"name": "tier", "type": "number", "values": [0, 1, 2]}],
    "outputs": [{"name": "say", "type": "string"}],
    "rules": [{"id": "A", "when": {"tier": "1"}, "then": {"say": "one"}, "note": "because it is one"}],
}  # fmt: skip


@pytest.fixture
def typed(cast):
    return seed_table(TYPED, now=cast.now, actor=cast.clock)


def decide(client, facts, key="typed"):
    return client.post(f"/api/v1/tables/{key}/decide/", {"facts": facts}, format="json")


def test_a_table_says_its_output_with_rules_trace_and_source(api, uma, typed):
    answer = decide(api(uma), {"tier": 1})
    assert answer.status_code == 200
    assert answer.json() == {
        "output": {"say": "one"},
        "rules": ["A"],
        "notes": {"A": "because it is one"},
        "trace": [
            {
                "id": "A",
                "matched": True,
                "cells": [{"name": "tier", "cell": "1", "value": 1, "holds": True, "reason": ""}],
            }
        ],
        "source": {"key": "typed", "version": "1", "hash": typed.content_hash},
        "findings": [],
    }


def test_an_edited_row_is_seen_at_once(api, uma, typed):
    DecisionRule.objects.filter(table=typed).update(then={"say": "two"})
    assert decide(api(uma), {"tier": 1}).json()["output"] == {"say": "two"}


@pytest.mark.parametrize("facts", [{"tier": "one"}, {"tier": 7}])
def test_facts_of_a_wrong_type_or_value_are_refused_by_name(api, uma, typed, facts):
    answer = decide(api(uma), facts)
    assert (answer.status_code, answer.json()["code"]) == (400, "FACTS")
    assert list(answer.json()["errors"]) == ["tier"]


def test_an_unknown_fact_is_a_warning(api, uma, typed):
    answer = decide(api(uma), {"tier": 1, "colour": "red"}).json()
    assert [(finding["code"], finding["where"]) for finding in answer["findings"]] == [("FACT_UNKNOWN", "colour")]


def test_a_table_that_is_not_in_force_is_not_found(api, uma, typed):
    answer = decide(api(uma), {}, key="other")
    assert (answer.status_code, answer.json()["code"]) == (404, "TABLE_NOT_FOUND")


def test_reading_a_table_carries_its_revision(api, uma, typed):
    client = api(uma)
    answer = client.get("/api/v1/tables/typed/")
    assert answer.json()["rules"] == TYPED["rules"]
    assert answer["ETag"] == f'"{answer.json()["revision"]}"'
    for given in (answer["ETag"], f"W/{answer['ETag']}", f'"0", {answer["ETag"]}', "*"):
        again = client.get("/api/v1/tables/typed/", HTTP_IF_NONE_MATCH=given)
        assert (again.status_code, again.content) == (304, b"")
    assert client.get("/api/v1/tables/typed/", HTTP_IF_NONE_MATCH='"0"').status_code == 200


def test_the_list_costs_the_same_with_one_table_and_with_four(
    api, uma, typed, cast, policy, django_assert_max_num_queries
):
    client = api(uma)
    client.get("/api/v1/tables/")
    with django_assert_max_num_queries(4) as one:
        assert len(client.get("/api/v1/tables/").json()["results"]) == 1
    for key in ("resilience", "decision_rights", "approval"):
        seed_table(policy[key], now=cast.now, actor=cast.clock)
    with django_assert_max_num_queries(4) as four:
        assert len(client.get("/api/v1/tables/").json()["results"]) == 4
    assert len(one) == len(four)


def test_pages_follow_each_other(api, uma, seed_tables):
    client = api(uma)
    first = client.get("/api/v1/tables/?page_size=3").json()
    second = client.get(first["next"]).json()
    keys = [row["key"] for page in (first, second) for row in page["results"]]
    assert keys == sorted(seed_tables)
    assert second["next"] is None


def exported(client, form, version="1"):
    return client.get(f"/api/v1/tables/typed/versions/{version}/export/", {"as": form} if form else {})


def test_a_version_leaves_as_a_file_and_comes_back_with_its_hash(api, uma, typed):
    for form, media_type in (("dmn", "application/xml"), ("", "application/xml"), ("json", "application/json")):
        answer = exported(api(uma), form)
        assert (answer.status_code, answer["Content-Type"]) == (200, media_type)
        assert answer["Content-Disposition"] == f'attachment; filename="typed-1.{form or "dmn"}"'
        (read,) = read_table_file(answer.content, "typed").tables
        assert (read.document, content_hash(read.document)) == (TYPED, typed.content_hash)


def test_the_test_cases_of_a_version_leave_as_json(api, uma, cast):
    cases = [{"name": "the first", "facts": {"tier": 1}, "expect": {"output": {"say": "one"}}}]
    seed_table(TYPED | {"cases": cases}, now=cast.now, actor=cast.clock)
    assert exported(api(uma), "json").json() == TYPED | {"cases": cases}


def test_a_caller_may_ask_for_xml_and_is_refused_in_json(api, uma, typed):
    answer = api(uma).get("/api/v1/tables/typed/versions/1/export/", HTTP_ACCEPT="application/xml")
    assert answer.status_code == 200
    answer = api(uma).get("/api/v1/tables/typed/versions/9/export/", HTTP_ACCEPT="application/xml")
    assert (answer.status_code, answer.json()["code"]) == (404, "NOT_FOUND")


@pytest.mark.parametrize(
    ("form", "version", "status", "code"),
    [("xlsx", "1", 400, "INVALID"), ("dmn", "2", 404, "NOT_FOUND")],
)
def test_another_form_or_version_is_refused(api, uma, typed, form, version, status, code):
    answer = exported(api(uma), form, version)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_a_table_that_dmn_cannot_hold_is_refused_with_the_reason(api, uma, typed):
    DecisionRule.objects.filter(table=typed).update(note="a\x0bb")
    answer = exported(api(uma), "dmn")
    assert (answer.status_code, answer.json()["code"]) == (400, "TABLE_NOT_DMN")
    assert "U+000B" in answer.json()["detail"]


def test_a_refusal_of_a_file_names_the_file():
    with pytest.raises(Malformed, match=r"^orders\.xml: The file is no DMN model"):
        read_table_file(b"<orders/>", "orders.xml")


def test_nobody_gets_a_file_unasked(api, typed):
    assert exported(APIClient(), "dmn").status_code == 401
