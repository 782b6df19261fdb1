"""In the room: who sits for whom, everybody's own vote, and minutes that write themselves and are signed once."""

import pytest

from approvals.domain.agenda import begin_item, defer_item, demote_item, finish_item, next_item, write_notes
from approvals.domain.attendance import come, leave, seats_of_person, seats_shown
from approvals.domain.meeting_queries import attendances_of
from approvals.domain.minutes import close_meeting, minutes_hold, minutes_problems, sign_minutes, signature_holds
from approvals.domain.recusing import recuse
from approvals.models import Meeting, Vote
from governance.domain.audit import history_of
from governance.domain.credentials import Credential
from governance.domain.delegating import delegate
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotReady, WrongState
from tests.cast import PASSWORD
from tests.factories import approvals as make
from tests.factories import meetings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def cases(cast):
    return make.asked_change(cast)


@pytest.fixture
def extract(cast):
    """The story's database extract, on which the full board votes."""
    return make.asked_change(cast, "IF-ONB-005")


def here(meeting):
    return [(str(one.person), one.constituency, one.left_at is None) for one in attendances_of(meeting)]


def test_people_come_for_their_seat_for_anothers_or_as_guests(cast):
    meeting = meetings.opened(cast, here=meetings.FOUR)
    come(meeting, person=cast("jo"), now=cast.now, actor=cast("max"))
    assert here(meeting) == [
        ("Jo", "", True), ("Rae", "CLINICAL_IT", True), ("Cy", "ERP", True), ("Fay", "OPERATIONS", True),
        ("Di", "SECURITY", True),
    ]  # fmt: skip
    seats = seats_shown(meeting, attendances_of(meeting), at=cast.now)
    assert [seat.present for seat in seats].count(True) == 4
    assert [str(seat.seat.member) for seat in seats if not seat.present] == ["Ed"]
    leave(meeting, person=cast("rae"), now=meeting.starts_at + meetings.MINUTE, actor=cast("rae"))
    assert ("Rae", "CLINICAL_IT", False) in here(meeting)
    come(meeting, person=cast("rae"), now=meeting.starts_at + 2 * meetings.MINUTE, actor=cast("max"))
    assert [name for name, _, _ in here(meeting)].count("Rae") == 2


def test_presence_is_refused_where_it_is_not_true(cast):
    meeting = meetings.opened(cast, here=("bo",))
    said = {"now": cast.now, "actor": cast("max")}
    with pytest.raises(Conflict) as twice:
        come(meeting, person=cast("bo"), **said)
    assert twice.value.code == "DUPLICATE"
    for name, constituency in (("cy", "SECURITY"), ("jo", "ERP")):
        with pytest.raises(Invalid) as refused:
            come(meeting, person=cast(name), constituency=constituency, **said)
        assert list(refused.value.errors) == ["constituency"]
    with pytest.raises(Invalid):
        come(meeting, person=cast("hal"), **said)
    with pytest.raises(NotAllowed):
        come(meeting, person=cast("cy"), now=cast.now, actor=cast("bo"))
    with pytest.raises(WrongState):
        leave(meeting, person=cast("cy"), **said)
    waiting = meetings.planned(cast, title="Later", starts_at=cast.now + 9 * make.HOUR)
    with pytest.raises(WrongState):
        come(waiting, person=cast("bo"), now=cast.now, actor=cast("bo"))


def test_a_delegate_sits_in_anothers_place_until_the_delegation_ends(cast):
    cast.board()
    ends = cast.now + 48 * make.HOUR
    delegate(
        cast("ed"), taker=cast("di"), starts_at=cast.now, ends_at=ends, reason="Leave", now=cast.now, actor=cast("ed")
    )
    assert seats_of_person(cast("di"), now=cast.now) == [("SECURITY", None), ("DATA_GOVERNANCE", cast("ed"))]
    assert seats_of_person(cast("di"), now=ends) == [("SECURITY", None)]
    meeting = meetings.opened(cast, here=("di",))
    at = meeting.starts_at + meetings.MINUTE
    leave(meeting, person=cast("di"), now=at, actor=cast("di"))
    come(meeting, person=cast("di"), constituency="DATA_GOVERNANCE", now=at, actor=cast("di"))
    minutes = meetings.closed(cast, meeting).minutes
    assert [one["in_place_of"] for one in minutes["attendance"]] == [None, {"username": "ed", "name": "Ed"}]


def test_everybody_votes_for_themselves_and_only_what_they_may(cast, cases):
    item = meetings.begun(cast, cases, here=("rae", "di", "ed", "fay", "max"))
    assert meetings.vote(cast, item, "rae").on_behalf_of == cast("bo")
    for name, said, code in (
        ("max", {}, "SOD_MANAGER"),
        ("abe", {}, "NOT_PRESENT"),
        ("bo", {}, "NOT_PRESENT"),
        ("di", {"signature": Credential("PASSWORD", "wrong")}, "SIGNATURE_WRONG"),
    ):
        with pytest.raises(NotAllowed) as refused:
            meetings.vote(cast, item, name, **said)
        assert refused.value.code == code
    with pytest.raises(NotReady) as unsigned:
        meetings.vote(cast, item, "di", signature=None)
    assert unsigned.value.code == "SIGNATURE_REQUIRED"
    given = meetings.vote(cast, item, "di")
    assert (given.signed_name, given.role) == ("Di", "SECURITY")
    assert Vote.objects.count() == 2


def test_votes_are_cast_on_what_is_discussed_or_needs_no_discussion(cast, cases):
    meeting = meetings.opened(cast, cases)
    with pytest.raises(WrongState):
        meetings.vote(cast, meetings.item(meeting, cases), "di")
    demote_item(meetings.item(meeting, cases), now=meeting.starts_at, actor=cast("max"))
    come(meeting, person=cast("abe"), now=meeting.starts_at, actor=cast("max"))
    for name in ("abe", "bo", "di", "ed"):
        meetings.vote(cast, meetings.item(meeting, cases), name)
    assert meetings.item(meeting, cases).state == "WAITING"
    meetings.vote(cast, meetings.item(meeting, cases), "fay")
    done = meetings.item(meeting, cases)
    assert (done.state, done.decision, done.change.state) == ("DECIDED", "Approved 4:0", "SCHEDULED")
    with pytest.raises(WrongState):
        meetings.vote(cast, done, "cy")


def test_a_veto_of_security_outweighs_three_and_the_minutes_say_so(cast, extract):
    item = meetings.begun(cast, extract)
    meeting = item.meeting
    make.vote(cast, extract, "abe", now=meeting.starts_at)
    for name, choice in (("bo", "APPROVE"), ("cy", "APPROVE"), ("fay", "APPROVE"), ("ed", "REJECT")):
        meetings.vote(cast, item, name, choice)
    with pytest.raises(NotReady):
        finish_item(item, now=meeting.starts_at, actor=cast("max"))
    meetings.vote(cast, item, "di", "REJECT", comment="HR tables hold what nobody may read.")
    fresh = meetings.item(meeting, extract)
    write_notes(fresh, notes="Use WORKFORCE_STATUS.", revision=fresh.revision, now=cast.now, actor=cast("fay"))
    finish_item(fresh, now=meeting.starts_at + 12 * meetings.MINUTE, actor=cast("max"))
    said = meetings.closed(cast, meeting).minutes["agenda"][0]
    assert (said["decision"], said["change_state"], said["tally"]["said"]) == (
        "Rejected 3:2, veto SECURITY", "REJECTED", "3:2",
    )  # fmt: skip
    assert (said["vetoes"], said["notes"], said["spent_s"], said["over_s"]) == (
        ["SECURITY"], "Use WORKFORCE_STATUS.", 660, 60,
    )  # fmt: skip
    assert [(vote["role"], vote["choice"], vote["voter"]["name"]) for vote in said["votes"]] == [
        ("CLINICAL_IT", "APPROVE", "Bo"), ("DATA_GOVERNANCE", "REJECT", "Ed"), ("ERP", "APPROVE", "Cy"),
        ("OPERATIONS", "APPROVE", "Fay"), ("SECURITY", "REJECT", "Di"), ("INTERFACE_OWNER", "APPROVE", "Abe"),
    ]  # fmt: skip
    assert said["votes"][4]["comment"] == "HR tables hold what nobody may read."


def test_closing_waits_for_what_is_discussed_and_defers_what_was_not_reached(cast, cases, extract):
    meeting = meetings.opened(cast, cases, extract, here=("bo", "di"))
    begin_item(meetings.item(meeting, cases), now=meeting.starts_at, actor=cast("max"))
    with pytest.raises(WrongState, match=cases.key):
        close_meeting(meeting, now=meeting.starts_at, actor=cast("max"))
    recuse(cases, reason="My sister sells it", now=meeting.starts_at, actor=cast("di"))
    defer_item(meetings.item(meeting, cases), reason="No quorum", now=meeting.starts_at, actor=cast("max"))
    with pytest.raises(NotAllowed):
        close_meeting(meeting, now=meeting.starts_at, actor=cast("bo"))
    done = meetings.closed(cast, meeting)
    assert (done.state, done.minutes["deferred"]) == ("CLOSED", [cases.key, extract.key])
    assert [one["decision"] for one in done.minutes["agenda"]] == ["Deferred: No quorum", "Not reached"]
    assert [one["person"]["name"] for one in done.minutes["agenda"][0]["recusals"]] == ["Di"]
    assert {one["left_at"] for one in done.minutes["attendance"]} == {done.minutes["closed_at"]}
    assert done.minutes["seats"] == {"of": 5, "came": 2}
    for late in (
        lambda: next_item(done, seen="", now=cast.now, actor=cast("max")),
        lambda: come(done, person=cast("cy"), now=cast.now, actor=cast("cy")),
        lambda: write_notes(meetings.item(done, cases), notes="x", revision=1, now=cast.now, actor=cast("max")),
    ):
        with pytest.raises(WrongState):
            late()


def test_the_chair_alone_signs_once_what_they_have_read(cast, cases):
    done = meetings.closed(cast, meetings.opened(cast, cases))
    said = {"minutes_hash": done.minutes_hash, "signature": make.SIGNATURE, "now": cast.now}
    for name in ("max", "bo"):
        with pytest.raises(NotAllowed):
            sign_minutes(done, actor=cast(name), **said)
    with pytest.raises(NotReady):
        sign_minutes(done, actor=cast("fay"), **{**said, "signature": None})
    with pytest.raises(NotAllowed) as wrong:
        sign_minutes(done, actor=cast("fay"), **{**said, "signature": Credential("PASSWORD", "no")})
    with pytest.raises(Conflict) as other:
        sign_minutes(done, actor=cast("fay"), **{**said, "minutes_hash": "0" * 64})
    assert (wrong.value.code, other.value.code) == ("SIGNATURE_WRONG", "MINUTES_OTHER")
    sign_minutes(done, actor=cast("fay"), **said)
    stored = Meeting.objects.get()
    assert (stored.state, stored.signed_name, stored.sign_method, stored.signed_by) == (
        "SIGNED", "Fay", "PASSWORD", cast("fay"),
    )  # fmt: skip
    assert (minutes_hold(stored), signature_holds(stored), list(minutes_problems())) == (True, True, [])
    assert PASSWORD not in str([event.after for event in history_of(stored)])
    with pytest.raises(WrongState):
        sign_minutes(stored, actor=cast("fay"), **said)


@pytest.mark.parametrize(
    "tampered",
    [
        {"minutes": {"agenda": []}},
        {"minutes_hash": "0" * 64},
        {"signed_name": "Gus"},
        {"signed_at": None},
        {"title": "Another meeting"},
        {"signature": ""},
    ],
)
def test_what_was_tampered_with_shows(cast, cases, tampered):
    meeting = meetings.signed(cast, meetings.opened(cast, cases))
    if "signed_at" in tampered:
        tampered = {"signed_at": cast.now}
    Meeting.objects.filter(pk=meeting.pk).update(**tampered)
    stored = Meeting.objects.get()
    assert not (minutes_hold(stored) and signature_holds(stored))
    assert list(minutes_problems())


def test_a_signature_is_not_moved_to_other_minutes(cast, cases, extract):
    one = meetings.signed(cast, meetings.opened(cast, cases))
    later = cast.now + 90 * make.HOUR
    other = meetings.closed(cast, meetings.opened(cast, extract, starts_at=later))
    names = ("signed_by", "signed_name", "signed_at", "sign_method", "signature", "state")
    Meeting.objects.filter(pk=other.pk).update(**{name: getattr(one, name) for name in names})
    other.refresh_from_db()
    assert (minutes_hold(other), signature_holds(other), len(list(minutes_problems()))) == (True, False, 1)


def test_broken_minutes_are_not_signed(cast, cases):
    done = meetings.closed(cast, meetings.opened(cast, cases))
    Meeting.objects.update(minutes={**done.minutes, "deferred": []})
    done.refresh_from_db()
    with pytest.raises(Conflict) as refused:
        sign_minutes(done, minutes_hash=done.minutes_hash, signature=make.SIGNATURE, now=cast.now, actor=cast("fay"))
    assert refused.value.code == "MINUTES_BROKEN"
