"""What may change and who said so: change requests, requirements, votes, the calendar."""

from .calendar import CalendarEntry, CalendarKind
from .requests import (
    ChangeAuthor,
    ChangeClass,
    ChangeItem,
    ChangeRequest,
    ChangeSeries,
    ChangeType,
    Operation,
    Outcome,
)
from .votes import DECIDING, ApprovalRequirement, Choice, RequirementStatus, Vote

__all__ = [
    "DECIDING",
    "ApprovalRequirement",
    "CalendarEntry",
    "CalendarKind",
    "ChangeAuthor",
    "ChangeClass",
    "ChangeItem",
    "ChangeRequest",
    "ChangeSeries",
    "ChangeType",
    "Choice",
    "Operation",
    "Outcome",
    "RequirementStatus",
    "Vote",
]
