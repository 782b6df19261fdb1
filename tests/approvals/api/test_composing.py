"""A draft composed by a program: objects added, edited and removed, what it will need, and what moved beneath it."""

import pytest

from approvals.models import ChangeItem, ChangeRequest
from catalog.domain.adopting import discover_interfaces
from catalog.domain.connections import add_endpoint, bind
from catalog.domain.systems import edit_system
from catalog.models import Interface, System
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/api/v1/changes/"
KEY = "IF-SUR-004"


@pytest.fixture
def interface(cast):
    made = make.interface_in_force(cast, KEY)
    place = bind(made, environment="PROD", now=cast.now, actor=cast.clock)
    add_endpoint(
        place, role="TARGET", transport="HTTPS", address="https://old.example.org", now=cast.now, actor=cast.clock
    )
    Interface.objects.filter(key=KEY).update(state="ACTIVE")
    return Interface.objects.with_parties().get(key=KEY)


@pytest.fixture
def ada(cast, api, interface):
    return api(cast("ada"))


def draft(client, *items):
    said = {"title": "Two at once", "reason": "They belong together", "change_type": "CONFIG", "items": list(items)}
    return client.post(URL, said, format="json")


def send(client, verb, change, path, body=None):
    seen = ChangeRequest.objects.get(key=change["key"]).revision
    call = getattr(client, verb)
    return call(f"{URL}{change['key']}/{path}/", body, format="json", headers={"If-Match": f'"{seen}"'})


MORE = {"interface": KEY, "operation": "UPDATE", "patch": {"volume_day": 900}}
HOSTED = {"system": "revenue-cycle", "operation": "UPDATE", "patch": {"hosting": "SAAS"}}
MOVED = {
    "endpoint": f"{KEY}/PROD:TARGET-1", "operation": "UPDATE", "patch": {"address": "https://new.example.org"},
}  # fmt: skip


def test_objects_are_added_edited_and_removed(cast, ada):
    change = draft(ada, MORE).json()
    before = change["revision_hash"]
    said = send(ada, "post", change, "items", {"items": [HOSTED, MOVED]})
    assert said.status_code == 200, said.json()
    shown = said.json()
    assert [(one["position"], one["interface"], one["system"], one["endpoint"]) for one in shown["items"]] == [
        (1, KEY, None, None), (2, None, "revenue-cycle", None), (3, None, None, f"{KEY}/PROD:TARGET-1"),
    ]  # fmt: skip
    assert shown["revision_hash"] != before
    edited = send(ada, "patch", change, "items/2", {"patch": {"hosting": "ON_PREM", "tier": 1}}).json()
    assert edited["items"][1]["patch"] == {"tier": 1}
    left = send(ada, "delete", change, "items/1").json()
    assert [one["position"] for one in left["items"]] == [2, 3]
    assert left["state"] == "DRAFT"


def test_what_may_not_be_put_into_a_draft(cast, api, ada):
    change = draft(ada, MORE).json()
    for items, status, code in (
        ([MORE], 400, "INVALID"),
        ([{**HOSTED, "patch": {"hosting": "MOON"}}], 400, "INVALID"),
        ([{**HOSTED, "system": "nowhere"}], 404, "NOT_FOUND"),
        ([{"system": "revenue-cycle", "interface": KEY, "operation": "UPDATE"}], 400, "INVALID"),
    ):
        said = send(ada, "post", change, "items", {"items": items})
        assert (said.status_code, said.json()["code"]) == (status, code)
    other = draft(ada, HOSTED).json()
    said = send(ada, "post", change, "items", {"items": [HOSTED]})
    assert (said.status_code, said.json()["code"]) == (409, "CHANGE_OPEN")
    assert other["key"] in said.json()["detail"]
    assert send(ada, "delete", change, "items/1").status_code == 400
    assert send(ada, "delete", change, "items/9").status_code == 404
    assert send(ada, "patch", change, "items/9", {"patch": {}}).status_code == 400
    stranger = send(api(cast("jo")), "delete", change, "items/1")
    assert stranger.status_code == 403
    stale = ada.delete(f"{URL}{change['key']}/items/1/", headers={"If-Match": '"1"'})
    assert stale.status_code in (400, 412)
    assert ada.delete(f"{URL}{change['key']}/items/1/").status_code == 428
    assert ChangeItem.objects.filter(change__key=change["key"]).count() == 1


def test_what_was_submitted_keeps_its_objects(cast, ada):
    change = draft(ada, MORE).json()
    row = ChangeRequest.objects.get(key=change["key"])
    make.evidence(cast, row)
    assert ada.post(f"{URL}{change['key']}/submit/", {}, format="json").status_code == 200
    for verb, path, body in (("post", "items", {"items": [HOSTED]}), ("delete", "items/1", None)):
        said = send(ada, verb, change, path, body)
        assert (said.status_code, said.json()["code"]) == (409, "WRONG_STATE")


def test_a_draft_says_what_it_will_need_and_what_it_lacks(cast, ada):
    change = draft(ada, {**HOSTED, "patch": {"tier": 0}}).json()
    seen = ada.get(f"{URL}{change['key']}/foresight/").json()
    asked = {one["label"]: [because["rule"] for because in one["because"]] for one in seen["asks"]}
    assert asked == {"INTERFACE_OWNER": ["A02"], "CLINICAL_IT": ["A03"], "OPERATIONS": ["A03"]}
    assert (seen["lead_hours"], seen["lacking"], seen["error"]) == (72, [], "")
    assert "resilience_test" in seen["evidence"]
    new = catalog.owned(cast, catalog.story_interface(cast, "IF-SUR-001"))
    send(ada, "post", change, "items", {"items": [{"interface": new.key, "operation": "CREATE"}]})
    send(ada, "patch", change, "items/1", {"patch": {"tier": System.objects.get(key="revenue-cycle").tier}})
    lacking = ada.get(f"{URL}{change['key']}/foresight/").json()["lacking"]
    assert [(one["position"], one["code"]) for one in lacking] == [(1, "NOTHING_ASKED"), (2, "DECISION_MISSING")]


def test_conflicts_are_shown_field_by_field_and_settled_by_the_author(cast, ada):
    change = draft(ada, {**HOSTED, "patch": {"hosting": "SAAS", "vendor": "Ours"}}).json()
    system = System.objects.get(key="revenue-cycle")
    edit_system(system, hosting="PAAS", vendor="Theirs", product="Cycle", now=cast.now, actor=cast.clock)
    conflicts = ada.get(f"{URL}{change['key']}/field-conflicts/").json()
    assert [(one["field"], one["base"], one["stored"], one["wanted"]) for one in conflicts] == [
        ("hosting", "ON_PREM", "PAAS", "SAAS"), ("vendor", "", "Theirs", "Ours"),
    ]  # fmt: skip
    wrong = send(ada, "post", change, "rebase", {"take": {"1": ["product"]}})
    assert (wrong.status_code, wrong.json()["errors"]) == (400, {"take": ["1 product"]})
    settled = send(ada, "post", change, "rebase", {"take": {"1": ["vendor"]}}).json()
    assert (settled["items"][0]["patch"], settled["items"][0]["base"]) == ({"hosting": "SAAS"}, {"hosting": "PAAS"})
    assert ada.get(f"{URL}{change['key']}/field-conflicts/").json() == []


def test_addresses_are_for_those_who_may_see_them(cast, api, ada):
    change = draft(ada, MOVED).json()
    for name, address in (("pam", "https://new.example.org"), ("gus", "https://new.example.org"), ("ivy", None)):
        shown = api(cast(name)).get(f"{URL}{change['key']}/").json()["items"][0]
        assert (shown["endpoint"], shown["patch"]) == (f"{KEY}/PROD:TARGET-1", {"address": address})


def test_what_was_discovered_is_adopted_by_one_call(cast, api, ada):
    told = catalog.story_values(cast, "IF-SUR-003")
    rows = [{**told, "key": f"IF-IMP-{number:04d}", "name": f"Found {number}"} for number in (1, 2)]
    discover_interfaces(rows, now=cast.now, actor=cast("ada"))
    said = {"reason": "They run already", "owner_team": "integration-owners", "evidence": make.EVIDENCE}
    for body, field in (
        ({**said}, "interfaces"),
        ({**said, "domain": "ERP", "interfaces": ["IF-IMP-0001"]}, "interfaces"),
        ({**said, "interfaces": ["IF-IMP-0001"], "owner_team": "nobody"}, "owner_team"),
    ):
        refused = ada.post(f"{URL}adopt/", body, format="json")
        assert (refused.status_code, list(refused.json()["errors"])) == (400, [field])
    body = {**said, "interfaces": ["IF-IMP-0001", "IF-IMP-0002"]}
    assert api(cast("jo")).post(f"{URL}adopt/", body, format="json").status_code == 403
    made = ada.post(f"{URL}adopt/", body, format="json")
    assert made.status_code == 201, made.json()
    assert made.json()["interfaces"] == ["IF-IMP-0001", "IF-IMP-0002"]
    assert made.json()["state"] in ("ASSESS", "AUTHORIZE")


def test_the_page_settles_what_moved_beneath_a_change(cast, as_user, ada):
    change = draft(ada, {**HOSTED, "patch": {"hosting": "SAAS", "vendor": "Ours"}}).json()
    system = System.objects.get(key="revenue-cycle")
    edit_system(system, hosting="PAAS", vendor="Theirs", now=cast.now, actor=cast.clock)
    browser = as_user(cast("ada"))
    page = browser.get(f"/changes/{change['key']}/").content.decode()
    assert "The register moved beneath this change." in page
    assert "stored now: Theirs" in page
    stale = browser.post(f"/changes/{change['key']}/rebase/", {"number": "7", "take": ["1.vendor"]})
    assert stale.status_code == 412
    browser.post(f"/changes/{change['key']}/rebase/", {"number": "1", "take": ["1.vendor"]})
    assert ChangeItem.objects.get(change__key=change["key"]).patch == {"hosting": "SAAS"}
    assert "The register moved" not in browser.get(f"/changes/{change['key']}/").content.decode()
