"""The end of an interface, under the mandate of an approved change: announced with a sunset, then retired."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import WrongState
from governance.kernel.findings import Finding, refuse_unless_clear
from governance.kernel.mandate import Mandate
from governance.models import User

from ..lifecycle import INTERFACE, SILENT_DAYS, SUNSET_DAYS, SUNSET_DAYS_CRITICAL
from ..models import Interface
from .facts import proposed_values
from .interfaces import write_values
from .merging import merged

#: What the announcement of an end says.
END_FIELDS = ("sunset_on", "successor_id")


def check_may_end(interface: Interface) -> None:
    """Raises ``WrongState`` for an interface that has no end to be asked for."""
    if interface.state in INTERFACE.moves["deprecate"].sources + INTERFACE.moves["retire"].sources:
        return
    instead = {"SUSPENDED": "Resume it first.", "RETIRED": "It has ended."}
    withdraw = "Withdraw it." if interface.state in INTERFACE.moves["withdraw"].sources else ""
    said = instead.get(interface.state, withdraw or "It ends after it was in service.")
    raise WrongState(f"{interface.key} is {interface.state}. {said}", details={"state": interface.state})


def ending_findings(interface: Interface, patch: Mapping[str, Any], *, reason: str, now: dt.datetime) -> list[Finding]:
    """What stands between the interface and its next step to the end: DEPRECATED from ACTIVE, then RETIRED."""
    if interface.state == "DEPRECATED":
        return silence_findings(interface, now=now)
    days = SUNSET_DAYS_CRITICAL if interface.tier is not None and interface.tier <= 1 else SUNSET_DAYS
    earliest = now.date() + dt.timedelta(days=days)
    sunset = str(patch.get("sunset_on") or interface.sunset_on or "")
    found = []
    if not sunset or sunset < earliest.isoformat():
        said = f"Consumers have {days} days: {earliest} or later" + (f", not {sunset}." if sunset else ".")
        found.append(Finding("SUNSET_TOO_SOON", said, where="sunset_on"))
    if not (patch.get("successor_id") or interface.successor_id or reason.strip()):
        found.append(Finding("NO_SUCCESSOR", "Name what takes its place, or say why nothing does.", where="successor"))
    return found


def silence_findings(interface: Interface, *, now: dt.datetime) -> list[Finding]:
    """RETIRED needs no subscription and no traffic for 30 days."""
    consumers = interface.subscriptions.filter(until__isnull=True).select_related("consumer")
    found = [
        Finding("STILL_CONSUMED", f"{one.consumer} still consumes it: end that first.", where="subscriptions")
        for one in consumers
    ]
    heard = interface.subscriptions.filter(last_traffic_at__gt=now - dt.timedelta(days=SILENT_DAYS))
    found += [
        Finding(
            "STILL_HEARD", f"{one.consumer} was heard {one.last_traffic_at:%Y-%m-%d}: {SILENT_DAYS} days of silence.",
            where="traffic",
        )
        for one in heard.select_related("consumer")
    ]  # fmt: skip
    return found


def check_ready_to_end(interface: Interface, patch: Mapping[str, Any], *, reason: str, now: dt.datetime) -> None:
    """Raises ``NotReady`` with a finding for each thing that is missing."""
    findings = ending_findings(interface, patch, reason=reason, now=now)
    refuse_unless_clear(findings, message=f"{interface.key} may not end yet.")


def end_interface(
    interface: Interface,
    *,
    base: Mapping[str, Any],
    patch: Mapping[str, Any],
    reason: str,
    mandate: Mandate,
    now: dt.datetime,
    actor: User,
) -> Interface:
    """ACTIVE becomes DEPRECATED with its sunset, DEPRECATED RETIRED. Raises ``NotReady``, ``Conflict``."""  # fmt: skip
    verb = "retire" if interface.state == "DEPRECATED" else "deprecate"
    require(actor, verb, interface)
    mandate.redeem(subject=interface, action="apply")
    current = Interface.objects.get(pk=interface.pk)
    check_ready_to_end(current, patch, reason=reason, now=now)
    wanted = merged(current.key, proposed_values(current), base=base, patch=patch)
    with recorded(f"catalog.interface.{verb}", actor=actor, subject=current, mandate=mandate, now=now, reason=reason):
        if wanted:
            write_values(current, wanted, revision=current.revision, now=now)
        INTERFACE.move(current, verb)
    interface.refresh_from_db()
    return interface
