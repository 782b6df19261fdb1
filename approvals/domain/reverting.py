"""Undoing what was applied: a draft that asks for the former values, field by field."""

from __future__ import annotations

import datetime as dt

from catalog.domain.facts import proposed_values
from governance.domain.rules import require
from governance.kernel.errors import WrongState
from governance.models import User

from ..models import ChangeItem, ChangeRequest, Operation
from .items import ItemSpec
from .requests import open_change


def revert_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """A draft that sets back what ``change`` set and nobody has changed since; it is asked for like any other.

    Raises ``WrongState`` (NOTHING_TO_REVERT) when nothing of it is left to undo.
    """
    require(actor, "revise", change)
    specs = [spec for spec in map(former_values, change.items.all()) if spec]
    if not specs or change.implemented_at is None:
        said = f"Nothing that {change.key} set is still as it set it."
        raise WrongState(said, code="NOTHING_TO_REVERT", details={"change": change.key})
    return open_change(
        change_type=change.change_type, title=f"Undo {change.key}: {change.title}"[:160],
        reason=f"{change.key} shall not stay.", plan=change.backout, backout=f"Ask for {change.key} again.",
        items=specs, now=now, actor=actor,
    )  # fmt: skip


def may_be_undone(change: ChangeRequest) -> bool:
    """An emergency that was carried out, or a failure whose values the record still holds: offer the way back."""
    if change.implemented_at is None or (change.change_class != "EMERGENCY" and change.outcome != "FAILED_BACKED_OUT"):
        return False
    return any(map(former_values, change.items.all()))


def former_values(item: ChangeItem) -> ItemSpec | None:
    """What the interface's fields held before, of those that still hold what the item set."""
    if item.interface is None or item.operation != Operation.UPDATE:
        return None
    stored = proposed_values(item.interface)
    back = {name: item.base[name] for name, wanted in item.patch.items() if stored[name] == wanted}
    changed = {name: value for name, value in back.items() if value != stored[name]}
    return ItemSpec(item.interface, Operation.UPDATE, changed) if changed else None
