"""The meeting workbench and its minutes as people use them."""

import datetime as dt
import re
from html import unescape

import pytest
from django.utils import timezone

from approvals.models import AgendaItem, Meeting, Vote
from tests.cast import PASSWORD
from tests.factories import approvals as make
from tests.factories import meetings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
PAGES = "/changes/meetings/"


@pytest.fixture
def now():
    """Pages ask the real clock."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def cases(cast):
    return make.asked_change(cast)


def text(answer):
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", answer.content.decode())).split())


def at(meeting, rest=""):
    return f"{PAGES}{meeting.pk}/{rest}"


def ballot(change, **said):
    return {"revision_hash": change.revision_hash, "requirement": "", "comment": "", "signature": PASSWORD, **said}


def test_a_meeting_is_planned_filled_and_put_in_order(cast, as_user, cases, now):
    other = make.asked_change(cast, "IF-SUR-007")
    manager = as_user(cast("max"))
    cast("fay")
    starts = (now + 24 * make.HOUR).strftime("%Y-%m-%dT%H:%M")
    said = {"title": "Board, week 22", "board": "igb", "starts_at": starts, "minutes_planned": 90, "chair": "fay"}
    wrong = manager.post(f"{PAGES}new/", {**said, "risk_min": 26})
    assert (wrong.status_code, Meeting.objects.count()) == (400, 0)
    made = manager.post(f"{PAGES}new/", {**said, "undecided_by": "ERP"})
    meeting = Meeting.objects.get()
    assert (made.headers["Location"], meeting.filter) == (at(meeting), {"undecided_by": "ERP"})
    filled = manager.post(at(meeting, "fill/"), {"undecided_by": "ERP"}, follow=True)
    assert "1 change put on the agenda." in text(filled)
    added = manager.post(at(meeting, "add/"), {"change": cases.key.lower()}, follow=True)
    assert f"{cases.key} is on the agenda." in text(added)
    nowhere = manager.post(at(meeting, "add/"), {"change": "CR-1999-0001"})
    assert (nowhere.status_code, "no change that you may see" in text(nowhere)) == (400, True)
    manager.post(at(meeting, f"items/{cases.key}/move/"), {"step": "-1"})
    keys = list(meeting.agenda.order_by("position").values_list("change__key", flat=True))
    assert keys == [cases.key, other.key]
    listed = text(as_user(cast("bo")).get(PAGES))
    assert "Board, week 22" in listed
    assert "2 changes" in listed


def test_members_come_and_vote_for_themselves_with_their_signature(cast, as_user, cases, now):
    item = meetings.begun(cast, cases, here=("max",))
    meeting, rae = item.meeting, as_user(cast("rae"))
    early = rae.post(at(meeting, f"items/{cases.key}/vote/"), ballot(cases, choice="APPROVE"))
    assert (early.status_code, "You are not noted as present" in text(early)) == (403, True)
    assert "Only who is here votes" in text(rae.get(at(meeting)))
    here = rae.post(at(meeting, "come/"), follow=True)
    assert "You are here for Clinical IT" in text(here)
    assert "1 of 5 seats are here" in text(here)
    assert "You vote as Clinical IT for Bo" in text(here)
    assert f"approves or rejects {cases.key} revision 1 as Clinical IT for Bo" in text(here)
    wrong = rae.post(
        at(meeting, f"items/{cases.key}/vote/"), ballot(cases, choice="APPROVE", signature="no", comment="Fine so")
    )
    assert (wrong.status_code, "The password is not right" in text(wrong)) == (403, True)
    assert "Fine so" in wrong.content.decode()
    assert 'value="no"' not in wrong.content.decode()
    done = rae.post(at(meeting, f"items/{cases.key}/vote/"), ballot(cases, choice="APPROVE"), follow=True)
    assert f"You approved {cases.key}." in text(done)
    assert "You voted as Clinical IT for Bo" in text(done)
    assert "1:0" in text(done)
    vote = Vote.objects.get()
    assert (vote.voter, vote.on_behalf_of, vote.signed_name) == (cast("rae"), cast("bo"), "Rae")


def test_whoever_keeps_the_agenda_cannot_vote_for_anybody(cast, as_user, cases, now):
    item = meetings.begun(cast, cases, here=("max", "bo"))
    manager = as_user(cast("max"))
    page = manager.get(at(item.meeting))
    assert 'name="choice"' not in page.content.decode()
    assert "schedules changes and does not vote on them" in text(page)
    forged = manager.post(
        at(item.meeting, f"items/{cases.key}/vote/"), ballot(cases, choice="APPROVE", voter="bo", person="bo")
    )
    assert (forged.status_code, Vote.objects.count()) == (403, 0)


def test_two_secretaries_press_next_and_one_reads_where_the_meeting_is(cast, as_user, cases, now):
    other = make.asked_change(cast, "IF-SUR-007")
    item = meetings.begun(cast, cases)
    meeting = item.meeting
    AgendaItem.objects.create(meeting=meeting, change=other, position=2)
    make.vote(cast, cases, "di", "REJECT")
    first = as_user(cast("max")).post(at(meeting, "next/"), {"seen": cases.key}, follow=True)
    assert "The meeting goes on." in text(first)
    second = as_user(cast("fay")).post(at(meeting, "next/"), {"seen": cases.key})
    assert second.status_code == 409
    assert f"The meeting has moved on: {other.key} is being discussed now." in text(second)
    assert f'name="seen" value="{other.key}"' in second.content.decode()
    assert meetings.item(meeting, other).state == "CURRENT"


def test_the_timer_shows_the_servers_time_and_says_what_is_over(cast, as_user, cases, now):
    item = meetings.begun(cast, cases)
    client = as_user(cast("bo"))
    for gone, words in ((125, "2 min 05 s of 10 min"), (665, "11 min 05 s, 1 min 05 s over")):
        AgendaItem.objects.filter(pk=item.pk).update(began_at=timezone.now() - dt.timedelta(seconds=gone))
        page = client.get(at(item.meeting)).content.decode()
        assert words in page
        assert re.search(r'data-elapsed="(\d+)"', page)[1] in (str(gone), str(gone + 1))


def test_the_pulse_says_that_the_meeting_has_moved_on(cast, as_user, cases, now):
    meeting = meetings.opened(cast, cases)
    client = as_user(cast("bo"))
    meeting.refresh_from_db()
    seen = f"pulse/?seen={meeting.revision}"
    assert text(client.get(at(meeting, seen))) == ""
    as_user(cast("max")).post(at(meeting, "next/"), {"seen": ""})
    assert "The meeting has moved on" in text(client.get(at(meeting, seen)))


def test_notes_of_two_writers_are_both_shown(cast, as_user, cases, now):
    item = meetings.begun(cast, cases)
    address, revision = at(item.meeting, f"items/{cases.key}/notes/"), item.revision
    as_user(cast("max")).post(address, {"notes": "First notes", "revision": revision})
    second = as_user(cast("fay")).post(address, {"notes": "Second notes", "revision": revision})
    assert second.status_code == 412
    assert "First notes" in text(second)
    assert "Second notes" in second.content.decode()
    assert meetings.item(item.meeting, cases).notes == "First notes"


def test_what_needs_no_discussion_goes_by_everybodys_own_vote(cast, as_user, cases, now):
    meeting = meetings.opened(cast, cases, here=("bo", "di"))
    as_user(cast("max")).post(at(meeting, f"items/{cases.key}/demote/"))
    bo = as_user(cast("bo"))
    assert "Without discussion, each by everybody's own vote" in text(bo.get(at(meeting)))
    voted = bo.post(at(meeting, f"items/{cases.key}/vote/"), ballot(cases, choice="APPROVE"), follow=True)
    assert f"You approved {cases.key}." in text(voted)
    assert "You vote as" not in text(voted)
    pulled = as_user(cast("di")).post(at(meeting, f"items/{cases.key}/promote/"), follow=True)
    assert f"{cases.key} will be discussed." in text(pulled)


def test_minutes_are_read_signed_by_the_chair_and_printed(cast, as_user, cases, now):
    meeting = meetings.opened(cast, cases, here=("rae", "di", "fay"))
    assert as_user(cast("gus")).get(at(meeting, "minutes/")).status_code == 404
    as_user(cast("max")).post(at(meeting, "next/"), {"seen": ""})
    meetings.vote(cast, meetings.item(meeting, cases), "di", "REJECT", comment="No purpose.", now=timezone.now())
    as_user(cast("max")).post(at(meeting, f"items/{cases.key}/finish/"))
    closed = as_user(cast("max")).post(at(meeting, "close/"), follow=True)
    assert "wait for the chair's signature" in text(closed)
    auditor, chair = as_user(cast("gus")), as_user(cast("fay"))
    page = text(auditor.get(at(meeting, "minutes/")))
    for said in ("Clinical IT, for Bo", "Rejected 0:1", "No purpose.", "3 of 5", "Not signed yet"):
        assert said in page, said
    assert 'name="signature"' not in auditor.get(at(meeting, "minutes/")).content.decode()
    stored = Meeting.objects.get()
    form = {"minutes_hash": stored.minutes_hash, "signature": "wrong"}
    refused = chair.post(at(meeting, "sign/"), form)
    assert (refused.status_code, "The password is not right" in text(refused)) == (403, True)
    assert auditor.post(at(meeting, "sign/"), form).status_code == 403
    signed = chair.post(at(meeting, "sign/"), {**form, "signature": PASSWORD}, follow=True)
    assert "Fay signs the minutes of Board, week 22 as its chair, with password" in text(signed)
    assert "The signature is valid." in text(signed)
    Meeting.objects.update(minutes={**stored.minutes, "agenda": []})
    broken = text(auditor.get(at(meeting, "minutes/")))
    assert "These minutes are broken." in broken
    assert "The signature does not match these minutes" in broken


def test_stepping_aside_and_deferring_stand_in_the_minutes(cast, as_user, cases, now):
    item = meetings.begun(cast, cases, here=("di", "bo"))
    meeting = item.meeting
    aside = as_user(cast("di")).post(
        at(meeting, f"items/{cases.key}/recuse/"), {"reason": "My sister sells it"}, follow=True
    )
    assert f"You have stepped aside from {cases.key}." in text(aside)
    manager = as_user(cast("max"))
    assert manager.post(at(meeting, "close/")).status_code == 409
    manager.post(at(meeting, f"items/{cases.key}/defer/"), {"reason": "Security has stepped aside"})
    manager.post(at(meeting, "close/"))
    page = text(manager.get(at(meeting, "minutes/")))
    assert "Di stepped aside: My sister sells it" in page
    assert "Deferred: Security has stepped aside" in page


def test_who_may_not_read_what_the_board_reads_finds_no_meeting(cast, as_user, cases, now):
    meeting = meetings.planned(cast, cases)
    for name in ("eve", "uma", "ada"):
        client = as_user(cast(name))
        assert client.get(at(meeting)).status_code == 404
        assert meeting.title not in text(client.get(PAGES))
        assert client.get(f"{PAGES}new/").status_code == 403
