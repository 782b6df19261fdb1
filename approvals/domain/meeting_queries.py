"""What pages and answers ask of meetings; every one starts from what the actor may see."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Count, Q, QuerySet

from governance.domain.audit import history_of
from governance.domain.rules import visible, visible_or_404
from governance.kernel.errors import NotFound
from governance.models import AuditEvent, Board, Role, User

from ..models import AgendaItem, Attendance, ChangeRequest, Meeting
from .queries import with_all_shown
from .telling import board_people, holders_of


def meetings_of(actor: User) -> QuerySet[Meeting]:
    """The meetings that ``actor`` may see, with how many items each has and how many are decided."""
    return with_counts(visible(Meeting.objects.all(), actor))


def with_counts(meetings: QuerySet[Meeting]) -> QuerySet[Meeting]:
    """With board, chair and signer, ``items`` and ``decided``: how many are on the agenda and how many of them done."""
    return meetings.select_related("board", "chair", "signed_by").annotate(
        items=Count("agenda"), decided=Count("agenda", filter=Q(agenda__state="DECIDED"))
    )


def meeting_at(actor: User, pk: Any) -> Meeting:
    return visible_or_404(with_counts(Meeting.objects.all()), actor, pk=pk)


def agenda_of(meeting: Meeting) -> list[AgendaItem]:
    """In order, each with its change."""
    items = list(meeting.agenda.select_related("change__requester").order_by("position", "pk"))
    for item in items:
        item.meeting = meeting
    return items


def attendances_of(meeting: Meeting) -> list[Attendance]:
    return list(meeting.attendances.in_order())


def item_of(meeting: Meeting, key: str) -> AgendaItem:
    """The item by its change's key; ``NotFound`` when it is not on this agenda."""
    found = meeting.agenda.select_related("change").filter(change__key=key).first()
    if found is None:
        raise NotFound(f"{key} is not on this agenda.")
    found.meeting = meeting
    return found


def change_named(actor: User, key: str) -> ChangeRequest:
    """The change by its key, as its page shows it."""
    return visible_or_404(with_all_shown(ChangeRequest.objects.all()), actor, key=key)


def boards_there_are(actor: User) -> list[Board]:
    return list(visible(Board.objects.order_by("name"), actor))


def board_named(actor: User, key: str) -> Board:
    return visible_or_404(Board.objects.all(), actor, key=key)


def person_called(username: str, *, field: str = "person") -> User:
    """An active person by username. Raises ``NotFound``."""
    found = User.objects.filter(username=username.strip(), kind="PERSON", is_active=True).first()
    if found is None:
        raise NotFound(f"There is no active person '{username.strip()[:80]}'.", errors={field: ["a username"]})
    return found


def possible_chairs(*, now: dt.datetime) -> list[User]:
    """Members and alternates of the board, and the change managers."""
    people = {one.pk: one for one in [*board_people(now=now), *holders_of(Role.CHANGE_MANAGER)] if one.is_active}
    return sorted(people.values(), key=str)


def meeting_story(meeting: Meeting) -> QuerySet[AuditEvent]:
    """What was recorded about the meeting itself."""
    return history_of(meeting)
