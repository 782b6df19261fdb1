"""Systems, places, processes and products over REST."""

import pytest

from catalog.domain.processes import define_process, define_product
from tests.factories import catalog as make

pytestmark = pytest.mark.django_db
LIST = "/api/v1/systems/"
SAID = {"key": "or-board", "name": "OR board", "kind": "OR_SYSTEM", "domain": "CLINICAL", "speaks": ["REST"], "tier": 1}


def test_system_is_registered_edited_and_read_by_key(cast, api):
    cast.domains()
    client = api(cast("ada"))
    made = client.post(LIST, SAID, format="json")
    edited = client.patch(
        f"{LIST}or-board/", {"speaks": ["REST", "EVENTS"]}, format="json", headers={"If-Match": '"1"'}
    )
    stale = client.patch(f"{LIST}or-board/", {"vendor": "Acme"}, format="json", headers={"If-Match": '"1"'})
    read = client.get(f"{LIST}or-board/")
    assert (made.status_code, made["ETag"], edited.status_code, stale.status_code) == (201, '"1"', 200, 412)
    assert (read["ETag"], read.json()["speaks"], read.json()["vendor"]) == ('"2"', ["REST", "EVENTS"], "")


@pytest.mark.parametrize(
    ("changes", "status", "field"),
    [
        ({"kind": "TOASTER"}, 400, "kind"),
        ({"domain": "KITCHEN"}, 400, "domain"),
        ({"tier": 7}, 400, "tier"),
        ({"owner": "me"}, 400, "owner"),
        ({"key": "or board"}, 400, "key"),
        ({"domain": "EXTERNAL"}, 403, None),
    ],
)
def test_wrong_system_is_refused(cast, api, changes, status, field):
    cast.domains()
    answer = api(cast("ada")).post(LIST, {**SAID, **changes}, format="json")
    assert (answer.status_code, list(answer.json().get("errors", {}))) == (status, [field] if field else [])


def test_key_that_is_taken_is_refused(cast, api):
    make.system(cast, "or-board")
    assert api(cast("ada")).post(LIST, SAID, format="json").status_code == 400


@pytest.mark.parametrize("count", [1, 3])
def test_list_costs_the_same_for_one_row_and_three(cast, api, django_assert_num_queries, count):
    for number in range(count):
        make.instance(cast, make.system(cast, f"system-{number}"))
    client = api(cast("ada"))
    client.get(LIST)
    with django_assert_num_queries(6):
        assert len(client.get(LIST).json()["results"]) == count


def test_places_processes_and_products_are_listed(cast, api):
    interface = make.story_interface(cast)
    make.facility(cast)
    by = {"now": cast.now, "actor": cast.clock}
    define_process("surgery", name="Surgery", steps=[{"name": "Case closed", "interface": interface}], **by)
    define_product("or-usage", name="OR usage", interfaces=[interface], **by)
    client = api(cast("ada"))
    said = {name: client.get(f"/api/v1/{name}/").json()["results"] for name in ("facilities", "processes", "products")}
    assert [one["timezone"] for one in said["facilities"]] == ["America/Chicago"]
    assert [step["interface"] for step in said["processes"][0]["steps"]] == ["IF-SUR-001"]
    assert said["products"][0]["interfaces"] == ["IF-SUR-001"]
    assert len(client.get("/api/v1/domains/").json()["results"]) == 9
