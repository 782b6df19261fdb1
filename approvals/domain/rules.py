"""Who sees, opens, revises, implements and closes changes. Who may *vote* is eligibility, not a permission."""

from __future__ import annotations

from typing import Any

from django.db.models import Q
from django.db.models.functions import Now

from catalog.domain.rules import owns_or_edits, owns_or_edits_any, sees_interfaces, sees_systems
from catalog.models import Interface, OwnerAssignment, System
from governance.domain.rules import has_role, is_clock, reads_everything, register
from governance.models import Delegation, Membership, Role

from ..models import ApprovalRequirement, CalendarEntry, CalendarFeed, ChangeItem, ChangeRequest, Vote


def sees_changes(actor: Any) -> Q:
    """One's own, and those that touch an interface one may see."""
    if reads_everything(actor):
        return Q()
    seen = Interface.objects.filter(sees_interfaces(actor)).values("pk")
    items = ChangeItem.objects.filter(
        Q(interface__in=seen)
        | Q(contract_version__contract__interface__in=seen)
        | Q(endpoint__binding__interface__in=seen)
        | Q(subscription__interface__in=seen)
        | Q(system__in=System.objects.filter(sees_systems(actor)).values("pk"))
        | Q(waiver__interface__in=seen)
    )
    return (
        Q(requester=actor)
        | Q(responsible=actor)
        | Q(pk__in=items.values("change"))
        | Q(pk__in=asked_as_consumer(actor).values("change"))
        | Q(pk__in=lent_interfaces(actor).values("change"))
    )


def asked_as_consumer(actor: Any) -> Any:
    """The needs that ask one of the actor's teams to acknowledge as the owner of a consuming system."""
    teams = Membership.objects.filter(user=actor, until__isnull=True).values("team")
    return ApprovalRequirement.objects.filter(subscription__consumer__owner_team__in=teams)


def lent_interfaces(actor: Any) -> Any:
    """Items on interfaces whose owner lets the actor act for them now: who may vote must be able to read."""
    givers = Delegation.objects.filter(taker=actor, starts_at__lte=Now(), ends_at__gt=Now()).values("giver")
    owners = OwnerAssignment.objects.current()
    teams = Membership.objects.filter(user__in=givers, until__isnull=True).values("team")
    owned = owners.filter(Q(person__in=givers) | Q(team__in=teams)).values("interface")
    return ChangeItem.objects.filter(
        Q(interface__in=owned) | Q(contract_version__contract__interface__in=owned) | Q(waiver__interface__in=owned)
    )


def through_change(actor: Any) -> Q:
    if reads_everything(actor):
        return Q()
    return Q(change__in=ChangeRequest.objects.filter(sees_changes(actor)).values("pk"))


def opens(actor: Any, subject: Any) -> bool:
    """Whoever may propose or owns the interface; a change of a table is opened by the board's own people."""
    if isinstance(subject, Interface):
        return owns_or_edits(actor, subject)
    return is_clock(actor) or has_role(actor, Role.PLATFORM_ADMIN, Role.CHANGE_MANAGER, Role.DESIGN_AUTHORITY)


def revises(actor: Any, change: Any) -> bool:
    if is_author(actor, change):
        return True
    touched = [item.touched_interface for item in change.items.all()]
    if any(one is None for one in touched) and opens(actor, ChangeRequest):
        return True
    return owns_or_edits_any(actor, [one for one in touched if one])


def is_author(actor: Any, change: Any) -> bool:
    return actor.pk in (change.requester_id, change.responsible_id) or change.authors.filter(user=actor).exists()


def implements(actor: Any, change: Any) -> bool:
    return (
        is_clock(actor)
        or actor.pk == change.implementer_id
        or has_role(actor, Role.CHANGE_MANAGER)
        or revises(actor, change)
    )


def closes(actor: Any, change: Any) -> bool:
    return is_clock(actor) or has_role(actor, Role.CHANGE_MANAGER) or is_author(actor, change)


def manages_calendar(actor: Any, subject: Any) -> bool:
    return is_clock(actor) or has_role(actor, Role.CHANGE_MANAGER, Role.PLATFORM_ADMIN)


def sees_entries(actor: Any) -> Q:
    """When nothing may move is for everybody to know; a system's name is for those who may see systems."""
    return Q(system=None) | Q(system__in=System.objects.filter(sees_systems(actor)).values("pk"))


def own_feed_only(actor: Any) -> Q:
    return Q(person=actor)


def has_a_feed(actor: Any, subject: Any) -> bool:
    """People have calendars; machines ask the API."""
    return bool(actor.is_person) and (isinstance(subject, type) or subject.person_id == actor.pk)


def finds(actor: Any, subject: Any) -> bool:
    """Who may say that the world contradicts the record: the clock, operators, security, owners, change managers."""
    return is_clock(actor) or has_role(
        actor, Role.OPERATOR, Role.CHANGE_MANAGER, Role.SECURITY_OFFICER, Role.INTERFACE_OWNER
    )


def proposes_verdict(actor: Any, change: Any) -> bool:
    return has_role(actor, Role.OPERATOR, Role.CHANGE_MANAGER) or revises(actor, change)


def anyone_signed_in(actor: Any, subject: Any) -> bool:
    """Eligibility is computed when the vote is cast, against the requirement, and refuses with its own code."""
    return True


register(
    ChangeRequest,
    view=sees_changes,
    open=opens,
    submit=revises,
    revise=revises,
    attach_evidence=revises,
    link_evidence=revises,
    state_evidence=revises,
    withdraw_evidence=revises,
    cancel=revises,
    reopen=revises,
    vote=anyone_signed_in,
    decide=anyone_signed_in,
    implement=implements,
    close=closes,
    open_unauthorized=finds,
    propose_verdict=proposes_verdict,
)
register(ChangeItem, view=through_change)
register(ApprovalRequirement, view=through_change)
register(Vote, view=through_change)
register(
    CalendarEntry,
    view=sees_entries,
    declare=manages_calendar,
    amend=manages_calendar,
    withdraw=manages_calendar,
)
register(CalendarFeed, view=own_feed_only, issue=has_a_feed, revoke=has_a_feed)
