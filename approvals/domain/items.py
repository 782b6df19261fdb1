"""The objects that a change touches: what each was based on, and what it shall become, held as checked values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import Prefetch, prefetch_related_objects

from catalog.domain.merging import merge_three_ways
from governance.kernel.errors import Conflict, Invalid

from ..lifecycle import OPEN_STATES
from ..models import ChangeItem, ChangeRequest, Operation
from .kinds import ItemSpec, Kind, column_of, kind_of, kind_of_item
from .kinds.rows import write_item

__all__ = [
    "ITEMS",
    "ItemSpec",
    "check_items_say_something",
    "check_not_in_another_change",
    "check_specs",
    "item_from",
    "load_items",
    "patch_items",
    "rebase_items",
    "refresh_items",
]


ITEMS = Prefetch(
    "items",
    ChangeItem.objects.select_related(
        "interface__provider__domain", "interface__source__domain", "interface__target__domain",
        "contract_version__contract__interface", "contract_version__document", "decision_table",
        "subscription__interface__provider__domain", "subscription__interface__source__domain",
        "subscription__interface__target__domain", "subscription__consumer__domain",
        "endpoint__binding__interface__provider__domain", "endpoint__binding__interface__source__domain",
        "endpoint__binding__interface__target__domain", "endpoint__binding__facility", "system__domain",
        "system__owner_team", "template", "waiver__interface",
    ),
)  # fmt: skip


def load_items(change: ChangeRequest) -> list[ChangeItem]:
    """The items as stored now, with what is asked of them, in one query; ``change.items.all()`` has the same rows."""
    vars(change).get("_prefetched_objects_cache", {}).pop("items", None)
    prefetch_related_objects([change], ITEMS)
    return list(change.items.all())


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
    named: dict[str, list[Any]] = {}
    for subject in subjects:
        named.setdefault(column_of(subject), []).append(subject.pk)
    under_way = ChangeItem.objects.filter(change__state__in=["DRAFT", *OPEN_STATES]).exclude(change__state="REVIEW")
    for column, ids in named.items():
        others = under_way.filter(**{f"{column}__in": ids}).exclude(change=besides).select_related("change", column)
        other = others.order_by("change__key").first()
        if other:
            raise Conflict(
                f"{other.subject} is in {other.change.key} already: revise that one.",
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
        stored = kind.stored(subject, checked)
        before = {**stored, **item.patch}
        said |= {
            f"{kind.name_of(subject)} {name.removesuffix('_id')}": told(kind, name, before[name], after)
            for name, after in checked.items()
            if before[name] != after
        }
        base = {**stored, **item.base}
        if item.operation == Operation.UPDATE:  # back to what it was based on: no longer asked for
            checked = {name: value for name, value in checked.items() if value != base[name]}
        item.patch, item.base = checked, {name: base[name] for name in checked}
        write_item(item)
    return said


def told(kind: Kind, name: str, before: Any, after: Any) -> dict[str, Any]:
    """What the audit keeps of one field: of a hidden one only that it was changed."""
    return {"before": "not shown", "after": "not shown"} if name in kind.hidden else {"before": before, "after": after}


def refresh_items(items: Sequence[ChangeItem]) -> None:
    """At submission: what may still be edited beside a draft is taken over. Raises ``Conflict`` field by field."""
    for item in items:
        kind_of_item(item).refresh(item)


def check_items_say_something(items: Sequence[ChangeItem]) -> None:
    """Raises ``Invalid`` for an update that asks for nothing any more."""
    for item in items:
        if item.operation == Operation.UPDATE and not item.patch and kind_of_item(item).fields:
            said = f"Say what shall change of {item.subject}, or remove it."
            raise Invalid("This changes nothing.", errors={"items": [said]})


def conflicts_of(item: ChangeItem) -> dict[str, dict[str, Any]]:
    """Field by field what moved beneath the item: ``base``, ``stored`` and ``wanted``; empty once it is applied."""
    if item.applied_at or not item.patch:
        return {}
    stored = kind_of_item(item).stored(item.subject, item.patch)
    return merge_three_ways(stored, base=item.base, patch=item.patch)[0]


def rebase_items(items: Sequence[ChangeItem], take: Mapping[int, Sequence[str]] | None) -> dict[str, Any]:
    """Base the items on what is stored now; of what moved take the named fields' stored values, insist on the rest.

    Answers, for the audit, field by field what was decided. Raises ``Invalid`` for a field without a conflict.
    """
    if take is None:
        return {}
    found = {item.position: conflicts_of(item) for item in items}
    strange = [f"{place} {name}" for place, names in take.items() for name in names if name not in found.get(place, {})]
    if strange:
        raise Invalid("These did not move meanwhile.", errors={"take": strange})
    said: dict[str, Any] = {}
    for item in items:
        kind, taken = kind_of_item(item), take.get(item.position, ())
        for name, one in found[item.position].items():
            label = f"{kind.name_of(item.subject)} {name.removesuffix('_id')}"
            said[label] = told(kind, name, one["base"], one["stored"]) | {
                "decided": "taken over" if name in taken else "insisted"
            }
        keeps = item.operation == Operation.CREATE
        patch = {name: value for name, value in item.patch.items() if keeps or name not in taken}
        patch |= {name: found[item.position][name]["stored"] for name in taken if keeps}
        item.patch, item.base = patch, kind.stored(item.subject, patch)
        item.base_revision = item.subject.revision
        write_item(item)
    return said
