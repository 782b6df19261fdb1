"""Audit packs of one change and of one interface: what was recorded of them, and how they stand."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from catalog.domain.queries import rows_with_parts, steps_with_parts
from catalog.models import Interface
from contracts.models import Contract, ContractVersion
from governance.domain.packing import Pack, PackScope, export_audit_pack, rows_as_values
from governance.models import AuditEvent, User

from ..models import ChangeAuthor, ChangeComment, ChangeItem, ChangeRequest
from .evidence_queries import files_of
from .queries import changes_touching, said_on, steps_of


def export_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> Pack:
    """One change as one story, with its items, requirements, votes and signatures. Raises as ``export_audit_pack``."""
    only = ChangeRequest.objects.filter(pk=change.pk)
    scope = PackScope("change", change.key, f"{change.key} {change.title}")
    events = AuditEvent.objects.filter(steps_of(only))
    return export_audit_pack(
        scope, events, records=values_of(rows_of_changes(only)), files=files_of(only), now=now, actor=actor
    )


def export_interface(interface: Interface, *, now: dt.datetime, actor: User) -> Pack:
    """One interface with all that hangs on it, and every change that touched it. Raises as ``export_audit_pack``."""
    changes = changes_touching(ChangeRequest.objects.all(), interface.key)
    promised: dict[str, QuerySet[Any]] = {
        "contracts": Contract.objects.filter(interface=interface),
        "contract versions": ContractVersion.objects.filter(contract__interface=interface),
    }
    steps = steps_with_parts(interface) | steps_of(changes)
    for rows in promised.values():
        ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
        steps |= Q(subject_type=rows.model._meta.label_lower, subject_id__in=ids)
    everything: dict[str, QuerySet[Any]] = {
        "interface": Interface.objects.filter(pk=interface.pk),
        **rows_with_parts(interface),
        **promised,
        **rows_of_changes(changes),
    }
    scope = PackScope("interface", interface.key, f"{interface.key} {interface.name}")
    records = values_of(everything)
    return export_audit_pack(
        scope, AuditEvent.objects.filter(steps), records=records, files=files_of(changes), now=now, actor=actor
    )


def rows_of_changes(changes: QuerySet[ChangeRequest]) -> dict[str, QuerySet[Any]]:
    return {
        "changes": changes,
        "change authors": ChangeAuthor.objects.filter(change__in=changes),
        "change items": ChangeItem.objects.filter(change__in=changes),
        "comments": ChangeComment.objects.filter(change__in=changes),
        **said_on(changes),
    }


def values_of(rows: dict[str, QuerySet[Any]]) -> dict[str, Any]:
    """Each kind of row as JSON values, under a name that is fit for a file."""
    return {name.replace(" ", "-"): rows_as_values(found) for name, found in rows.items()}
