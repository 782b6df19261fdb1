"""Programs ask for an impact or a simulation, follow the job, and read what it found."""

import pytest
from django.utils import timezone

from governance.domain.jobs import run_due_jobs
from governance.domain.people import clock_user
from tests.factories import catalog
from tests.factories import policies as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
NO_EVENTS = {"P05": {"then": {"pattern": "EVENT", "verdict": "PROHIBITED"}}}
VERSION = "/api/v1/tables/pattern_verdict/versions/1.1"


@pytest.fixture
def table(cast, policy):
    catalog.register_stories(cast)
    return make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)


def work_done():
    run_due_jobs(clock=timezone.now, actor=clock_user())


def test_impact_is_asked_followed_and_read(cast, api, table):
    jo = api(cast("jo"))
    assert jo.get(f"{VERSION}/impact/").status_code == 404
    asked = jo.post(f"{VERSION}/impact/", {}, format="json")
    assert (asked.status_code, asked["Location"]) == (202, f"/api/v1/jobs/{asked.json()['id']}/")
    assert jo.post(f"{VERSION}/impact/", {}, format="json").json()["id"] == asked.json()["id"]
    assert jo.get(asked["Location"]).json()["state"] == "QUEUED"
    work_done()
    done = jo.get(asked["Location"]).json()
    assert (done["state"], done["percent"]) == ("DONE", 100)
    impact = jo.get(f"{VERSION}/impact/?what=NON_CONFORMING").json()
    assert impact["findings"] == []
    assert len(impact["rows"]) == impact["counts"]["NON_CONFORMING"] == done["counts"]["NON_CONFORMING"] > 0
    hidden = api(cast("eve")).get(f"{VERSION}/impact/").json()
    assert (hidden["rows"], hidden["hidden"]) == ([], impact["counts"]["changed"])


def test_simulation_is_asked_and_read(cast, api, table):
    jo = api(cast("jo"))
    asked = jo.post(f"{VERSION}/simulation/", {"since": "2026-01-01", "until": "2026-12-31"}, format="json")
    work_done()
    assert jo.get(asked["Location"]).json()["counts"] == {"asked": 0, "changed": 0}
    assert jo.get(f"{VERSION}/simulation/").json()["until"] == "2026-12-31"


def test_refusals_say_why(cast, api, table):
    jo = api(cast("jo"))
    past = jo.post(f"{VERSION}/impact/", {"effective_on": "2020-01-01"}, format="json")
    assert (past.status_code, list(past.json()["errors"])) == (400, ["effective_on"])
    in_force = jo.post("/api/v1/tables/pattern_verdict/versions/1.0/impact/", {}, format="json")
    assert (in_force.status_code, in_force.json()["code"]) == (409, "WRONG_STATE")
    assert api(cast("uma")).post(f"{VERSION}/impact/", {}, format="json").status_code == 403


def test_job_is_cancelled_by_who_asked(cast, api, table):
    jo = api(cast("jo"))
    job = jo.post(f"{VERSION}/impact/", {}, format="json")["Location"]
    assert api(cast("kai")).post(f"{job}cancel/", {}, format="json").status_code == 404
    assert jo.post(f"{job}cancel/", {}, format="json").json()["state"] == "CANCELLED"
    assert jo.post(f"{job}retry/", {}, format="json").status_code == 409


def test_interface_is_held_against_policy_on_request(cast, api):
    interface = catalog.story_interface(cast, "IF-ONB-005")
    type(interface).objects.filter(pk=interface.pk).update(origin="IMPORTED", state="DISCOVERED")
    address = f"/api/v1/interfaces/{interface.key}/reevaluate/"
    found = api(cast("ada")).post(address, {}, format="json")
    assert (found.status_code, [one["code"] for one in found.json()]) == (200, ["PATTERN_DISCOURAGED"])
    assert api(cast("gus")).post(address, {}, format="json").status_code == 403
    assert api(cast("eve")).post(address, {}, format="json").status_code == 404
