"""Asking the board for a version of a decision table: publishing one is itself an approved change."""

from __future__ import annotations

import datetime as dt
from typing import Any

from governance.domain.rules import require
from governance.kernel.errors import Invalid
from governance.models import DecisionTable, User

from ..models import ChangeClass, ChangeRequest, ChangeType, Operation
from .items import ItemSpec
from .requests import ask_for_change
from .requirements import ChangePlan, plan_change


def ask_for_table(
    table: DecisionTable,
    *,
    effective_from: dt.datetime | None = None,
    title: str = "",
    reason: str,
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> ChangeRequest:
    """A change of policy that brings the version into force at ``effective_from``, or as soon as it is carried out.

    Raises ``NotReady`` (TABLE_NOT_READY) with every open gap, clash and failed case, and as ``ask_for_change`` does.
    """
    require(actor, "open", ChangeRequest)
    if effective_from is not None and effective_from <= now:
        hint = "It comes into force in the future; leave it empty to bring it into force as soon as it is carried out."
        raise Invalid("This date has passed.", errors={"effective_from": [hint]})
    patch = {"effective_from": effective_from.isoformat() if effective_from else None}
    said = {
        "plan": f"Bring {table} into force; the clock ends its predecessor at the same instant.",
        "backout": f"Publish the rules of {table.based_on or 'the former version'} again as a new version.",
        **{name: value for name, value in values.items() if value},
    }
    return ask_for_change(
        change_type=ChangeType.POLICY, title=title or f"Decision table {table}: {table.title}"[:160], reason=reason,
        items=[ItemSpec(table, Operation.CREATE, patch)], now=now, actor=actor, **said,
    )  # fmt: skip


def plan_for_table(*, now: dt.datetime) -> ChangePlan:
    """What a change of policy would need, before there is one: whom the tables ask, and the lead time."""
    return plan_change(ChangeRequest(change_type=ChangeType.POLICY, change_class=ChangeClass.NORMAL), [], now=now)
