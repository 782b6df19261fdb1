"""Who may see and do what with the catalog. Rights are held on domains; an interface belongs to its provider's."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from governance.domain.rules import granted, has_role, is_clock, reads_everything, register
from governance.models import Role

from ..models import (
    BusinessProcess,
    DecisionRecord,
    Domain,
    Facility,
    Finding,
    Interface,
    OwnerAssignment,
    Product,
    Subscription,
    System,
)

SEE, PROPOSE, ADDRESSES = "catalog.see_interfaces", "catalog.propose_interfaces", "catalog.see_addresses"


def everyone(actor: Any) -> Q:
    return Q()


def sees_interfaces(actor: Any) -> Q:
    """Of one's own domains, of those whose systems consume it, and those one owns oneself."""
    if reads_everything(actor):
        return Q()
    systems = list(System.objects.filter(domain__in=granted(actor, SEE, Domain)).values_list("pk", flat=True))
    consumed = Subscription.objects.filter(consumer__in=systems, until__isnull=True)
    owned = OwnerAssignment.objects.current().filter(person=actor)
    # Sets, each read once from its own index: what is asked again for every row makes 50,000 of them slow.
    return (
        Q(provider__in=systems)
        | Q(pk__in=consumed.order_by().values("interface"))
        | Q(pk__in=owned.order_by().values("interface"))
        | Q(pk__in=owned_by_teams(actor).order_by().values("interface"))
    )


def owned_by_teams(actor: Any) -> Any:
    return OwnerAssignment.objects.current().filter(
        team__memberships__user=actor, team__memberships__until__isnull=True
    )


def through_interface(actor: Any) -> Q:
    if reads_everything(actor):
        return Q()
    return Q(interface__in=Interface.objects.filter(sees_interfaces(actor)).values("pk"))


def sees_systems(actor: Any) -> Q:
    """Names of systems are no secret inside the network; who has no domain at all sees none."""
    if reads_everything(actor) or granted(actor, SEE, Domain).exists():
        return Q()
    return Q(pk__in=[])


def administers(actor: Any, subject: Any) -> bool:
    return is_clock(actor) or has_role(actor, Role.PLATFORM_ADMIN)


def proposes_in(actor: Any, domain: Domain) -> bool:
    return granted(actor, PROPOSE, Domain).filter(pk=domain.pk).exists()


def edits_system(actor: Any, system: Any) -> bool:
    """An architect of the system's domain; ``system`` may be unsaved."""
    return is_clock(actor) or (not isinstance(system, type) and proposes_in(actor, system.domain))


def edits_interface(actor: Any, interface: Any) -> bool:
    return edits_system(actor, interface.provider)


def owns_interface(actor: Any, interface: Any) -> bool:
    """A current owner of any kind, in person or through a team; the architects of its domain too."""
    owners = OwnerAssignment.objects.current().filter(interface=interface)
    return (
        is_clock(actor)
        or owners.filter(person=actor).exists()
        or owned_by_teams(actor).filter(interface=interface).exists()
    )


def owns_or_edits(actor: Any, interface: Any) -> bool:
    return owns_interface(actor, interface) or edits_interface(actor, interface)


def owns_or_edits_any(actor: Any, interfaces: Any) -> bool:
    """Any of them, at a constant number of queries."""
    some = list(interfaces)
    if is_clock(actor) or not some:
        return is_clock(actor)
    domains = set(granted(actor, PROPOSE, Domain).values_list("pk", flat=True))
    if any(one.provider.domain_id in domains for one in some):
        return True
    ids = [one.pk for one in some]
    mine = OwnerAssignment.objects.current().filter(interface__in=ids, person=actor)
    return mine.exists() or owned_by_teams(actor).filter(interface__in=ids).exists()


def sees_addresses(actor: Any, interface: Any) -> bool:
    return (
        has_role(actor, Role.SECURITY_OFFICER, Role.AUDITOR, Role.OPERATOR)
        or granted(actor, ADDRESSES, Domain).filter(pk=interface.provider.domain_id).exists()
        or owns_interface(actor, interface)
    )


def any_person(actor: Any, subject: Any) -> bool:
    """The tables, not a permission, say whose decision it is: ``decide_pattern`` checks that."""
    return is_clock(actor) or actor.is_person


def looks_for_findings(actor: Any, interface: Any) -> bool:
    """Who answers for the interface, and those whose work is to look."""
    return looks_after_policy(actor, interface) or has_role(actor, Role.OPERATOR) or owns_or_edits(actor, interface)


def looks_after_policy(actor: Any, subject: Any) -> bool:
    """Not those whose interface it is: nobody says of their own that it was never wrong."""
    return is_clock(actor) or has_role(actor, Role.SECURITY_OFFICER, Role.DESIGN_AUTHORITY, Role.CHANGE_MANAGER)


def mends_findings(actor: Any, finding: Any) -> bool:
    return owns_or_edits(actor, finding.interface) or looks_after_policy(actor, finding)


def owns_system(actor: Any, system: Any) -> bool:
    """A member of the team that owns it, or an architect of its domain."""
    teams = actor.memberships.filter(until__isnull=True)
    return edits_system(actor, system) or teams.filter(team=system.owner_team_id).exists()


def asks_to_consume(actor: Any, subscription: Any) -> bool:
    """Either side may ask: who answers for the interface, and who answers for the consumer."""
    return owns_or_edits(actor, subscription.interface) or owns_system(actor, subscription.consumer)


def under_mandate(actor: Any, subject: Any) -> bool:
    """The mandate is the authority; it is redeemed inside the command."""
    return True


register(Domain, view=everyone, found=administers)
register(Facility, view=everyone, found=administers)
register(
    System,
    view=sees_systems,
    register=edits_system,
    edit=edits_system,
    propose_interface=edits_system,
    change=owns_system,
    apply=under_mandate,
)
register(
    Interface,
    view=sees_interfaces,
    edit=edits_interface,
    submit=owns_or_edits,
    withdraw=owns_or_edits,
    reopen=owns_or_edits,
    assign_owner=owns_or_edits,
    subscribe=owns_or_edits,
    bind=owns_or_edits,
    state_fact=owns_or_edits,
    start_test=owns_or_edits,
    activate=owns_or_edits,
    suspend=owns_or_edits,
    resume=owns_or_edits,
    decide_pattern=any_person,
    approve=under_mandate,
    reject=under_mandate,
    apply=under_mandate,
    deprecate=under_mandate,
    retire=under_mandate,
    see_addresses=sees_addresses,
    report_finding=looks_for_findings,
    reevaluate=looks_for_findings,
)
register(
    Finding,
    view=through_interface,
    fix=mends_findings,
    dismiss=looks_after_policy,
    restore=looks_after_policy,
)
register(DecisionRecord, view=through_interface)
register(OwnerAssignment, view=through_interface)
register(Subscription, view=through_interface, plan=asks_to_consume, begin=under_mandate, end=under_mandate)
register(BusinessProcess, view=sees_systems, define=administers)
register(Product, view=sees_systems, define=administers)
