"""Versions of decision tables over REST: drafted, edited against the revision seen, checked, compared, imported."""

import pytest

from governance.models import DecisionTable
from tests.factories import tables as make

pytestmark = pytest.mark.django_db
HOME = "/api/v1/tables/routes/versions/"


@pytest.fixture
def client(api, cast):
    make.routes_in_force(cast)
    return api(cast("jo"))


@pytest.fixture
def drafted(client):
    answer = client.post("/api/v1/tables/drafts/", {"key": "routes", "based_on": "1.0"}, format="json")
    assert (answer.status_code, answer["Location"]) == (201, f"http://testserver{HOME}1.1/")
    return answer.json()


def seen(client, version="1.1"):
    return {"HTTP_IF_MATCH": client.get(f"{HOME}{version}/")["ETag"]}


def edit(client, path, body, **headers):
    return client.post(f"{HOME}1.1/{path}", body, format="json", **(headers or seen(client)))


def test_a_draft_is_edited_rule_by_rule(client, drafted):
    assert [case["name"] for case in drafted["cases"]] == ["urgent"]
    answer = edit(client, "rules/", {"when": {"tier": "2"}, "then": {"say": "three"}, "after": "A1"})
    assert answer.status_code == 200, answer.json()
    assert [rule["id"] for rule in answer.json()["rules"]] == ["A1", "A4", "A2", "A3"]
    assert edit(client, "rules/A4/", {"note": "the rest"}).json()["rules"][1]["note"] == "the rest"
    assert [rule["id"] for rule in edit(client, "rules/A4/move/", {"to": 4}).json()["rules"]][-1] == "A4"
    assert len(edit(client, "rules/A4/remove/", {}).json()["rules"]) == 3
    answer = edit(client, "columns/", {"title": "All routes", "hit": "F"})
    assert (answer.json()["title"], answer.json()["hit"]) == ("All routes", "F")


def test_an_edit_names_the_revision_it_saw(client, drafted):
    stale = seen(client)
    assert client.post(f"{HOME}1.1/rules/A1/", {"note": "x"}, format="json").status_code == 428
    assert edit(client, "rules/A1/", {"note": "first"}, **stale).status_code == 200
    answer = edit(client, "rules/A1/", {"note": "second"}, **stale)
    assert (answer.status_code, answer.json()["code"]) == (412, "STALE_REVISION")


def test_what_is_wrong_is_told_by_its_place(client, drafted):
    answer = edit(client, "rules/A2/", {"when": {"kind": "SLOW"}})
    assert (answer.status_code, answer.json()["code"]) == (400, "TABLE_INVALID")
    assert list(answer.json()["errors"]) == ["rules/A2/when/kind"]
    answer = client.put(f"{HOME}1.1/", {"rules": [{"id": "A1"}], "colour": "red"}, format="json", **seen(client))
    assert list(answer.json()["errors"]) == ["colour"]
    assert edit(client, "rules/none/", {"note": ""}).status_code == 404
    answer = client.post(f"{HOME}1.0/rules/A1/", {"note": "x"}, format="json", **seen(client, "1.0"))
    assert (answer.status_code, answer.json()["code"]) == (409, "WRONG_STATE")


def test_a_whole_content_is_replaced_or_nothing(client, drafted):
    wrong = {"hit": "F", "rules": [{"id": "B1", "when": {"tier": "7 or so"}}]}
    assert client.put(f"{HOME}1.1/", wrong, format="json", **seen(client)).status_code == 400
    assert client.get(f"{HOME}1.1/").json()["hit"] == "U"
    right = {"hit": "F", "rules": [{"id": "B1", "then": {"say": "one"}}]}
    answer = client.put(f"{HOME}1.1/", right, format="json", **seen(client))
    assert [rule["id"] for rule in answer.json()["rules"]] == ["B1"]
    assert answer.json()["cases"] == drafted["cases"]


def test_gaps_overlaps_and_cases_are_told(client, drafted):
    standing = client.get(f"{HOME}1.1/standing/").json()
    assert (standing["ready"], standing["analysis"]["verdict"]) == (False, "gaps")
    assert [gap["region"] for gap in standing["open_gaps"]] == [{"tier": "2"}]
    assert edit(client, "accept-gaps/", {"regions": [{"tier": "2"}], "reason": "None is routed"}).status_code == 200
    standing = client.get(f"{HOME}1.1/standing/").json()
    assert (standing["ready"], standing["accepted_gaps"][0]["by"]) == (True, "jo")
    assert edit(client, "reopen-gaps/", {"regions": [{"tier": "2"}]}).json()["accepted_gaps"] == []
    case = {"name": "slow", "facts": {"tier": 1, "kind": "SLOW"}, "expect": {"rules": ["A2"]}}
    assert edit(client, "cases/", {"cases": [case]}).status_code == 200
    (told,) = client.get(f"{HOME}1.1/standing/").json()["cases"]
    assert (told["passed"], told["rules"]) == (False, ["A3"])
    assert told["problems"] == ["The rules A3 hold instead of A2."]


def test_two_versions_are_compared_rule_by_rule(client, drafted):
    edit(client, "rules/A1/move/", {"to": 3})
    edit(client, "rules/A2/", {"then": {"say": "one"}})
    edit(client, "rules/", {"id": "A9", "when": {"tier": "2"}, "then": {"say": "one"}})
    told = client.get(f"{HOME}1.1/compare/?with=1.0").json()
    assert {rule["rule"]: rule["kind"] for rule in told["rules"]} == {
        "A1": "moved", "A2": "changed", "A9": "added",
    }  # fmt: skip
    back = client.get(f"{HOME}1.0/compare/?with=1.1").json()
    assert [rule["rule"] for rule in back["rules"] if rule["kind"] == "removed"] == ["A9"]
    changed = next(rule for rule in told["rules"] if rule["rule"] == "A2")
    assert changed["cells"] == [{"side": "then", "name": "say", "was": "two", "now": "one"}]
    assert client.get(f"{HOME}1.0/compare/?with=1.0").json()["same"] is True
    assert client.get(f"{HOME}1.1/compare/?with=9").status_code == 404


def test_a_file_is_tried_and_then_imported(client):
    text = client.get(f"{HOME}1.0/export/?as=dmn").content.decode()
    answer = client.post("/api/v1/tables/import/", {"text": text, "dry_run": True}, format="json")
    assert (answer.status_code, DecisionTable.objects.count()) == (200, 1)
    answer = client.post("/api/v1/tables/import/", {"text": text, "filename": "routes.dmn"}, format="json")
    assert answer.status_code == 201
    assert [(one["key"], one["version"], one["rules"]) for one in answer.json()["tables"]] == [("routes", "1.1", 3)]
    bad = text.replace(">0<", ">zero<")
    answer = client.post("/api/v1/tables/import/", {"text": bad}, format="json")
    assert (answer.status_code, answer.json()["code"]) == (400, "TABLE_UNREADABLE")
    ((place, (said,)),) = answer.json()["errors"].items()
    assert ("rules/1" in place, ", line " in said, DecisionTable.objects.count()) == (True, True, 2)


def test_readers_read_all_versions_and_write_none(api, cast, client, drafted):
    reader = api(cast("uma"))
    assert [row["version"] for row in reader.get(HOME).json()["results"]] == ["1.1", "1.0"]
    assert reader.get(f"{HOME}1.1/").status_code == 200
    for path, body in (("rules/", {}), ("rules/A1/remove/", {}), ("cases/", {"cases": []}), ("columns/", {})):
        assert edit(reader, path, body).status_code == 403
    assert reader.post("/api/v1/tables/drafts/", {"key": "mine"}, format="json").status_code == 403
    assert reader.post("/api/v1/tables/import/", {"text": "{}"}, format="json").status_code in (400, 403)


def test_versions_cost_the_same_for_one_and_three(client, drafted, django_assert_num_queries):
    with django_assert_num_queries(3):
        client.get(HOME)
    client.post("/api/v1/tables/drafts/", {"key": "routes", "based_on": "1.1"}, format="json")
    with django_assert_num_queries(3):
        assert len(client.get(HOME).json()["results"]) == 3
