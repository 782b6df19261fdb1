"""Items that adopt what an import found running: decided, submitted, approved and applied many at a time."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from catalog.domain.adopting import assess_all, write_decisions
from catalog.domain.decisions import check_decider, holds_decider_role
from catalog.models import DecisionRecord, Interface, Origin
from governance.kernel.errors import NotAllowed
from governance.models import User

from ..models import ChangeItem, ChangeRequest, Operation
from .eligibility import author_ids, check_not_an_author
from .kinds import ItemSpec


def is_adopted(one: ChangeItem | ItemSpec) -> bool:
    """Does it bring into force, as it runs, what an import found?"""
    subject = one.subject if isinstance(one, ItemSpec) else one.interface
    return one.operation == Operation.CREATE and isinstance(subject, Interface) and subject.origin == Origin.IMPORTED


def decide_on_adopted(
    change: ChangeRequest,
    pairs: Sequence[tuple[Interface, ChangeItem]],
    *,
    rationale: str,
    now: dt.datetime,
    actor: User,
) -> list[DecisionRecord]:
    """One act decides on every adopted interface that is this person's to decide; another's wait for them.

    Raises ``NotAllowed`` (DECIDER, SOD_AUTHOR) when none is.
    """  # fmt: skip
    if not pairs:
        return []
    assessed = assess_all((interface, item.patch) for interface, item in pairs)
    held: dict[Any, bool] = {}
    mine = []
    for interface, one in assessed:
        role = (one.decider, interface.pk if one.decider == "INTERFACE_OWNER" else interface.provider.domain_id)
        if role not in held:
            held[role] = holds_decider_role(actor, one.decider, interface)
        if held[role]:
            mine.append((interface, one))
    if not mine:
        check_decider(assessed[0][0], assessed[0][1], actor)
        raise NotAllowed(f"None of what {change.key} adopts is yours to decide.", code="DECIDER")
    if any(one.forum != "SELF_SERVICE" for _, one in mine) and actor.pk in author_ids(change):
        check_not_an_author(change, actor)
    return write_decisions(mine, rationale=rationale, now=now, actor=actor)
