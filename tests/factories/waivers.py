"""Waivers for tests, asked for, granted and brought to where a test needs them by the commands that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.domain.implementing import implement_change
from approvals.domain.waiver_queries import change_of
from approvals.domain.waiving import request_waiver
from approvals.models import Waiver
from catalog.domain.findings import raise_finding
from catalog.models import Finding, Interface
from tests.cast import Cast
from tests.factories import approvals as make
from tests.factories import catalog

DAY = dt.timedelta(days=1)


def ground(cast: Cast, key: str = "IF-LAB-001", **values: Any) -> Interface:
    """An owned interface without health information, with the board and all voters there."""
    cast.board()
    for name in (*make.VOTERS.values(), "kai", "max", "pam"):
        cast(name)
    said = {
        "data_classes": ["PUBLIC"], "tier": 3, "patterns": ["EVENT"], "msg_standard": "JSON", "latency_s": 600,
        "source": catalog.system(cast, "ehr-a", speaks=["EVENTS", "REST"]), **values,
    }  # fmt: skip
    return catalog.owned(cast, catalog.interface(cast, key, **said))


def finding_on(cast: Cast, interface: Interface, **values: Any) -> Finding:
    said = {
        "code": "RUNBOOK_STALE", "severity": "WARNING", "message": "The runbook names a closed ward.",
        "source": "resilience 1.0", **values,
    }  # fmt: skip
    return raise_finding(interface, now=cast.now, actor=cast.clock, **said)


def asked_waiver(cast: Cast, interface: Interface, **values: Any) -> Waiver:
    """Asked for by ada, of a finding unless said otherwise: its change waits for votes."""
    at = values.pop("now", cast.now)
    said = {
        "kind": "FINDING", "days": 90, "justification": "The ward moves in June.",
        "compensating_control": "The charge nurse is phoned.", "remediation": "Rewrite the runbook.",
        "remediation_owner": cast("abe"), "remediation_due": at.date() + 60 * DAY, "evidence": make.EVIDENCE, **values,
    }  # fmt: skip
    if said["kind"] == "FINDING" and "finding" not in said:
        said["finding"] = finding_on(cast, interface)
    return request_waiver(interface, now=at, actor=cast(said.pop("actor", "ada")), **said)


def grant(cast: Cast, waiver: Waiver) -> Waiver:
    """Everyone who is asked approves, and the clock carries its change out."""
    change = change_of(waiver)
    assert change
    asked = {role for need in change.requirements.filter(number=change.number) for role in need.roles}
    for role, name in make.VOTERS.items():
        if role in asked and change.state == "AUTHORIZE":
            make.vote(cast, change, name, now=waiver.requested_at + make.HOUR)
    assert change.implement_at, change.state
    implement_change(change, now=change.implement_at, actor=cast.clock)
    waiver.refresh_from_db()
    return waiver


def active_waiver(cast: Cast, interface: Interface, **values: Any) -> Waiver:
    return grant(cast, asked_waiver(cast, interface, **values))
