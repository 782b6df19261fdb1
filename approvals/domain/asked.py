"""Who is asked, as a question to the database: it costs one statement however many changes and votes there are.

The words are those of ``standing`` and ``eligibility``; a test compares the two over random electorates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery, TextField
from django.db.models.functions import Cast

from governance.domain.rules import has_role
from governance.models import Role, User

from ..models import (
    DECIDING,
    ApprovalRequirement,
    ChangeAuthor,
    ChangeItem,
    ChangeRequest,
    Recusal,
    RequirementStatus,
    Vote,
)
from .standing import CONSUMER_OWNER, INTERFACE_OWNER, Claim, claims_of, lent_for

#: How an item leads to the interface that it touches.
TOUCHES = (
    "interface",
    "contract_version__contract__interface",
    "endpoint__binding__interface",
    "subscription__interface",
    "waiver__interface",
)


def asked_of(actor: User, *, now: dt.datetime) -> QuerySet[ChangeRequest]:
    """The changes on which ``actor`` may speak now and has not: in their own right or in another's place."""
    claims = claims_of(actor, now=now)
    if not claims or has_role(actor, Role.CHANGE_MANAGER):
        return ChangeRequest.objects.none()
    own = live_votes().filter(change=OuterRef("pk"), revision_hash=OuterRef("revision_hash"), voter=actor)
    asked = Q(pk__in=[])
    for claim in claims:
        needs = {role: open_need(role, filled) for role, filled in filled_by(claim)}
        acknowledged = needs.pop(CONSUMER_OWNER, None)
        if needs:
            asked |= any_of(needs.values()) & ~Exists(own) & not_barred(claim)
        if acknowledged:  # who acknowledges for one consumer is asked for the next, and for nothing else
            asked |= any_of([acknowledged]) & ~Exists(own.exclude(role=CONSUMER_OWNER)) & not_barred(claim)
    return ChangeRequest.objects.taking_votes().filter(asked, not_excluded(actor))


def any_of(needs: Iterable[Q]) -> Q:
    """The change has a present requirement of which one of these is true."""
    wanted = Q(pk__in=[])
    for need in needs:
        wanted |= need
    present = ApprovalRequirement.objects.alias(named=Cast("roles", TextField())).filter(
        wanted, change=OuterRef("pk"), number=OuterRef("number"), status=RequirementStatus.UNSATISFIED
    )
    return Q(Exists(present.order_by()))


def filled_by(claim: Claim) -> Iterator[tuple[str, Q]]:
    """Each role that the claim may fill, with what must be true of the requirement besides."""
    for role in sorted(claim.held.roles - {INTERFACE_OWNER, CONSUMER_OWNER}):
        if lent_for(claim.scope, role):
            yield role, Q()
    if (claim.held.owned or claim.held.teams) and lent_for(claim.scope, INTERFACE_OWNER):
        yield INTERFACE_OWNER, Q(Exists(items_answered_for(claim).filter(change=OuterRef("change"))))
    if claim.held.teams and lent_for(claim.scope, CONSUMER_OWNER):
        yield CONSUMER_OWNER, Q(subscription__consumer__owner_team__in=claim.held.teams)


def items_answered_for(claim: Claim) -> QuerySet[ChangeItem]:
    """Items on an interface that the claim's holder owns, or on a system of their team."""
    touched = Q(system__owner_team__in=claim.held.teams)
    for way in TOUCHES:
        touched |= Q(**{f"{way}__in": claim.held.owned})
    return ChangeItem.objects.filter(touched).order_by()


def open_need(role: str, filled: Q) -> Q:
    """``role`` is asked and fewer have spoken in it than shall; an acknowledgement is for its own consumer."""
    spoken = live_votes().filter(change=OuterRef("change"), role=role, revision_hash=OuterRef("change__revision_hash"))
    if role == CONSUMER_OWNER:
        spoken = spoken.filter(requirement=OuterRef("pk"))
    said = spoken.values("change").annotate(voices=Count("pk")).values("voices")
    several = Q(minimum__gt=1) & ~Q(mode="GROUP") & Q(minimum__gt=Subquery(said))
    return Q(named__contains=f'"{role}"') & filled & (~Exists(spoken) | several)


def live_votes() -> QuerySet[Vote]:
    return Vote.objects.filter(choice__in=DECIDING).order_by()


def not_excluded(person: User, *, recused_too: bool = True) -> Q:
    """The change shuts this person out for none of the reasons of ``eligibility``."""
    change = OuterRef("pk")
    wrote = ChangeAuthor.objects.filter(change=change, user=person)
    spoke = Q(voter=person) | Q(on_behalf_of=person)
    authorised = Vote.objects.filter(spoke, change=change, role=Role.EMERGENCY_APPROVER, choice="APPROVE").order_by()
    free: Q = ~Q(requester=person) & ~Q(responsible=person) & Q(~Exists(wrote))
    free &= Q(implementer=None) | ~Q(implementer=person)
    free &= ~Q(change_class="EMERGENCY") | Q(state="AUTHORIZE") | Q(~Exists(authorised))
    aside = Recusal.objects.filter(change=change, person=person)
    return free & Q(~Exists(aside)) if recused_too else free


def not_barred(claim: Claim) -> Q:
    """Who stands in for an excluded person is excluded with them; a seat's alternate stays when they step aside."""
    return not_excluded(claim.on_behalf_of, recused_too=not claim.seat) if claim.on_behalf_of else Q()


def stale_of(actor: User) -> QuerySet[ChangeRequest]:
    """The changes whose voters are asked, on which ``actor`` has decided, and not on the present revision."""
    decided = live_votes().filter(change=OuterRef("pk"), voter=actor)
    present = Vote.objects.filter(change=OuterRef("pk"), voter=actor, revision_hash=OuterRef("revision_hash"))
    return ChangeRequest.objects.filter(Exists(decided), ~Exists(present), state__in=["ASSESS", "AUTHORIZE"])


def held_up(written: Q) -> QuerySet[ChangeRequest]:
    """Changes of somebody's own whose voters, deciders or ratifiers have not all spoken."""
    asked = Q(state__in=["SUBMITTED", "ASSESS", "AUTHORIZE"])
    asked |= Q(pk__in=ChangeRequest.objects.taking_votes().values("pk"))
    return ChangeRequest.objects.filter(written, asked)
