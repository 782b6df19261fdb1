"""The board's meetings: on a desk and on a phone, in light and in dark, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from approvals.domain.agenda import add_to_agenda, demote_item, finish_item
from approvals.models import Meeting
from tests.cast import PLAYED
from tests.factories import approvals as make
from tests.factories import meetings
from tests.factories.browser import settled

from .test_pages import check

pytestmark = pytest.mark.browser
PAGES = [
    ("/changes/meetings/", "bo"),
    ("/changes/meetings/new/", "max"),
    ("/changes/meetings/{planned}/", "max"),
    ("/changes/meetings/{running}/", "max"),
    ("/changes/meetings/{running}/", "di"),
    ("/changes/meetings/{signed}/", "gus"),
    ("/changes/meetings/{signed}/minutes/", "gus"),
    ("/changes/meetings/{closed}/minutes/", "fay"),
]


@pytest.fixture(scope="module")
def records(stage):
    """A signed, a closed, a running and a planned meeting; in the running one a change is discussed."""
    for name in PLAYED:
        stage(name)
    stage.domains()
    cases, usage, extract = (make.asked_change(stage, key) for key in ("IF-SUR-001", "IF-SUR-007", "IF-ONB-005"))
    first = meetings.begun(stage, usage, title="Board, week 20")
    meetings.vote(stage, first, "ed", "REJECT", comment="A file a day is too late for recalls.")
    past = first.meeting
    make.vote(stage, cases, "bo", now=past.starts_at)
    finish_item(meetings.item(past, usage), now=past.starts_at + 12 * meetings.MINUTE, actor=stage("max"))
    signed = meetings.signed(stage, past)
    closed = meetings.closed(stage, meetings.opened(stage, cases, title="Board, week 21"))
    item = meetings.begun(stage, extract, title="Board, week 22")
    add_to_agenda(item.meeting, change=cases, now=stage.now, actor=stage("max"))
    demote_item(meetings.item(item.meeting, cases), now=stage.now, actor=stage("max"))
    planned = meetings.planned(stage, cases, title="Board, week 23", filter={"no_discussion_up_to": 4})
    kept = {"signed": signed, "closed": closed, "running": item.meeting, "planned": planned}
    return {name: str(meeting.pk) for name, meeting in kept.items()}


@pytest.mark.parametrize(("path", "name"), PAGES)
def test_page_is_sound(desk, records, path, name):
    check(desk, name, path.format(**records))


def test_a_vote_is_cast_by_keyboard_alone(desk, records):
    page = desk("cy", f"/changes/meetings/{records['running']}/")
    expect(page.get_by_role("button", name="Approve").first).to_be_visible()
    comment = page.get_by_label("Comment").first
    comment.focus()
    page.keyboard.type("Six months at most.")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(settled(page).locator("main")).to_contain_text("You approved")
    expect(page.locator(".tally")).to_contain_text("1:0")
    assert Meeting.objects.filter(state="RUNNING").count() == 1
