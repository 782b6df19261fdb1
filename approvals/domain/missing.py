"""Who is still missing and why, per seat or role of each need; and whose votes a new revision has made stale."""

from __future__ import annotations

from dataclasses import dataclass, field

from governance.models import User

from ..models import DECIDING, ApprovalRequirement, ChangeRequest, Choice, RequirementStatus, Vote
from .electors import Electors

OPEN = (RequirementStatus.UNSATISFIED, RequirementStatus.ERROR)


@dataclass(frozen=True)
class Seat:
    """One role of a need: how it stands, who spoke for it, whom to ask, and why nobody can be asked."""

    role: str
    standing: str
    votes: list[Vote] = field(default_factory=list)
    who: list[str] = field(default_factory=list)
    why: str = ""


SAID = {Choice.APPROVE: "APPROVED", Choice.REJECT: "REJECTED"}


def seats_of(need: ApprovalRequirement, votes: list[Vote], electors: Electors) -> list[Seat]:
    """Each role of the need by itself; of a group's "4 of 5" that is how each constituency stands."""
    return [seat_of(need, role, [vote for vote in votes if vote.role == role], electors) for role in need.roles]


def seat_of(need: ApprovalRequirement, role: str, votes: list[Vote], electors: Electors) -> Seat:
    decided = next((vote for vote in reversed(votes) if vote.choice in DECIDING), None)
    voices = 1 if need.mode == "GROUP" else need.minimum
    if decided and len([vote for vote in votes if vote.choice in DECIDING]) >= voices:
        return Seat(role, SAID[Choice(decided.choice)], votes)
    if need.status not in OPEN:
        return Seat(role, "NOT_ASKED", votes)
    spoken = {vote.voter_id for vote in votes if vote.choice in DECIDING}
    who = [str(one) for one in electors.able(need, role) if one.person.pk not in spoken]
    if who:
        return Seat(role, "WAITING", votes, who, "has not voted yet")
    return Seat(role, "NOBODY", votes, [], electors.why_nobody(need, role))


def votes_made_stale(change: ChangeRequest) -> dict[str, list[str]]:
    """For the record of a revision that is about to be written: whose votes on the present one it makes stale."""
    votes = change.votes.filter(choice__in=DECIDING, revision_hash=change.revision_hash).select_related("voter")
    names = list(dict.fromkeys(str(vote.voter) for vote in votes.order_by("at")))
    return {"votes_made_stale": names} if names else {}


def stale_voters(change: ChangeRequest) -> list[User]:
    """Who has decided on an earlier revision and has not spoken on the present one: they are to be told."""
    votes = change.votes.filter(choice__in=DECIDING).select_related("voter").order_by("at")
    spoken = {vote.voter_id for vote in votes if vote.revision_hash == change.revision_hash}
    return list(dict.fromkeys(vote.voter for vote in votes if vote.voter_id not in spoken))
