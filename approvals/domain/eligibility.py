"""Who may vote for which role at this moment: seats, alternates, owners, delegates; and who never may."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from catalog.domain.owners import owner_people, people_of
from catalog.models import OwnerKind
from governance.domain.board import principals_of
from governance.domain.rules import has_role
from governance.kernel.errors import NotAllowed
from governance.models import BoardSeat, Constituency, Role, User

from ..models import ApprovalRequirement, ChangeRequest

CONSUMER_OWNER = "EACH_CONSUMER_OWNER"


@dataclass(frozen=True)
class Standing:
    """In which role a person may vote, and in whose place; ``None`` for oneself."""

    role: str
    on_behalf_of: User | None = None


def holders(requirement: ApprovalRequirement, role: str, *, now: dt.datetime) -> list[User]:
    """The people who hold ``role`` for this requirement in their own right."""
    if role in Constituency.values:
        seats = BoardSeat.objects.in_term(now).filter(constituency=role).select_related("member")
        found = [seat.member for seat in seats]
    elif role == CONSUMER_OWNER:
        team = requirement.subscription.consumer.owner_team if requirement.subscription else None
        found = list(people_of(team)) if team else []
    elif role == "INTERFACE_OWNER":
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


def standing_of(actor: User, requirement: ApprovalRequirement, *, now: dt.datetime, role: str = "") -> Standing | None:
    """The first role of the requirement that ``actor`` may fill now, in their own right before another's."""
    roles = [role] if role else list(requirement.roles)
    for name in (name for name in roles if name in requirement.roles):
        own = holders(requirement, name, now=now)
        if actor in own:
            return Standing(name)
    for name in (name for name in roles if name in requirement.roles):
        standing = in_anothers_place(actor, requirement, name, now=now)
        if standing:
            return standing
    return None


def in_anothers_place(actor: User, requirement: ApprovalRequirement, role: str, *, now: dt.datetime) -> Standing | None:
    if not (actor.is_person and actor.is_active):
        return None
    principal = alternates(role, now=now).get(actor)
    if principal is None:
        own = holders(requirement, role, now=now)
        principal = next((giver for giver in principals_of(actor, now=now, scope=role) if giver in own), None)
    if principal is None or excluded_reason(requirement.change, principal):
        return None
    return Standing(role, principal)


def electorate(requirement: ApprovalRequirement, *, now: dt.datetime) -> list[User]:
    """Everyone who could satisfy the requirement: holders and alternates who are not excluded."""
    found: list[User] = []
    for role in requirement.roles:
        found += holders(requirement, role, now=now)
        found += [person for person in alternates(role, now=now) if person.is_active]
    return [person for person in dict.fromkeys(found) if not excluded_reason(requirement.change, person)]


def excluded_reason(change: ChangeRequest, person: User) -> tuple[str, str] | None:
    """``(code, sentence)`` why this person never votes on this change; ``None`` when nothing stands against it."""
    if not person.is_person:
        return "SERVICE_CANNOT_VOTE", "A service account never votes: a person must."
    if person.pk in (change.requester_id, change.responsible_id) or change.authors.filter(user=person).exists():
        return "SOD_AUTHOR", f"{person} wrote {change.key}; those who wrote a change do not vote on it."
    if person.pk == change.implementer_id:
        return "SOD_IMPLEMENTER", f"{person} implements {change.key}; who implements a change does not vote on it."
    return None


def require_may_vote(change: ChangeRequest, actor: User) -> None:
    """Separation of duties, before anything else is asked. Raises ``NotAllowed`` with the code."""
    excluded = excluded_reason(change, actor)
    if excluded:
        raise NotAllowed(excluded[1], code=excluded[0])
    if has_role(actor, Role.CHANGE_MANAGER):
        raise NotAllowed("The change manager schedules changes and does not vote on them.", code="SOD_MANAGER")
