"""Three ways: what is stored, what a change was based on, and what it wants. Nobody's edit is overwritten."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from governance.kernel.errors import Conflict

Differences = dict[str, dict[str, Any]]


def merge_three_ways(
    stored: Mapping[str, Any], *, base: Mapping[str, Any], patch: Mapping[str, Any]
) -> tuple[Differences, dict[str, Any]]:
    """``(conflicts, values to write)`` of JSON values; a field already as wanted is neither."""
    conflicts: Differences = {}
    wanted: dict[str, Any] = {}
    for name, new in patch.items():
        if stored[name] == new:
            continue
        if stored[name] != base.get(name):
            conflicts[name] = {"base": base.get(name), "stored": stored[name], "wanted": new}
        else:
            wanted[name] = new
    return conflicts, wanted


def merged(
    label: str,
    stored: Mapping[str, Any],
    *,
    base: Mapping[str, Any],
    patch: Mapping[str, Any],
    hidden: tuple[str, ...] = (),
) -> dict[str, Any]:
    """The values to write. Raises ``Conflict`` with base, stored and wanted of each field that moved meanwhile.

    The values of ``hidden`` fields are not named: a refusal is read by people who may not see them.
    """
    conflicts, wanted = merge_three_ways(stored, base=base, patch=patch)
    if conflicts:
        raise conflict(label, {name: masked(said) if name in hidden else said for name, said in conflicts.items()})
    return wanted


def conflict(label: str, conflicts: Differences) -> Conflict:
    named = ", ".join(sorted(name.removesuffix("_id") for name in conflicts))
    said = f"{label} changed since the change was written: {named}."
    return Conflict(said, details={"conflicts": conflicts, "subject": label})


def masked(said: Mapping[str, Any]) -> dict[str, Any]:
    return dict.fromkeys(said, "not shown")
