"""Passing over a requirement by the whole board: every seat signs, and the record says it loudly."""

from __future__ import annotations

import datetime as dt

from governance.domain.audit import recorded
from governance.domain.credentials import Credential, prove_oneself
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from governance.models import Constituency, User

from ..models import ApprovalRequirement, ChangeRequest, Choice, Override, RequirementStatus
from .eligibility import excluded_ids, require_may_vote
from .requests import advance
from .requirements import current_requirements
from .signing import sign
from .standing import claims_of
from .voting import conclude, live_votes

SEATS = frozenset(Constituency.values)
OPEN_TO_OVERRIDE = ("ASSESS", "AUTHORIZE")


def override_requirement(
    requirement: ApprovalRequirement,
    *,
    reason: str,
    revision_hash: str,
    signature: Credential | None,
    now: dt.datetime,
    actor: User,
) -> Override:
    """One seat's signed word that this requirement be passed over; with the word of every seat it is FORCED.

    Raises ``NotAllowed`` (NOT_ELIGIBLE without a seat, VETO over a veto of the present revision, the signature's codes
    and those of a vote), ``Conflict`` (VOTE_STALE, ALREADY_VOTED) and ``WrongState``.
    """  # fmt: skip
    change = requirement.change
    require(actor, "vote", change)
    require_may_vote(change, actor)
    if not reason.strip():
        raise Invalid("Say why it is passed over.", errors={"reason": ["It is shown with the change."]})
    check_open(change, requirement)
    override = override_of(change, requirement, now=now, actor=actor)
    override.reason, override.revision_hash = reason.strip()[:300], revision_hash
    method = prove_oneself(actor, signature)
    with recorded(
        "approvals.requirement.override", actor=actor, subject=override, now=now, reason=reason,
        on_behalf_of=override.on_behalf_of,
    ):  # fmt: skip
        take_override(change, requirement, revision_hash, now=now)
        if requirement.overrides.filter(person=actor).exists():
            raise Conflict("You have signed for this requirement already.", code="ALREADY_VOTED")
        if requirement.overrides.filter(constituency=override.constituency).exists():
            raise Conflict(f"The seat {override.constituency} has signed already.", code="ALREADY_VOTED")
        sign(override, signer=actor, method=method, now=now)
        override.save(force_insert=True)
        if set(requirement.overrides.values_list("constituency", flat=True)) >= SEATS:
            force(change, requirement, now=now, actor=actor)
    return override


def check_open(change: ChangeRequest, requirement: ApprovalRequirement) -> None:
    """Only what waits, of the present revision; a table that asks nobody by mistake is mended, not passed over."""
    waits = requirement.status in (RequirementStatus.UNSATISFIED, RequirementStatus.ERROR)
    if not waits or requirement.number != change.number or change.state not in OPEN_TO_OVERRIDE:
        raise WrongState(f"{requirement} of {change.key} does not wait for anybody in its present revision.")
    if not requirement.roles:
        raise WrongState(f"{requirement.note} The table has to be mended; no seat can stand in for it.")
    refuse_over_veto(change)


def refuse_over_veto(change: ChangeRequest) -> None:
    """Who may not be outvoted may not be passed over either."""
    vetoing = {role for need in current_requirements(change) for role in need.veto}
    said = next((one for one in live_votes(change) if one.choice == Choice.REJECT and one.role in vetoing), None)
    if said:
        raise NotAllowed(f"{said.role} has said no, and that cannot be passed over.", code="VETO")


def override_of(change: ChangeRequest, requirement: ApprovalRequirement, *, now: dt.datetime, actor: User) -> Override:
    """For which seat ``actor`` signs: their own, that of which they are the alternate, or one lent to them."""
    signed = set(requirement.overrides.values_list("constituency", flat=True))
    seats = seats_held(change, actor, now=now)
    if not seats:
        raise NotAllowed("Only the board's seats may pass over a requirement.", code="NOT_ELIGIBLE")
    seat, instead = next((one for one in seats if one[0] not in signed), seats[0])
    return Override(requirement=requirement, constituency=seat, person=actor, on_behalf_of=instead, at=now)


def seats_held(change: ChangeRequest, actor: User, *, now: dt.datetime) -> list[tuple[str, User | None]]:
    """The seats for which ``actor`` may speak on this change, and in whose place."""
    excluded = excluded_ids(change)
    return [
        (seat, claim.on_behalf_of)
        for claim in claims_of(actor, now=now)
        if not claim.barred_by(excluded)
        for seat in sorted(claim.held.roles & SEATS)
        if claim.scope in ("", seat)
    ]


def take_override(change: ChangeRequest, requirement: ApprovalRequirement, seen_hash: str, *, now: dt.datetime) -> None:
    """Touch the change first, as a vote does: of two last seats at once the second sees the first."""
    seen = ChangeRequest.objects.filter(pk=change.pk, state__in=OPEN_TO_OVERRIDE, revision_hash=seen_hash)
    if not seen.update(touched_at=now):
        raise Conflict(f"{change.key} was revised or moved since you opened it. Read it again.", code="VOTE_STALE")
    change.refresh_from_db()
    requirement.refresh_from_db(fields=["status", "note"])
    check_open(change, requirement)


def force(change: ChangeRequest, requirement: ApprovalRequirement, *, now: dt.datetime, actor: User) -> None:
    """The whole board has signed: the requirement no longer holds the change up."""
    requirement.status, requirement.note = RequirementStatus.FORCED, "Passed over by all seats of the board."
    with recorded("approvals.requirement.force", actor=actor, subject=requirement, now=now):
        ApprovalRequirement.objects.filter(pk=requirement.pk).update(status=requirement.status, note=requirement.note)
    if change.state == "ASSESS":
        advance(change, list(change.items.all()), now=now, actor=actor)
    if change.state == "AUTHORIZE":
        conclude(change, now=now, actor=actor)
