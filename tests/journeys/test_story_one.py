"""Story 1, from registration to applied change: each role at its own desk, in order, on one record."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from approvals.domain.implementing import implement_due_changes
from approvals.models import ChangeRequest
from catalog.models import Interface
from governance.domain.seals import verify
from tests.cast import PASSWORD, PLAYED
from tests.factories.browser import go, settled

pytestmark = pytest.mark.browser
HOUR = dt.timedelta(hours=1)
KEY = "IF-SUR-001"
PAGE = f"/register/{KEY}/"
#: Who answers each approval that T4 asks; rae sits for bo, who is away.
VOTERS = {
    "abe": "Interface owner",
    "rae": "Clinical IT",
    "di": "Security",
    "ed": "Data governance",
    "fay": "Operations",
}
#: What T4 demands as evidence and the system cannot compute.
GIVEN = (
    "test_evidence", "backout_plan", "downtime_procedure", "resilience_test", "phi_minimum_necessary",
    "encryption_control",
)  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def everybody(stage):
    """The whole cast is employed, and the architects' domains are founded; nothing is registered yet."""
    for name in PLAYED:
        stage(name)
    stage.domains()


def change() -> ChangeRequest:
    return ChangeRequest.objects.get()


def change_page() -> str:
    return f"/changes/{change().key}/"


def interface() -> Interface:
    return Interface.objects.get(key=KEY)


def at(moment: dt.datetime) -> str:
    """As a date and time field takes it."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M")


def vote(desk, name: str, role: str, choice: str = "Approve") -> None:
    page = desk(name, change_page())
    yours = page.locator("#yours")
    expect(yours).to_contain_text(f"You vote as {role}")
    expect(yours.locator("fieldset.sign")).to_contain_text(f"revision {change().number} as {role}")
    yours.get_by_label("Your password").fill(PASSWORD)
    yours.get_by_role("button", name=choice).click()
    expect(settled(page).locator("main")).to_contain_text(f"You approved {change().key}.")


class TestStoryOne:
    """Each test is a step and stands on those before it."""

    @pytest.mark.parametrize(
        ("key", "name", "domain", "speaks"),
        [("ehr-a", "EHR-A", "CLINICAL", ["HL7V2"]), ("event-hub", "Event hub", "INTEGRATION", ["REST", "EVENTS"])],
    )
    def test_1_the_architect_registers_the_systems(self, desk, key, name, domain, speaks):
        page = desk("ada", "/register/systems/new/")
        page.locator("[name=key]").fill(key)
        page.locator("[name=name]").fill(name)
        page.locator("[name=domain]").select_option(domain)
        page.locator("[name=kind]").select_option("OTHER")
        for word in speaks:
            page.locator(f"[name=speaks][value={word}]").check()
        page.get_by_role("button", name="Register").click()
        expect(settled(page).locator("main")).to_contain_text(f"{name} is registered.")

    def test_2_the_panel_answers_while_the_form_is_filled_in(self, desk):
        page = desk("ada", "/register/request/")
        self.answer(page)
        panel = page.locator("#verdicts")
        page.locator("[name=patterns][value=MANAGED_FILE_TRANSFER]").check()
        chosen = panel.locator("li.chosen")
        expect(chosen).to_contain_text("Managed file transfer")
        expect(chosen).to_contain_text("Prohibited")
        expect(chosen.locator("summary", has_text="P13")).to_contain_text("cannot meet a latency of one minute")
        who = panel.locator(".panel-part", has=page.get_by_role("heading", name="Who decides"))
        expect(who).to_contain_text(re.compile("board", re.I))
        expect(who).to_contain_text(re.compile("waiver", re.I))
        page.locator("[name=patterns][value=MANAGED_FILE_TRANSFER]").uncheck()
        for pattern in ("HL7_FHIR_MEDIATION", "EVENT"):
            page.locator(f"[name=patterns][value={pattern}]").check()
        expect(panel).to_contain_text("No deviation")
        expect(who.locator("b")).to_have_text("Design authority")
        for rule in ("P07", "A02", "A03", "A05"):
            expect(panel.locator("code", has_text=rule).first).to_be_visible()
        for role in VOTERS.values():
            expect(panel.locator("b", has_text=role).first).to_be_visible()
        expect(panel).to_contain_text("Lead time 72 h")
        expect(panel).to_contain_text("What tier T1 demands of operation")
        settled(page)
        page.get_by_role("button", name="Propose it").click()
        expect(settled(page).locator("main")).to_contain_text(f"{KEY} is proposed.")
        assert (interface().state, interface().patterns) == ("PROPOSED", ["EVENT", "HL7_FHIR_MEDIATION"])

    def answer(self, page) -> None:
        for name, said in (
            ("key", KEY), ("name", "OR case completed and supply usage"), ("latency_s", "60"), ("volume_day", "400"),
            ("payload_mb", "1"), ("fan_out", "4"),
        ):  # fmt: skip
            page.locator(f"[name={name}]").fill(said)
        for name, chosen in (
            ("source", "ehr-a"), ("target", "event-hub"), ("provider", "ehr-a"), ("interaction", "NOTIFICATION"),
            ("msg_standard", "HL7V2"), ("tier", "1"),
        ):  # fmt: skip
            page.locator(f"[name={name}]").select_option(chosen)
        page.locator("[name=data_classes][value=PHI]").check()

    def test_3_she_names_who_answers_for_it(self, desk):
        page = desk("ada", PAGE)
        for kind in ("BUSINESS_OWNER", "TECHNICAL_OWNER", "SUPPORT"):
            page.locator("#owners summary", has_text="Name an owner").click()
            page.locator("[name=owner-kind]").select_option(kind)
            page.locator("[name=owner-owner]").select_option("team:integration-owners")
            page.get_by_role("button", name="Name the owner").click()
            settled(page)
        expect(page.locator("#owners b", has_text="Integration owners")).to_have_count(3)

    def test_4_the_design_authority_decides_the_pattern(self, desk):
        page = desk("jo", PAGE)
        page.locator("[name=decide-rationale]").fill("HL7 v2 is mediated once and published as an event.")
        page.get_by_role("button", name="Decide for").click()
        expect(settled(page).locator("#decision")).to_contain_text("Decided")
        expect(page.locator("#decision")).to_contain_text("Jo as Design authority")

    def test_5_a_window_before_the_lead_time_is_refused_and_nothing_is_lost(self, desk):
        desk.expect(400)
        page = desk("ada", f"/changes/submit/{KEY}/")
        page.locator("[name=reason]").fill("Cases are charged by hand today.")
        page.locator("[name=plan]").fill("Mediate, publish, subscribe four consumers.")
        page.locator("[name=backout]").fill("Stop the channel; charge by hand.")
        page.locator("[name=window_start]").fill(at(timezone.now() + 41 * HOUR + dt.timedelta(minutes=1)))
        page.get_by_role("button", name="Submit", exact=True).click()
        beside = settled(page).locator("#id_window_start_error")
        expect(beside).to_contain_text("41 h < 72 h")
        expect(page.locator("[name=reason]")).to_have_value("Cases are charged by hand today.")
        expect(page.locator("[name=backout]")).to_have_value("Stop the channel; charge by hand.")
        assert not ChangeRequest.objects.exists()
        page.locator("[name=window_start]").fill(at(timezone.now() + 100 * HOUR))
        page.get_by_role("button", name="Submit", exact=True).click()
        expect(settled(page).locator("main")).to_contain_text("is submitted: it waits. Evidence is not given yet")
        assert (change().state, change().lead_hours, interface().state) == ("ASSESS", 72, "IN_REVIEW")

    def test_5_she_gives_the_evidence_and_the_voters_are_asked(self, desk):
        page = desk("ada", change_page())
        expect(page.locator("#yours")).to_contain_text("Test report, Backout plan, Downtime procedure")
        expect(page.locator("#evidence-impact_list")).to_contain_text("Computed")
        expect(page.locator("#evidence-impact_list input")).to_have_count(0)
        report = {"name": "replay.txt", "mimeType": "text/plain", "buffer": b"A day was replayed; none was lost."}
        for kind in GIVEN:
            box = page.locator(f"#evidence-{kind}")
            box.locator("details.give > summary").click()
            if kind == "test_evidence":
                box.locator("input[type=file]").set_input_files(report)
                box.get_by_role("button", name="Attach the file").click()
            else:
                box.locator("input[type=url]").fill(f"https://wiki.lakeshore.example/{kind}")
                box.get_by_role("button", name="Give the link").click()
            expect(settled(page).locator(f"#evidence-{kind}")).to_contain_text("Ada")
        expect(page.locator("main")).to_contain_text(f"{change().key} has revision 1 now: its voters are asked.")
        assert change().state == "AUTHORIZE"

    def test_6_the_author_sees_why_she_has_no_vote(self, desk):
        desk.expect(403)
        page = desk("ada", change_page())
        expect(page.get_by_role("button", name="Approve")).to_have_count(0)
        expect(page.locator("#yours")).to_contain_text(re.compile("wrote|author", re.I))
        token = page.locator("[name=csrfmiddlewaretoken]").first.input_value()
        forged = page.request.post(
            f"{change_page()}vote/",
            form={"csrfmiddlewaretoken": token, "choice": "APPROVE", "revision_hash": change().revision_hash},
            headers={"Referer": page.url},
        )
        assert forged.status == 403
        assert re.search("wrote|author", forged.text())
        assert not change().votes.exists()

    @pytest.mark.parametrize("name", ["rae", "di", "ed"])
    def test_7_members_see_why_it_came_to_them_and_vote(self, desk, name):
        page = desk(name, change_page())
        expect(page.locator("main")).to_contain_text("Cases are charged by hand today.")
        expect(page.locator("#yours")).to_contain_text(re.compile("came to you by A0[235]"))
        if name == "rae":
            expect(page.locator("#yours")).to_contain_text("for Bo")
        vote(desk, name, VOTERS[name])

    def test_8_her_revision_makes_the_votes_stale(self, desk):
        page = desk("ada", change_page())
        page.locator("details.revise > summary").click()
        page.locator("[name=f-volume_day]").fill("650")
        page.get_by_role("button", name="Write the new revision").click()
        expect(settled(page).locator("main")).to_contain_text("has revision 2 now")
        expect(page.locator("li.stale")).to_have_count(3)
        assert change().state == "ASSESS"

    def test_9_the_decision_is_made_again_on_the_new_volume(self, desk):
        page = desk("jo", change_page())
        page.get_by_label("Why these patterns").fill("The volume does not change the answer.")
        page.get_by_role("button", name="Decide so").click()
        expect(settled(page).locator("main")).to_contain_text(f"{change().key} is waiting for votes")
        assert change().state == "AUTHORIZE"

    @pytest.mark.parametrize("name", VOTERS)
    def test_a_everyone_votes_again_and_the_last_vote_authorises(self, desk, name):
        vote(desk, name, VOTERS[name])
        last = name == list(VOTERS)[-1]
        assert (change().state, interface().state) == (
            ("SCHEDULED", "APPROVED") if last else ("AUTHORIZE", "IN_REVIEW")
        )

    def test_b_the_clock_applies_it_once_when_the_window_opens(self, desk, stage):
        opens = change().window_start
        assert implement_due_changes(now=opens - dt.timedelta(minutes=1), actor=stage.clock) == 0
        assert implement_due_changes(now=opens, actor=stage.clock) == 1
        assert implement_due_changes(now=opens + HOUR, actor=stage.clock) == 0
        assert (change().state, interface().state, interface().volume_day) == ("REVIEW", "IN_BUILD", 650)
        page = desk("abe", PAGE)
        expect(page.locator("h1")).to_contain_text("In build")
        expect(page.locator("#facts")).to_contain_text("650")
        expect(page.locator("#approvals")).to_contain_text(change().key)

    def test_c_the_auditor_reads_every_step(self, desk):
        page = desk("gus", change_page())
        story = page.locator("ol.story")
        for step in ("by Ada", "by Rae for Bo", "by Jo", "by Fay"):
            expect(story.locator(".story-head", has_text=step).first).to_be_visible()
        go(page, PAGE)
        expect(page.locator("#history .story-head", has_text=f"under {change().key}").first).to_be_visible()
        go(page, "/audit/?action=vote")
        expect(page.locator("table.audit")).to_contain_text("for Bo")

    def test_d_the_chain_holds(self, stage):
        proof = verify()
        assert (proof.ok, proof.problem) == (True, "")
