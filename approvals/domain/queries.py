"""What pages and answers ask of changes; every one starts from what the actor may see."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db.models import F, Prefetch, QuerySet

from catalog.domain.facts import json_value
from catalog.domain.queries import impact_of
from catalog.models import Interface
from governance.domain.rules import visible, visible_or_404
from governance.models import User

from ..models import ApprovalRequirement, ChangeItem, ChangeRequest, RequirementStatus, Vote
from .eligibility import Standing, excluded_reason, standing_of
from .requirements import current_requirements

ITEMS = Prefetch(
    "items",
    ChangeItem.objects.select_related(
        "interface__provider__domain", "interface__source__domain", "interface__target__domain",
        "contract_version__contract__interface", "contract_version__document", "decision_table",
    ),
)  # fmt: skip


def changes_of(actor: User) -> QuerySet[ChangeRequest]:
    """The changes that ``actor`` may see, with what a list shows, at a constant number of queries."""
    return (
        visible(ChangeRequest.objects.all(), actor)
        .select_related("requester", "responsible", "implementer")
        .prefetch_related(ITEMS, "requirements__subscription__consumer")
    )


def change_page(actor: User, key: str) -> ChangeRequest:
    return visible_or_404(
        ChangeRequest.objects.select_related("requester", "responsible", "implementer").prefetch_related(ITEMS),
        actor,
        key=key,
    )


def votes_of(change: ChangeRequest) -> list[Vote]:
    """Every vote on any revision, oldest first; ``stale`` says which no longer count."""
    votes = change.votes.select_related("voter", "on_behalf_of", "requirement").order_by("at")
    for vote in votes:
        vote.change = change
    return list(votes)


@dataclass(frozen=True)
class Waiting:
    """One requirement that ``actor`` may answer now, and in which role."""

    change: ChangeRequest
    requirement: ApprovalRequirement
    standing: Standing


def votes_waiting_for(actor: User, *, now: dt.datetime, limit: int = 50) -> list[Waiting]:
    """The board member's queue: what waits for this person's vote, the earliest window first."""
    if not actor.is_person:
        return []
    asked = (
        ApprovalRequirement.objects.filter(
            change__state="AUTHORIZE", status=RequirementStatus.UNSATISFIED, number=F("change__number")
        )
        .select_related("change__requester", "subscription__consumer__owner_team")
        .order_by("change__window_start", "change__submitted_at")
    )
    voted = set(
        Vote.objects.filter(voter=actor, change__state="AUTHORIZE", choice__in=["APPROVE", "REJECT"]).values_list(
            "change_id", "revision_hash"
        )
    )
    waiting: list[Waiting] = []
    for need in asked:
        change = need.change
        if (change.pk, change.revision_hash) in voted or excluded_reason(change, actor):
            continue
        standing = standing_of(actor, need, now=now)
        if standing and all(found.change.pk != change.pk for found in waiting):
            waiting.append(Waiting(change, need, standing))
        if len(waiting) >= limit:
            break
    return waiting


def needs_of(change: ChangeRequest, actor: User, *, now: dt.datetime) -> list[dict[str, Any]]:
    """Each present requirement with its votes, why it is asked, who can answer it, and whether ``actor`` can."""
    notes = change.policy.get("notes", {})
    votes = [vote for vote in votes_of(change) if not vote.stale]
    needs = []
    for need in current_requirements(change):
        may = None if excluded_reason(change, actor) else standing_of(actor, need, now=now)
        needs.append(
            {
                "requirement": need,
                "because": [{"rule": rule, "note": notes.get(rule, "")} for rule in need.rules],
                "votes": [vote for vote in votes if vote.requirement_id == need.pk],
                "standing": may,
            }
        )
    return needs


def impact_of_change(change: ChangeRequest) -> list[dict[str, Any]]:
    """Who feels it, computed from the register; nobody can type it."""
    touched: dict[Any, Interface] = {}
    for item in change.items.all():
        if item.touched_interface:
            touched[item.touched_interface.pk] = item.touched_interface
    return [{"interface": interface, **impact_of(interface)} for interface in touched.values()]


def differences(item: ChangeItem) -> list[dict[str, Any]]:
    """Field by field: what is stored, what the change was based on, what it wants. A creation shows every value."""
    rows = []
    for name, wanted in item.patch.items():
        base = item.base.get(name)
        stored = json_value(getattr(item.interface, name)) if item.interface else base
        if item.operation == "CREATE" or base != wanted:
            rows.append(
                {
                    "field": name.removesuffix("_id"),
                    "old": None if item.operation == "CREATE" and base == wanted else base,
                    "new": wanted,
                    "conflict": stored not in (base, wanted),
                }
            )
    return rows
