"""What pages and answers ask of changes; every one starts from what the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from operator import itemgetter
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from catalog.domain.queries import impact_of
from catalog.models import Interface
from governance.domain.delegating import stand_ins_for
from governance.domain.rules import has_role, visible, visible_or_404
from governance.kernel.errors import NotFound
from governance.models import AuditEvent, Role, User

from ..models import (
    DECIDING,
    ApprovalRequirement,
    ChangeAuthor,
    ChangeItem,
    ChangeRequest,
    Override,
    Recusal,
    RequirementStatus,
    Vote,
)
from .asked import asked_of
from .electors import Electors
from .eligibility import excluded_ids, excluded_reason
from .items import ITEMS, conflicts_of
from .kinds import kind_of_item
from .missing import seats_of
from .requirements import current_requirements
from .standing import CONSUMER_OWNER, Claim, Standing, claims_of, standing_in
from .voting import counted

NEEDS = Prefetch(
    "requirements",
    ApprovalRequirement.objects.filter(number=F("change__number")).select_related(
        "subscription__consumer__owner_team", "waiver"
    ),
)


def with_all_shown(changes: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    """With its people, items and present requirements, at a constant number of queries."""
    return changes.select_related("requester", "responsible", "implementer", "team", "template").prefetch_related(
        ITEMS, NEEDS, "authors", "recusals"
    )


def changes_of(actor: User) -> QuerySet[ChangeRequest]:
    """The changes that ``actor`` may see, with what a list shows."""
    return with_all_shown(changes_seen(actor))


def changes_seen(actor: User) -> QuerySet[ChangeRequest]:
    """The same without what a list shows: to count and to narrow."""
    return visible(ChangeRequest.objects.all(), actor)


def changes_touching(changes: QuerySet[ChangeRequest], interface_key: str) -> QuerySet[ChangeRequest]:
    """Those with the interface itself, or a version of its contract, among their items."""
    mine = ChangeItem.objects.filter(
        Q(interface__key=interface_key)
        | Q(contract_version__contract__interface__key=interface_key)
        | Q(endpoint__binding__interface__key=interface_key)
        | Q(subscription__interface__key=interface_key)
        | Q(waiver__interface__key=interface_key)
    )
    return changes.filter(pk__in=mine.values("change"))


def written_by(actor: User) -> Q:
    """Changes that the actor opened, answers for, or wrote a revision of."""
    written = ChangeAuthor.objects.filter(user=actor).values("change")
    return Q(requester=actor) | Q(responsible=actor) | Q(pk__in=written)


def change_page(actor: User, key: str) -> ChangeRequest:
    return visible_or_404(with_all_shown(ChangeRequest.objects.all()), actor, key=key)


def story_of(change: ChangeRequest) -> QuerySet[AuditEvent]:
    """Every recorded step of the change and of what people said on it, as one story, oldest first."""
    return AuditEvent.objects.filter(steps_of(ChangeRequest.objects.filter(pk=change.pk))).order_by("seq")


def steps_of(changes: QuerySet[ChangeRequest]) -> Q:
    """The recorded steps of these changes, of what people said on them, and of what was done under their mandates."""
    named = list(changes.values_list("pk", "key"))
    steps = Q(mandate__in=[key for _, key in named])
    steps |= Q(subject_type=ChangeRequest._meta.label_lower, subject_id__in=[str(pk) for pk, _ in named])
    for rows in said_on(changes).values():
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        steps |= Q(subject_type=rows.model._meta.label_lower, subject_id__in=ids)
    return steps


def said_on(changes: QuerySet[ChangeRequest]) -> dict[str, QuerySet[Any]]:
    """What hangs on these changes and is recorded for itself, by its name in the record."""
    return {
        "votes": Vote.objects.filter(change__in=changes),
        "recusals": Recusal.objects.filter(change__in=changes),
        "requirements": ApprovalRequirement.objects.filter(change__in=changes),
        "overrides": Override.objects.filter(requirement__change__in=changes),
    }


def votes_of(change: ChangeRequest) -> list[Vote]:
    """Every vote on any revision, oldest first; ``stale`` says which no longer count."""
    votes = change.votes.select_related("voter", "on_behalf_of", "requirement").order_by("at")
    for vote in votes:
        vote.change = change
    return list(votes)


def changes_with_stale_vote(changes: Iterable[ChangeRequest], actor: User) -> set[Any]:
    """The ids of those whose voters are asked, on which ``actor`` has spoken, and not on the present revision."""
    asked = {change.pk: change.revision_hash for change in changes if change.state in ("ASSESS", "AUTHORIZE")}
    spoken: dict[Any, set[str]] = {}
    for change, seen in Vote.objects.filter(voter=actor, change__in=asked).values_list("change", "revision_hash"):
        spoken.setdefault(change, set()).add(seen)
    return {change for change, revisions in spoken.items() if asked[change] not in revisions}


@dataclass(frozen=True)
class Waiting:
    """One requirement that ``actor`` may answer now, in which role, and who else may while they are away."""

    change: ChangeRequest
    requirement: ApprovalRequirement
    standing: Standing
    stand_ins: tuple[str, ...] = ()


def votes_waiting_for(actor: User, *, now: dt.datetime, limit: int = 200) -> list[Waiting]:
    """The voter's queue: what waits for this person's vote, the earliest window first; a constant number of queries."""
    changes = with_voters(asked_of(actor, now=now)).order_by(F("window_start").asc(nulls_last=True), "submitted_at")
    return list(waiting_on(list(changes[:limit]), actor, now=now).values())


def waiting_on(changes: Iterable[ChangeRequest], actor: User, *, now: dt.datetime) -> dict[Any, Waiting]:
    """By change: what it asks of ``actor``, of changes read ``with_voters``; those that ask nothing are left out."""
    claims = claims_of(actor, now=now)
    if not claims or has_role(actor, Role.CHANGE_MANAGER):
        return {}
    away, found = stand_ins_for(actor, now=now), {}
    for change in changes:
        excluded = excluded_ids(change)
        if actor.pk in excluded:
            continue
        live = [vote for vote in change.votes.all() if vote.revision_hash == change.revision_hash]
        first = next((one for one in unanswered(change, claims, live, excluded, actor=actor)), None)
        if first:
            found[change.pk] = with_stand_ins(first, away, excluded)
    return found


def with_stand_ins(found: Waiting, away: dict[str, list[User]], excluded: dict[Any, str]) -> Waiting:
    """What is asked of somebody in their own right says who may act for them: an absence holds nothing up."""
    if found.standing.on_behalf_of:
        return found
    able = [one for scope in (found.standing.role, "") for one in away.get(scope, []) if one.pk not in excluded]
    return replace(found, stand_ins=tuple(str(one) for one in dict.fromkeys(able)))


def with_voters(changes: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    """With all that decides who is asked, and the votes that count; a constant number of queries."""
    counts = Q(revision_hash=F("change__revision_hash")) | Q(role=Role.EMERGENCY_APPROVER)
    votes = Vote.objects.filter(counts, choice__in=DECIDING).select_related("voter")
    return with_all_shown(changes).prefetch_related(Prefetch("votes", votes))


def unanswered(
    change: ChangeRequest, claims: list[Claim], live: list[Vote], excluded: dict[Any, str], *, actor: User
) -> Iterator[Waiting]:
    """The needs that these claims may still answer; who has spoken for one role is not asked for another."""
    mine = next((vote.role for vote in live if vote.voter_id == actor.pk), "")
    if mine and mine != CONSUMER_OWNER:
        return
    waiting = [need for need in change.requirements.all() if need.status == RequirementStatus.UNSATISFIED]
    for claim, need in product(claims, waiting):
        for role in [mine] if mine else need.roles:
            standing = standing_in([claim], need, change=change, excluded=excluded, role=role)
            if standing is None:
                continue
            alike = [vote for vote in live if vote.role == standing.role]
            spoken = [vote for vote in alike if standing.role != CONSUMER_OWNER or vote.requirement_id == need.pk]
            voices = 1 if need.mode == "GROUP" else max(1, need.minimum)
            if len(spoken) < voices:
                yield Waiting(change, need, standing)


def needs_of(change: ChangeRequest, actor: User, *, now: dt.datetime) -> list[dict[str, Any]]:
    """Each present requirement with votes and seats, why it is asked, and in which role ``actor`` could answer it."""
    notes = change.policy.get("notes", {})
    votes = [vote for vote in votes_of(change) if not vote.stale]
    claims = [] if excluded_reason(change, actor) else claims_of(actor, now=now)
    excluded, electors, overrides = excluded_ids(change), Electors(change, now=now), overrides_on(change)
    return [
        {
            "requirement": need,
            "seats": seats_of(need, counted(need, votes), electors),
            "because": [{"rule": rule, "note": notes.get(rule, "")} for rule in need.rules],
            "votes": counted(need, votes),
            "overrides": overrides.get(need.pk, []),
            "standing": standing_in(claims, need, change=change, excluded=excluded),
        }
        for need in current_requirements(change)
    ]


def overrides_on(change: ChangeRequest) -> dict[Any, list[Override]]:
    """The seats' signed words, by the present requirement that they pass over."""
    made: dict[Any, list[Override]] = {}
    rows = Override.objects.filter(requirement__change=change, requirement__number=change.number)
    for one in rows.select_related("person", "on_behalf_of", "requirement__change").order_by("at"):
        made.setdefault(one.requirement_id, []).append(one)
    return made


def requirement_at(change: ChangeRequest, position: int) -> ApprovalRequirement:
    """The present requirement at ``position``; ``NotFound`` when there is none."""
    found = current_requirements(change).filter(position=position).first()
    if found is None:
        raise NotFound(f"{change.key} has no requirement {position} in its present revision.")
    return found


def impact_of_change(change: ChangeRequest, *, limit: int | None = None) -> list[dict[str, Any]]:
    """Who feels it, computed from the register; nobody can type it. Of the first ``limit`` interfaces, if given."""
    touched: dict[Any, Interface] = {}
    for item in change.items.all():
        if item.touched_interface:
            touched[item.touched_interface.pk] = item.touched_interface
    return [{"interface": interface, **impact_of(interface)} for interface in list(touched.values())[:limit]]


def differences(item: ChangeItem, actor: User) -> list[dict[str, Any]]:
    """Field by field: what is stored, what the change was based on, what it wants. A creation shows every value.

    Values that ``actor`` may not read are null, and ``hidden`` says so.
    """
    rows, kind, moved = [], kind_of_item(item), conflicts_of(item)
    reads = not set(item.patch) & set(kind.hidden) or kind.may_read(item.subject, actor)
    for name, wanted in item.patch.items():
        base = item.base.get(name)
        if item.operation == "CREATE" or base != wanted:
            row = {
                "field": name.removesuffix("_id"),
                "column": name,
                "old": None if item.operation == "CREATE" and base == wanted else base,
                "new": wanted,
                "stored": moved[name]["stored"] if name in moved else None,
                "conflict": name in moved,
                "hidden": name in kind.hidden and not reads,
            }
            rows.append(row | dict.fromkeys(("old", "new", "stored")) if row["hidden"] else row)
    return rows


def conflicts_in(change: ChangeRequest, actor: User) -> list[dict[str, Any]]:
    """What moved beneath the change, field by field over all its objects, as far as ``actor`` may read it."""
    return [
        {"position": item.position, "subject": str(item.subject), **row}
        for item in change.items.all()
        for row in sorted(differences(item, actor), key=itemgetter("field"))
        if row["conflict"]
    ]
