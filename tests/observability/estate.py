"""What is watched in these tests: interfaces between two systems, registered by the commands that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.domain import interfaces, owners, systems
from catalog.models import Domain, Interface, OwnerKind, System
from governance.domain import people
from governance.models import User
from observability.domain.probing import register_probe
from observability.models import Measurement, Probe
from tests.cast import Cast


class Estate:
    """A system that the architects see and one that they do not; ``interface(n)`` makes IF-SUR-00n of the first."""

    def __init__(self, cast: Cast) -> None:
        self.cast = cast
        self.now = cast.now
        domains = cast.domains()
        self.clinical, self.analytics = domains["CLINICAL"], domains["ANALYTICS"]
        self.ehr = self.system("ehr-a", self.clinical)
        self.warehouse = self.system("warehouse", self.analytics)

    def allow(self, team: str, member: str, domain: Domain, *permissions: str) -> User:
        user = self.cast(member)
        people.grant_container(
            self.cast.team(team), container=domain, permissions=permissions, now=self.now, actor=self.cast.clock
        )
        return user

    def system(self, key: str, domain: Domain) -> System:
        return systems.register_system(
            key=key, name=key.upper(), kind="EHR", domain=domain, now=self.now, actor=self.cast.clock
        )

    def interface(self, number: int = 1, *, provider: System | None = None) -> Interface:
        provider = provider or self.ehr
        other = self.warehouse if provider == self.ehr else self.ehr
        return interfaces.register_interface(
            key=f"IF-SUR-{number:03d}", name=f"Supply usage {number}", provider=provider, source=provider, target=other,
            interaction="QUERY", msg_standard="FHIR", latency_s=60, volume_day=1000, tier=2,
            now=self.now, actor=self.cast.clock,
        )  # fmt: skip

    def own(self, interface: Interface, owner: str) -> User:
        person = self.cast(owner)
        owners.assign_owner(
            interface, kind=OwnerKind.TECHNICAL_OWNER, person=person, now=self.now, actor=self.cast.clock
        )
        return person

    def probe(self, interface: Interface, address: str = "http://127.0.0.1:9", **said: Any) -> Probe:
        values = {"kind": "http", "name": "Health", "interval_s": 60, "timeout_s": 2.0, "now": self.now} | said
        return register_probe(interface, address=address, actor=self.cast.clock, **values)

    def measure(self, probe: Probe, latencies: list[float | None], *, at: dt.datetime, every_s: int = 60) -> None:
        """One check for each latency, the last at ``at``; None is a failed one."""
        first = at - dt.timedelta(seconds=every_s * (len(latencies) - 1))
        Measurement.objects.bulk_create(
            Measurement(
                probe=probe, at=first + dt.timedelta(seconds=every_s * number), latency_ms=latency,
                state="DOWN" if latency is None else "UP", reason="REFUSED" if latency is None else "",
            )
            for number, latency in enumerate(latencies)
        )  # fmt: skip
