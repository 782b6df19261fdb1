"""What pages and answers ask of the catalog; every one starts from what the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.db.models import Count, IntegerField, Model, OuterRef, Prefetch, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce

from governance.domain.rules import granted, is_clock, visible, visible_or_404
from governance.kernel.findings import Finding
from governance.models import AuditEvent, User

from ..lifecycle import INTERFACE
from ..models import (
    DecisionRecord,
    Domain,
    Interface,
    InterfaceBinding,
    InterfaceEndpoint,
    OwnerAssignment,
    ProcessStep,
    Product,
    ReadinessFact,
    Subscription,
    System,
)
from ..models import Finding as Found
from .interfaces import submission_findings
from .readiness import readiness_findings
from .rules import PROPOSE

#: What counts as there, on its way or in use.
LIVE_STATES = tuple(state for state in INTERFACE.states if state not in ("RETIRED", "WITHDRAWN", "REJECTED"))
PARTS: tuple[tuple[type[Model], str], ...] = (
    (OwnerAssignment, "interface"),
    (Subscription, "interface"),
    (DecisionRecord, "interface"),
    (InterfaceBinding, "interface"),
    (InterfaceEndpoint, "binding__interface"),
    (ReadinessFact, "interface"),
    (Found, "interface"),
)


def counted(rows: QuerySet[Any], *, by: str) -> Coalesce:
    """How many ``rows`` point ``by`` at the row at hand, counted for the rows of one page only, never for all."""
    per_row = rows.filter(**{by: OuterRef("pk")}).order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(per_row, output_field=IntegerField()), 0)


def register_of(actor: User) -> QuerySet[Interface]:
    """The interfaces that ``actor`` may see, with what a list shows, at a constant number of queries."""
    return visible(register_rows(), actor)


def register_rows() -> QuerySet[Interface]:
    """Interfaces with what a list shows of them; whoever uses it filters by what the actor may see.

    Everything around a row is read for one page, not joined: a sort of the whole register then touches its own
    table only, and a planner that sees few systems cannot start from their cross product.
    """
    return Interface.objects.prefetch_related(
        "provider__domain",
        "source",
        "target",
        "successor",
        "proposed_by",
        Prefetch(
            "owners", OwnerAssignment.objects.current().select_related("team", "person"), to_attr="current_owners"
        ),
        Prefetch("subscriptions", Subscription.objects.filter(until__isnull=True), to_attr="open_subscriptions"),
    )


def interface_page(actor: User, key: str) -> Interface:
    """One interface with everything its page shows. Raises ``NotFound``."""
    return visible_or_404(
        Interface.objects.all()
        .with_parties()
        .select_related("proposed_by", "successor")
        .prefetch_related(
            Prefetch(
                "owners", OwnerAssignment.objects.current().select_related("team", "person"), to_attr="current_owners"
            ),
            Prefetch(
                "subscriptions",
                Subscription.objects.filter(until__isnull=True).select_related(
                    "consumer__domain", "consumer__owner_team"
                ),
                to_attr="consumers",
            ),
            "bindings__facility",
            "bindings__endpoints__instance",
            Prefetch("steps_of", ProcessStep.objects.select_related("process"), to_attr="in_processes"),
            "readiness",
            "products",
        ),
        actor,
        key=key,
    )


def next_move(interface: Interface, *, now: dt.datetime) -> tuple[str, list[Finding]]:
    """The move that lies ahead (empty: none that asks for proof), and everything still missing for it."""
    verb = {"PROPOSED": "submit", "IN_BUILD": "start_test", "IN_TEST": "activate"}.get(interface.state, "")
    if verb == "submit":
        return verb, submission_findings(interface)
    return verb, readiness_findings(interface, verb, now=now) if verb else []


def systems_of(actor: User) -> QuerySet[System]:
    return (
        visible(System.objects.all(), actor)
        .select_related("domain", "owner_team")
        .annotate(
            out_count=counted(Interface.objects.filter(state__in=LIVE_STATES), by="source"),
            in_count=counted(Interface.objects.filter(state__in=LIVE_STATES), by="target"),
        )
    )


def system_page(actor: User, key: str) -> System:
    """One system with its owners and installations. Raises ``NotFound``."""
    return visible_or_404(
        System.objects.select_related("domain", "owner_team", "successor").prefetch_related("instances__facility"),
        actor,
        key=key,
    )


def proposing_domains(actor: User) -> QuerySet[Domain]:
    """The domains in which ``actor`` may register systems and interfaces."""
    return Domain.objects.all() if is_clock(actor) else granted(actor, PROPOSE, Domain)


def products_near(actor: User, *, source: System | None) -> QuerySet[Product]:
    """Active products that offer an interface of the same source already: reuse before building."""
    if source is None:
        return Product.objects.none()
    return visible(Product.objects.filter(active=True), actor).filter(interfaces__source=source).distinct()


def history_with_parts(interface: Interface) -> QuerySet[AuditEvent]:
    """Every recorded step of the interface and of what hangs on it: owners, consumers, decisions, bindings, facts."""
    return AuditEvent.objects.filter(steps_with_parts(interface))


def steps_with_parts(interface: Interface) -> Q:
    """The same as a condition, to be joined with others."""
    asked = Q(subject_type=Interface._meta.label_lower, subject_id=str(interface.pk))
    for rows in rows_with_parts(interface).values():
        keys = [str(key) for key in rows.values_list("pk", flat=True)]
        asked |= Q(subject_type=rows.model._meta.label_lower, subject_id__in=keys)
    return asked


def rows_with_parts(interface: Interface) -> dict[str, QuerySet[Any]]:
    """What hangs on the interface, by the name of its kind, in the plural."""
    return {
        str(model._meta.verbose_name_plural): model._default_manager.filter(**{path: interface})
        for model, path in PARTS
    }


def impact_of(interface: Interface) -> dict[str, Any]:
    """Who and what feels a change of this interface: its consumers, the processes it carries, what they pass on."""
    return impacts_of([interface])[interface.pk]


def impacts_of(interfaces: Sequence[Interface]) -> dict[Any, dict[str, Any]]:
    """The same by interface id, in three queries however many there are; at most fifty downstream of each."""
    live = Subscription.objects.filter(interface__in=interfaces, until__isnull=True).select_related(
        "consumer__domain", "consumer__owner_team"
    )
    uses: dict[Any, list[Subscription]] = {one.pk: [] for one in interfaces}
    for use in live:
        uses[use.interface_id].append(use)
    carried: dict[Any, set[str]] = {one.pk: set() for one in interfaces}
    for interface, process in ProcessStep.objects.filter(interface__in=interfaces).values_list(
        "interface", "process__name"
    ):
        carried[interface].add(process)
    fed: dict[Any, list[dict[str, str]]] = {}
    consumers = {use.consumer_id for held in uses.values() for use in held}
    onward = Interface.objects.in_force().filter(source__in=consumers).order_by("key")
    for source, key, name in onward.values_list("source", "key", "name"):
        fed.setdefault(source, []).append({"key": key, "name": name})
    return {one.pk: felt(uses[one.pk], carried[one.pk], fed) for one in interfaces}


def felt(uses: list[Subscription], processes: set[str], fed: dict[Any, list[dict[str, str]]]) -> dict[str, Any]:
    downstream = {one["key"]: one for use in uses for one in fed.get(use.consumer_id, [])}
    return {
        "consumers": [
            {"key": s.consumer.key, "name": s.consumer.name, "domain": s.consumer.domain.key, "purpose": s.purpose,
             "owner": str(s.consumer.owner_team) if s.consumer.owner_team else ""}
            for s in uses
        ],
        "processes": sorted(processes),
        "downstream": [downstream[key] for key in sorted(downstream)][:50],
    }  # fmt: skip


def similar_interfaces(
    actor: User, *, source: System | None, target: System | None, exclude: str = ""
) -> list[Interface]:
    """Up to three that already move data between the same systems: look before you build."""
    if source is None or target is None:
        return []
    between = Q(source=source, target=target) | Q(source=source, subscriptions__consumer=target)
    found = visible(Interface.objects.all(), actor).filter(between).exclude(key=exclude)
    return list(found.filter(state__in=LIVE_STATES).distinct().order_by("key")[:3])


def next_key(prefix: str) -> str:
    """The next free number of a key family, as a suggestion: ``IF-SUR-008``."""
    taken = (
        Interface.objects.filter(key__startswith=f"IF-{prefix}-").order_by("-key").values_list("key", flat=True).first()
    )
    number = int(taken.rsplit("-", 1)[1]) + 1 if taken else 1
    return f"IF-{prefix}-{number:03d}"
