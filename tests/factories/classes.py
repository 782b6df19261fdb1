"""Templates, emergencies and findings for tests, made by the commands that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.domain.implementing import implement_change
from approvals.domain.requests import ItemSpec, ask_for_change
from approvals.domain.reviewing import close_change
from approvals.domain.standard import draft_template, submit_template
from approvals.domain.unauthorized import open_unauthorized_change
from approvals.models import ChangeRequest, StandardChangeTemplate
from catalog.models import Interface
from tests.cast import Cast
from tests.factories import approvals as make

DAY = dt.timedelta(days=1)
ALLOWED = {"volume_day": {"min": 1, "max": 5000}}


def closed_change(
    cast: Cast, interface: Interface, outcome: str = "SUCCESSFUL", *, at: dt.datetime, **patch: Any
) -> ChangeRequest:
    """A modification of an interface in force, voted, implemented after its lead time, and closed a day later."""
    interface = Interface.objects.with_parties().get(pk=interface.pk)
    change = ask_for_change(
        change_type="MODIFY", title="More volume", reason="A second ward", plan="Raise the limit.",
        backout="Set it back.", evidence=make.EVIDENCE, items=[ItemSpec(interface, "UPDATE", patch)], now=at,
        actor=cast("ada"),
    )  # fmt: skip
    make.vote_all(cast, change)
    assert change.implement_at
    implement_change(change, now=change.implement_at, actor=cast.clock)
    said = {"outcome": outcome, "notes": "Seen in the queue.", "now": change.implement_at + DAY}
    return close_change(change, **said, actor=cast("max"))


def samples(cast: Cast, interface: Interface, *, at: dt.datetime) -> list[ChangeRequest]:
    """Three successful changes of the interface's volume, one after the other."""
    return [closed_change(cast, interface, at=at + n * 5 * DAY, volume_day=500 + n) for n in range(3)]


def active_template(cast: Cast, interface: Interface, *, at: dt.datetime, **values: Any) -> StandardChangeTemplate:
    """A template for more volume, approved by the board and in force; ``at`` lies weeks before."""
    said = {"title": "More volume", "allowed": ALLOWED, **values}
    grown = samples(cast, interface, at=at)
    template = draft_template("more-volume", samples=grown, now=at + 16 * DAY, actor=cast("max"), **said)
    change = submit_template(template, now=at + 16 * DAY, actor=cast("max"))
    make.vote_all(cast, change, besides=("fay",))
    assert change.implement_at
    implement_change(change, now=change.implement_at, actor=cast.clock)
    return StandardChangeTemplate.objects.get()


def asked_emergency(cast: Cast, interface: Interface, *, at: dt.datetime, **values: Any) -> ChangeRequest:
    """An emergency on an interface in force, by ada: who may authorise it is asked."""
    cast("nia")
    evidence = {"incident_ref": "INC-4711", "patient_safety_statement": "Implants are missing in the OR."}
    said = {
        "title": "Reopen the route", "reason": "Messages pile up", "evidence": evidence, "backout": "Close it again.",
        "items": [ItemSpec(interface, "UPDATE", {"trigger": "Manual replay"})], **values,
    }  # fmt: skip
    return ask_for_change(change_class="EMERGENCY", change_type="CONFIG", now=at, actor=cast("ada"), **said)


def running_emergency(cast: Cast, interface: Interface, *, at: dt.datetime, **values: Any) -> ChangeRequest:
    """Authorised by nia (and bo at T0 and T1), carried out, and waiting for its ratification."""
    change = asked_emergency(cast, interface, at=at, **values)
    asked = {role for need in change.requirements.all() for role in need.roles}
    for role, name in {"EMERGENCY_APPROVER": "nia", "CLINICAL_IT": "bo", "SECURITY": "di"}.items():
        if role in asked:
            make.vote(cast, change, name, now=at)
    implement_change(change, now=at, actor=cast("ada"))
    return change


def found_change(cast: Cast, interface: Interface, *, at: dt.datetime, **found: Any) -> ChangeRequest:
    """The nightly import saw another volume than the record says."""
    said = {"source": "Mirth import 2026-05-26", "field": "volume_day", "observed": 900, **found}
    return open_unauthorized_change(interface, found=said, now=at, actor=cast.clock)
