"""Who never votes on a change: its authors, its implementer, who stepped aside, the change manager, machines."""

from __future__ import annotations

import datetime as dt
from typing import Any

from governance.domain.rules import has_role
from governance.kernel.errors import NotAllowed
from governance.models import Role, User

from ..models import ApprovalRequirement, ChangeClass, ChangeRequest
from .standing import RECUSED, Standing, claims_of, standing_in


def standing_of(
    actor: User, requirement: ApprovalRequirement, *, change: ChangeRequest, now: dt.datetime, role: str = ""
) -> Standing | None:
    """The first role of the requirement that ``actor`` may fill now, in their own right before another's."""
    claims = claims_of(actor, now=now)
    return standing_in(claims, requirement, change=change, excluded=excluded_ids(change), role=role)


def author_ids(change: ChangeRequest) -> set[Any]:
    """Who opened it, who answers for it, and everyone who wrote any of its revisions."""
    return {change.requester_id, change.responsible_id, *(author.user_id for author in change.authors.all())}


def check_not_an_author(change: ChangeRequest, actor: User) -> None:
    """Who wrote what is proposed does not decide on it, except where the tables let them serve themselves."""
    if actor.pk in author_ids(change):
        raise NotAllowed(f"You wrote {change.key}; another holder of the role decides on it.", code="SOD_AUTHOR")


def excluded_ids(change: ChangeRequest) -> dict[Any, str]:
    """User id -> code, for everyone whom this change itself excludes; those who act for them are excluded too."""
    recused = {one.person_id: RECUSED for one in change.recusals.all()}
    implementer = {change.implementer_id: "SOD_IMPLEMENTER"} if change.implementer_id else {}
    return recused | emergency_approvers(change) | implementer | dict.fromkeys(author_ids(change), "SOD_AUTHOR")


def emergency_approvers(change: ChangeRequest) -> dict[Any, str]:
    """Who authorised an emergency, once it is: they do not ratify the same one, nor do those who act for them."""
    if change.change_class != ChangeClass.EMERGENCY or change.state == "AUTHORIZE":
        return {}
    said = [vote for vote in change.votes.all() if vote.role == Role.EMERGENCY_APPROVER and vote.choice == "APPROVE"]
    return {pk: "SOD_EMERGENCY" for vote in said for pk in (vote.voter_id, vote.on_behalf_of_id) if pk}


def exclusion_sentence(change: ChangeRequest, person: User, code: str) -> str:
    return {
        "SERVICE_CANNOT_VOTE": "A service account never votes: a person must.",
        "SOD_AUTHOR": f"{person} wrote {change.key}; those who wrote a change do not vote on it.",
        "SOD_IMPLEMENTER": f"{person} implements {change.key}; who implements a change does not vote on it.",
        "SOD_EMERGENCY": f"{person} authorised {change.key} as an emergency; others ratify it.",
        "SOD_MANAGER": "The change manager schedules changes and does not vote on them.",
        RECUSED: f"{person} has stepped aside from {change.key} and does not vote on it.",
    }[code]


def excluded_reason(change: ChangeRequest, person: User) -> tuple[str, str] | None:
    """``(code, sentence)`` why this person never votes on this change; ``None`` when nothing stands against it."""
    code = "" if person.is_person else "SERVICE_CANNOT_VOTE"
    code = code or excluded_ids(change).get(person.pk, "")
    code = code or ("SOD_MANAGER" if has_role(person, Role.CHANGE_MANAGER) else "")
    return (code, exclusion_sentence(change, person, code)) if code else None


def require_may_vote(change: ChangeRequest, actor: User) -> None:
    """Separation of duties, before anything else is asked. Raises ``NotAllowed`` with the code."""
    excluded = excluded_reason(change, actor)
    if excluded:
        raise NotAllowed(excluded[1], code=excluded[0])
