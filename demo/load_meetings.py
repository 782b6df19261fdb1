"""The board's sittings: one that decided on the direct read of the HR tables, and the next one with its agenda."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from approvals.domain import agenda, attendance, meetings, minutes
from approvals.models import ChangeRequest, Meeting
from governance.models import Board

from . import load_changes
from .timeline import Life, working_hour
from .world import World, rows

MINUTE = dt.timedelta(minutes=1)


def sitting_on(interface: str) -> dict[str, Any] | None:
    """The sitting that the story tells of the interface's change, if any."""
    return next((row for row in rows("meetings")["sittings"] if row["interface"] == interface), None)


def vote_in_sitting(
    world: World, change: ChangeRequest, sitting: dict[str, Any], script: list[list[str]], *, at: dt.datetime
) -> Life:
    """Who votes beforehand does so; then the board meets, votes seat by seat, and its chair signs the minutes."""
    before = [said for said in script if said[0] in sitting["before"]]
    yield from load_changes.vote_as_written(world, change, before, Random(sitting["title"]), at=at)
    planned_at = max([at, *change.votes.values_list("at", flat=True)]) + dt.timedelta(hours=1)
    yield planned_at
    starts = working_hour(planned_at + dt.timedelta(days=4)).replace(hour=15, minute=0)
    meeting = plan(world, sitting, starts_at=starts, minutes_planned=60, at=planned_at)
    agenda.add_to_agenda(meeting, change=change, now=planned_at, actor=world.user(sitting["secretary"]))
    yield starts
    hold(world, meeting, change, sitting, [said for said in script if said not in before])


def plan(
    world: World, row: dict[str, Any], *, starts_at: dt.datetime, minutes_planned: int, at: dt.datetime
) -> Meeting:
    return meetings.plan_meeting(
        Board.objects.get(), title=row["title"], starts_at=starts_at, minutes_planned=minutes_planned,
        chair=world.user(row["chair"]), filter=row.get("filter"), now=at, actor=world.user(row["secretary"]),
    )  # fmt: skip


def hold(world: World, meeting: Meeting, change: ChangeRequest, row: dict[str, Any], script: list[list[str]]) -> None:
    """The sitting itself, from its opening to the signature, within three quarters of an hour."""
    at, secretary, chair = meeting.starts_at, world.user(row["secretary"]), world.user(row["chair"])
    meetings.open_meeting(meeting, now=at, actor=secretary)
    for username, _, _ in script:
        person = world.user(username)
        attendance.come(meeting, person=person, now=at + MINUTE, actor=person)
    agenda.next_item(meeting, seen="", now=at + 2 * MINUTE, actor=secretary)
    for number, (username, choice, comment) in enumerate(script, start=1):
        voter, item = world.user(username), meeting.agenda.select_related("meeting", "change").get(change=change)
        agenda.vote_in_meeting(
            item, choice=choice, comment=comment, revision_hash=change.revision_hash,
            signature=load_changes.signature_of(voter), now=at + (2 + 2 * number) * MINUTE, actor=voter,
        )  # fmt: skip
    item = meeting.agenda.select_related("meeting", "change").get(change=change)
    agenda.write_notes(item, notes=row["notes"], revision=item.revision, now=at + 13 * MINUTE, actor=secretary)
    agenda.next_item(meeting, seen=change.key, now=at + 14 * MINUTE, actor=secretary)
    minutes.close_meeting(meeting, now=at + 15 * MINUTE, actor=secretary)
    minutes.sign_minutes(
        meeting, minutes_hash=meeting.minutes_hash, signature=load_changes.signature_of(chair),
        now=at + 40 * MINUTE, actor=chair,
    )  # fmt: skip


def load_meetings(world: World) -> None:
    """The next regular sitting, its agenda filled by its filter."""
    row = rows("meetings")["planned"]
    if not Meeting.objects.filter(title=row["title"]).exists():
        starts = working_hour(world.now + dt.timedelta(days=row["days_ahead"])).replace(hour=row["hour"], minute=0)
        meeting = plan(world, row, starts_at=starts, minutes_planned=row["minutes_planned"], at=world.now)
        agenda.fill_agenda(meeting, now=world.now, actor=world.user(row["secretary"]))
    world.tell(f"meetings {Meeting.objects.count()}")
