"""The scorecard: each figure with what is needed to believe it, and the way to the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.domain.lookups import domains_of
from governance.doors.pages import csv_response, render_page, with_query

from ..domain.behaviour import availability_by_day
from ..domain.kpi_parts import WINDOWS, Kpi, Question, ask
from ..domain.kpis import scorecard as figures
from ..domain.lead_time import interface_changes
from ..domain.lead_time import lead_times as counted_changes
from ..domain.reuse import products_with_consumers

#: What an executive sees first: long enough for a hospital's changes to have a split.
QUARTER = "90d"
HEADER = ("kpi", "value", "unit", "n", "window days", "scope", "good", "note", "method", "as of")
#: Where a figure's rows are listed.
PAGES = {
    "changes": "observability:lead-times",
    "products": "observability:products",
    "probes": "observability:health",
}


@dataclass(frozen=True, slots=True)
class Tile:
    """A figure as it is drawn."""

    kpi: Kpi
    url: str
    line: list[float | None]


@login_required
@require_safe
def scorecard(request: HttpRequest) -> HttpResponse:
    """The figures over a window and a scope that the address says."""
    question = question_of(request)
    kpis = figures(question)
    if request.GET.get("format") == "csv":
        return csv_response("scorecard.csv", HEADER, map(csv_row, kpis))
    lines = {"probe_availability": availability_by_day(question)}
    context = {
        "tiles": [Tile(kpi, rows_url(kpi, question), lines.get(kpi.key, [])) for kpi in kpis],
        "question": question,
        "windows": WINDOWS,
        "domains": domains_of(request.user),
        "asked_at": question.now,
        "csv_url": with_query(request.path, **{**request.GET.dict(), "format": "csv"}),
    }
    return render_page(request, "observability/scorecard.html", "observability/_tiles.html", context)


@login_required
@require_safe
def products(request: HttpRequest) -> HttpResponse:
    """The rows behind API reuse: every active product with its consumer systems."""
    question = question_of(request)
    found = products_with_consumers(question).prefetch_related("interfaces")
    return render_page(request, "observability/products.html", context={"products": found, "question": question})


@login_required
@require_safe
def lead_times(request: HttpRequest) -> HttpResponse:
    """The rows behind the lead time: changes implemented in the window, open ones that count against it."""
    question = question_of(request)
    done, against = counted_changes(question, interface_changes(question))
    context = {"rows": [*against, *done], "question": question}
    return render_page(request, "observability/lead_times.html", context=context)


def question_of(request: HttpRequest) -> Question:
    asked: dict[str, Any] = {name: request.GET[name] for name in ("window", "domain", "interface")
                             if request.GET.get(name)}  # fmt: skip
    return ask(**{"window": QUARTER, **asked}, now=timezone.now(), actor=request.user)


def rows_url(kpi: Kpi, question: Question) -> str:
    """The list behind the figure, over the same window and scope; the health page finds an interface by its search."""
    one = question.interface.key if question.interface else ""
    return with_query(
        reverse(PAGES[kpi.rows]),
        window=f"{question.window_days}d",
        domain=question.domain.key if question.domain else "",
        **{"q" if kpi.rows == "probes" else "interface": one},
    )


def csv_row(kpi: Kpi) -> tuple[Any, ...]:
    notes = "; ".join(filter(None, (kpi.note, kpi.split_note)))
    return (kpi.key, kpi.value, kpi.unit, kpi.n, kpi.window_days, kpi.scope, kpi.direction, notes, kpi.method,
            kpi.freshness)  # fmt: skip
