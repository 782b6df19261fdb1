"""The hash that votes are bound to: over everything that a voter says yes to."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from typing import Any

from governance.domain.audit import plain

from ..models import ChangeItem, ChangeRequest
from .kinds import kind_of_item
from .pieces import evidence_material


def revision_hash(change: ChangeRequest, items: Iterable[ChangeItem], *, policy: Mapping[str, Any]) -> str:
    """SHA-256 over class, type, items, window, plan, backout, evidence hashes and the tables' versions, as JSON.

    Discussion, risk notes and assignees stay outside: they may change without asking everybody again.
    """
    material = {
        "class": change.change_class,
        "type": change.change_type,
        "reason": change.reason,
        "items": [item_material(item) for item in sorted(items, key=lambda item: item.position)],
        "window": [plain(change.window_start), plain(change.window_end)],
        "plan": change.plan,
        "backout": change.backout,
        "evidence": evidence_material(change),
        "found": change.found,
        "template": policy.get("template", {}),
        "tables": policy.get("tables", {}),
        "number": change.number,
    }
    return hashlib.sha256(json.dumps(material, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def item_material(item: ChangeItem) -> dict[str, Any]:
    return {
        "operation": item.operation,
        "subject": str(item.subject.pk),
        "base_revision": item.base_revision,
        "base": item.base,
        "patch": item.patch,
        "content": kind_of_item(item).content(item.subject),
    }
