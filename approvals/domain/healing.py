"""Requirements that nobody could meet wait again once somebody can: a seat was filled, an owner named, a vote lent."""

from __future__ import annotations

import datetime as dt

from django.db.models import F

from governance.domain.audit import recorded
from governance.models import User

from ..models import ApprovalRequirement, ChangeRequest, RequirementStatus
from .electors import Electors
from .requests import advance
from .requirements import current_requirements
from .voting import settle


def heal_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> bool:
    """Look again at who may vote; True when some requirement became possible. Its voters are asked once all are."""
    stuck = set(stuck_needs().filter(change=change).values_list("pk", flat=True))
    with recorded("approvals.change.heal", actor=actor, subject=change, now=now) as entry:
        needs = settle(change, now=now)
        healed = [need.label for need in needs if need.pk in stuck and need.status != RequirementStatus.ERROR]
        entry.facts["possible_again"] = healed
        if healed and change.state == "ASSESS":
            advance(change, list(change.items.all()), now=now, actor=actor)
    return bool(healed)


def heal_changes(*, now: dt.datetime, actor: User, limit: int = 200) -> int:
    """The clock: every open change that somebody is missing for. Nothing is recorded of those still stuck."""
    healed = 0
    waiting = ChangeRequest.objects.filter(state__in=["ASSESS", "AUTHORIZE"], pk__in=stuck_needs().values("change"))
    for change in waiting.order_by("revised_at")[:limit]:
        if can_be_met(change, now=now):
            healed += heal_change(change, now=now, actor=actor)
    return healed


def stuck_needs():
    """The present requirements that ask somebody and that nobody can meet; a table's own error stays one."""
    errors = ApprovalRequirement.objects.filter(status=RequirementStatus.ERROR, number=F("change__number"))
    return errors.exclude(roles=[])


def can_be_met(change: ChangeRequest, *, now: dt.datetime) -> bool:
    stuck = current_requirements(change).filter(status=RequirementStatus.ERROR).exclude(roles=[])
    electors = Electors(change, now=now)
    return any(not electors.shortfall(need) for need in stuck)
