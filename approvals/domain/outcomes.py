"""What came of a change in a meeting: the votes by constituency, their tally, the vetoes, and the decision in words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from governance.models import Constituency

from ..models import ApprovalRequirement, ChangeClass, ChangeRequest, Choice, Vote
from .requirements import current_requirements, takes_votes
from .reviewing import is_refused
from .voting import live_votes

#: Before anybody is asked; a change that is there has not been decided on.
BEFORE = ("DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "DETECTED")
SAID = {"REJECTED": "Rejected", "CANCELLED": "Cancelled"}


@dataclass(frozen=True)
class Tally:
    """The board's voices: one per constituency."""

    approve: int
    reject: int

    def __str__(self) -> str:
        return f"{self.approve}:{self.reject}"

    def __bool__(self) -> bool:
        return bool(self.approve or self.reject)


def tally_of(votes: Iterable[Vote]) -> Tally:
    """``3:2``: how many constituencies approve and how many reject, of deciding votes on one revision."""
    said = {(vote.role, vote.choice) for vote in votes if vote.role in Constituency.values}
    return Tally(*(len([one for one in said if one[1] == choice]) for choice in (Choice.APPROVE, Choice.REJECT)))


def vetoes_among(votes: Iterable[Vote], needs: Iterable[ApprovalRequirement]) -> list[str]:
    """The roles that said no and cannot be outvoted."""
    cannot = {role for need in needs for role in need.veto}
    return sorted({vote.role for vote in votes if vote.choice == Choice.REJECT and vote.role in cannot})


def is_decided(change: ChangeRequest) -> bool:
    """Nobody is asked any more, one way or the other."""
    if change.change_class == ChangeClass.EMERGENCY and change.state == "REVIEW" and is_refused(change):
        return True
    return change.state not in BEFORE and not takes_votes(change)


def decision_words(change: ChangeRequest) -> str:
    """``Rejected 3:2, veto SECURITY``: at most 200 characters, for the agenda and the minutes."""
    votes = live_votes(change)
    words = verdict_words(change)
    tally, vetoes = tally_of(votes), vetoes_among(votes, current_requirements(change))
    if tally:
        words += f" {tally}"
    if vetoes:
        words += f", veto {', '.join(vetoes)}"
    return words[:200]


def verdict_words(change: ChangeRequest) -> str:
    if change.state in SAID:
        return SAID[change.state]
    if change.change_class == ChangeClass.UNAUTHORIZED:
        return str(change.get_outcome_display()) if change.outcome else "Judged"
    if change.change_class == ChangeClass.EMERGENCY and change.state in ("REVIEW", "CLOSED"):
        return "Ratified" if change.ratified_at else "Not ratified"
    return "Approved"
