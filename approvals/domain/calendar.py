"""Freezes: when they touch a window, table T4 asks operations, and the gate says so."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.db.models import Q, QuerySet

from catalog.domain.checks import clean
from catalog.models import Domain, Interface
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.models import User

from ..models import CalendarEntry


def declare_calendar_entry(
    kind: str,
    *,
    name: str,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    domain: Domain | None = None,
    now: dt.datetime,
    actor: User,
) -> CalendarEntry:
    """A freeze or a maintenance window. Raises ``Invalid`` when it ends before it starts."""  # fmt: skip
    require(actor, "declare", CalendarEntry)
    entry = CalendarEntry(kind=kind, name=name, starts_at=starts_at, ends_at=ends_at, domain=domain)
    clean(entry)
    with recorded("approvals.calendar_entry.declare", actor=actor, subject=entry, now=now):
        entry.save(force_insert=True)
    return entry


def freezes_for(interfaces: Iterable[Interface], *, start: dt.datetime, end: dt.datetime) -> QuerySet[CalendarEntry]:
    """The freezes that touch the time, of everything or of a domain of the interfaces' ends."""
    domains = {
        domain
        for interface in interfaces
        for domain in (interface.provider.domain_id, interface.source.domain_id, interface.target.domain_id)
    }
    concerned = Q(domain__isnull=True) | Q(domain__in=domains)
    return CalendarEntry.objects.freezes().touching(start, end).filter(concerned)
