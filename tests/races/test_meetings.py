"""Meetings under real concurrency on PostgreSQL: one item at a time, one presence, one signature."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

from approvals.domain.agenda import begin_item, fill_agenda, next_item
from approvals.domain.attendance import come
from approvals.domain.minutes import close_meeting, minutes_hold, sign_minutes, signature_holds
from approvals.models import AgendaItem, Attendance, Meeting
from governance.domain.seals import verify
from governance.kernel.errors import DomainError
from governance.models import AuditEvent, User
from tests.factories import approvals as make
from tests.factories import meetings
from tests.races.test_changes import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("seed_tables"),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's: set DATABASE_URL"),
]


def doing(command: Callable[..., Any], meeting: Meeting, user: User, **said: Any) -> Callable[[], Any]:
    def work() -> Any:
        fresh, person = Meeting.objects.get(pk=meeting.pk), User.objects.get(pk=user.pk)
        return command(fresh, now=meeting.starts_at, actor=person, **said)

    return work


def codes(results: list[Any]) -> list[str]:
    return sorted(one.code if isinstance(one, DomainError) else "done" for one in results)


def count(action: str) -> int:
    return AuditEvent.objects.filter(action=action).count()


@pytest.fixture
def changes(cast):
    return [make.asked_change(cast, key) for key in ("IF-SUR-001", "IF-SUR-007")]


@pytest.mark.parametrize("attempt", range(3))
def test_two_who_press_next_at_once_go_on_once(cast, changes, attempt):
    meeting = meetings.opened(cast, *changes, here=())
    results = at_once(*(doing(next_item, meeting, cast(name), seen="") for name in ("max", "fay")))
    assert codes(results) == ["MEETING_MOVED", "done"]
    assert AgendaItem.objects.filter(state="CURRENT").count() == 1
    assert count("approvals.agenda_item.begin") == 1
    assert verify().ok


def test_two_items_that_are_begun_at_once_are_one(cast, changes):
    meeting = meetings.opened(cast, *changes, here=())

    def beginning(change, name) -> Callable[[], Any]:
        def work() -> Any:
            item, person = meetings.item(meeting, change), User.objects.get(pk=cast(name).pk)
            return begin_item(item, now=meeting.starts_at, actor=person)

        return work

    results = at_once(beginning(changes[0], "max"), beginning(changes[1], "fay"))
    assert codes(results) == ["MEETING_MOVED", "done"]
    assert AgendaItem.objects.filter(state="CURRENT").count() == 1


def test_eight_fillings_at_once_put_each_change_on_once(cast, changes):
    meeting = meetings.planned(cast)
    results = at_once(*(doing(fill_agenda, meeting, cast("max")) for _ in range(8)))
    assert codes(results) == ["done"] * 8
    assert sorted(AgendaItem.objects.values_list("position", flat=True)) == [1, 2]


def test_somebody_who_comes_by_two_doors_is_there_once(cast, changes):
    meeting = meetings.opened(cast, here=())
    results = at_once(*(doing(come, meeting, cast(name), person=cast("fay")) for name in ("max", "fay")))
    assert codes(results) == ["DUPLICATE", "done"]
    assert Attendance.objects.count() == 1


def test_closing_and_going_on_at_once_leave_nothing_half(cast, changes):
    meeting = meetings.opened(cast, *changes, here=("bo",))
    results = at_once(
        doing(close_meeting, meeting, cast("max")), doing(next_item, meeting, cast("fay"), seen="")
    )  # fmt: skip
    assert codes(results) == ["WRONG_STATE", "done"]
    stored = Meeting.objects.get()
    states = set(AgendaItem.objects.values_list("state", flat=True))
    if stored.state == "CLOSED":
        assert (states, minutes_hold(stored)) == ({"DEFERRED"}, True)
    else:
        assert (states, stored.minutes_hash) == ({"CURRENT", "WAITING"}, "")


def test_minutes_are_signed_once(cast, changes):
    meeting = meetings.closed(cast, meetings.opened(cast, *changes, here=()))
    said = {"minutes_hash": meeting.minutes_hash, "signature": make.SIGNATURE}
    results = at_once(*(doing(sign_minutes, meeting, cast("fay"), **said) for _ in range(4)))
    assert codes(results) == ["WRONG_STATE", "WRONG_STATE", "WRONG_STATE", "done"]
    stored = Meeting.objects.get()
    assert (stored.state, signature_holds(stored), count("approvals.meeting.sign")) == ("SIGNED", True, 1)
    assert verify().ok
