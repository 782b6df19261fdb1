"""Systems: registered by the architects of their domain."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, StaleRevision
from governance.kernel.mandate import Mandate
from governance.models import User

from ..models import DataClass, Facility, Protocol, System, SystemInstance
from .checks import clean, words_outside
from .facts import json_value
from .merging import merged
from .reevaluating import follow_system

EDITABLE = (
    "name", "vendor", "product", "kind", "owner_team", "speaks", "hosting", "data_classes", "tier", "disposition",
    "strategy", "successor", "baa_reference", "baa_expires_on", "description",
)  # fmt: skip

#: The columns that a change may patch.
SYSTEM_FIELDS = tuple({"owner_team": "owner_team_id", "successor": "successor_id"}.get(name, name) for name in EDITABLE)


def register_system(*, now: dt.datetime, actor: User, **values: Any) -> System:
    """A system of the estate. Raises ``Invalid`` with every field's error, ``NotAllowed`` outside one's domains."""
    system = System(**values)
    if system.domain_id is None:
        raise Invalid("A system belongs to a domain.", errors={"domain": ["Choose the domain that owns it."]})
    require(actor, "register", system)
    check_system(system)
    with recorded("catalog.system.register", actor=actor, subject=system, now=now):
        system.save(force_insert=True)
    return system


def edit_system(system: System, *, revision: int | None = None, now: dt.datetime, actor: User, **values: Any) -> System:
    """Change a system's description; its key and domain stay.

    ``revision`` is the one that the editor saw; ``StaleRevision`` when someone else was faster.
    """
    require(actor, "edit", system)
    seen, spoke = system.revision if revision is None else revision, system.speaks
    unknown = sorted(set(values) - set(EDITABLE))
    if unknown:
        raise Invalid(f"Not editable: {', '.join(unknown)}.", errors={name: ["cannot be changed"] for name in unknown})
    for name, value in values.items():
        setattr(system, name, value)
    check_system(system)
    with recorded("catalog.system.edit", actor=actor, subject=system, now=now):
        changed = {name: getattr(system, name) for name in values}
        if not System.objects.filter(pk=system.pk, revision=seen).update(
            **changed, revision=F("revision") + 1, updated_at=now
        ):
            raise StaleRevision(f"{system.key} was changed by someone else since revision {seen}. Reload it.")
        system.revision = seen + 1
        if system.speaks != spoke:
            follow_system(system, now=now, actor=actor)
    return system


def check_system(system: System, *, known: bool = False) -> None:
    """``known``: a copy of a stored row, whose own key is not a duplicate."""
    clean(
        system,
        extra={
            "speaks": words_outside(system.speaks, Protocol),
            "data_classes": words_outside(system.data_classes, DataClass),
        },
        known=known,
    )


def system_values(system: System) -> dict[str, Any]:
    """What a change may patch of a system, as JSON values; the base that the change is compared with."""
    return {name: json_value(getattr(system, name)) for name in SYSTEM_FIELDS}


def proposed_system(system: System, patch: Mapping[str, Any]) -> System:
    """A copy in memory, never saved, as it would be after ``patch``. Raises ``Invalid`` where that is not sound."""
    copy = System(**{field.attname: getattr(system, field.attname) for field in System._meta.concrete_fields})
    for name, value in patch.items():
        setattr(copy, name, value)
    check_system(copy, known=True)
    return copy


def apply_system_patch(
    system: System,
    *,
    base: Mapping[str, Any],
    patch: Mapping[str, Any],
    mandate: Mandate,
    now: dt.datetime,
    actor: User,
) -> System:
    """Apply an approved patch, three ways. Raises ``Conflict`` field by field; nothing is overwritten."""  # fmt: skip
    require(actor, "apply", system)
    mandate.redeem(subject=system, action="apply")
    current = System.objects.get(pk=system.pk)
    wanted = merged(current.key, system_values(current), base=base, patch=patch)
    copy = proposed_system(current, wanted)
    with recorded("catalog.system.apply", actor=actor, subject=current, mandate=mandate, now=now):
        values = {name: getattr(copy, name) for name in wanted}
        unmoved = System.objects.filter(pk=current.pk, revision=current.revision)
        if not unmoved.update(**values, revision=F("revision") + 1):
            raise StaleRevision(f"{current.key} was changed by someone else at this moment. Try again.")
        current.revision += 1
        if "speaks" in wanted:
            follow_system(current, now=now, actor=actor)
    system.refresh_from_db()
    return system


def add_instance(
    system: System, *, environment: str, facility: Facility | None = None, name: str = "", now: dt.datetime, actor: User
) -> SystemInstance:
    """Where the system runs: one installation per environment and facility."""
    require(actor, "edit", system)
    place = f" {facility}" if facility else ""
    instance = SystemInstance(
        system=system, environment=environment, facility=facility, name=name or f"{system.name} {environment}{place}"
    )
    clean(instance)
    with recorded("catalog.system.add_instance", actor=actor, subject=instance, now=now):
        instance.save(force_insert=True)
    return instance
