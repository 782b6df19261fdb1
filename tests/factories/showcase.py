"""One of every kind of record that a list or page shows, joined as in life; and as many of them as a test asks for."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from approvals.domain.calendar import declare_calendar_entry
from approvals.domain.requests import ItemSpec, open_change, submit_change
from approvals.models import AgendaItem, ChangeRequest, Meeting
from catalog.domain.connections import add_endpoint, bind
from catalog.domain.decisions import decide_pattern
from catalog.domain.findings import raise_finding
from catalog.domain.processes import define_process, define_product
from catalog.models import Interface
from contracts.domain.contracts import open_contract
from contracts.domain.versions import post_version
from contracts.models import ContractVersion
from governance.domain.jobs import queue_job
from governance.domain.people import join_team
from governance.models import AuditEvent, Notice, User
from observability.domain.probing import register_probe
from observability.models import Measurement, Probe
from tests.cast import Cast
from tests.factories import catalog, meetings
from tests.factories.approvals import EVIDENCE

SCHEMA = json.dumps({"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"}).encode()


@dataclass(frozen=True)
class Shown:
    """One interface between clinical systems and everything that hangs on it."""

    interface: Interface
    version: ContractVersion
    change: ChangeRequest
    probe: Probe

    @property
    def finding(self) -> str:
        """The id of what was found about the interface."""
        return str(self.interface.findings.get().pk)

    def meeting_values(self) -> dict[str, str]:
        """What fills the addresses of a meeting of the board on the change, where a test has planned one."""
        meeting = Meeting.objects.filter(agenda__change=self.change).first()
        found = {"pk": str(meeting.pk), "id": str(meeting.pk)} if meeting else {}
        return {**found, "key": self.change.key, "change": self.change.key}

    def address_values(self) -> dict[str, dict[str, Any]]:
        """What fills an address of the API or of a page, by its first word: ``/changes/`` takes the change's key."""
        key = {"key": self.interface.key}
        event = AuditEvent.objects.filter(subject_id=str(self.interface.pk)).earliest("seq")
        return {
            "interfaces": key,
            "register": key,
            "contracts": {**key, "version": self.version.version, "number": self.version.version},
            "systems": {"key": self.interface.provider.key},
            "findings": {"pk": self.finding, "id": self.finding},
            "facilities": {"key": "lakeshore-main"},
            "domains": {"key": "CLINICAL"},
            "processes": {"key": f"process-{self.interface.key[-3:]}"},
            "products": {"key": f"product-{self.interface.key[-3:]}"},
            "changes": {"key": self.change.key},
            "meetings": self.meeting_values(),
            "probes": {"id": str(self.probe.pk), "pk": str(self.probe.pk)},
            "health": {**key, "pk": str(self.probe.pk)},
            "tables": {"key": "resilience"},
            "teams": {"key": "architects"},
            "kpis": {"key": "api_reuse"},
            "audit": {"subject_type": event.subject_type, "subject_id": event.subject_id, "quarter": "2026-Q2"},
        }


def shown(cast: Cast, number: int = 1, *, submitted: bool = False) -> Shown:
    """The ``number``-th interface with its owners, consumer, endpoint, contract, change, probe, process and product."""
    at: dict[str, Any] = {"now": cast.now, "actor": cast.clock}
    source, target = (catalog.system(cast, f"{name}-{number}", speaks=["HL7V2"]) for name in ("ehr", "lab"))
    interface = catalog.interface(cast, f"IF-LAB-{number:03d}", source=source, target=target)
    catalog.consumed(cast, catalog.owned(cast, interface), catalog.system(cast, f"billing-{number}"))
    place = bind(interface, environment="PROD", facility=catalog.facility(cast), **at)
    add_endpoint(place, role="TARGET", transport="MLLP", address=f"10.0.0.{number}:2575", **at)
    contract = open_contract(interface, format="json_schema", now=cast.now, actor=cast("ada"))
    version, _ = post_version(contract, version="1.0.0", text=SCHEMA, now=cast.now, actor=cast("ada"))
    define_process(
        f"process-{number:03d}", name=f"Testing {number}", steps=[{"name": "Order", "interface": interface}], **at
    )
    define_product(f"product-{number:03d}", name=f"Results {number}", interfaces=[interface], **at)
    raise_finding(
        interface, code="PATTERN_DISCOURAGED", severity="WARNING", message=f"{interface.key} speaks point to point.",
        source="pattern_verdict 1.0", **at,
    )  # fmt: skip
    return Shown(interface, version, change_of(cast, interface, submitted=submitted), probe_of(cast, interface))


def change_of(cast: Cast, interface: Interface, *, submitted: bool) -> ChangeRequest:
    change = open_change(
        change_type="NEW_INTERFACE", items=[ItemSpec(interface, "CREATE")], title=interface.name,
        reason="Orders are phoned in today.", evidence=EVIDENCE, now=cast.now, actor=cast("ada"),
    )  # fmt: skip
    if not submitted:
        return change
    decide_pattern(interface, rationale="Fits the policy", now=cast.now, actor=cast("kai"))
    return submit_change(change, now=cast.now, actor=cast("ada"))


def probe_of(cast: Cast, interface: Interface) -> Probe:
    probe = register_probe(
        interface, kind="http", name="Health", address="http://127.0.0.1:9", now=cast.now, actor=cast.clock
    )
    Measurement.objects.create(probe=probe, at=cast.now, state="UP", latency_ms=12)
    return probe


def shown_beside(cast: Cast, reader: User, number: int) -> None:
    """What stands for itself: a notice of the reader, a piece of background work, a freeze, a team."""
    queue_job("count", title=f"Count {number}", params={"number": number}, now=cast.now, actor=reader)
    Notice.objects.create(recipient=reader, kind="VOTE_ASKED", message=f"Vote {number}", at=cast.now)
    start = cast.now + dt.timedelta(days=number)
    declare_calendar_entry(
        "BLACKOUT", name=f"Freeze {number}", starts_at=start, ends_at=start + dt.timedelta(days=1),
        now=cast.now, actor=cast("max"),
    )  # fmt: skip
    cast.team(f"team-{number}")
    meetings.planned(cast, title=f"Board {number}", starts_at=start)


def meeting_on(cast: Cast, change: ChangeRequest) -> Meeting:
    """A planned meeting of the board with the change, whatever its state, on the agenda."""
    meeting = meetings.planned(cast)
    AgendaItem.objects.create(meeting=meeting, change=change, position=1)
    return meeting


def everywhere_member(cast: Cast, name: str = "ada") -> User:
    """``name`` in every team with a role and a right: nobody in life, but through no door is more to be seen."""
    user = cast(name)
    for played in ("abe", "bo", "gus", "ivy", "jo", "kai", "lou", "max", "nia", "oz", "pam", "quinn", "uma"):
        cast(played)
    cast.domains()
    for team in list(cast.teams.values()):
        join_team(team, user=user, now=cast.now, actor=cast.clock)
    return user
