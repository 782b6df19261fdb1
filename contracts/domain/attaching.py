"""Attaching a contract to an interface: opened when there is none, and its next version drafted, in one step."""

from __future__ import annotations

import datetime as dt

from catalog.models import Interface
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.models import User

from ..models import Contract, ContractVersion
from .contracts import open_contract
from .versions import draft_version


def attach_contract(
    interface: Interface,
    *,
    format: str,
    mode: str,
    version: str,
    text: bytes,
    notes: str = "",
    now: dt.datetime,
    actor: User,
) -> ContractVersion:
    """A DRAFT version of the interface's contract; ``format`` and ``mode`` count only when it is opened by this.

    All or nothing. Raises what ``open_contract`` and ``draft_version`` raise.
    """
    require(actor, "view", interface)
    with recorded("contracts.contract.attach", actor=actor, subject=interface, now=now):
        contract = Contract.objects.filter(interface=interface).first()
        if contract is None:
            contract = open_contract(interface, format=format, mode=mode, now=now, actor=actor)
        return draft_version(contract, version=version, text=text, notes=notes, now=now, actor=actor)
