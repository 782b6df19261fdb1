"""What pages, answers and guards ask of waivers; lists start from what the actor may see."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Prefetch, Q, QuerySet

from catalog.domain.decisions import PATTERN_LABELS, Pattern, assess_interface
from catalog.domain.findings import findings_on
from catalog.models import Interface, OwnerAssignment
from governance.domain.rules import has_role, visible, visible_or_404
from governance.models import Membership, Role, User

from ..models import ChangeItem, ChangeRequest, Waiver, WaiverKind

#: From so many days before its end a waiver is among what expires.
SOON = dt.timedelta(days=30)
WATCHERS = (Role.SECURITY_OFFICER, Role.CHANGE_MANAGER, Role.DESIGN_AUTHORITY)


def with_shown(waivers: QuerySet[Waiver]) -> QuerySet[Waiver]:
    carried = ChangeItem.objects.select_related("change").order_by("-change__created_at")
    return waivers.select_related(
        "interface__provider__domain", "finding", "remediation_owner", "requested_by"
    ).prefetch_related(Prefetch("change_items", carried, to_attr="carried_by"))


def waivers_of(actor: User) -> QuerySet[Waiver]:
    """The waivers that ``actor`` may see, with what a list shows."""
    return with_shown(visible(Waiver.objects.all(), actor))


def waiver_named(actor: User, key: str) -> Waiver:
    """One waiver with what its page shows. Raises ``NotFound``."""
    return visible_or_404(with_shown(Waiver.objects.all()), actor, key=key)


def waivers_on(actor: User, interface: Interface) -> QuerySet[Waiver]:
    """One interface's waivers, those in force or asked for first, then the newest."""
    return waivers_of(actor).filter(interface=interface).order_by("settled_at", "-requested_at")


def change_of(waiver: Waiver) -> ChangeRequest | None:
    """The change that asks, or asked, for it."""
    item = waiver.change_items.select_related("change").order_by("-change__created_at").first()
    return item.change if item else None


def blocking_waivers(interfaces: Iterable[Interface]) -> QuerySet[Waiver]:
    """Expired ones whose subject was neither mended nor granted anew: they keep changes from being carried out."""
    gone = Q(kind=WaiverKind.FINDING, finding__state__in=["FIXED", "FALSE_POSITIVE"])
    expired = Waiver.objects.filter(interface__in=list(interfaces), state="EXPIRED", settled_at=None)
    return expired.exclude(gone).select_related("interface").order_by("key")


def expiring_for(actor: User, *, now: dt.datetime) -> QuerySet[Waiver]:
    """What ends within thirty days or has ended unmended, of those that are the actor's business; the first first.

    One's business: what one asked for, mends, or owns the interface of; all of them for those who watch over policy.
    """
    ending = Q(state="ACTIVE", expires_at__lte=now + SOON) | Q(state="EXPIRED", settled_at=None)
    rows = waivers_of(actor).filter(ending).order_by("expires_at", "key")
    if has_role(actor, *WATCHERS):
        return rows
    teams = Membership.objects.filter(user=actor, until__isnull=True).values("team")
    owned = OwnerAssignment.objects.current().filter(Q(person=actor) | Q(team__in=teams)).values("interface")
    return rows.filter(Q(requested_by=actor) | Q(remediation_owner=actor) | Q(interface__in=owned))


def tolerable(interface: Interface) -> dict[str, list[tuple[str, str]]]:
    """What a waiver of this interface may tolerate now, by kind: what names it, and what people read."""
    assessed = assess_interface(interface)
    weighty = assessed.deviation not in ("NONE", "ACCEPTABLE")
    patterns, said = sorted(assessed.deviating) if weighty else [], assessed.deviation.replace("_", " ").lower()
    return {
        WaiverKind.FINDING: [(str(one.pk), one.message) for one in findings_on(interface) if one.state == "OPEN"],
        WaiverKind.DEVIATION: [(one, f"{PATTERN_LABELS[Pattern(one)]}, {said}") for one in patterns],
        WaiverKind.RESILIENCE: [(one, one.replace("_", " ")) for one in assessed.obligations],
    }
