"""What a draft table would change: its impact on what is registered, and past requests asked of it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.http import require_http_methods

from ..domain.impacts import AHEAD, IMPACT, ask_impact, impact_findings, impact_sentence
from ..domain.queries import table_version
from ..domain.reports import Report, report_for
from ..domain.rules import can
from ..domain.simulations import SIMULATION, ask_simulation, running_job, simulation_of
from ..domain.tables import compiled
from ..doors.http import status_of
from ..doors.pages import csv_response, render_page, with_query
from ..kernel.errors import DomainError
from ..models import DecisionTable, Job
from .jobs import job_context

PAGE = 100


def day(label: str, help_text: str) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=False, widget=widget, help_text=help_text)


class ImpactForm(forms.Form):
    effective_on = day("In force from", "What will have ended by then is left out. Empty: as soon as it is approved.")


class SimulationForm(forms.Form):
    since = day("From", "Empty: a year back.")
    until = day("Until", "Empty: today.")


@dataclass(frozen=True)
class Shown:
    """One page of a report's rows, and the addresses around it."""

    request: HttpRequest
    report: Report
    what: str

    @property
    def pages(self) -> int:
        return max(1, -(-len(self.report.rows) // PAGE))

    @property
    def number(self) -> int:
        asked = self.request.GET.get("page", "1")
        return min(max(1, int(asked)), self.pages) if asked.isdecimal() and len(asked) < 6 else 1

    @property
    def rows(self) -> list[dict[str, Any]]:
        return self.report.rows[(self.number - 1) * PAGE : self.number * PAGE]

    @property
    def previous_url(self) -> str:
        return self.url(page=self.number - 1) if self.number > 1 else ""

    @property
    def next_url(self) -> str:
        return self.url(page=self.number + 1) if self.number < self.pages else ""

    @property
    def csv_url(self) -> str:
        return self.url(format="csv")

    @property
    def tabs(self) -> list[tuple[str, str, int, bool]]:
        """Address, words, how many, and whether it is the open one."""
        total = self.report.counts.get("changed", 0)
        all_of_them = (self.request.path, "All that differ", total, not self.what)
        return [all_of_them, *(
            (with_query(self.request.path, what=name), label, count, self.what == name)
            for name, label, count in self.report.tabs
        )]  # fmt: skip

    def url(self, **values: Any) -> str:
        return with_query(self.request.path, what=self.what, **values)


def shown_rows(request: HttpRequest, stored: Mapping[str, Any]) -> Shown:
    what = request.GET.get("what", "")
    return Shown(request, report_for(request.user, stored, what=what), what)


def csv_of(name: str, shown: Shown) -> HttpResponse:
    """Every row that the reader asked for, one line for each difference."""
    header = ("Key", "Name", "What", "Of", "Before", "With this version", "Rules", "Why", "Note")
    lines = (
        (row["key"], row["name"], one["grave"] or one["aspect"], one["label"], one["before"], one["after"],
         ", ".join(one["rules"]), " ".join(one["why"]), row["note"])
        for row in shown.report.rows for one in row["differences"]
    )  # fmt: skip
    return csv_response(name, header, lines)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def impact(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """The kept impact of a version, whether it is of this content, and having it computed."""
    table = table_version(request.user, key, version)
    form, status = ImpactForm(posted(request)), 200
    if request.method == "POST":
        status = ask(form, lambda said: ask_impact(table, **said, now=timezone.now(), actor=request.user))
        if status == 200:
            return redirect("governance:table-impact", key, version)
    shown = shown_rows(request, table.impact)
    if request.GET.get("format") == "csv":
        return csv_of(f"impact-{key}-{version}.csv", shown)
    context = {
        **table_context(request, table, IMPACT), "form": form, "shown": shown, "computed": bool(table.impact),
        "sentence": impact_sentence(table.impact) if table.impact else "",
        "findings": impact_findings(table) if table.state in AHEAD else [],
        "at": parse_datetime(table.impact["at"]) if table.impact else None,
    }  # fmt: skip
    return render_page(request, "governance/impact.html", context=context, status=status)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def simulation(request: HttpRequest, key: str, version: str) -> HttpResponse:
    """The newest simulation of a version: who would have decided, and what would have been asked."""
    table = table_version(request.user, key, version)
    form, status = SimulationForm(posted(request)), 200
    if request.method == "POST":
        status = ask(form, lambda said: ask_simulation(table, **said, now=timezone.now(), actor=request.user))
        if status == 200:
            return redirect("governance:table-simulation", key, version)
    done = simulation_of(table)
    shown = shown_rows(request, done.result if done else {})
    if request.GET.get("format") == "csv":
        return csv_of(f"simulation-{key}-{version}.csv", shown)
    context = {
        **table_context(request, table, SIMULATION), "form": form, "shown": shown, "done": done,
        "period": [dt.date.fromisoformat(done.result[name]) for name in ("since", "until")] if done else [],
        "outdated": bool(done) and done.result["hash"] != compiled(table)[1],
    }  # fmt: skip
    return render_page(request, "governance/simulation.html", context=context, status=status)


def posted(request: HttpRequest) -> Any:
    """What was sent; every field may be left out, so that nothing sent is an answer too."""
    return request.POST if request.method == "POST" else None


def ask(form: forms.Form, command: Any) -> int:
    """Run the command with what the form says; refused: beside the field or on top, and the status to answer with."""
    if not form.is_valid():
        return 400
    try:
        command(form.cleaned_data)
    except DomainError as refusal:
        for name, sentences in (refusal.errors or {"": [refusal.message]}).items():
            form.add_error(name if name in form.fields else None, sentences)
        return status_of(refusal)
    return 200


def table_context(request: HttpRequest, table: DecisionTable, kind: str) -> dict[str, Any]:
    running: Job | None = running_job(table, kind, request.user)
    ahead = table.state in AHEAD
    may_ask = ahead and can(request.user, "measure", table)
    return {"table": table, "ahead": ahead, "may_ask": may_ask, **job_context(request, running)}
