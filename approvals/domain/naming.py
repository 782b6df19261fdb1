"""From the names that people and programs use to the records of a change's items, within what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from catalog.models import Interface
from contracts.models import ContractVersion
from governance.domain.rules import visible_or_404
from governance.kernel.errors import Invalid, NotFound
from governance.models import DecisionTable, User

from .items import ItemSpec


def specs_named(given: Iterable[Mapping[str, Any]], *, actor: User) -> list[ItemSpec]:
    """Items as ``{"interface": "IF-SUR-001"}`` or ``{"contract_version": "IF-SUR-003@2.0.0"}`` or a decision table.

    Raises ``Invalid`` unless each names exactly one object, ``NotFound`` for one that the actor may not see.
    """
    specs = []
    for said in given:
        named = [kind for kind in ("interface", "contract_version", "decision_table") if said.get(kind)]
        if len(named) != 1:
            raise Invalid("Each item names one object.", errors={"items": ["one of interface, contract_version"]})
        subject = subject_named(named[0], said[named[0]], actor=actor)
        specs.append(ItemSpec(subject, said.get("operation", "UPDATE"), said.get("patch") or {}))
    return specs


def subject_named(kind: str, name: str, *, actor: User) -> Interface | ContractVersion | DecisionTable:
    if kind == "interface":
        return visible_or_404(Interface.objects.with_parties(), actor, key=name)
    key, separator, number = name.partition("@")
    if not separator:
        raise Invalid(f"'{name}' is no version.", errors={"items": ["Name a version as IF-SUR-003@2.0.0."]})
    if kind == "decision_table":
        found = DecisionTable.objects.filter(key=key, version=number).first()
        if found is None:
            raise NotFound(f"There is no table '{name}'.")
        return found
    versions = ContractVersion.objects.select_related("contract__interface", "document")
    return visible_or_404(versions, actor, contract__key=key, version=number)
