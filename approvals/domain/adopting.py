"""Bulk adoption: one change, one decision and one vote each for what an import found, however many there are."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from catalog.domain.adopting import check_may_adopt, take_over
from catalog.models import Interface, Origin
from governance.domain.rules import visible
from governance.kernel.errors import Invalid, NotFound, WrongState
from governance.models import Team, User

from ..models import ChangeItem, ChangeRequest, ChangeType, Operation
from .items import ItemSpec
from .requests import ask_for_change

#: As many as one change may adopt: what a page can sum up and one transaction can carry.
MOST = 2000


def adopt_interfaces(
    interfaces: Sequence[Interface],
    *,
    reason: str,
    owner_team: Team | None = None,
    title: str = "",
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> ChangeRequest:
    """Ask once for all of them: who decides decides once, and each role or team votes once.

    ``owner_team`` answers for whatever nobody answers for yet. Raises ``NotReady`` with what each one lacks,
    ``NotAllowed`` for another's domain, ``Conflict`` (CHANGE_OPEN), ``WrongState``; nothing is written then.
    """  # fmt: skip
    if not 0 < len(interfaces) <= MOST:
        raise Invalid(f"Choose 1 to {MOST} interfaces.", errors={"interfaces": [f"{len(interfaces)} were chosen."]})
    known = [one.key for one in interfaces if one.state != "DISCOVERED" or one.origin != Origin.IMPORTED]
    if known:
        raise WrongState(f"{', '.join(known[:5])}: only what was discovered is adopted. Submit these by themselves.")
    check_may_adopt(interfaces, actor)
    said = title.strip() or f"Adopt {len(interfaces)} interfaces that run already"
    with transaction.atomic():
        if owner_team:
            take_over(interfaces, team=owner_team, now=now, actor=actor)
        return ask_for_change(
            change_type=ChangeType.NEW_INTERFACE, title=said, reason=reason,
            items=[ItemSpec(one, Operation.CREATE) for one in interfaces], now=now, actor=actor, **values,
        )  # fmt: skip


def discovered(actor: User, *, domain: str = "") -> QuerySet[Interface]:
    """What an import found and nobody has adopted yet, as far as the actor sees it."""
    found = visible(Interface.objects.with_parties(), actor).filter(state="DISCOVERED", origin=Origin.IMPORTED)
    return found.filter(provider__domain__key=domain) if domain else found


def interfaces_to_adopt(actor: User, *, keys: Sequence[str] = (), domain: str = "") -> list[Interface]:
    """Those that are named, or every one that was discovered in a domain. Raises ``NotFound`` for an unknown key."""
    found = list(visible(Interface.objects.with_parties(), actor).filter(key__in=keys)) if keys else []
    missing = sorted(set(keys) - {one.key for one in found})
    if missing:
        raise NotFound(f"There is no interface {', '.join(missing[:5])}, or you may not see it.")
    return found or list(discovered(actor, domain=domain)[: MOST + 1])


def summed_up(items: Sequence[ChangeItem]) -> list[dict[str, Any]]:
    """How many interfaces a change touches by provider domain and tier, the most critical first."""
    counted = Counter(
        (one.tier, one.provider.domain.name) for item in items if (one := item.interface) is not None
    )  # fmt: skip
    return [{"tier": tier, "domain": domain, "count": count} for (tier, domain), count in sorted(counted.items())]


def team_named(key: str) -> Team:
    """Raises ``Invalid`` beside the field for a team that there is not."""
    found = Team.objects.filter(key=key).first()
    if found is None:
        raise Invalid(f"There is no team '{key}'.", errors={"owner_team": ["not a known team"]})
    return found
