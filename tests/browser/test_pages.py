"""Every page, for whom it is meant: on a desk and on a phone, in light and in dark, for every reader."""

import datetime as dt
import json
from pathlib import Path

import pytest

from approvals.domain.calendar import declare_calendar_entry
from approvals.models import CalendarEntry, ChangeRequest, Waiver
from catalog.models import Interface
from contracts.domain.attaching import attach_contract
from governance.domain.delivering import send_test
from governance.domain.impacts import ask_impact
from governance.domain.simulations import ask_simulation
from governance.domain.webhooks import open_endpoint
from governance.models import Job, WebhookEndpoint
from observability.domain.probing import register_probe
from observability.models import Probe
from tests.cast import PLAYED
from tests.factories import approvals, catalog, policies, waivers

pytestmark = pytest.mark.browser
IMPLANT_USED = Path(__file__).resolve().parents[2] / "demo" / "stories" / "implant_used_1_4_0.json"
#: One reader for each role, and one with none.
READERS = list({role: name for name, (_, role) in reversed(PLAYED.items()) if role != "CI"}.values())
GRAVE = {"serious", "critical"}
#: A page and who reads it. ``{change}`` and ``{probe}`` are those of the module's records.
PAGES = {
    "/register/": "ada",
    "/register/?q=nothing+has+this+name": "ada",
    "/register/IF-SUR-001/": "ada",
    "/register/IF-SUR-003/": "abe",
    "/register/request/": "ada",
    "/register/request/?copy=IF-SUR-007": "ada",
    "/register/findings/": "ada",
    "/register/findings/{finding}/": "ada",
    "/changes/waivers/": "ada",
    "/changes/waivers/new/IF-SUR-003/": "ada",
    "/changes/waivers/{waiver}/": "ada",
    "/register/systems/": "ada",
    "/register/systems/ehr-a/": "ada",
    "/register/systems/new/": "ada",
    "/contracts/": "ada",
    "/contracts/IF-SUR-003/": "ada",
    "/contracts/IF-SUR-003/versions/1.4.0/": "ada",
    "/contracts/of/IF-SUR-003/attach/": "ada",
    "/changes/": "bo",
    "/inbox/": "bo",
    "/inbox/waiting/": "ada",
    "/changes/submit/IF-SUR-002/": "ada",
    "/changes/{change}/": "bo",
    "/changes/calendar/": "max",
    "/changes/calendar/?view=week": "ada",
    "/changes/calendar/?view=agenda": "bo",
    "/changes/calendar/new/": "max",
    "/changes/calendar/entries/{entry}/": "max",
    "/changes/calendar/entries/{entry}/amend/": "max",
    "/changes/calendar/address/": "ada",
    "/health/": "oz",
    "/health/probes/{probe}/": "abe",
    "/health/scorecard/": "ivy",
    "/tables/": "kai",
    "/tables/pattern_verdict/": "kai",
    "/tables/pattern_verdict/9.1/": "kai",
    "/tables/pattern_verdict/9.1/impact/": "jo",
    "/tables/pattern_verdict/9.1/simulation/": "jo",
    "/jobs/": "jo",
    "/jobs/{job}/": "jo",
    "/audit/": "gus",
    "/audit/packs/": "gus",
    "/people/": "quinn",
    "/people/mail/": "bo",
    "/webhooks/": "quinn",
    "/webhooks/{webhook}/": "quinn",
    "/search/?q=IF-SUR": "ada",
    "/api/docs/": "ada",
    "/api/docs/changes_open/": "ada",
    "/api/docs/contract_payloads_validate_bulk/": "ada",
    "/accounts/login/": None,
    "/accounts/password/change/": "ada",
    "/there/is/no/such/page/": "ada",
}


@pytest.fixture(scope="module")
def records(stage):
    """The story's thirteen interfaces, one of them asked for, one with a contract, one watched."""
    for name in PLAYED:
        stage(name)
    stage.domains()
    change = approvals.asked_change(stage)
    for key in catalog.ENDS:
        if key != "IF-SUR-001":
            catalog.story_interface(stage, key)
    events = Interface.objects.get(key="IF-SUR-003")
    catalog.owned(stage, events)
    attach_contract(
        events, format="json_schema", mode="BACKWARD", version="1.4.0", text=IMPLANT_USED.read_bytes(),
        now=stage.now, actor=stage("ada"),
    )  # fmt: skip
    probe = register_probe(
        events, kind="http", name="Health", address="http://127.0.0.1:9/", interval_s=60, timeout_s=2.0,
        now=stage.now, actor=stage.clock,
    )  # fmt: skip
    entry = declare_calendar_entry(
        "BLACKOUT", name="Cutover freeze", starts_at=stage.now, ends_at=stage.now + dt.timedelta(days=9),
        facility=catalog.facility(stage), now=stage.now, actor=stage("max"),
    )  # fmt: skip
    job = measured_draft(stage)
    endpoint, _ = open_endpoint(
        name="Ticket system", url="http://127.0.0.1:9/", team=stage.team("platform"), now=stage.now, actor=stage.clock
    )
    send_test(endpoint, now=stage.now, actor=stage.clock)
    waiver = waivers.asked_waiver(stage, events)
    found = {"change": change.key, "probe": str(probe.pk), "entry": str(entry.pk), "job": job}
    return {**found, "webhook": str(endpoint.pk), "waiver": waiver.key, "finding": str(waiver.finding_id)}


def measured_draft(stage) -> str:
    """A draft of T1 whose impact and simulation are done, and the job of one of them."""
    seeds = json.loads((Path(__file__).resolve().parents[2] / "demo" / "policy" / "tables.json").read_text())
    no_events = {"then": {"pattern": "EVENT", "verdict": "PROHIBITED"}, "note": "The event hub is retired."}
    table = policies.draft(stage, seeds, "pattern_verdict", "9.1", P05=no_events)
    ask_simulation(table, now=stage.now, actor=stage("jo"))
    job = ask_impact(table, now=stage.now, actor=stage("jo"))
    policies.run_jobs(stage, at=stage.now)
    return str(job.pk)


def grave_problems(page) -> list[str]:
    """What axe holds to be serious or critical anywhere on the page, with the first place of each."""
    found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")["violations"]
    return [
        f"{one['id']}: {one['help']} at {one['nodes'][0]['target']} ({len(one['nodes'])}): "
        f"{one['nodes'][0]['failureSummary'][:300]}"
        for one in found
        if one["impact"] in GRAVE
    ]


def check(desk, name: str | None, path: str) -> None:
    """One load, looked at four times: as its reader turns the theme and takes it from the desk to a phone."""
    page = desk(name, path, axe=True)
    for width in (1440, 390):
        page.set_viewport_size({"width": width, "height": 900})
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
            page.locator(f"html[data-bs-theme={scheme}]").wait_for()
            assert grave_problems(page) == [], f"{width} {scheme}"
        assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0, f"{width}: too wide"


@pytest.mark.parametrize("name", READERS)
def test_home_is_sound_for_each_role(desk, records, name):
    check(desk, name, "/")


@pytest.mark.parametrize("path", PAGES)
def test_page_is_sound(desk, records, path):
    desk.expect(404) if "no/such" in path else None
    check(desk, PAGES[path], path.format(**records))


def test_records_are_what_the_pages_are_about(records):
    change, waiver = ChangeRequest.objects.get(change_type="NEW_INTERFACE"), Waiver.objects.get()
    found = {"change": change.key, "probe": str(Probe.objects.get().pk), "waiver": waiver.key}
    found |= {"webhook": str(WebhookEndpoint.objects.get().pk)}
    job = Job.objects.get(kind="table-impact", state="DONE")
    found |= {"entry": str(CalendarEntry.objects.get().pk), "job": str(job.pk), "finding": str(waiver.finding_id)}
    assert found == records
