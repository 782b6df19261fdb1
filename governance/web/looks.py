"""How each state looks: a tone, an icon and words, so that no state is told by colour alone."""

from __future__ import annotations

import re
from dataclasses import dataclass

from django.apps import apps


@dataclass(frozen=True, slots=True)
class Look:
    """``tone`` is one of good, info, warn, bad, quiet, strong; own CSS gives each its two colours."""

    tone: str
    icon: str


GOOD = Look("good", icon="circle-check")
DONE = Look("good", icon="check")
RUNNING = Look("info", icon="progress")
WAITING = Look("info", icon="clock")
TALKING = Look("info", icon="message-question")
DRAFTED = Look("quiet", icon="pencil")
OVER = Look("quiet", icon="archive")
UNKNOWN = Look("quiet", icon="help-circle")
ASIDE = Look("quiet", icon="circle-minus")
CAREFUL = Look("warn", icon="alert-triangle")
PAUSED = Look("warn", icon="player-pause")
BROKEN = Look("bad", icon="circle-x")
FORBIDDEN = Look("bad", icon="ban")
ALARM = Look("bad", icon="alert-octagon")
NOTED = Look("info", icon="info-circle")
MUST = Look("strong", icon="asterisk")

LOOKS: dict[str, Look] = {
    state: look
    for look, states in {
        GOOD: "ACTIVE PUBLISHED UP SATISFIED CONFORMS COMPATIBLE YES VALID MET AVAILABLE HEALTHY OK INTACT LIVE "
        "DELIVERED SIGNED GIVEN COMPUTED",
        DONE: "APPROVED APPROVE ACK ACKNOWLEDGED RECOMMENDED CLOSED RESOLVED SUCCESSFUL FIXED REMEDIATED PASSED "
        "ACCEPTED_RETROSPECTIVE REPLAYED IMPLEMENTED RATIFIED DONE DECIDED",
        RUNNING: "IN_REVIEW IN_BUILD IN_TEST IN_PROGRESS IMPLEMENTING REVIEW ASSESS AUTHORIZE TRIAGED SUBMITTED "
        "RUNNING CURRENT",
        WAITING: "PROPOSED SCHEDULED PENDING UNSATISFIED OPEN QUEUED ASSIGNED REQUESTED NEW AWAITING_MASTER_DATA "
        "READY_TO_REPLAY PLANNED DUE WAITING LEAD_TIME",
        TALKING: "REQUEST_INFO DEFER DEFERRED",
        DRAFTED: "DRAFT DISCOVERED",
        OVER: "RETIRED SUPERSEDED DEPRECATED WITHDRAWN CANCELLED DISCARDED EXPIRED ENDED",
        UNKNOWN: "UNKNOWN NO_DATA NOT_APPLICABLE NO_CHECKER",
        ASIDE: "ABSTAIN ACCEPTABLE NONE FALSE_POSITIVE STALE OVERRIDDEN PATCH",
        CAREFUL: "DEGRADED SLOW WARNING DISCOURAGED WAIVED SUCCESSFUL_WITH_ISSUES FORCED MINOR LATE EMERGENCY CONFLICT "
        "SAME_ASSET RELATED_ASSET IMPLEMENTER_BUSY MISSING",
        PAUSED: "SUSPENDED ON_HOLD PAUSED MAINTENANCE FROZEN BLACKOUT FREEZE QUIET OUTSIDE_MAINTENANCE",
        BROKEN: "DOWN REJECTED REJECT OBJECT REQUIRED_NOT_MET BREAKING FAILED FAILED_BACKED_OUT REVERTED REVOKED NO "
        "INVALID BREACHED MAJOR DEAD OVERDUE",
        NOTED: "NOTE",
        FORBIDDEN: "PROHIBITED",
        ALARM: "ERROR UNAUTHORIZED DETECTED CRITICAL BROKEN",
        MUST: "REQUIRED",
    }.items()
    for state in states.split()
}

KEPT_UPPER = {"API", "HL7", "FHIR", "ERP", "PHI", "PII", "PCI", "BAA", "CI", "UI", "CLI", "IT", "SLA", "RTO", "RPO"}


def look_of(state: object) -> Look:
    """The look of a state; one that nobody has named yet is shown as unknown, never as good."""
    return LOOKS.get(str(state).upper().replace(" ", "_").replace("-", "_"), UNKNOWN)


#: A word of a closed list, and those that people say otherwise.
CODE = re.compile(r"[A-Za-z0-9_ ]+")
SAID = {"UNSATISFIED": "Waiting"}


def words(code: object) -> str:
    """``IN_REVIEW`` as people read it: "In review"; abbreviations of the field stay as they are."""
    if str(code) in SAID:
        return SAID[str(code)]
    if not CODE.fullmatch(str(code)):
        return str(code) or "Not stated"  # not one of our codes: a message type, a name
    parts = str(code).replace("_", " ").split()
    said = [part if part in KEPT_UPPER else part.lower() for part in parts]
    return " ".join([said[0][:1].upper() + said[0][1:], *said[1:]]) if said else "Not stated"


def record_words(label: str) -> str:
    """``approvals.calendarentry`` as people say it: "Calendar entry"; a kind that no longer exists keeps its label."""
    try:
        return apps.get_model(label)._meta.verbose_name.capitalize()
    except (LookupError, ValueError):
        return label
