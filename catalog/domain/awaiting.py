"""Whose decision an interface waits for, answered for a whole list at a constant number of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Prefetch, Q, QuerySet

from governance.domain.rules import granted, has_role, visible
from governance.domain.tables import evaluator
from governance.models import Role, User

from ..models import DecisionRecord, Domain, Interface, OwnerAssignment, OwnerKind
from .decisions import Assessment, assess
from .facts import facts_hash, facts_of

UNDECIDED_STATES = ("PROPOSED", "IN_REVIEW")
LOOKED_AT = 200


@dataclass(frozen=True)
class Awaiting:
    """An interface whose pattern ``actor`` may decide now, and what the tables say of it."""

    interface: Interface
    assessed: Assessment


def awaiting_decision(actor: User) -> list[Awaiting]:
    """The interfaces that wait for ``actor``'s decision on their pattern, the oldest first; of the oldest 200."""
    roles = {role for role in (Role.DESIGN_AUTHORITY, Role.SECURITY_OFFICER) if has_role(actor, role)}
    domains = set(granted(actor, "catalog.decide_patterns", Domain).values_list("pk", flat=True))
    owned = set(business_owned(actor).values_list("interface", flat=True))
    if not (roles or domains or owned):
        return []
    ask, found = evaluator(), []
    for interface in undecided(actor):
        assessed = assess(facts_of(interface), chosen=interface.patterns, ask=ask)
        if stands_decided(interface, assessed) or assessed.forum == "BOARD_MEETING":
            continue
        holds = {
            "DOMAIN_ARCHITECT": interface.provider.domain_id in domains,
            "INTERFACE_OWNER": interface.pk in owned,
        }.get(assessed.decider, assessed.decider in roles)
        if holds and not (assessed.forum == "ASYNC_REVIEW" and interface.proposed_by_id == actor.pk):
            found.append(Awaiting(interface, assessed))
    return found


def undecided(actor: User) -> QuerySet[Interface]:
    current = DecisionRecord.objects.filter(superseded_by__isnull=True)
    proposals = Interface.objects.all().with_parties().filter(state__in=UNDECIDED_STATES).exclude(patterns=[])
    return (
        visible(proposals, actor)
        .select_related("proposed_by")
        .prefetch_related(Prefetch("decisions", current, to_attr="standing_decisions"))
        .order_by("created_at", "key")[:LOOKED_AT]
    )


def stands_decided(interface: Interface, assessed: Assessment) -> bool:
    standing: list[DecisionRecord] = getattr(interface, "standing_decisions", [])
    hashed = facts_hash(assessed.facts)
    return any(
        decided.facts_hash == hashed and sorted(decided.chosen) == sorted(interface.patterns) for decided in standing
    )


def business_owned(actor: User) -> QuerySet[OwnerAssignment]:
    mine = Q(person=actor) | Q(team__memberships__user=actor, team__memberships__until__isnull=True)
    return OwnerAssignment.objects.current().filter(mine, kind=OwnerKind.BUSINESS_OWNER)
