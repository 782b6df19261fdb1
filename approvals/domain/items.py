"""The objects that a change touches: what each was based on, and what it shall become, held as checked values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.kernel.errors import Conflict, Invalid

from ..lifecycle import OPEN_STATES
from ..models import ChangeItem, ChangeRequest
from .kinds import ItemSpec, column_of, kind_of, kind_of_item
from .kinds.rows import write_item

__all__ = ["ItemSpec", "check_not_in_another_change", "check_specs", "item_from", "patch_items", "refresh_items"]


def check_specs(specs: Sequence[ItemSpec]) -> None:
    """Raises ``Invalid`` for a change of nothing or of one object twice, ``WrongState`` where none is needed."""
    if not specs:
        raise Invalid("A change changes something.", errors={"items": ["Name at least one object."]})
    if len({spec.subject.pk for spec in specs}) < len(specs):
        raise Invalid("A change names each object once.", errors={"items": ["The same object is named twice."]})
    for spec in specs:
        kind = kind_of(spec.subject)
        if spec.operation not in kind.operations:
            said = f"One of {', '.join(kind.operations)}."
            raise Invalid("There is no such operation on this object.", errors={"operation": [said]})
        kind.check(spec)


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


def item_from(change: ChangeRequest, position: int, spec: ItemSpec) -> ChangeItem:
    kind, subject = kind_of(spec.subject), spec.subject
    base, patch = kind.starts_from(spec)
    return ChangeItem(
        change=change, position=position, operation=spec.operation, base_revision=subject.revision,
        base=base, patch=patch, **{kind.column: subject},
    )  # fmt: skip


def patch_items(items: Sequence[ChangeItem], patches: Mapping[int, Mapping[str, Any]]) -> dict[str, Any]:
    """Write what a revision changes of the items; answers field by field what was wanted before and is wanted now."""
    by_position = {item.position: item for item in items}
    said: dict[str, Any] = {}
    for position, patch in patches.items():
        item = by_position.get(position)
        if item is None:
            raise Invalid(f"There is no object at position {position}.", errors={"items": [f"1 to {len(items)}"]})
        kind, subject = kind_of_item(item), item.subject
        checked = kind.checked(subject, {**item.patch, **patch})
        stored = kind.base(subject)
        before = {**stored, **item.patch}
        said |= {
            f"{kind.name_of(subject)} {name.removesuffix('_id')}": {"before": before[name], "after": checked[name]}
            for name in patch
            if before[name] != checked[name]
        }
        item.patch, item.base = checked, {**{name: stored[name] for name in patch}, **item.base}
        write_item(item)
    return said


def refresh_items(items: Sequence[ChangeItem]) -> None:
    """At submission: what may still be edited beside a draft is taken over. Raises ``Conflict`` field by field."""
    for item in items:
        kind_of_item(item).refresh(item)
