"""Story 2, the refusal of IF-ONB-005: the board meets, votes 3:2 with a veto of security, and signs its minutes."""

import datetime as dt
import re

import pytest
from django.utils import timezone
from playwright.sync_api import expect

from approvals.models import AgendaItem, ChangeRequest, Meeting
from catalog.domain.processes import define_product
from catalog.models import Interface
from governance.domain.seals import verify
from tests.cast import PASSWORD, PLAYED
from tests.factories import approvals as make
from tests.factories import catalog
from tests.factories.browser import go, settled

pytestmark = pytest.mark.browser
KEY = "IF-ONB-005"
EXPECTED = catalog.story(KEY)["expect"]
SEATS = {
    "rae": "Clinical IT for Bo", "cy": "ERP", "fay": "Operations", "ed": "Data governance", "di": "Security",
}  # fmt: skip
WHY_NOT = "HR tables hold more than scheduling may see. Ask WORKFORCE_STATUS instead."


@pytest.fixture(scope="module", autouse=True)
def everybody(stage):
    """The whole cast is employed; workforce status is a product already; the extract is proposed and submitted."""
    for name in PLAYED:
        stage(name)
    stage.domains()
    status = catalog.story_interface(stage, "IF-ONB-002")
    define_product("workforce-status", name="WORKFORCE_STATUS", interfaces=[status], now=stage.now, actor=stage.clock)
    make.asked_change(stage, KEY, reason="Scheduling needs to know who works here.")


def change() -> ChangeRequest:
    return ChangeRequest.objects.get()


def bench() -> str:
    return f"/changes/meetings/{Meeting.objects.get().pk}/"


def said(page, sentence: str) -> None:
    expect(settled(page).locator("main")).to_contain_text(sentence)


class TestTheBoardRefuses:
    """Each test is a step and stands on those before it."""

    def test_1_policy_prohibits_it_and_offers_what_is_there(self, desk):
        page = desk("ada", f"/register/request/?copy={KEY}")
        panel = page.locator("#verdicts")
        chosen = panel.locator("li.chosen")
        expect(chosen).to_contain_text("Database extract")
        expect(chosen).to_contain_text("Prohibited")
        expect(chosen.locator("summary", has_text="P20")).to_have_count(1)
        expect(panel).to_contain_text("Integration governance board")
        expect(panel).to_contain_text("Reusable product WORKFORCE_STATUS")
        page.locator("[name=patterns][value=DATABASE_EXTRACT]").uncheck()
        page.locator("[name=patterns][value=REALTIME_API]").check()
        expect(settled(page).locator("#verdicts .panel-part").first).to_contain_text("No deviation")

    def test_2_the_whole_board_is_asked(self, desk):
        page = desk("bo", f"/changes/{change().key}/")
        needs = page.locator("#needs")
        expect(needs).to_contain_text(re.compile("board 4 of 5", re.I))
        for rule in EXPECTED["approval_rules"]:
            expect(needs).to_contain_text(rule)
        expect(page.locator("main")).to_contain_text(f"plus {EXPECTED['lead_h']} h")
        assert EXPECTED["lead_h"] == 120

    def test_3_the_manager_plans_a_meeting_and_fills_its_agenda(self, desk):
        page = desk("max", "/changes/meetings/new/")
        page.get_by_label("Title").fill("Board, week 22")
        page.get_by_label("Begins (UTC)").fill((timezone.now() + dt.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M"))
        page.get_by_label("Chair").select_option(label="Fay")
        page.get_by_label("Not decided by").select_option("SECURITY")
        page.get_by_role("button", name="Plan it").click()
        said(page, "Board, week 22 is planned. Fill its agenda.")
        page.get_by_role("button", name="Fill by this filter").click()
        said(page, "1 change put on the agenda.")
        expect(page.locator("#agenda")).to_contain_text(change().key)
        page.get_by_role("button", name="Open the meeting").click()
        said(page, "Board, week 22 is open.")

    @pytest.mark.parametrize("name", SEATS)
    def test_4_the_members_come(self, desk, name):
        page = desk(name, bench())
        page.get_by_role("button", name="I am here").click()
        here = list(SEATS).index(name) + 1
        said(page, f"{here} of 5 seats are here")

    def test_5_the_clock_of_the_item_is_the_servers_and_ticks(self, desk):
        page = desk("max", bench())
        page.get_by_role("button", name="Begin", exact=True).click()
        said(page, "The meeting goes on.")
        timer = page.get_by_role("timer")
        first = timer.inner_text()
        expect(timer).not_to_have_text(first)
        expect(timer).to_contain_text(re.compile(r"^0 min \d\d s of 10 min$"))
        AgendaItem.objects.update(began_at=timezone.now() - dt.timedelta(seconds=605))
        go(page, bench())
        expect(page.get_by_role("timer")).to_contain_text(re.compile(r"^10 min \d\d s, 0 min \d\d s over$"))
        expect(page.locator("[name=choice]")).to_have_count(0)

    def test_6_its_owner_agrees_and_the_author_finds_no_meeting(self, desk):
        desk.expect(404)
        page = desk("abe", f"/changes/{change().key}/")
        page.get_by_role("button", name="Approve").click()
        said(page, f"You approved {change().key}.")
        expect(desk("ada", bench()).locator("main")).to_contain_text(re.compile("no such|There is no", re.I))

    @pytest.mark.parametrize("name", ["rae", "cy", "fay", "ed"])
    def test_7_four_seats_vote_in_the_room(self, desk, name):
        page = desk(name, bench())
        yours = page.locator(f"#vote-{change().key}")
        expect(yours).to_contain_text(f"You vote as {SEATS[name]}")
        if name == "ed":
            yours.get_by_label("Comment").fill("The tables hold no purpose limit.")
        yours.get_by_role("button", name="Reject" if name == "ed" else "Approve").click()
        tally = {"rae": "1:0", "cy": "2:0", "fay": "3:0", "ed": "3:1"}[name]
        expect(settled(page).locator(".tally")).to_contain_text(tally)
        assert change().state == "AUTHORIZE"

    def test_8_securitys_no_cannot_be_outvoted(self, desk):
        page = desk("di", bench())
        yours = page.locator(f"#vote-{change().key}")
        yours.get_by_label("Comment").fill(WHY_NOT)
        yours.get_by_role("button", name="Reject").click()
        expect(settled(page).locator(".tally")).to_contain_text("3:2")
        expect(page.locator(".tally")).to_contain_text("Rejected 3:2, veto SECURITY")
        assert (change().state, Interface.objects.get(key=KEY).state) == ("REJECTED", "REJECTED")

    def test_9_of_two_who_go_on_at_once_one_reads_where_the_meeting_is(self, desk):
        desk.expect(409)
        chair, manager = desk("fay", bench()), desk("max", bench())
        chair.get_by_label("What shall stand in the minutes").fill("Scheduling asks WORKFORCE_STATUS by its API.")
        chair.get_by_role("button", name="Keep the notes").click()
        said(chair, "are kept")
        chair.get_by_role("button", name="Finish").click()
        said(chair, "The agenda is done")
        manager.get_by_role("button", name="Finish").click()
        expect(manager.get_by_role("alert")).to_contain_text("The meeting has moved on")
        expect(manager.locator("#agenda")).to_contain_text("Rejected 3:2, veto SECURITY")

    def test_a_the_minutes_write_themselves_and_the_chair_signs(self, desk):
        page = desk("fay", bench())
        page.locator("summary", has_text="Close the meeting").click()
        page.get_by_role("button", name="Close it").click()
        said(page, "Its minutes are written")
        page.locator(".page-actions a", has_text="Minutes").click()
        minutes = page.locator(".minutes")
        for sentence in ("Tally of the seats: 3:2", "Rejected 3:2, veto SECURITY", WHY_NOT, "Rae for Bo", "5 of 5"):
            expect(minutes).to_contain_text(sentence)
        expect(minutes).to_contain_text("Scheduling asks WORKFORCE_STATUS by its API.")
        page.get_by_label("Your password").fill(PASSWORD)
        page.get_by_role("button", name="Sign the minutes").click()
        said(page, "Fay signs the minutes of Board, week 22 as its chair, with password")
        expect(page.locator(".minutes")).to_contain_text("The signature is valid.")

    def test_b_they_print_and_whoever_tampers_with_them_is_seen(self, desk):
        page = desk("gus", f"{bench()}minutes/")
        page.emulate_media(media="print")
        expect(page.locator(".side")).to_be_hidden()
        expect(page.locator(".minutes")).to_be_visible()
        meeting = Meeting.objects.get()
        Meeting.objects.update(minutes={**meeting.minutes, "deferred": [KEY]})
        go(page, f"{bench()}minutes/")
        expect(page.locator("main")).to_contain_text("These minutes are broken.")
        Meeting.objects.update(minutes=meeting.minutes)
        assert verify().ok
