"""Which probes are due, taken so that no two sweeps ever take the same one."""

from __future__ import annotations

import datetime as dt
import uuid
from dataclasses import dataclass

from django.db import connection, transaction

from ..models import Probe
from .bulk import update_each

#: Longer than the longest timeout: a sweep that died gives its probes back after this.
LEASE = dt.timedelta(seconds=45)


@dataclass(frozen=True, slots=True)
class Claim:
    """The probes that one sweep took, and the token that its results must still hold when they are written."""

    token: uuid.UUID
    probes: list[Probe]


def claim_due(*, now: dt.datetime, limit: int) -> Claim:
    """Take up to ``limit`` due probes, the longest waiting first, and set when each is due next.

    That is done before anything is asked: a probe that breaks its sweep has been pushed ahead already and cannot
    keep the others waiting. Two claimers at the same time get disjoint sets.
    """
    token = uuid.uuid4()
    with transaction.atomic():
        if connection.features.has_select_for_update_skip_locked:
            probes = lock_due_skip_locked(now, limit)
        else:
            probes = mark_due_compare_and_swap(token, now, limit)
        rows = [
            {"claim": token, "claimed_until": now + LEASE, "next_run_at": probe.next_after(now), "id": probe.pk}
            for probe in probes
        ]
        update_each(Probe, rows, key=("id",))
    return Claim(token, probes)


def lock_due_skip_locked(now: dt.datetime, limit: int) -> list[Probe]:
    """PostgreSQL: rows that another claimer has locked are passed over, not waited for."""
    due = Probe.objects.due(now).select_related("interface", "endpoint").order_by("next_run_at")
    return list(due.select_for_update(skip_locked=True, of=("self",))[:limit])


def mark_due_compare_and_swap(token: uuid.UUID, now: dt.datetime, limit: int) -> list[Probe]:
    """SQLite: one statement marks what is still due; what it marked is ours."""
    first = Probe.objects.due(now).order_by("next_run_at").values("pk")[:limit]
    Probe.objects.due(now).filter(pk__in=first).update(claim=token, claimed_until=now + LEASE)
    return list(Probe.objects.filter(claim=token).select_related("interface", "endpoint").order_by("next_run_at"))
