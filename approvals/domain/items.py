"""The objects that a change touches: what each was based on, and what it shall become, held as checked values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from catalog.domain.facts import json_value, proposed_values, with_proposed
from catalog.domain.interfaces import OPEN_STATES as PROPOSAL_STATES
from catalog.domain.interfaces import check_interface
from catalog.models import Interface, InterfaceEndpoint, Subscription, System
from contracts.models import ContractVersion
from governance.kernel.errors import Conflict, Invalid, WrongState
from governance.models import DecisionTable

from ..lifecycle import OPEN_STATES
from ..models import SUBJECTS, ChangeItem, ChangeRequest, Operation, StandardChangeTemplate, Waiver

Subject = (
    Interface
    | ContractVersion
    | DecisionTable
    | Subscription
    | InterfaceEndpoint
    | System
    | StandardChangeTemplate
    | Waiver
)


@dataclass(frozen=True)
class ItemSpec:
    """One object to change: the subject, what is done to it, and the new values of its fields."""

    subject: Subject
    operation: str
    patch: Mapping[str, Any] = field(default_factory=dict)


#: Which column of an item names a subject of which model.
COLUMNS: dict[Any, str] = {ChangeItem._meta.get_field(name).related_model: name for name in SUBJECTS}


def column_of(subject: Any) -> str:
    return COLUMNS[type(subject)]


def check_specs(specs: Sequence[ItemSpec]) -> None:
    """Raises ``Invalid`` for a change of nothing or of one object twice, ``WrongState`` where none is needed."""
    if not specs:
        raise Invalid("A change changes something.", errors={"items": ["Name at least one object."]})
    if len({spec.subject.pk for spec in specs}) < len(specs):
        raise Invalid("A change names each object once.", errors={"items": ["The same object is named twice."]})
    for spec in specs:
        if spec.operation not in (Operation.CREATE, Operation.UPDATE):
            said = f"One of {Operation.CREATE}, {Operation.UPDATE}."
            raise Invalid("There is no such operation on this object.", errors={"operation": [said]})
        if isinstance(spec.subject, Interface):
            check_interface_spec(spec.subject, spec)


def check_interface_spec(interface: Interface, spec: ItemSpec) -> None:
    if spec.operation == Operation.UPDATE and not spec.patch:
        raise Invalid("This changes nothing.", errors={"items": [f"Say what shall change of {interface.key}."]})
    if spec.operation == Operation.UPDATE and interface.state in (*PROPOSAL_STATES, "REJECTED", "WITHDRAWN"):
        raise WrongState(f"{interface.key} is {interface.state}: edit it directly, then submit it as a new interface.")
    if spec.operation == Operation.CREATE and interface.state not in PROPOSAL_STATES:
        raise WrongState(f"{interface.key} is {interface.state}: it is past its proposal. Change it with an UPDATE.")


def check_not_in_another_change(subjects: Sequence[Any], *, besides: ChangeRequest) -> None:
    """Raises ``Conflict`` (CHANGE_OPEN) when a subject is in another change that is still on its way."""
    for subject in subjects:
        others = ChangeItem.objects.filter(
            **{column_of(subject): subject}, change__state__in=["DRAFT", *OPEN_STATES]
        ).exclude(change__state="REVIEW")
        other = others.exclude(change=besides).select_related("change").first()
        if other:
            raise Conflict(
                f"{subject} is in {other.change.key} already: revise that one.",
                code="CHANGE_OPEN",
                details={"change": other.change.key},
            )


def checked_patch(interface: Interface, patch: Mapping[str, Any]) -> dict[str, Any]:
    """The patch as the values that would be stored. Raises ``Invalid`` beside each field that would not be sound."""
    known = proposed_values(interface)
    unknown = sorted(set(patch) - set(known))
    if unknown:
        raise Invalid(f"{', '.join(unknown)} cannot be changed.", errors={name: ["not a field"] for name in unknown})
    seen = with_proposed(interface, patch)
    check_interface(seen, known=True)
    return {name: json_value(getattr(seen, name)) for name in patch}


def item_from(change: ChangeRequest, position: int, spec: ItemSpec) -> ChangeItem:
    subject = spec.subject
    base: dict[str, Any] = {}
    wanted: dict[str, Any] = {}
    if isinstance(subject, Interface):
        stored = proposed_values(subject)
        changed = checked_patch(subject, spec.patch)
        wanted = {**stored, **changed} if spec.operation == Operation.CREATE else changed
        base = {name: stored[name] for name in wanted}
    elif spec.patch:
        raise Invalid("Only an interface is changed field by field.", errors={"patch": ["leave it empty"]})
    return ChangeItem(
        change=change, position=position, operation=spec.operation, base_revision=subject.revision,
        base=base, patch=wanted, **{column_of(subject): subject},
    )  # fmt: skip


def patch_items(items: Sequence[ChangeItem], patches: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Write what a revision changes of the items; answers field by field what was wanted before and is wanted now."""
    by_position = {item.position: item for item in items}
    said: dict[str, Any] = {}
    for position, patch in patches.items():
        item = by_position.get(position)
        if item is None or item.interface is None:
            raise Invalid(f"There is no interface at position {position}.", errors={"items": [f"1 to {len(items)}"]})
        checked = checked_patch(item.interface, {**item.patch, **patch})
        stored = proposed_values(item.interface)
        before = {**stored, **item.patch}
        said |= {
            f"{item.interface.key} {name.removesuffix('_id')}": {"before": before[name], "after": checked[name]}
            for name in patch
            if before[name] != checked[name]
        }
        item.patch, item.base = checked, {**{name: stored[name] for name in patch}, **item.base}
        write_item(item)
    return said


def rebase_proposals(items: Sequence[ChangeItem]) -> None:
    """A proposal may still be edited while its change is a draft: take over what was edited since it was written.

    Raises ``Conflict`` for a field that both the draft and the register changed, differently.
    """
    for item in items:
        if item.operation != Operation.CREATE or item.interface is None:
            continue
        stored, conflicts = proposed_values(item.interface), {}
        patch = dict(item.patch)
        for name, now in stored.items():
            base, wanted = item.base.get(name), item.patch.get(name)
            if wanted == base:
                patch[name] = now
            elif now not in (base, wanted):
                conflicts[name] = {"base": base, "stored": now, "wanted": wanted}
        if conflicts:
            named = ", ".join(sorted(conflicts))
            raise Conflict(
                f"{item.interface.key} was edited since the change was written: {named}.",
                details={"conflicts": conflicts},
            )
        if (patch, stored) != (item.patch, item.base):
            item.patch, item.base, item.base_revision = patch, stored, item.interface.revision
            write_item(item)


def write_item(item: ChangeItem) -> None:
    ChangeItem.objects.filter(pk=item.pk).update(
        patch=item.patch, base=item.base, base_revision=item.base_revision, revision=F("revision") + 1
    )
