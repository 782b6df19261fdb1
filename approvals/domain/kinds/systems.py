"""Systems: what the register says of them, changed field by field."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from catalog.domain.facts import json_value
from catalog.domain.systems import SYSTEM_FIELDS, apply_system_patch, proposed_system, system_values
from catalog.models import DataClass, DomainKey, System
from governance.domain.rules import require, visible_or_404
from governance.kernel.errors import Invalid
from governance.models import Team, User

from ...models import ChangeItem, ChangeRequest, Operation
from ..mandates import mandate_for
from .base import ItemSpec, Kind

#: What people name by its key, and the column that holds it.
BY_KEY: dict[str, tuple[str, Any]] = {"owner_team": ("owner_team_id", Team), "successor": ("successor_id", System)}


class SystemKind(Kind):
    column, words, example = "system", "a system", "erp-hcm"
    operations = (Operation.UPDATE,)
    fields = SYSTEM_FIELDS

    def named(self, name: str, *, actor: User) -> System:
        return visible_or_404(System.objects.select_related("domain", "owner_team"), actor, key=name)

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        require(actor, "change", spec.subject)

    def check(self, spec: ItemSpec) -> None:
        if not spec.patch:
            said = f"Say what shall change of {spec.subject.key}."
            raise Invalid("This changes nothing.", errors={"items": [said]})

    def base(self, subject: System) -> dict[str, Any]:
        return system_values(subject)

    def checked(self, subject: System, patch: Mapping[str, Any]) -> dict[str, Any]:
        named = dict(column_named(name, value) for name, value in patch.items())
        super().checked(subject, {name: value for name, value in named.items() if name not in self.fields})
        seen = proposed_system(subject, named)
        return {name: json_value(getattr(seen, name)) for name in named}

    def facts(self, item: ChangeItem) -> dict[str, Any]:
        """The stricter of what the system is and what it shall be."""
        both = [item.subject, proposed_system(item.subject, item.patch)]
        classes = {word for one in both for word in one.data_classes}
        return {
            "tier": min(one.tier for one in both),
            "phi": DataClass.PHI in classes,
            "financial": DataClass.FINANCIAL in classes,
            "external": item.subject.domain.key == DomainKey.EXTERNAL,
        }

    def owners(self, items: Sequence[ChangeItem]) -> dict[Any, set[Any]]:
        return {item.pk: {("team", item.subject.owner_team_id)} for item in items if item.subject.owner_team_id}

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            mandate = mandate_for(change, item, action="apply")
            apply_system_patch(
                item.subject, base=item.base, patch=item.patch, mandate=mandate, now=now, actor=actor
            )  # fmt: skip


def column_named(name: str, value: Any) -> tuple[str, Any]:
    """A reference by its key becomes the column that holds it. Raises ``Invalid`` for a key that nothing has."""
    if name not in BY_KEY or value is None:
        return BY_KEY.get(name, (name, None))[0], value
    column, model = BY_KEY[name]
    found = model.objects.filter(key=value).first() if isinstance(value, str) else None
    if found is None:
        raise Invalid(f"There is no {name.replace('_', ' ')} '{value}'.", errors={name: ["not a known key"]})
    return column, str(found.pk)
