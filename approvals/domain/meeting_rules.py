"""Who sees the board's meetings, who runs them, and who signs their minutes."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from governance.domain.rules import has_role, is_clock, reads_everything, register
from governance.models import Role

from ..models import AgendaItem, Attendance, Meeting
from .emergencies import is_chair


def sees_meetings(actor: Any) -> Q:
    """Those who read what the board reads, and whoever chairs the meeting."""
    return Q() if reads_everything(actor) else Q(chair=actor)


def through_meeting(actor: Any) -> Q:
    return Q() if reads_everything(actor) else Q(meeting__chair=actor)


def plans(actor: Any, subject: Any) -> bool:
    """The change managers, who keep the agenda, and the board's chair."""
    return is_clock(actor) or has_role(actor, Role.CHANGE_MANAGER) or is_chair(actor)


def runs(actor: Any, meeting: Any) -> bool:
    return plans(actor, meeting) or actor.pk == meeting.chair_id


def pulls(actor: Any, meeting: Any) -> bool:
    """Any member may ask that something be talked about."""
    return runs(actor, meeting) or has_role(actor, Role.BOARD_MEMBER)


def signs(actor: Any, meeting: Any) -> bool:
    """The chair alone, whoever else may run the meeting."""
    return actor.pk == meeting.chair_id


def reads(actor: Any, meeting: Any) -> bool:
    return reads_everything(actor) or actor.pk == meeting.chair_id


register(
    Meeting,
    view=sees_meetings,
    plan=plans,
    amend=runs,
    cancel=runs,
    open=runs,
    close=runs,
    run=runs,
    promote=pulls,
    attend=reads,
    sign=signs,
)
register(AgendaItem, view=through_meeting)
register(Attendance, view=through_meeting)
