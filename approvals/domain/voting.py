"""The vote: one person, one role, one revision. The last needed yes authorises and a final no rejects, at once."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from governance.domain.audit import recorded
from governance.domain.credentials import Credential, prove_oneself
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from governance.models import User

from ..lifecycle import CHANGE
from ..models import (
    DECIDING,
    ApprovalRequirement,
    ChangeClass,
    ChangeRequest,
    Choice,
    RequirementStatus,
    Vote,
)
from .calling import tell_authors
from .electors import Electors
from .eligibility import excluded_ids, require_may_vote
from .emergencies import begin_emergency, ratify, refuse_ratification
from .items import load_items
from .kinds import by_kind
from .pieces import check_evidence_due
from .requirements import asked_now, takes_votes
from .signing import must_be_signed, sign
from .standing import CONSUMER_OWNER, Standing, claims_of, standing_in
from .verdicts import carry_out_verdict, contest_verdict


def cast_vote(
    change: ChangeRequest,
    *,
    choice: str,
    revision_hash: str,
    comment: str = "",
    role: str = "",
    requirement: ApprovalRequirement | None = None,
    signature: Credential | None = None,
    now: dt.datetime,
    actor: User,
) -> Vote:
    """Vote on the revision that the voter has seen, in the first role that they may fill (or in ``role``).

    Raises ``NotAllowed`` (SERVICE_CANNOT_VOTE, SOD_AUTHOR, SOD_IMPLEMENTER, SOD_MANAGER, RECUSED, NOT_ELIGIBLE, and
    as ``prove_oneself`` does), ``NotReady`` (SIGNATURE_REQUIRED, EVIDENCE_MISSING), ``Conflict`` (VOTE_STALE when
    the change was revised meanwhile, ALREADY_VOTED) and ``WrongState``.
    """  # fmt: skip
    require(actor, "vote", change)
    load_items(change)
    require_may_vote(change, actor)
    check_ballot(change, choice, comment)
    needed, standing = place_of(change, actor, requirement=requirement, role=role, now=now)
    vote = Vote(
        change=change, requirement=needed, role=standing.role, voter=actor, on_behalf_of=standing.on_behalf_of,
        choice=choice, comment=comment.strip(), revision_hash=revision_hash, at=now,
    )  # fmt: skip
    check_seen(change, revision_hash)
    method = prove_oneself(actor, signature) if must_be_signed(vote) else ""  # before any lock: a hash takes its time
    with recorded(
        "approvals.change.vote", actor=actor, subject=vote, now=now, reason=comment, on_behalf_of=standing.on_behalf_of
    ):
        take_turn(change, revision_hash, now=now)
        check_first_word(vote)
        if must_be_signed(vote):
            sign(vote, signer=actor, method=method or prove_oneself(actor, signature), now=now)
        vote.save(force_insert=True)
        conclude(change, vote=vote, now=now, actor=actor)
    return vote


def check_ballot(change: ChangeRequest, choice: str, comment: str) -> None:
    if choice not in Choice.values:
        raise Invalid("There is no such vote.", errors={"choice": [f"One of {', '.join(Choice.values)}."]})
    if choice in (Choice.REJECT, Choice.REQUEST_INFO) and not comment.strip():
        raise Invalid("Say why: the author needs to know.", errors={"comment": ["Say what is wrong or missing."]})
    if not takes_votes(change):
        raise WrongState(f"{change.key} is {change.state}; votes are cast while it is in AUTHORIZE.")
    check_evidence_due(change, choice)


def place_of(
    change: ChangeRequest, actor: User, *, requirement: ApprovalRequirement | None, role: str, now: dt.datetime
) -> tuple[ApprovalRequirement, Standing]:
    """The requirement that this vote fills. One person fills one role per change, the one they voted in before.

    Who owns several consumers acknowledges for each: that is one role, asked several times.
    """
    asked = list(asked_now(change))
    needs = [need for need in asked if need.status not in FIXED and requirement in (None, need)]
    mine = Vote.objects.filter(change=change, voter=actor, revision_hash=change.revision_hash)
    former = mine.order_by("at").first()
    if former:
        role = former.role
        if role != CONSUMER_OWNER:
            needs = [need for need in needs if role in need.roles]
    answered = set(mine.filter(choice__in=DECIDING).values_list("requirement", flat=True))
    claims, excluded = claims_of(actor, now=now), excluded_ids(change)
    needs.sort(key=lambda need: (need.pk in answered, need.status != RequirementStatus.UNSATISFIED))
    for claim in claims:  # in their own right wherever they can, before in another's place anywhere
        for need in needs:
            standing = standing_in([claim], need, change=change, excluded=excluded, role=role)
            if standing:
                return need, standing
    wanted = ", ".join(str(need) for need in asked) or "nobody"
    raise NotAllowed(
        f"{change.key} needs {wanted}; you fill none of these now, in your own right or in another's place.",
        code="NOT_ELIGIBLE",
    )


def take_turn(change: ChangeRequest, seen_hash: str, *, now: dt.datetime) -> None:
    """Touch the change first: concurrent voters then follow one another and the last one sees all votes."""
    seen = change.state
    turn = ChangeRequest.objects.filter(pk=change.pk, state=seen, revision_hash=seen_hash)
    taken = turn.update(touched_at=now, revision=F("revision") + 1)
    change.refresh_from_db(fields=["state", "revision_hash", "revision", "number", "policy"])
    if not taken and change.state != seen:
        raise WrongState(f"{change.key} is {change.state} now; it takes no more votes.")
    if not taken:
        raise stale_vote(change)


def check_seen(change: ChangeRequest, seen_hash: str) -> None:
    if change.revision_hash != seen_hash:
        raise stale_vote(change)


def stale_vote(change: ChangeRequest) -> Conflict:
    said = f"{change.key} was revised since you opened it. Read what changed, then vote again."
    return Conflict(said, code="VOTE_STALE")


def check_first_word(vote: Vote) -> None:
    """A person decides once per revision, and so does a seat, whether its member or the alternate speaks."""
    spoken = [one for one in live_votes(vote.change) if one.requirement_id == vote.requirement_id]
    if vote.role != CONSUMER_OWNER:
        spoken = [one for one in live_votes(vote.change) if vote.role == one.role]
    mine = next((one for one in spoken if one.voter_id == vote.voter_id), None)
    if mine:
        raise Conflict(f"You have voted {mine.choice} on this revision.", code="ALREADY_VOTED")
    if vote.choice in DECIDING and len(spoken) >= voices(vote.requirement):
        other = spoken[0]
        raise Conflict(f"{other.voter} has voted {other.choice} as {vote.role}.", code="ALREADY_VOTED")


def voices(needed: ApprovalRequirement) -> int:
    """How many people speak in one role: one per seat of a group, as many as are asked where one role is asked."""
    return 1 if needed.mode == "GROUP" else max(1, needed.minimum)


def live_votes(change: ChangeRequest) -> list[Vote]:
    """The deciding votes on the present revision."""
    votes = change.votes.filter(revision_hash=change.revision_hash, choice__in=DECIDING)
    return list(votes.select_related("voter", "requirement").order_by("at"))


def counted(needed: ApprovalRequirement, votes: list[Vote]) -> list[Vote]:
    """The votes that speak to this need: those in one of its roles; an acknowledgement for its own consumer only.

    A seat that is asked by itself and as part of the board speaks once, and is heard in both.
    """
    if needed.subscription_id:
        return [vote for vote in votes if vote.requirement_id == needed.pk]
    return [vote for vote in votes if vote.role in needed.roles]


#: What stays as it is, whoever votes: passed over for good, or never to be asked.
FIXED = (RequirementStatus.NOT_APPLICABLE, RequirementStatus.OVERRIDDEN, RequirementStatus.FORCED)
#: What a change may go ahead with.
MET = (RequirementStatus.SATISFIED, *FIXED)


def settle(change: ChangeRequest, *, now: dt.datetime, anew: bool = False) -> list[ApprovalRequirement]:
    """Write every requirement's status as the votes on the present revision, and those who may still vote, have it.

    A need that nobody could meet waits again as soon as somebody can. ``anew`` looks at who is left for every open
    need, as is due after somebody stepped aside.
    """
    votes, needs, electors = live_votes(change), list(asked_now(change)), Electors(change, now=now)
    for needed in needs:
        if needed.status in FIXED or not needed.roles:
            continue
        status, note = RequirementStatus.SATISFIED, ""
        if not enough(needed, votes):
            look = anew or needed.status == RequirementStatus.ERROR
            note = electors.shortfall(needed)[:300] if look else ""
            status = RequirementStatus.ERROR if note else RequirementStatus.UNSATISFIED
        if (status, note) != (needed.status, needed.note):
            needed.status, needed.note = status, note
            ApprovalRequirement.objects.filter(pk=needed.pk).update(status=status, note=note)
    return needs


def enough(needed: ApprovalRequirement, votes: list[Vote]) -> bool:
    yes = [vote for vote in counted(needed, votes) if vote.choice == Choice.APPROVE]
    return (len({vote.role for vote in yes}) if needed.mode == "GROUP" else len(yes)) >= needed.minimum


def conclude(change: ChangeRequest, *, vote: Vote | None = None, now: dt.datetime, actor: User) -> None:
    """After a vote or an override: reject when a need can no longer be met, authorise when every need is met.

    Afterwards the same votes ratify an emergency, or carry out the verdict on what was found.
    """
    needs, votes = settle(change, now=now), live_votes(change)
    lost = next((need for need in needs if is_lost(need, votes)), None)
    if lost and vote:
        refuse_change(change, lost, vote, now=now, actor=actor)
    elif not lost and all(need.status in MET for need in needs):
        agree_on_change(change, now=now, actor=actor)


def agree_on_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """Every need is met: authorised, ratified, or judged."""
    if change.change_class == ChangeClass.UNAUTHORIZED:
        carry_out_verdict(change, now=now, actor=actor)
    elif change.state == "REVIEW":
        ratify(change, now=now, actor=actor)
    else:
        authorise_change(change, now=now, actor=actor)


def refuse_change(
    change: ChangeRequest, lost: ApprovalRequirement, vote: Vote, *, now: dt.datetime, actor: User
) -> None:
    """A need is lost: rejected, not ratified, or to be judged otherwise."""
    if change.change_class == ChangeClass.UNAUTHORIZED:
        contest_verdict(change, lost, vote, now=now, actor=actor)
    elif change.state == "REVIEW":
        refuse_ratification(change, lost, vote, now=now, actor=actor)
    else:
        reject_change(change, lost, vote, now=now, actor=actor)


def is_lost(needed: ApprovalRequirement, votes: list[Vote]) -> bool:
    """A veto role said no, one role that is asked by itself said no, or too few roles are left for the quorum."""
    if needed.status in FIXED:
        return False
    rejected = {vote.role for vote in counted(needed, votes) if vote.choice == Choice.REJECT}
    if needed.mode != "GROUP":
        return bool(rejected)
    return bool(rejected & set(needed.veto)) or len(set(needed.roles) - rejected) < needed.minimum


def authorise_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """SCHEDULED, its mandate fixed and its subjects APPROVED: in the transaction of the last needed vote.

    An emergency is carried out now instead, and those who would have been asked are asked to ratify it.
    """
    earliest = change.lead_ends_at
    implement_at = max(earliest, change.window_start) if change.window_start else earliest
    with recorded("approvals.change.authorise", actor=actor, subject=change, now=now):
        if change.change_class == ChangeClass.EMERGENCY:
            begin_emergency(change, now=now)
            settle(change, now=now)
        else:
            CHANGE.move(
                change, "authorise", authorised_hash=change.revision_hash, authorised_at=now, implement_at=implement_at
            )
            tell_authors(change, "authorised", now=now)
        for kind, items in by_kind(list(change.items.all())):
            kind.approve(change, items, now=now, actor=actor)


def reject_change(
    change: ChangeRequest, lost: ApprovalRequirement, vote: Vote, *, now: dt.datetime, actor: User
) -> None:
    reason = f"{lost}: {vote.comment or 'rejected'}"
    with recorded("approvals.change.reject", actor=actor, subject=change, now=now, reason=reason):
        CHANGE.move(change, "reject")
        tell_authors(change, "rejected", now=now)
        for kind, items in by_kind(list(change.items.all())):
            kind.reject(change, items, reason=reason, now=now, actor=actor)
