"""The board's agenda: planned, filled by a stored question, put in order, and discussed one by one."""

import datetime as dt

import pytest

from approvals.domain.agenda import (
    add_to_agenda,
    begin_item,
    defer_item,
    demote_item,
    fill_agenda,
    finish_item,
    move_item,
    next_item,
    promote_item,
    restore_item,
    write_notes,
)
from approvals.domain.meetings import amend_meeting, cancel_meeting, open_meeting, plan_meeting
from approvals.domain.requests import revise_change
from approvals.models import AgendaItem, ChangeRequest, Meeting
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, NotReady, StaleRevision, WrongState
from governance.models import Notice
from tests.factories import approvals as make
from tests.factories import meetings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def cases(cast):
    return make.asked_change(cast)


@pytest.fixture
def usage(cast, cases):
    return make.asked_change(cast, "IF-SUR-007")


@pytest.fixture
def lookup(cast):
    return make.asked_change(cast, "IF-SUR-002", likelihood=4, impact=4)


def keys(meeting):
    return list(meeting.agenda.order_by("position").values_list("change__key", flat=True))


def test_a_meeting_is_planned_by_who_keeps_the_agenda_and_told_to_the_board(cast):
    meeting = meetings.planned(cast)
    assert (meeting.state, meeting.chair, meeting.filter) == ("PLANNED", cast("fay"), {})
    told = set(Notice.objects.filter(kind="meeting.planned").values_list("recipient__username", flat=True))
    assert told == {"bo", "rae", "cy", "di", "ed", "fay"}
    assert [event.action for event in history_of(meeting)] == ["approvals.meeting.plan"]
    for name in ("ada", "bo", "gus", "uma"):
        with pytest.raises(NotAllowed):
            plan_meeting(
                cast.board(), title="Mine", starts_at=cast.now + make.HOUR, chair=cast("fay"),
                now=cast.now, actor=cast(name),
            )  # fmt: skip


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"title": " "}, "title"),
        ({"starts_at": dt.datetime(2026, 5, 26, 8, 59, tzinfo=dt.UTC)}, "starts_at"),
        ({"minutes_planned": 4}, "minutes_planned"),
        ({"chair": "uma"}, "chair"),
        ({"chair": "hal"}, "chair"),
        ({"filter": {"risk_min": 26}}, "filter.risk_min"),
        ({"filter": {"risk_min": "9"}}, "filter.risk_min"),
        ({"filter": {"classes": ["WILD"]}}, "filter.classes"),
        ({"filter": {"domains": "ERP"}}, "filter.domains"),
        ({"filter": {"undecided_by": "AUDITOR"}}, "filter.undecided_by"),
        ({"filter": {"stale": "yes"}}, "filter.stale"),
        ({"filter": {"colour": 1}}, "filter.colour"),
    ],
)
def test_what_makes_no_meeting_is_refused_beside_its_field(cast, said, field):
    if "chair" in said:
        said = {"chair": cast(said["chair"])}
    values = {"title": "Board", "starts_at": cast.now + make.HOUR, "chair": cast("fay"), **said}
    with pytest.raises(Invalid) as refused:
        plan_meeting(cast.board(), now=cast.now, actor=cast("max"), **values)
    assert list(refused.value.errors) == [field]
    assert not Meeting.objects.exists()


def test_the_filter_finds_what_waits_and_is_kept_for_the_next_filling(cast, cases, usage):
    meeting = meetings.planned(cast, filter={"undecided_by": "ERP"})
    made = fill_agenda(meeting, now=cast.now, actor=cast("max"))
    assert [item.change for item in made] == [usage]
    assert fill_agenda(meeting, now=cast.now, actor=cast("max")) == []
    more = fill_agenda(meeting, filter={}, now=cast.now, actor=cast("max"))
    assert [item.change for item in more] == [cases]
    assert (keys(meeting), Meeting.objects.get().filter) == ([usage.key, cases.key], {})


def test_each_part_of_the_filter_narrows(cast, cases, usage, lookup):
    meeting, manager = meetings.planned(cast), cast("max")
    make.vote(cast, cases, "bo")
    revise_change(cases, backout="Back by hand", now=cast.now + make.HOUR, actor=cast("ada"))
    cases.refresh_from_db()
    risks = {one.key: one.risk_score for one in ChangeRequest.objects.all()}
    assert risks[cases.key] < risks[lookup.key]
    for asked, found in (
        ({"stale": True}, {cases.key}),
        ({"classes": ["EMERGENCY"]}, set()),
        ({"domains": [lookup.items.get().interface.provider.domain.key]}, {lookup.key}),
        ({"domains": ["REVENUE"]}, set()),
        ({"risk_min": risks[cases.key] + 1}, set(risks) - {cases.key}),
        ({"lead_left_h": 71}, {usage.key, lookup.key}),
        ({"lead_left_h": 9000, "undecided_by": "ERP"}, {usage.key, lookup.key}),
        ({"lead_left_h": 71, "undecided_by": "SECURITY"}, {usage.key}),
    ):
        AgendaItem.objects.all().delete()
        made = fill_agenda(meeting, filter=asked, now=cast.now + make.HOUR, actor=manager)
        assert {item.change.key for item in made} == found, asked


def test_small_changes_that_nobody_doubts_need_no_discussion(cast, cases, lookup):
    meeting = meetings.planned(cast)
    made = fill_agenda(meeting, filter={"no_discussion_up_to": cases.risk_score}, now=cast.now, actor=cast("max"))
    assert {item.change.key: item.consent for item in made} == {cases.key: True, lookup.key: False}
    AgendaItem.objects.all().delete()
    make.vote(cast, cases, "abe", "REQUEST_INFO", comment="Why sixty seconds?")
    made = fill_agenda(meeting, now=cast.now, actor=cast("max"))
    assert not any(item.consent for item in made)


def test_a_change_is_once_on_an_agenda_and_only_while_it_is_open(cast, cases):
    meeting = meetings.planned(cast, cases)
    with pytest.raises(Conflict) as twice:
        add_to_agenda(meeting, change=cases, now=cast.now, actor=cast("max"))
    assert twice.value.code == "DUPLICATE"
    draft = make.new_interface_change(cast, "IF-SUR-007")
    with pytest.raises(WrongState):
        add_to_agenda(meeting, change=draft, now=cast.now, actor=cast("max"))
    with pytest.raises(Invalid):
        add_to_agenda(meeting, change=draft, timebox_s=29, now=cast.now, actor=cast("max"))


def test_items_are_moved_to_a_place_and_past_their_neighbours(cast, cases, usage, lookup):
    meeting = meetings.planned(cast, cases, usage, lookup)
    said = {"now": cast.now, "actor": cast("max")}
    move_item(meetings.item(meeting, lookup), position=1, **said)
    assert keys(meeting) == [lookup.key, cases.key, usage.key]
    move_item(meetings.item(meeting, cases), step=1, **said)
    assert keys(meeting) == [lookup.key, usage.key, cases.key]
    move_item(meetings.item(meeting, cases), step=1, **said)
    move_item(meetings.item(meeting, lookup), position=99, **said)
    assert keys(meeting) == [usage.key, cases.key, lookup.key]
    demote_item(meetings.item(meeting, cases), **said)
    move_item(meetings.item(meeting, lookup), step=-1, **said)
    assert keys(meeting) == [lookup.key, usage.key, cases.key]
    assert list(meeting.agenda.order_by("position").values_list("position", flat=True)) == [1, 2, 3]
    with pytest.raises(NotAllowed):
        move_item(meetings.item(meeting, cases), position=1, now=cast.now, actor=cast("bo"))


def test_any_member_asks_for_a_discussion_and_only_who_runs_it_takes_it_away(cast, cases):
    meeting = meetings.planned(cast, cases)
    demote_item(meetings.item(meeting, cases), now=cast.now, actor=cast("fay"))
    with pytest.raises(WrongState):
        demote_item(meetings.item(meeting, cases), now=cast.now, actor=cast("max"))
    promoted = promote_item(meetings.item(meeting, cases), timebox_s=300, now=cast.now, actor=cast("cy"))
    assert (promoted.consent, promoted.timebox_s) == (False, 300)
    with pytest.raises(NotAllowed):
        demote_item(promoted, now=cast.now, actor=cast("cy"))
    with pytest.raises(NotAllowed):
        promote_item(promoted, now=cast.now, actor=cast("gus"))


def test_one_item_at_a_time_is_discussed_and_its_time_is_kept(cast, cases, usage):
    meeting = meetings.opened(cast, cases, usage)
    at, said = meeting.starts_at, {"actor": cast("max")}
    with pytest.raises(WrongState):
        finish_item(meetings.item(meeting, cases), now=at, **said)
    begin_item(meetings.item(meeting, cases), now=at, **said)
    with pytest.raises(Conflict) as second:
        begin_item(meetings.item(meeting, usage), seen=cases.key, now=at, **said)
    with pytest.raises(Conflict) as unseen:
        begin_item(meetings.item(meeting, usage), now=at, **said)
    assert (second.value.code, unseen.value.code) == ("ITEM_CURRENT", "MEETING_MOVED")
    current = meetings.item(meeting, cases)
    assert current.elapsed_s(at + 11 * meetings.MINUTE) == 660
    assert (current.over_s(at + 9 * meetings.MINUTE), current.over_s(at + 11 * meetings.MINUTE)) == (0, 60)
    assert Notice.objects.filter(kind="meeting.next", recipient=usage.requester).count() == 1


def test_next_finishes_what_is_decided_and_begins_what_follows(cast, cases, usage):
    meeting = meetings.opened(cast, cases, usage)
    at, said = meeting.starts_at, {"actor": cast("fay")}
    assert next_item(meeting, seen="", now=at, **said).change == cases
    with pytest.raises(NotReady) as open_still:
        next_item(meeting, seen=cases.key, now=at, **said)
    assert open_still.value.code == "UNDECIDED"
    make.vote(cast, cases, "di", "REJECT")
    with pytest.raises(Conflict) as moved:
        next_item(meeting, seen="", now=at, **said)
    assert (moved.value.code, moved.value.details) == ("MEETING_MOVED", {"current": cases.key})
    assert next_item(meeting, seen=cases.key, now=at + meetings.MINUTE, **said).change == usage
    done = meetings.item(meeting, cases)
    assert (done.state, done.decision, done.elapsed_s(at + make.HOUR)) == ("DECIDED", "Rejected 0:1", 60)
    with pytest.raises(NotAllowed):
        next_item(meeting, seen=usage.key, now=at, actor=cast("di"))
    defer_item(meetings.item(meeting, usage), reason="The owner is away", now=at, **said)
    with pytest.raises(WrongState, match="Nothing is left"):
        next_item(meeting, seen="", now=at, **said)


def test_a_deferred_item_comes_back_or_goes_to_the_next_meeting(cast, cases, usage):
    meeting = meetings.planned(cast, cases, usage)
    said = {"now": cast.now, "actor": cast("max")}
    with pytest.raises(Conflict) as none:
        defer_item(meetings.item(meeting, cases), reason="Away", to_next=True, **said)
    assert (none.value.code, meetings.item(meeting, cases).state) == ("NO_NEXT_MEETING", "WAITING")
    later = meetings.planned(cast, title="Board, week 24", starts_at=cast.now + 300 * make.HOUR)
    sooner = meetings.planned(cast, title="Board, week 23", starts_at=cast.now + 100 * make.HOUR)
    defer_item(meetings.item(meeting, cases), reason="Away", to_next=True, **said)
    assert (keys(sooner), keys(later)) == ([cases.key], [])
    deferred = meetings.item(meeting, cases)
    assert (deferred.state, deferred.decision) == ("DEFERRED", "Deferred to Board, week 23: Away")
    restored = restore_item(deferred, **said)
    assert (restored.state, restored.decision) == ("WAITING", "")
    with pytest.raises(Invalid):
        defer_item(restored, reason=" ", **said)


def test_notes_are_never_overwritten_unseen(cast, cases):
    meeting = meetings.opened(cast, cases)
    mine, theirs = meetings.item(meeting, cases), meetings.item(meeting, cases)
    write_notes(mine, notes="Fay asks for the load test.", revision=mine.revision, now=cast.now, actor=cast("fay"))
    with pytest.raises(StaleRevision):
        write_notes(theirs, notes="Nothing said.", revision=1, now=cast.now, actor=cast("max"))
    assert meetings.item(meeting, cases).notes == "Fay asks for the load test."


def test_a_meeting_is_amended_and_cancelled_before_it_is_opened_only(cast):
    meeting, later = meetings.planned(cast), cast.now + 30 * make.HOUR
    amend_meeting(meeting, starts_at=later, title="Board, moved", now=cast.now, actor=cast("fay"))
    stored = Meeting.objects.get()
    assert (stored.starts_at, stored.title) == (later, "Board, moved")
    with pytest.raises(Invalid):
        amend_meeting(stored, state="SIGNED", now=cast.now, actor=cast("max"))
    with pytest.raises(Invalid):
        cancel_meeting(stored, reason="", now=cast.now, actor=cast("max"))
    open_meeting(stored, now=later, actor=cast("max"))
    with pytest.raises(WrongState):
        amend_meeting(stored, title="Late", now=cast.now, actor=cast("max"))
    with pytest.raises(WrongState):
        cancel_meeting(stored, reason="Nobody came", now=cast.now, actor=cast("max"))


def test_who_may_not_read_what_the_board_reads_sees_no_meeting(cast):
    meeting = meetings.planned(cast)
    for name in ("eve", "uma", "ada", "abe"):
        with pytest.raises(NotFound):
            open_meeting(meeting, now=cast.now, actor=cast(name))
