"""The pages of background work, of an impact and of a simulation, as people walk through them."""

import pytest
from django.utils import timezone

from governance.domain.jobs import queue_job, run_due_jobs
from governance.domain.people import clock_user
from governance.models import Job
from tests.factories import catalog
from tests.factories import policies as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
NO_EVENTS = {"P05": {"then": {"pattern": "EVENT", "verdict": "PROHIBITED"}, "note": "The event hub is retired."}}
HTMX = {"HX-Request": "true"}


@pytest.fixture
def table(cast, policy):
    catalog.register_stories(cast)
    return make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)


def work_done():
    run_due_jobs(clock=timezone.now, actor=clock_user())


def address(table, page):
    return f"/tables/{table.key}/{table.version}/{page}/"


def test_impact_is_asked_followed_and_read(cast, as_user, table):
    jo, page = as_user(cast("jo")), address(table, "impact")
    assert b"Its impact was not computed yet" in jo.get(page).content
    assert jo.post(page, {"effective_on": "2126-07-01"}).status_code == 302
    job = Job.objects.get()
    shown = jo.get(page).content.decode()
    assert f'hx-get="/jobs/{job.pk}/"' in shown
    work_done()
    ended = jo.get(f"/jobs/{job.pk}/", headers=HTMX).content.decode()
    assert "hx-get" not in ended
    assert f'href="{page}"' in ended
    shown = jo.get(page).content.decode()
    assert "would become non-conforming on 1 July 2126." in shown
    assert "Of this content" in shown
    assert "The event hub is retired." in shown
    assert "IF-SUR-003" in shown
    assert "Impact is of this content" in jo.get(f"/tables/{table.key}/{table.version}/").content.decode()


def test_rows_are_narrowed_by_what_differs_and_go_into_a_file(cast, as_user, table):
    jo, page = as_user(cast("jo")), address(table, "impact")
    jo.post(page, {})
    work_done()
    grave = jo.get(f"{page}?what=NON_CONFORMING").content.decode()
    lines = b"".join(jo.get(f"{page}?what=NON_CONFORMING&format=csv").streaming_content).decode().splitlines()
    keys = {line.split(",")[0] for line in lines[1:]}
    assert keys
    assert all(key in grave for key in keys)
    assert "IF-SUR-002" not in grave


def test_outsider_reads_the_figures_and_no_names(cast, as_user, table):
    as_user(cast("jo")).post(address(table, "impact"), {})
    work_done()
    shown = as_user(cast("eve")).get(address(table, "impact")).content.decode()
    assert "would become non-conforming" in shown
    assert "IF-SUR" not in shown
    assert "that you may not see" in shown


def test_day_that_has_passed_is_refused_beside_the_field(cast, as_user, table):
    answer = as_user(cast("jo")).post(address(table, "impact"), {"effective_on": "2020-01-01"})
    assert answer.status_code == 400
    assert b"id_effective_on_error" in answer.content
    assert not Job.objects.exists()


@pytest.mark.parametrize("page", ["impact", "simulation"])
def test_who_may_not_ask_has_no_button_and_is_refused(cast, as_user, table, page):
    uma = as_user(cast("uma"))
    assert b'<form method="post" class="card-body ask-form"' not in uma.get(address(table, page)).content
    assert uma.post(address(table, page), {}).status_code == 403
    assert not Job.objects.exists()


def test_simulation_is_asked_and_read(cast, as_user, table):
    jo, page = as_user(cast("jo")), address(table, "simulation")
    assert b"Nothing was simulated yet" in jo.get(page).content
    jo.post(page, {"since": "2026-01-01", "until": "2026-12-31"})
    work_done()
    assert b"0 of 0 requests would have gone otherwise" in jo.get(page).content
    assert jo.post(page, {"since": "2026-02-01", "until": "2026-01-01"}).status_code == 400


def test_my_work_is_mine_is_cancelled_and_begun_again(cast, as_user):
    jo, kai = as_user(cast("jo")), as_user(cast("kai"))
    job = queue_job("count", title="Count all", params={}, now=timezone.now(), actor=cast("jo"))
    page = f"/jobs/{job.pk}/"
    assert b"Count all" in jo.get("/jobs/").content
    assert b"Count all" not in kai.get("/jobs/").content
    assert (kai.get(page).status_code, kai.post(f"{page}cancel/").status_code) == (404, 404)
    work_done()
    assert b"Nothing here does jobs of the kind" in jo.get(page).content
    assert b"waits for its turn again" in jo.post(f"{page}retry/", follow=True).content
    assert b"is cancelled" in jo.post(f"{page}cancel/", follow=True).content
    job.refresh_from_db()
    assert job.state == "CANCELLED"
