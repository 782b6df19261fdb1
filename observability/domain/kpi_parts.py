"""What every KPI answers with, and over which interfaces and which time it is asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db.models import QuerySet

from catalog.models import Domain, Interface
from governance.domain.rules import visible, visible_or_404
from governance.kernel.errors import Invalid
from governance.models import User

WINDOWS = (7, 30, 90)


@dataclass(frozen=True, slots=True)
class Part:
    """One figure beside the headline: a stage of a duration, another percentile. ``share`` is of the whole, in %."""

    label: str
    value: float | None
    unit: str
    share: float | None = None


@dataclass(frozen=True, slots=True)
class Kpi:
    """A figure with everything needed to read it; ``value`` is None when there is too little to say, see ``note``.

    ``direction`` is where good lies, ``method`` how it was computed, ``freshness`` when its newest row came in,
    ``rows`` names the list that it was computed from, ``split_note`` says why there is no split where one is due.
    """

    key: str
    label: str
    value: float | None
    unit: str
    n: int
    window_days: int
    scope: str
    direction: str
    method: str
    rows: str
    note: str = ""
    split: Sequence[Part] = field(default_factory=tuple)
    split_note: str = ""
    freshness: dt.datetime | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Over what a KPI is asked: the interfaces that the actor may see, or one domain's, or one; and since when."""

    actor: User
    now: dt.datetime
    window_days: int = 30
    domain: Domain | None = None
    interface: Interface | None = None

    @property
    def since(self) -> dt.datetime:
        return self.now - dt.timedelta(days=self.window_days)

    @property
    def scope(self) -> str:
        if self.interface:
            return self.interface.key
        return f"domain {self.domain.key}" if self.domain else "all"

    def interfaces(self) -> QuerySet[Interface]:
        """The interfaces asked about, only those visible to the actor."""
        asked = visible(Interface.objects.all(), self.actor)
        if self.interface:
            return asked.filter(pk=self.interface.pk)
        return asked.filter(provider__domain=self.domain) if self.domain else asked


def ask(*, window: int | str = 30, domain: str = "", interface: str = "", now: dt.datetime, actor: User) -> Question:
    """Read what a door was asked. Raises ``Invalid`` for another window and ``NotFound`` for what is not visible."""
    days = str(window).removesuffix("d")
    if days not in map(str, WINDOWS):
        known = ", ".join(f"{day}d" for day in WINDOWS)
        raise Invalid("KPIs are computed over fixed windows.", errors={"window": [f"one of {known}"]})
    return Question(
        actor,
        now,
        int(days),
        visible_or_404(Domain.objects.all(), actor, key=domain) if domain else None,
        visible_or_404(Interface.objects.all(), actor, key=interface) if interface else None,
    )
