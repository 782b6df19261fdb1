"""Interface change lead time: from handing a change in to having it in force, and where the time went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Max, Q, QuerySet

from approvals.models import ChangeItem, ChangeRequest
from governance.domain.rules import visible

from .formulas import LEAST_FOR_MEDIAN, enters_above, insufficient, median, median_against
from .kpi_parts import Kpi, Part, Question

STAGES = ("assess", "approval wait", "schedule wait", "implement")
#: As people read them: what waits for approval is what they ask for.
SHOWN_STAGES = ("approval wait", "assess", "schedule wait", "implement")


@dataclass(frozen=True, slots=True)
class LeadTime:
    """One change that the figure counts: its hours so far when it is open, and by stage when it is implemented."""

    change: ChangeRequest
    hours: float
    stages: Sequence[float] = ()

    @property
    def approval_wait(self) -> float | None:
        return self.stages[STAGES.index("approval wait")] if self.stages else None


def interface_changes(question: Question) -> QuerySet[ChangeRequest]:
    """The visible changes that touch the asked interfaces, or contracts on them; tables' changes are not among them."""
    seen = question.interfaces().values("pk")
    items = ChangeItem.objects.filter(Q(interface__in=seen) | Q(contract_version__contract__interface__in=seen))
    return visible(ChangeRequest.objects.all(), question.actor).filter(
        pk__in=items.values("change"), submitted_at__isnull=False
    )


def hours(span: dt.timedelta) -> float:
    return span.total_seconds() / 3600


def stages_of(change: ChangeRequest) -> list[float]:
    """Hours in each of ``STAGES``; they add up to the lead time.

    A stage ends at the moment that the change keeps for it. A moment that is missing, or lies before the one before
    it or after the end, makes its stage empty and gives the time to the next.
    """
    at, end, found = change.submitted_at, change.implemented_at, []
    if at is None or end is None:
        raise ValueError(f"{change} has no lead time yet")
    for moment in (change.assessed_at, change.authorised_at, change.implement_at, end):
        reached = min(max(moment or at, at), end)
        found.append(hours(reached - at))
        at = reached
    return found


def split_of(done: Sequence[LeadTime]) -> tuple[Part, ...]:
    """The median hours of each stage, and the stage's share of all the hours together."""
    columns = dict(zip(STAGES, zip(*(row.stages for row in done), strict=True), strict=True))
    whole = sum(map(sum, columns.values())) or 1.0
    return tuple(
        Part(label, round(median(columns[label]), 2), "h", round(100 * sum(columns[label]) / whole, 1))
        for label in SHOWN_STAGES
    )


def lead_times(question: Question, changes: QuerySet[ChangeRequest]) -> tuple[list[LeadTime], list[LeadTime]]:
    """What the figure counts of ``changes``: those implemented in the window, and the open ones that count against it.

    Each list has the longest first; an open change is as old as its wait since it was handed in.
    """
    done = []
    for change in changes.filter(implemented_at__gte=question.since, implemented_at__lte=question.now):
        stages = stages_of(change)
        done.append(LeadTime(change, sum(stages), stages))
    least = enters_above([row.hours for row in done])
    waiting = ChangeRequest.objects.open().filter(
        pk__in=changes.values("pk"), implemented_at__isnull=True, submitted_at__lte=question.now
    )
    ages = [LeadTime(change, hours(question.now - change.submitted_at)) for change in waiting if change.submitted_at]
    against = [row for row in ages if row.hours > least]
    return longest_first(done), longest_first(against)


def longest_first(rows: Sequence[LeadTime]) -> list[LeadTime]:
    return sorted(rows, key=lambda row: (-row.hours, row.change.key))


def interface_change_lead_time(question: Question) -> Kpi:
    """median(implemented - submitted) over the changes implemented in the window; open ones count against it.

    Source: DOMAIN, "KPIs". The split needs as many implemented
    changes as the median needs changes.
    """
    changes = interface_changes(question)
    done, against = lead_times(question, changes)
    times = [row.hours for row in done], [row.hours for row in against]
    value, n = median_against(*times) if any(times) else (None, 0)
    note = insufficient(n, LEAST_FOR_MEDIAN)
    split_note = insufficient(len(done), LEAST_FOR_MEDIAN)
    return Kpi(
        key="interface_change_lead_time",
        label="Interface change lead time",
        value=None if note or value is None else round(value, 2),
        unit="h",
        n=n,
        window_days=question.window_days,
        scope=question.scope,
        direction="down",
        method=f"median of implemented - submitted; {len(done)} implemented, {len(against)} open that count against it",
        rows="changes",
        note=note,
        split=() if split_note else split_of(done),
        split_note=f"split: {split_note.replace(':', ',')}" if split_note else "",
        freshness=newest_moment(changes),
    )


def newest_moment(changes: QuerySet[ChangeRequest]) -> dt.datetime | None:
    """When any of the changes last reached something that the figure is computed from."""
    moments = changes.aggregate(*(Max(name) for name in ("submitted_at", "authorised_at", "implemented_at")))
    return max((moment for moment in moments.values() if moment), default=None)
