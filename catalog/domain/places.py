"""Facilities and domains: founded once, by the platform's administrators."""

from __future__ import annotations

import datetime as dt

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.models import User

from ..models import Domain, Facility
from .checks import clean


def found_facility(
    key: str, *, name: str, kind: str, timezone: str, parent: Facility | None = None, now: dt.datetime, actor: User
) -> Facility:
    """A place with its clock. Raises ``Invalid`` for an unknown time zone."""
    require(actor, "found", Facility)
    facility = Facility(key=key, name=name, kind=kind, timezone=timezone, parent=parent)
    clean(facility)
    with recorded("catalog.facility.found", actor=actor, subject=facility, now=now):
        facility.save(force_insert=True)
    return facility


def found_domain(key: str, *, name: str, description: str = "", now: dt.datetime, actor: User) -> Domain:
    """A container of rights, one per word of the policy's domain list."""
    require(actor, "found", Domain)
    domain = Domain(key=key, name=name, description=description)
    clean(domain)
    with recorded("catalog.domain.found", actor=actor, subject=domain, now=now):
        domain.save(force_insert=True)
    return domain
