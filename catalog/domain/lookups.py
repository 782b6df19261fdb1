"""One record by what a page or form calls it, and what a form may offer; all of it only as far as the actor sees."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q, QuerySet

from governance.domain.rules import visible, visible_or_404
from governance.kernel.errors import NotFound
from governance.models import Team, User

from ..models import Domain, Interface, InterfaceBinding, InterfaceEndpoint, System

UNDER_WAY = ("DISCOVERED", "PROPOSED", "IN_REVIEW", "APPROVED", "REJECTED", "IN_BUILD", "IN_TEST")


def interface_named(actor: User, key: str) -> Interface:
    """One interface with the systems at its ends. Raises ``NotFound``."""
    return visible_or_404(Interface.objects.with_parties(), actor, key=key)


def is_in_force(interface: Interface) -> bool:
    """Built, running or on its way out: what may be changed only through a change request."""
    return Interface.objects.in_force().filter(pk=interface.pk).exists()


def binding_named(interface: Interface, named: str) -> InterfaceBinding:
    """The interface's own binding of this id. Raises ``NotFound`` for another's and for what is no id."""
    try:
        found = InterfaceBinding.objects.filter(interface=interface, pk=UUID(named)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound(f"{interface.key} has no binding '{named}'.")
    return found


def endpoints_of(interface: Interface) -> QuerySet[InterfaceEndpoint]:
    """Every address on the interface's way, in whichever environment."""
    return InterfaceEndpoint.objects.filter(binding__interface=interface).select_related("binding")


def own_proposals(actor: User) -> QuerySet[Interface]:
    """What the actor proposed and is not yet in use, the latest touched first."""
    mine = visible(Interface.objects.all(), actor).filter(proposed_by=actor, state__in=UNDER_WAY)
    return mine.order_by("-updated_at", "key")


def interfaces_like(actor: User, words: str) -> QuerySet[Interface]:
    """Interfaces whose key or name holds these words."""
    found = visible(Interface.objects.prefetch_related("source", "target"), actor)
    return found.filter(Q(key__icontains=words) | Q(name__icontains=words)).order_by("key")


def systems_like(actor: User, words: str) -> QuerySet[System]:
    """Systems whose key or name holds these words."""
    return systems_offered(actor).filter(Q(key__icontains=words) | Q(name__icontains=words))


def systems_offered(actor: User) -> QuerySet[System]:
    """The systems among which a form lets the actor choose, by name."""
    return visible(System.objects.select_related("domain"), actor).order_by("name")


def domains_of(actor: User) -> QuerySet[Domain]:
    """The domains among which the actor may narrow a list."""
    return visible(Domain.objects.all(), actor)


def possible_owners() -> tuple[QuerySet[Team], QuerySet[User]]:
    """Whom a kind of ownership may be given to: any team, any person who is still here."""
    people = User.objects.filter(kind="PERSON", is_active=True).order_by("display_name", "username")
    return Team.objects.order_by("name"), people
