"""The board's meetings: planned, amended, opened, cancelled. What happens in one is in ``agenda`` and ``minutes``."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import F

from governance.domain.audit import recorded
from governance.domain.rules import reads_everything, require
from governance.kernel.errors import Invalid, WrongState
from governance.models import Board, User

from ..lifecycle import MEETING
from ..models import Meeting
from .agenda_filter import checked_filter
from .telling import board_people, tell

#: While an agenda may still be arranged.
OPEN = ("PLANNED", "RUNNING")
LONGEST_MIN = 480


def plan_meeting(
    board: Board,
    *,
    title: str,
    starts_at: dt.datetime,
    chair: User,
    minutes_planned: int = 60,
    filter: Mapping[str, Any] | None = None,
    now: dt.datetime,
    actor: User,
) -> Meeting:
    """A sitting of the board at ``starts_at``; its members and alternates are told.

    ``filter`` is the question that fills the agenda, see ``agenda_filter``. Raises ``Invalid`` beside the field.
    """
    require(actor, "plan", Meeting)
    meeting = Meeting(
        board=board, title=title.strip(), starts_at=starts_at, chair=chair, minutes_planned=minutes_planned,
        filter=checked_filter(filter or {}),
    )  # fmt: skip
    check_meeting(meeting, now=now)
    with recorded("approvals.meeting.plan", actor=actor, subject=meeting, now=now):
        meeting.save(force_insert=True)
        said = f"The board meets: {meeting.title}."
        tell(board_people(now=now), "meeting.planned", said, url=page_of(meeting), now=now)
    return meeting


def page_of(meeting: Meeting) -> str:
    return f"/changes/meetings/{meeting.pk}/"


def check_meeting(meeting: Meeting, *, now: dt.datetime) -> None:
    if not meeting.title:
        raise Invalid("Give the meeting a name.", errors={"title": ["Its name, such as: Board, week 22."]})
    if meeting.starts_at < now:
        raise Invalid("A meeting lies ahead.", errors={"starts_at": ["later than now"]})
    if not 5 <= meeting.minutes_planned <= LONGEST_MIN:
        raise Invalid("This is too short or too long.", errors={"minutes_planned": [f"5 to {LONGEST_MIN} minutes"]})
    chair = meeting.chair
    if not (chair.is_person and chair.is_active and reads_everything(chair)):
        said = f"{chair} does not read what the board reads and cannot chair it."
        raise Invalid(said, errors={"chair": ["somebody who reads what the board reads"]})


AMENDABLE = ("title", "starts_at", "chair", "minutes_planned")


def amend_meeting(meeting: Meeting, *, now: dt.datetime, actor: User, **values: Any) -> Meeting:
    """Another time, title, length or chair, before it is opened."""
    require(actor, "amend", meeting)
    unknown = sorted(set(values) - set(AMENDABLE))
    if unknown:
        raise Invalid("This cannot be amended.", errors={name: ["cannot be set"] for name in unknown})
    for name, value in values.items():
        setattr(meeting, name, value.strip() if isinstance(value, str) else value)
    check_meeting(meeting, now=now)
    with recorded("approvals.meeting.amend", actor=actor, subject=meeting, now=now):
        wanted = {name: getattr(meeting, name) for name in values}
        take_turn(meeting, ("PLANNED",))
        Meeting.objects.filter(pk=meeting.pk).update(**wanted)
        meeting.refresh_from_db()
    return meeting


def cancel_meeting(meeting: Meeting, *, reason: str, now: dt.datetime, actor: User) -> Meeting:
    """It does not take place; what was on its agenda may be put on another."""
    require(actor, "cancel", meeting)
    if not reason.strip():
        raise Invalid("Say why.", errors={"reason": ["It is told to the board."]})
    with recorded("approvals.meeting.cancel", actor=actor, subject=meeting, now=now, reason=reason):
        MEETING.move(meeting, "cancel")
        said = f"{meeting.title} does not take place: {reason}"
        tell(board_people(now=now), "meeting.cancelled", said, url=page_of(meeting), now=now)
    return meeting


def open_meeting(meeting: Meeting, *, now: dt.datetime, actor: User) -> Meeting:
    """It has begun: from now on people come and go, items begin, and votes may be cast in it."""
    require(actor, "open", meeting)
    with recorded("approvals.meeting.open", actor=actor, subject=meeting, now=now):
        MEETING.move(meeting, "open", opened_at=now)
    return meeting


def take_turn(meeting: Meeting, states: Sequence[str]) -> None:
    """Touch the meeting first: those who act on it at once follow one another. Call it inside ``recorded``.

    Raises ``WrongState`` when it is in none of ``states`` any more.
    """
    taken = Meeting.objects.filter(pk=meeting.pk, state__in=states).update(revision=F("revision") + 1)
    meeting.refresh_from_db()
    if not taken:
        raise WrongState(
            f"{meeting} is {meeting.state}; this is done while it is {' or '.join(states)}.",
            details={"state": meeting.state},
        )
