"""Telling owners: each status change becomes notices once, or is found to be nothing to tell."""

from __future__ import annotations

import datetime as dt

import structlog
from django.db import transaction
from django.urls import reverse

from catalog.domain.owners import REQUIRED_KINDS, owner_people
from catalog.models import Interface
from governance.domain.notices import give_notices
from governance.models import User

from ..models import Probe, StatusChange

RETRY_AFTER = dt.timedelta(minutes=1)
log = structlog.get_logger(__name__)


def announce_due(*, now: dt.datetime, limit: int = 200) -> int:
    """Carry due status changes to the interface's owners; how many were dealt with.

    Exactly one sweep deals with a change, by compare-and-swap on ``announced_at``. One that breaks is tried again
    later and does not hold up the others.
    """
    due = StatusChange.objects.due(now).select_related("probe__interface").order_by("due_at", "id")
    return sum(announce(change, now=now) for change in due[:limit])


def announce(change: StatusChange, *, now: dt.datetime) -> bool:
    mine = StatusChange.objects.filter(pk=change.pk, announced_at__isnull=True)
    try:
        with transaction.atomic():
            if not mine.update(announced_at=now):
                return False
            StatusChange.objects.filter(pk=change.pk).update(outcome=outcome_of(change, now=now))
    except Exception:  # whatever is wrong with this one must not keep the others from being told
        log.exception("status_change_not_announced", change=change.pk)
        mine.update(due_at=now + RETRY_AFTER)
        return False
    return True


def outcome_of(change: StatusChange, *, now: dt.datetime) -> str:
    """Tell what must be told: a failure that lasted until it was due, and the end of one that was told."""
    if change.to_state == "DOWN":
        if StatusChange.objects.filter(probe=change.probe, id__gt=change.pk).exists():
            return "BRIEF"
        return tell(change, f"{change.probe.interface.key} is down: {change.probe.name} ({change.reason}).", now=now)
    last_fall = StatusChange.objects.filter(probe=change.probe, id__lt=change.pk, to_state="DOWN").first()
    ends_it = last_fall is not None and last_fall.outcome == "TOLD" and change.from_state == "DOWN"
    if not ends_it or change.to_state == "UNKNOWN":
        return "QUIET"
    return tell(change, f"{change.probe.interface.key} is back: {change.probe.name} answers again.", now=now)


def tell(change: StatusChange, message: str, *, now: dt.datetime) -> str:
    people = people_to_tell(change.probe.interface)
    url = page_of(change.probe)
    give_notices(people, f"probe.{change.to_state.lower()}", message, url=url, now=now)
    return "TOLD" if people else "NOBODY"


def people_to_tell(interface: Interface) -> list[User]:
    """Everyone active who answers for the interface, each once."""
    return list({person.pk: person for kind in REQUIRED_KINDS for person in owner_people(interface, kind)}.values())


def page_of(probe: Probe) -> str:
    return reverse("observability:probe", kwargs={"pk": probe.pk})
