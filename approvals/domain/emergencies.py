"""Emergencies: authorised now by one who may, ratified afterwards by those who would have been asked, or escalated."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import DatabaseError
from django.db.models import F

from catalog.models import InterfaceBinding
from governance.domain.audit import recorded
from governance.domain.rules import granted, has_role, require
from governance.kernel.errors import DomainError, Invalid, NotReady, WrongState
from governance.models import Board, Role, User

from ..business_days import add_business_days
from ..lifecycle import CHANGE
from ..models import ApprovalRequirement, ChangeRequest, EmergencyBlock, Purpose, Vote
from .requirements import current_requirements, plan_change, write_requirements
from .telling import board_people, change_managers, page_of, tell

log = structlog.get_logger("interlock.approvals")
RATIFY_DAYS, REVIEW_DAYS = 3, 10
CHAIRS = "governance.chair_board"


def zone_of(change: ChangeRequest) -> str:
    """Whose business days count: those of the facility where the first touched interface runs in production."""
    touched = [item.touched_interface_id for item in change.items.all() if item.touched_interface_id]
    places = InterfaceBinding.objects.filter(interface__in=touched, facility__isnull=False).select_related("facility")
    found = sorted(
        (one.environment != "PROD", one.facility.key, one.facility.timezone) for one in places if one.facility
    )
    return found[0][2] if found else "UTC"


def begin_emergency(change: ChangeRequest, *, now: dt.datetime) -> None:
    """Authorised: it is carried out now, and the normal approvers are asked to ratify it. Inside the last vote."""
    zone = zone_of(change)
    CHANGE.move(
        change, "implement", authorised_hash=change.revision_hash, authorised_at=now,
        implement_at=max(now, change.window_start or now),
        ratify_by=add_business_days(now, RATIFY_DAYS, zone), review_by=add_business_days(now, REVIEW_DAYS, zone),
    )  # fmt: skip
    planned = plan_change(change, list(change.items.all()), now=now, change_class="NORMAL")
    asked = current_requirements(change).count()
    write_requirements(change, planned, now=now, purpose=Purpose.RATIFY, after=asked)


def ratification_needs(change: ChangeRequest) -> list[ApprovalRequirement]:
    return list(current_requirements(change).filter(purpose=Purpose.RATIFY))


def ratify(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """Everyone who would have been asked has confirmed it afterwards."""
    unratified = ChangeRequest.objects.filter(pk=change.pk, ratified_at=None)
    with recorded("approvals.change.ratify", actor=actor, subject=change, now=now):
        if unratified.update(ratified_at=now, revision=F("revision") + 1):
            change.ratified_at, change.revision = now, change.revision + 1
            said = f"{change.key} is ratified. Its review is due by {change.review_by:%Y-%m-%d %H:%MZ}."
            tell([change.requester, change.responsible], "emergency.ratified", said, url=page_of(change), now=now)


def refuse_ratification(
    change: ChangeRequest, lost: ApprovalRequirement, vote: Vote, *, now: dt.datetime, actor: User
) -> None:
    """A normal approver says it should not have been: it is escalated, and its author is asked to undo it."""
    reason = f"{lost}: {vote.comment}"
    with recorded("approvals.change.refuse_ratification", actor=actor, subject=change, now=now, reason=reason):
        escalate(change, f"{change.key} was not ratified: {reason}", now=now)
        said = f"{change.key} was not ratified ({lost}). Ask for a change that undoes it."
        tell([change.requester, change.responsible], "emergency.refused", said, url=page_of(change), now=now)


def escalate(change: ChangeRequest, said: str, *, now: dt.datetime) -> None:
    """The change managers and the board are told, and the team opens no further emergencies."""
    unescalated = ChangeRequest.objects.filter(pk=change.pk, escalated_at=None)
    if not unescalated.update(escalated_at=now, revision=F("revision") + 1):
        return
    change.escalated_at, change.revision = now, change.revision + 1
    if change.team:
        EmergencyBlock.objects.get_or_create(
            team=change.team, because=change, lifted_at=None, defaults={"since": now, "created_at": now}
        )
    tell([*change_managers(), *board_people(now=now)], "emergency.escalated", said, url=page_of(change), now=now)


def escalate_overdue_changes(*, now: dt.datetime, actor: User, limit: int = 50) -> int:
    """The clock: emergencies that nobody ratified in time, and reviews that nobody held. Each is escalated once."""
    unratified = ChangeRequest.objects.overdue_ratification(now).order_by("ratify_by")[:limit]
    unreviewed = ChangeRequest.objects.overdue_review(now).order_by("review_by")[:limit]
    done = 0
    for change in {one.pk: one for one in (*unratified, *unreviewed)}.values():
        try:
            escalate_change(change, now=now, actor=actor)
            done += 1
        except (DomainError, DatabaseError):  # one that cannot be told must not keep the others waiting
            log.exception("overdue change not escalated", change=change.key)
    return done


def escalate_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """Whatever of it is overdue and was not escalated yet."""
    if change.ratify_by and change.ratify_by <= now and not (change.ratified_at or change.escalated_at):
        escalate_ratification(change, now=now, actor=actor)
    if change.review_by and change.review_by <= now and not (change.closed_at or change.review_escalated_at):
        escalate_review(change, now=now, actor=actor)


def escalate_ratification(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    said = f"{change.key} should have been ratified by {change.ratify_by:%Y-%m-%d %H:%MZ}."
    with recorded("approvals.change.escalate", actor=actor, subject=change, now=now, reason=said):
        escalate(change, f"{said} {change.team or 'Its team'} opens no emergencies meanwhile.", now=now)


def escalate_review(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    said = f"The review of {change.key} was due by {change.review_by:%Y-%m-%d %H:%MZ}."
    with recorded("approvals.change.escalate_review", actor=actor, subject=change, now=now, reason=said):
        late = ChangeRequest.objects.filter(pk=change.pk, review_escalated_at=None)
        if late.update(review_escalated_at=now, revision=F("revision") + 1):
            people = [*change_managers(), change.requester, change.responsible]
            tell(people, "review.overdue", said, url=page_of(change), now=now)


def lift_block(block: EmergencyBlock, *, reason: str, now: dt.datetime, actor: User) -> EmergencyBlock:
    """The team may call emergencies again: by the change manager once the cause is ratified, by the chair before.

    Raises ``NotReady`` (NOT_RATIFIED) and ``WrongState`` when it is lifted already.
    """
    require(actor, "lift", block)
    if not reason.strip():
        raise Invalid("Say why it is lifted.", errors={"reason": ["is required"]})
    if not may_lift(actor, block):
        said = f"{block.because.key} is not ratified: only the chair of the board lifts the block before it is."
        raise NotReady(said, code="NOT_RATIFIED", details={"change": block.because.key})
    with recorded("approvals.emergency_block.lift", actor=actor, subject=block, now=now, reason=reason):
        standing = EmergencyBlock.objects.filter(pk=block.pk, lifted_at=None)
        said = reason.strip()[:300]
        if not standing.update(lifted_at=now, lifted_by=actor, lifted_reason=said, revision=F("revision") + 1):
            raise WrongState(f"The block of {block.team} is lifted already.")
    block.refresh_from_db()
    return block


def may_lift(actor: User, block: EmergencyBlock) -> bool:
    ratified = ChangeRequest.objects.filter(pk=block.because_id, ratified_at__isnull=False).exists()
    return is_chair(actor) or (ratified and has_role(actor, Role.CHANGE_MANAGER))


def is_chair(actor: User) -> bool:
    return granted(actor, CHAIRS, Board).exists()
