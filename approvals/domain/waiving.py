"""Asking for a waiver: what it tolerates, for how long, what protects meanwhile, and who mends it by when.

It is asked for as a change, so that the board's tables, votes and signatures hold for it as for any other.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from copy import copy
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from catalog.domain.checks import clean
from catalog.domain.decisions import assess_interface
from catalog.domain.rules import owns_or_edits
from catalog.models import Finding, Interface
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed
from governance.models import User

from ..models import ChangeType, Operation, Waiver, WaiverKind
from .granting import tolerated_words
from .kinds import ItemSpec
from .requests import ask_for_change

LONGEST, LONGEST_OF_PROHIBITED = 365, 180
#: What a person says of a waiver besides what it tolerates.
OF_WAIVER = ("days", "justification", "compensating_control", "remediation", "remediation_owner", "remediation_due")
#: Evidence that the waiver itself is.
GIVEN_BY_ITSELF = ("waiver_request", "remediation_date")
#: The change that asks may say these itself.
OF_CHANGE = ("evidence", "likelihood", "impact", "window_start", "window_end", "plan", "backout", "implementer")


def request_waiver(
    interface: Interface,
    *,
    kind: str,
    days: int,
    covers: str = "",
    finding: Finding | None = None,
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> Waiver:
    """Ask the board to tolerate it for ``days`` days from when it is granted: a waiver with its change, or neither.

    ``values`` are justification, compensating_control, remediation, remediation_owner (a person), remediation_due (a
    date) and what the change may say itself (evidence, risk, window). Raises ``Invalid`` beside each field,
    ``Conflict`` (WAIVER_OPEN) when the same is asked for already, and as ``ask_for_change`` does.
    """  # fmt: skip
    require_may_request(interface, actor)
    said = {name: values.pop(name) for name in OF_CHANGE if name in values}
    waiver = Waiver(
        key="WV-0000-0000", kind=kind, interface=interface, finding=finding, covers=covers.strip(), days=days,
        requested_by=actor, requested_at=now, **values,
    )  # fmt: skip
    note_what_is_tolerated(waiver)
    check_waiver(waiver, now=now)
    with transaction.atomic():
        Interface.objects.filter(pk=interface.pk).update(revision=F("revision"))  # who asks at the same time waits here
        check_not_asked(waiver, now=now)
        write_request(waiver, now=now, actor=actor)
        ask_for_change(
            change_type=ChangeType.SECURITY_CONTROL, title=f"Waiver {waiver.key}: {tolerated_words(waiver)}"[:160],
            reason=waiver.justification, items=[ItemSpec(waiver, Operation.CREATE)],
            **change_values(waiver, said), now=now, actor=actor,
        )  # fmt: skip
    return waiver


def require_may_request(interface: Interface, actor: User) -> None:
    """Who answers for the interface asks; a machine never does."""
    require(actor, "view", interface)
    if not may_request(interface, actor):
        raise NotAllowed("You may not ask for a waiver here: the people who own or design the interface may.")


def may_request(interface: Interface, actor: User) -> bool:
    return actor.is_person and owns_or_edits(actor, interface)


def change_values(waiver: Waiver, said: dict[str, Any]) -> dict[str, Any]:
    """What the change says besides: the waiver itself is the request, and the remediation its plan."""
    promised = f"{waiver.remediation_due.isoformat()}, by {waiver.remediation_owner}"
    evidence = {"waiver_request": waiver.key, "remediation_date": promised} | dict(said.pop("evidence", None) or {})
    return {
        "plan": f"{waiver.compensating_control}\n\nRemediation by {promised}: {waiver.remediation}",
        "backout": "Revoke the waiver: what it tolerates stands against the interface again.",
        "evidence": evidence,
        **{name: value for name, value in said.items() if value not in ("", None)},
    }


def note_what_is_tolerated(waiver: Waiver) -> None:
    """Fill ``covers`` and ``prohibited`` from what stands against it. Raises ``Invalid`` where nothing does."""
    noted: dict[str, Callable[[Waiver], None]] = {
        WaiverKind.FINDING: note_finding,
        WaiverKind.DEVIATION: note_deviation,
        WaiverKind.RESILIENCE: note_obligation,
    }
    if waiver.kind not in noted:
        known = ", ".join(noted)
        raise Invalid("This kind of waiver is not granted.", errors={"kind": [f"One of {known}."]})
    noted[waiver.kind](waiver)


def note_finding(waiver: Waiver) -> None:
    finding = waiver.finding
    if finding is None or finding.interface_id != waiver.interface_id:
        raise Invalid("Say which finding.", errors={"finding": [f"One of {waiver.interface.key}."]})
    if finding.state != "OPEN":
        said = f"The finding is {finding.get_state_display().lower()}: only an open one is waived."
        raise Invalid(said, errors={"finding": [said]})
    waiver.covers = finding.fingerprint
    named = [finding.code, *(str(value) for value in finding.details.values())]
    waiver.prohibited = any("PROHIBITED" in word for word in named)


def note_deviation(waiver: Waiver) -> None:
    assessed = assess_interface(waiver.interface)
    known = sorted(assessed.deviating)
    if assessed.deviation in ("NONE", "ACCEPTABLE"):
        raise Invalid(
            f"Policy has nothing against {waiver.interface.key}'s patterns: there is nothing to tolerate.",
            errors={"covers": ["policy does not speak against it"]},
        )
    if waiver.covers not in known:
        raise Invalid("Say which pattern.", errors={"covers": [f"One of {', '.join(known)}."]})
    waiver.prohibited = assessed.deviation == "PROHIBITED"


def note_obligation(waiver: Waiver) -> None:
    obligations = assess_interface(waiver.interface).obligations
    if waiver.covers not in obligations:
        known = ", ".join(sorted(obligations)) or "none: no table says what this tier demands"
        raise Invalid("Say which obligation of the tier.", errors={"covers": [f"One of {known}."]})


def check_waiver(waiver: Waiver, *, now: dt.datetime) -> None:
    """Every field sound: how long, and a remediation that is due before the end. Raises one ``Invalid`` with all."""
    most = LONGEST_OF_PROHIBITED if waiver.prohibited else LONGEST
    wrong: dict[str, list[str]] = {}
    seen = copy(waiver)  # with a length that is sound, so that the database's own words do not repeat ours
    if not 1 <= waiver.days <= most:
        because = " for what policy prohibits" if waiver.prohibited else ""
        wrong["days"], seen.days = [f"From 1 to {most} days{because}."], most
    due, today = waiver.remediation_due, now.date()
    if due and not today < due <= today + dt.timedelta(days=seen.days):
        wrong["remediation_due"] = ["After today, and not after the waiver ends."]
    owner = waiver.remediation_owner if waiver.remediation_owner_id else None
    if owner and not (owner.is_person and owner.is_active):
        wrong["remediation_owner"] = ["A person who is still here."]
    clean(seen, extra=wrong)


def check_not_asked(waiver: Waiver, *, now: dt.datetime) -> None:
    """The same is not asked for twice. One in force may be asked for anew in its last thirty days."""
    same = Waiver.objects.filter(interface=waiver.interface, kind=waiver.kind, covers=waiver.covers)
    other = same.filter(state__in=["REQUESTED", "APPROVED"]).first()
    other = other or same.filter(state="ACTIVE", expires_at__gt=now + dt.timedelta(days=30)).first()
    if other:
        raise Conflict(
            f"{other.key} is {other.get_state_display().lower()} and covers this already.",
            code="WAIVER_OPEN",
            details={"waiver": other.key, "state": other.state},
        )


def write_request(waiver: Waiver, *, now: dt.datetime, actor: User) -> None:
    """Number and store it: of two that take the same number at once, the later takes the next."""
    for _ in range(5):
        waiver.key = next_waiver_key(now)
        try:
            with recorded("approvals.waiver.request", actor=actor, subject=waiver, now=now):
                waiver.save(force_insert=True)
        except IntegrityError:
            if not Waiver.objects.filter(key=waiver.key).exists():
                raise
        else:
            return
    raise Conflict("Many waivers are asked for at this moment. Try again.", code="WAIVER_OPEN")


def next_waiver_key(now: dt.datetime) -> str:
    """WV-2026-0042."""
    last = Waiver.objects.filter(key__startswith=f"WV-{now.year}-").order_by("-key").values_list("key", flat=True)
    number = int(last[0].rsplit("-", 1)[1]) + 1 if last else 1
    return f"WV-{now.year}-{number:04d}"
