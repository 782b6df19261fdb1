"""What the loader works in: the moment of loading, the data files, and records by the keys that people quote."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from catalog.models import Domain, Facility, Interface, System
from governance.domain.people import clock_user
from governance.models import Team, User

HERE = Path(__file__).resolve().parent
OPENING_HOUR = 14  # UTC: nine in the morning at Lakeshore


def rows(name: str) -> Any:
    """One data file of the demo."""
    return json.loads((HERE / "data" / f"{name}.json").read_text(encoding="utf-8"))


@dataclass
class World:
    """One loading of the demo: all its dates hang on ``now``, and ``tell`` shows progress."""

    now: dt.datetime
    tell: Callable[[str], None]
    users: dict[str, User] = field(default_factory=dict)

    @cached_property
    def clock(self) -> User:
        return clock_user()

    @cached_property
    def founded(self) -> dt.datetime:
        """When the register was opened: before everything else that the demo remembers."""
        return self.morning(days_ago=364)

    def morning(self, *, days_ago: int) -> dt.datetime:
        return (self.now - dt.timedelta(days=days_ago)).replace(hour=OPENING_HOUR, minute=0, second=0, microsecond=0)

    def user(self, username: str) -> User:
        """The person, asked once: roles are remembered with the loaded user, so load them after their teams."""
        if username not in self.users:
            self.users[username] = User.objects.get(username=username)
        return self.users[username]

    @cached_property
    def admin(self) -> User:
        return self.user("pat")

    @cached_property
    def teams(self) -> dict[str, Team]:
        return {team.key: team for team in Team.objects.all()}

    @cached_property
    def domains(self) -> dict[str, Domain]:
        return {domain.key: domain for domain in Domain.objects.all()}

    @cached_property
    def facilities(self) -> dict[str, Facility]:
        return {facility.key: facility for facility in Facility.objects.all()}

    @cached_property
    def systems(self) -> dict[str, System]:
        return {system.key: system for system in System.objects.select_related("domain")}

    def interface(self, key: str) -> Interface:
        return Interface.objects.with_parties().get(key=key)

    def architect(self, domain: Domain) -> User:
        """Whose domain it is: Priya's are the clinical ones and integration."""
        return self.user("priya" if domain.key in ("CLINICAL", "INTEGRATION") else "luis")
