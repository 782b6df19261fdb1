"""From the names that people and programs use to the records of a change's items, within what the actor may see."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from governance.kernel.errors import Invalid
from governance.models import User

from .items import ItemSpec
from .kinds import kinds


def specs_named(given: Iterable[Mapping[str, Any]], *, actor: User) -> list[ItemSpec]:
    """Items as ``{"interface": "IF-SUR-001"}``, ``{"contract_version": "IF-SUR-003@2.0.0"}``, a word for each sort.

    Raises ``Invalid`` unless each names exactly one object, ``NotFound`` for one that the actor may not see.
    """
    specs = []
    for said in given:
        named = [kind for column, kind in kinds().items() if said.get(column)]
        if len(named) != 1:
            words = ", ".join(kinds())
            raise Invalid("Each item names one object.", errors={"items": [f"one of {words}"]})
        operation, patch = said.get("operation", "UPDATE"), said.get("patch") or {}
        specs.append(named[0].spec_named(said[named[0].column], operation, patch, actor=actor))
    return specs
