"""What may change and who said so: change requests, requirements, votes, waivers, meetings, the calendar."""

from .calendar import CalendarEntry, CalendarFeed, CalendarKind
from .meetings import AgendaItem, Attendance, Meeting
from .requests import (
    SUBJECTS,
    ChangeAuthor,
    ChangeClass,
    ChangeItem,
    ChangeRequest,
    ChangeSeries,
    ChangeType,
    Operation,
    Outcome,
)
from .reviews import EmergencyBlock, Review
from .templates import StandardChangeTemplate
from .votes import (
    DECIDING,
    ApprovalRequirement,
    ChangeComment,
    Choice,
    Override,
    Purpose,
    Recusal,
    RequirementStatus,
    SignMethod,
    Vote,
)
from .waivers import Waiver, WaiverKind

__all__ = [
    "DECIDING",
    "SUBJECTS",
    "AgendaItem",
    "ApprovalRequirement",
    "Attendance",
    "CalendarEntry",
    "CalendarFeed",
    "CalendarKind",
    "ChangeAuthor",
    "ChangeClass",
    "ChangeComment",
    "ChangeItem",
    "ChangeRequest",
    "ChangeSeries",
    "ChangeType",
    "Choice",
    "EmergencyBlock",
    "Meeting",
    "Operation",
    "Outcome",
    "Override",
    "Purpose",
    "Recusal",
    "RequirementStatus",
    "Review",
    "SignMethod",
    "StandardChangeTemplate",
    "Vote",
    "Waiver",
    "WaiverKind",
]
