"""Who may vote for which role at this moment: seats, alternates, owners, delegates; and who never may."""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.domain.owners import owner_people, people_of
from catalog.models import OwnerKind
from governance.domain.rules import has_role
from governance.kernel.errors import NotAllowed
from governance.models import BoardSeat, Constituency, Role, User

from ..models import ApprovalRequirement, ChangeRequest
from .standing import CONSUMER_OWNER, INTERFACE_OWNER, Standing, claims_of, standing_in

__all__ = ["CONSUMER_OWNER", "Standing", "electorate", "excluded_reason", "holders", "require_may_vote", "standing_of"]


def holders(requirement: ApprovalRequirement, role: str, *, now: dt.datetime) -> list[User]:
    """The people who hold ``role`` for this requirement in their own right."""
    if role in Constituency.values:
        seats = BoardSeat.objects.in_term(now).filter(constituency=role).select_related("member")
        found = [seat.member for seat in seats]
    elif role == CONSUMER_OWNER:
        team = requirement.subscription.consumer.owner_team if requirement.subscription else None
        found = list(people_of(team)) if team else []
    elif role == INTERFACE_OWNER:
        interfaces = [item.touched_interface for item in requirement.change.items.all()]
        found = [p for i in interfaces if i for p in owner_people(i, OwnerKind.BUSINESS_OWNER)]
    elif role in Role.values:
        found = list(
            User.objects.filter(memberships__until__isnull=True, memberships__team__roles__role=role).distinct()
        )
    else:
        found = []
    return [person for person in found if person.is_active and person.is_person]


def alternates(role: str, *, now: dt.datetime) -> dict[User, User]:
    """Alternate -> the member in whose place they vote."""
    seats = BoardSeat.objects.in_term(now).filter(constituency=role, alternate__isnull=False)
    return {seat.alternate: seat.member for seat in seats.select_related("member", "alternate") if seat.alternate}


def standing_of(
    actor: User, requirement: ApprovalRequirement, *, change: ChangeRequest, now: dt.datetime, role: str = ""
) -> Standing | None:
    """The first role of the requirement that ``actor`` may fill now, in their own right before another's."""
    claims = claims_of(actor, now=now)
    return standing_in(claims, requirement, change=change, excluded=excluded_ids(change), role=role)


def electorate(requirement: ApprovalRequirement, *, now: dt.datetime) -> list[User]:
    """Everyone who could satisfy the requirement: holders, and alternates of members, who are not excluded."""
    change = requirement.change
    found: list[User] = []
    for role in requirement.roles:
        found += holders(requirement, role, now=now)
        stand_ins = alternates(role, now=now).items()
        found += [one for one, member in stand_ins if one.is_active and not excluded_reason(change, member)]
    return [person for person in dict.fromkeys(found) if not excluded_reason(change, person)]


def author_ids(change: ChangeRequest) -> set[Any]:
    """Who opened it, who answers for it, and everyone who wrote any of its revisions."""
    return {change.requester_id, change.responsible_id, *(author.user_id for author in change.authors.all())}


def excluded_ids(change: ChangeRequest) -> dict[Any, str]:
    """User id -> code, for everyone whom this change itself excludes; those who act for them are excluded too."""
    implementer = {change.implementer_id: "SOD_IMPLEMENTER"} if change.implementer_id else {}
    return implementer | dict.fromkeys(author_ids(change), "SOD_AUTHOR")


def excluded_reason(change: ChangeRequest, person: User) -> tuple[str, str] | None:
    """``(code, sentence)`` why this person never votes on this change; ``None`` when nothing stands against it."""
    if not person.is_person:
        return "SERVICE_CANNOT_VOTE", "A service account never votes: a person must."
    code = excluded_ids(change).get(person.pk)
    if code == "SOD_AUTHOR":
        return code, f"{person} wrote {change.key}; those who wrote a change do not vote on it."
    if code:
        return code, f"{person} implements {change.key}; who implements a change does not vote on it."
    if has_role(person, Role.CHANGE_MANAGER):
        return "SOD_MANAGER", "The change manager schedules changes and does not vote on them."
    return None


def require_may_vote(change: ChangeRequest, actor: User) -> None:
    """Separation of duties, before anything else is asked. Raises ``NotAllowed`` with the code."""
    excluded = excluded_reason(change, actor)
    if excluded:
        raise NotAllowed(excluded[1], code=excluded[0])
