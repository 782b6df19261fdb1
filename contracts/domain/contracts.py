"""The contract of an interface: opened once, its mode and steward chosen by the interface's people."""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.domain.checks import clean
from catalog.models import Interface
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed, StaleRevision
from governance.models import Team, User

from ..models import Contract
from .rules import attaches

EDITABLE = ("mode", "steward")


def open_contract(
    interface: Interface,
    *,
    format: str,
    mode: str = "BACKWARD",
    steward: Team | None = None,
    now: dt.datetime,
    actor: User,
) -> Contract:
    """Promise something for ``interface``; versions follow. The contract is known by the interface's key.

    Raises ``NotFound`` or ``NotAllowed`` for others than its people, ``Conflict`` when it has a contract already.
    """
    require(actor, "view", interface)
    if not attaches(actor, interface):
        raise NotAllowed(f"You may not attach a contract to {interface.key}. Ask a team that owns it.")
    if Contract.objects.filter(interface=interface).exists():
        raise Conflict(f"{interface.key} has a contract already; draft a new version of it.", code="DUPLICATE")
    contract = Contract(key=interface.key, interface=interface, format=format, mode=mode, steward=steward)
    clean(contract)
    with recorded("contracts.contract.open", actor=actor, subject=contract, now=now):
        contract.save(force_insert=True)
    return contract


def edit_contract(
    contract: Contract, *, revision: int | None = None, now: dt.datetime, actor: User, **values: Any
) -> Contract:
    """Choose another compatibility mode or steward; ``revision`` is the one that the editor saw."""
    require(actor, "edit", contract)
    unknown = sorted(set(values) - set(EDITABLE))
    if unknown:
        raise Invalid(f"Not editable: {', '.join(unknown)}.", errors={name: ["cannot be changed"] for name in unknown})
    seen = contract.revision if revision is None else revision
    for name, value in values.items():
        setattr(contract, name, value)
    clean(contract)
    with recorded("contracts.contract.edit", actor=actor, subject=contract, now=now):
        mine = Contract.objects.filter(pk=contract.pk, revision=seen)
        if not mine.update(**values, revision=seen + 1, updated_at=now):
            raise StaleRevision(f"The contract {contract.key} was changed by someone else. Reload it.")
    contract.revision = seen + 1
    return contract
