"""Interface change lead time: from handing a change in to having it in force, and where the time went."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.db.models import Max, Q, QuerySet

from approvals.models import ChangeItem, ChangeRequest
from governance.domain.rules import visible

from .formulas import LEAST_FOR_MEDIAN, insufficient, median, median_against
from .kpi_parts import Kpi, Part, Question

STAGES = ("assess", "approval wait", "schedule wait", "implement")


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


def split_of(changes: Sequence[ChangeRequest]) -> tuple[Part, ...]:
    """The median hours of each stage, and the stage's share of all the hours together."""
    columns = list(zip(*(stages_of(change) for change in changes), strict=True))
    whole = sum(map(sum, columns)) or 1.0
    return tuple(
        Part(label, round(median(column), 2), "h", round(100 * sum(column) / whole, 1))
        for label, column in zip(STAGES, columns, strict=True)
    )


def interface_change_lead_time(question: Question) -> Kpi:
    """median(implemented - submitted) over the changes implemented in the window; open ones count against it.

    Source: DOMAIN, "KPIs". The split needs as many changes as the median does.
    """
    changes = interface_changes(question)
    done = list(changes.filter(implemented_at__gte=question.since, implemented_at__lte=question.now))
    waiting = ChangeRequest.objects.open().filter(
        pk__in=changes.values("pk"), implemented_at__isnull=True, submitted_at__lte=question.now
    )
    ages = [hours(question.now - at) for at in waiting.values_list("submitted_at", flat=True) if at]
    times = [sum(stages_of(change)) for change in done]
    value, n = median_against(times, ages) if times or ages else (None, 0)
    note = insufficient(n, LEAST_FOR_MEDIAN)
    split_note = insufficient(len(done), LEAST_FOR_MEDIAN)
    against = n - len(done)
    return Kpi(
        key="interface_change_lead_time",
        label="Interface change lead time",
        value=None if note or value is None else round(value, 2),
        unit="h",
        n=n,
        window_days=question.window_days,
        scope=question.scope,
        direction="down",
        method=f"median of implemented - submitted; {len(done)} implemented, {against} open that count against it",
        rows="changes",
        note=note,
        split=() if note or split_note else split_of(done),
        freshness=newest_moment(changes),
    )


def newest_moment(changes: QuerySet[ChangeRequest]) -> dt.datetime | None:
    """When any of the changes last reached something that the figure is computed from."""
    moments = changes.aggregate(*(Max(name) for name in ("submitted_at", "authorised_at", "implemented_at")))
    return max((moment for moment in moments.values() if moment), default=None)
