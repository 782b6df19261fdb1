"""The vote: one person, one role, one revision. The last needed yes authorises and a final no rejects, at once."""

from __future__ import annotations

import datetime as dt

from catalog.domain import interfaces
from catalog.domain.decisions import record_board_decision
from contracts.domain.versions import approve_version, reject_version
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from governance.models import User

from ..lifecycle import CHANGE
from ..models import (
    DECIDING,
    ApprovalRequirement,
    ChangeItem,
    ChangeRequest,
    Choice,
    Operation,
    RequirementStatus,
    Vote,
)
from .eligibility import Standing, require_may_vote, standing_of
from .mandates import mandate_for, refusal_mandate
from .requirements import current_requirements


def cast_vote(
    change: ChangeRequest,
    *,
    choice: str,
    revision_hash: str,
    comment: str = "",
    role: str = "",
    requirement: ApprovalRequirement | None = None,
    now: dt.datetime,
    actor: User,
) -> Vote:
    """Vote on the revision that the voter has seen, in the first role that they may fill (or in ``role``).

    Raises ``NotAllowed`` (SERVICE_CANNOT_VOTE, SOD_AUTHOR, SOD_IMPLEMENTER, SOD_MANAGER, NOT_ELIGIBLE), ``Conflict``
    (VOTE_STALE when the change was revised meanwhile, ALREADY_VOTED) and ``WrongState``.
    """  # fmt: skip
    require(actor, "vote", change)
    require_may_vote(change, actor)
    check_ballot(change, choice, comment)
    needed, standing = place_of(change, actor, requirement=requirement, role=role, now=now)
    vote = Vote(
        change=change, requirement=needed, role=standing.role, voter=actor, on_behalf_of=standing.on_behalf_of,
        choice=choice, comment=comment.strip(), revision_hash=revision_hash, at=now,
    )  # fmt: skip
    with recorded(
        "approvals.change.vote", actor=actor, subject=vote, now=now, reason=comment, on_behalf_of=standing.on_behalf_of
    ):
        take_turn(change, revision_hash, now=now)
        check_first_word(vote)
        vote.save(force_insert=True)
        settle(needed)
        conclude(change, vote, now=now, actor=actor)
    return vote


def check_ballot(change: ChangeRequest, choice: str, comment: str) -> None:
    if choice not in Choice.values:
        raise Invalid("There is no such vote.", errors={"choice": [f"One of {', '.join(Choice.values)}."]})
    if choice in (Choice.REJECT, Choice.REQUEST_INFO) and not comment.strip():
        raise Invalid("Say why: the author needs to know.", errors={"comment": ["Say what is wrong or missing."]})
    if change.state != "AUTHORIZE":
        raise WrongState(f"{change.key} is {change.state}; votes are cast while it is in AUTHORIZE.")


def place_of(
    change: ChangeRequest, actor: User, *, requirement: ApprovalRequirement | None, role: str, now: dt.datetime
) -> tuple[ApprovalRequirement, Standing]:
    """The requirement that this vote fills. One person fills one role per change, the one they voted in before."""
    needs = [requirement] if requirement else list(current_requirements(change))
    former = Vote.objects.filter(change=change, voter=actor, revision_hash=change.revision_hash).first()
    if former:
        needs = [need for need in needs if need.pk == former.requirement_id]
        role = former.role
    waiting = sorted(needs, key=lambda need: need.status != RequirementStatus.UNSATISFIED)
    for need in waiting:
        standing = standing_of(actor, need, now=now, role=role)
        if standing:
            return need, standing
    asked = ", ".join(str(need) for need in current_requirements(change)) or "nobody"
    raise NotAllowed(
        f"{change.key} needs {asked}; you fill none of these now, in your own right or in another's place.",
        code="NOT_ELIGIBLE",
    )


def take_turn(change: ChangeRequest, seen_hash: str, *, now: dt.datetime) -> None:
    """Touch the change first: concurrent voters then follow one another and the last one sees all votes."""
    turn = ChangeRequest.objects.filter(pk=change.pk, state="AUTHORIZE", revision_hash=seen_hash)
    if not turn.update(touched_at=now):
        change.refresh_from_db()
        if change.state != "AUTHORIZE":
            raise WrongState(f"{change.key} is {change.state} now; it takes no more votes.")
        raise Conflict(
            f"{change.key} was revised since you opened it. Read what changed, then vote again.", code="VOTE_STALE"
        )


def check_first_word(vote: Vote) -> None:
    """A person decides once per revision, and so does a seat, whether its member or the alternate speaks."""
    decided = Vote.objects.filter(change=vote.change, revision_hash=vote.revision_hash, choice__in=DECIDING)
    mine = decided.filter(voter=vote.voter).first()
    same_role = decided.filter(requirement=vote.requirement, role=vote.role).select_related("voter").first()
    if mine:
        raise Conflict(f"You have voted {mine.choice} on this revision.", code="ALREADY_VOTED")
    if same_role and vote.choice in DECIDING:
        raise Conflict(f"{same_role.voter} has voted {same_role.choice} as {vote.role}.", code="ALREADY_VOTED")


def settle(needed: ApprovalRequirement) -> None:
    """Write the requirement's status as the votes on the present revision now have it."""
    approvals = {vote.role for vote in live_votes(needed) if vote.choice == Choice.APPROVE}
    needed.status = RequirementStatus.SATISFIED if len(approvals) >= needed.minimum else RequirementStatus.UNSATISFIED
    ApprovalRequirement.objects.filter(pk=needed.pk).update(status=needed.status)


def live_votes(needed: ApprovalRequirement) -> list[Vote]:
    return list(needed.votes.filter(revision_hash=needed.change.revision_hash, choice__in=DECIDING))


def conclude(change: ChangeRequest, vote: Vote, *, now: dt.datetime, actor: User) -> None:
    """After a vote: reject when a need can no longer be met, authorise when every need is met."""
    needs = list(current_requirements(change))
    lost = next((need for need in needs if is_lost(need)), None)
    if lost:
        reject_change(change, lost, vote, now=now, actor=actor)
    elif all(need.status in (RequirementStatus.SATISFIED, RequirementStatus.NOT_APPLICABLE) for need in needs):
        authorise_change(change, now=now, actor=actor)


def is_lost(needed: ApprovalRequirement) -> bool:
    """A veto role said no, or too few roles are left to reach the minimum."""
    rejected = {vote.role for vote in live_votes(needed) if vote.choice == Choice.REJECT}
    return bool(rejected & set(needed.veto)) or len(set(needed.roles) - rejected) < needed.minimum


def authorise_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """SCHEDULED, its mandate fixed and its subjects APPROVED: in the transaction of the last needed vote."""
    earliest = change.revised_at + dt.timedelta(hours=change.lead_hours)
    implement_at = max(earliest, change.window_start) if change.window_start else earliest
    with recorded("approvals.change.authorise", actor=actor, subject=change, now=now):
        CHANGE.move(
            change, "authorise", authorised_hash=change.revision_hash, authorised_at=now, implement_at=implement_at
        )
        for item in change.items.all():
            approve_subject(change, item, now=now, actor=actor)


def approve_subject(change: ChangeRequest, item: ChangeItem, *, now: dt.datetime, actor: User) -> None:
    if item.interface and item.operation == Operation.CREATE:
        said = f"{change.key}: decided by the board's vote"
        record_board_decision(item.interface, proposed=item.patch, rationale=said, now=now, actor=actor)
        mandate = mandate_for(change, item, action="approve")
        interfaces.approve_interface(item.interface, proposed=item.patch, mandate=mandate, now=now, actor=actor)
    elif item.contract_version:
        mandate = mandate_for(change, item, action="approve")
        approve_version(item.contract_version, mandate=mandate, now=now, actor=actor)


def reject_change(
    change: ChangeRequest, lost: ApprovalRequirement, vote: Vote, *, now: dt.datetime, actor: User
) -> None:
    reason = f"{lost}: {vote.comment or 'rejected'}"
    with recorded("approvals.change.reject", actor=actor, subject=change, now=now, reason=reason):
        CHANGE.move(change, "reject")
        for item in change.items.all():
            mandate = refusal_mandate(change, item)
            if item.interface and item.operation == Operation.CREATE:
                interfaces.reject_interface(item.interface, reason=reason, mandate=mandate, now=now, actor=actor)
            elif item.contract_version:
                reject_version(item.contract_version, mandate=mandate, now=now, actor=actor)
