"""What the board's word does to a waiver: approved by the last vote, in force when its change is carried out."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

from django.db.models import F

from catalog.domain.findings import waive_finding
from catalog.domain.readiness import state_fact
from governance.domain.audit import plain, recorded
from governance.kernel.mandate import Mandate
from governance.models import User

from ..lifecycle import WAIVER
from ..models import Waiver, WaiverKind

#: What voters say yes to.
CONTENT = (
    "kind", "interface_id", "finding_id", "covers", "prohibited", "justification", "compensating_control",
    "remediation", "remediation_owner_id", "remediation_due", "days",
)  # fmt: skip
#: The readiness fact that an obligation of the tier belongs to, where it is not the whole of them.
FACT_OF = {"drill_months": "drill_planned", "downtime_procedure": "runbook", "on_call": "escalation"}


def content_hash(waiver: Waiver) -> str:
    """SHA-256 of what voters say yes to, as canonical JSON."""
    said = {name: plain(getattr(waiver, name)) for name in CONTENT}
    return hashlib.sha256(json.dumps(said, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def tolerated_words(waiver: Waiver) -> str:
    """What is tolerated, as people say it: the interface, and what of it."""
    if waiver.finding:
        return f"{waiver.interface.key}, {waiver.finding.message}"
    word = waiver.covers.split(" ", 1)[0] if " " in waiver.covers else waiver.covers.replace("_", " ").lower()
    return f"{waiver.interface.key}, {word}"


def fact_of(waiver: Waiver) -> str:
    """The readiness fact that a waiver of an obligation stands in for."""
    return FACT_OF.get(waiver.covers, "resilience_conforms")


def approve_waiver(waiver: Waiver, *, mandate: Mandate, now: dt.datetime, actor: User) -> None:
    """The last needed vote was cast. It tolerates nothing until its change is carried out."""
    mandate.redeem(subject=waiver, action="approve")
    with recorded("approvals.waiver.approve", actor=actor, subject=waiver, mandate=mandate, now=now):
        WAIVER.move(waiver, "approve")


def reject_waiver(waiver: Waiver, *, reason: str, now: dt.datetime, actor: User) -> None:
    """The board said no, or its change was taken back. What was approved already is revoked instead."""
    verb = "revoke" if waiver.state == "APPROVED" else "reject"
    with recorded(f"approvals.waiver.{verb}", actor=actor, subject=waiver, now=now, reason=reason):
        WAIVER.move(waiver, verb, settled_at=now)


def activate_waiver(waiver: Waiver, *, mandate: Mandate, now: dt.datetime, actor: User) -> None:
    """In force from now, for its days. Raises ``WrongState`` when its finding is no longer open."""
    mandate.redeem(subject=waiver, action="apply")
    ends = now + dt.timedelta(days=waiver.days)
    with recorded("approvals.waiver.activate", actor=actor, subject=waiver, mandate=mandate, now=now):
        WAIVER.move(waiver, "activate", starts_at=now, expires_at=ends)
        replace_earlier(waiver, now=now, actor=actor)
        take_effect(waiver, now=now, actor=actor)


def replace_earlier(waiver: Waiver, *, now: dt.datetime, actor: User) -> None:
    """Granted anew by the board: the one before it no longer blocks, and ends where this one begins."""
    same = Waiver.objects.filter(interface=waiver.interface, kind=waiver.kind, covers=waiver.covers, settled_at=None)
    for earlier in same.filter(state__in=["ACTIVE", "EXPIRED"]).exclude(pk=waiver.pk):
        with recorded("approvals.waiver.replace", actor=actor, subject=earlier, now=now, reason=waiver.key):
            if earlier.state == "ACTIVE":
                WAIVER.move(earlier, "expire", settled_at=now)
            else:
                Waiver.objects.filter(pk=earlier.pk).update(settled_at=now, revision=F("revision") + 1)


def take_effect(waiver: Waiver, *, now: dt.datetime, actor: User) -> None:
    """What it tolerates no longer stands against the interface."""
    if waiver.finding:
        waiver.finding.refresh_from_db()
        waive_finding(waiver.finding, waiver=waiver.key, now=now, actor=actor)
    elif waiver.kind == WaiverKind.RESILIENCE:
        state_tolerated(waiver, now=now, actor=actor)


def state_tolerated(waiver: Waiver, *, now: dt.datetime, actor: User) -> None:
    """Until its end the readiness fact of an obligation stands, in the waiver's name."""
    state_fact(
        waiver.interface, requirement=fact_of(waiver), satisfied=True,
        reason=f"{waiver.key} tolerates that {waiver.covers.replace('_', ' ')} is not met.", source=waiver.key,
        valid_until=waiver.expires_at, now=now, actor=actor,
    )  # fmt: skip
