"""The scorecard: each figure with what is needed to believe it, and the way to the rows behind it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.models import Domain
from governance.domain.rules import visible
from governance.doors.pages import csv_response, render_page, with_query

from ..domain.behaviour import availability_by_day
from ..domain.kpi_parts import WINDOWS, Kpi, Question, ask
from ..domain.kpis import scorecard as figures
from ..domain.reuse import products_with_consumers

HEADER = ("kpi", "value", "unit", "n", "window days", "scope", "good", "note", "method", "as of")
#: Where a figure's rows are listed: the first page that exists.
PAGES = {
    "changes": ("approvals:changes",),
    "products": ("observability:products",),
    "probes": ("observability:health",),
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
        "domains": visible(Domain.objects.all(), request.user),
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


def question_of(request: HttpRequest) -> Question:
    asked: dict[str, Any] = {name: request.GET[name] for name in ("window", "domain", "interface")
                             if request.GET.get(name)}  # fmt: skip
    return ask(**asked, now=timezone.now(), actor=request.user)


def rows_url(kpi: Kpi, question: Question) -> str:
    """The list behind the figure, narrowed to the same domain; nothing while no app offers it."""
    for name in PAGES[kpi.rows]:
        try:
            return with_query(reverse(name), domain=question.domain.key if question.domain else "")
        except NoReverseMatch:
            continue
    return ""


def csv_row(kpi: Kpi) -> tuple[Any, ...]:
    return (kpi.key, kpi.value, kpi.unit, kpi.n, kpi.window_days, kpi.scope, kpi.direction, kpi.note, kpi.method,
            kpi.freshness)  # fmt: skip
