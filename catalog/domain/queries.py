"""What pages and answers ask of the catalog; every one starts from what the actor may see."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Prefetch, Q, QuerySet

from governance.domain.rules import visible, visible_or_404
from governance.models import User

from ..models import Interface, OwnerAssignment, ProcessStep, Subscription, System


def register_of(actor: User) -> QuerySet[Interface]:
    """The interfaces that ``actor`` may see, with what a list shows, at a constant number of queries."""
    return (
        visible(Interface.objects.all(), actor)
        .with_parties()
        .prefetch_related(
            Prefetch(
                "owners", OwnerAssignment.objects.current().select_related("team", "person"), to_attr="current_owners"
            )
        )
        .annotate(consumer_count=Count("subscriptions", filter=Q(subscriptions__until__isnull=True)))
    )


def interface_page(actor: User, key: str) -> Interface:
    """One interface with everything its page shows. Raises ``NotFound``."""
    return visible_or_404(
        Interface.objects.with_parties()
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


def systems_of(actor: User) -> QuerySet[System]:
    return (
        visible(System.objects.all(), actor)
        .select_related("domain", "owner_team")
        .annotate(interface_count=Count("provides", distinct=True))
    )


def impact_of(interface: Interface) -> dict[str, Any]:
    """Who and what feels a change of this interface: its consumers, the processes it carries, what they pass on."""
    consumers = interface.subscriptions.filter(until__isnull=True).select_related(
        "consumer__domain", "consumer__owner_team"
    )
    steps = ProcessStep.objects.filter(interface=interface).select_related("process")
    return {
        "consumers": [
            {"key": s.consumer.key, "name": s.consumer.name, "domain": s.consumer.domain.key, "purpose": s.purpose,
             "owner": str(s.consumer.owner_team) if s.consumer.owner_team else ""}
            for s in consumers
        ],
        "processes": sorted({step.process.name for step in steps}),
        "downstream": list(
            Interface.objects.in_force().filter(source__in=[s.consumer_id for s in consumers]).order_by("key")
            .values("key", "name")[:50]
        ),
    }  # fmt: skip


def similar_interfaces(
    actor: User, *, source: System | None, target: System | None, exclude: str = ""
) -> list[Interface]:
    """Up to three that already move data between the same systems: look before you build."""
    if source is None or target is None:
        return []
    between = Q(source=source, target=target) | Q(source=source, subscriptions__consumer=target)
    found = visible(Interface.objects.all(), actor).filter(between).exclude(key=exclude)
    return list(found.exclude(state__in=["RETIRED", "WITHDRAWN", "REJECTED"]).distinct().order_by("key")[:3])


def next_key(prefix: str) -> str:
    """The next free number of a key family, as a suggestion: ``IF-SUR-008``."""
    taken = (
        Interface.objects.filter(key__startswith=f"IF-{prefix}-").order_by("-key").values_list("key", flat=True).first()
    )
    number = int(taken.rsplit("-", 1)[1]) + 1 if taken else 1
    return f"IF-{prefix}-{number:03d}"
