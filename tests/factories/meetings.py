"""Meetings of the board for tests: max keeps the agenda, fay (OPERATIONS) is in the chair."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from approvals.domain.agenda import add_to_agenda, begin_item, vote_in_meeting
from approvals.domain.attendance import come
from approvals.domain.meetings import open_meeting, plan_meeting
from approvals.domain.minutes import close_meeting, sign_minutes
from approvals.models import AgendaItem, ChangeRequest, Meeting, Vote
from tests.cast import Cast
from tests.factories.approvals import HOUR, SIGNATURE

MINUTE = dt.timedelta(minutes=1)
#: Four of the five seats; rae sits for bo.
FOUR = ("rae", "cy", "di", "fay")
EVERYBODY = ("bo", "cy", "di", "ed", "fay")


def planned(
    cast: Cast,
    *changes: ChangeRequest,
    title: str = "Board, week 22",
    starts_at: dt.datetime | None = None,
    filter: Mapping[str, Any] | None = None,
) -> Meeting:
    """A meeting of the board in an hour, with these changes on its agenda."""
    board = cast.board()
    meeting = plan_meeting(
        board, title=title, starts_at=starts_at or cast.now + HOUR, chair=cast("fay"), filter=filter,
        now=cast.now, actor=cast("max"),
    )  # fmt: skip
    for change in changes:
        add_to_agenda(meeting, change=change, now=cast.now, actor=cast("max"))
    return meeting


def opened(cast: Cast, *changes: ChangeRequest, here: Sequence[str] = EVERYBODY, **said: Any) -> Meeting:
    """The same, opened, with these people in the room."""
    meeting = planned(cast, *changes, **said)
    open_meeting(meeting, now=meeting.starts_at, actor=cast("max"))
    for name in here:
        come(meeting, person=cast(name), now=meeting.starts_at, actor=cast(name))
    return meeting


def item(meeting: Meeting, change: ChangeRequest) -> AgendaItem:
    """As it is stored now."""
    return AgendaItem.objects.select_related("meeting", "change").get(meeting=meeting, change=change)


def begun(cast: Cast, change: ChangeRequest, **said: Any) -> AgendaItem:
    """The change is being discussed."""
    meeting = opened(cast, change, **said)
    begin_item(item(meeting, change), now=meeting.starts_at + MINUTE, actor=cast("max"))
    return item(meeting, change)


def vote(cast: Cast, of: AgendaItem, name: str, choice: str = "APPROVE", **said: Any) -> Vote:
    """What ``name`` says in the meeting, two minutes after its beginning."""
    fresh = item(of.meeting, of.change)
    given = {"revision_hash": fresh.change.revision_hash, "signature": SIGNATURE, **said}
    given.setdefault("comment", "Not like this." if choice == "REJECT" else "")
    given.setdefault("now", of.meeting.starts_at + 2 * MINUTE)
    return vote_in_meeting(fresh, choice=choice, actor=cast(name), **given)


def closed(cast: Cast, meeting: Meeting) -> Meeting:
    close_meeting(meeting, now=meeting.starts_at + HOUR, actor=cast("max"))
    return Meeting.objects.get(pk=meeting.pk)


def signed(cast: Cast, meeting: Meeting) -> Meeting:
    """Closed, and signed by its chair."""
    done = closed(cast, meeting)
    at = done.starts_at + 2 * HOUR
    sign_minutes(done, minutes_hash=done.minutes_hash, signature=SIGNATURE, now=at, actor=cast("fay"))
    return Meeting.objects.get(pk=done.pk)
