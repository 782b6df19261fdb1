"""The calendar for people: month, week and agenda, one entry's page, and the forms to declare, amend and withdraw."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.dateparse import parse_date
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.domain.audit import history_of
from governance.domain.rules import can, require
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError, Invalid

from ..domain.calendar import amend_calendar_entry, declare_calendar_entry, rule_refusal, withdraw_calendar_entry
from ..domain.calendar_queries import EVERYTHING, KINDS, Choices, Scope, calendar_between, calendar_choices, entry_named
from ..domain.obstacles import next_of
from ..models import CalendarEntry
from ..recurrence import local_of, rule_words
from .calendar_forms import EntryForm, entry_initial
from .calendar_grid import VIEWS, Stretch
from .class_forms import ReasonOnlyForm
from .forms import refuse


@login_required
@require_safe
def calendar(request: HttpRequest) -> HttpResponse:
    """Changes' windows, freezes, maintenance and quiet times; the address says which days, whose, and on what clock."""
    now, choices = timezone.now(), calendar_choices(request.user)
    scope = choices.scope(request.GET.get("scope", "")) or EVERYTHING
    stretch = stretch_asked(request, choices, scope, now=now)
    kinds = [kind for kind, _ in KINDS if kind in request.GET.getlist("kind")]
    agenda = stretch.view == "agenda"
    shown = calendar_between(
        stretch.start, stretch.end, kinds=kinds, scope=scope, with_conflicts=agenda, now=now, actor=request.user
    )
    context = {
        "stretch": stretch, "days": stretch.filled(shown, now=now), "scope": scope, "kinds": kinds, "all_kinds": KINDS,
        "choices": choices, "views": [(moved(request, view=view), label) for view, label in VIEWS],
        "current": moved(request, view=stretch.view),
        "count": len(shown), "scope_named": request.GET.get("scope", "") if scope.chosen else "",
        "ways": {
            "previous": moved(request, date=stretch.previous), "next": moved(request, date=stretch.next),
            "today": moved(request, date=None),
        },
        "may_declare": can(request.user, "declare", CalendarEntry),
        "feed_query": feed_query(request),
    }  # fmt: skip
    return render_page(request, "approvals/calendar.html", context=context)


def stretch_asked(request: HttpRequest, choices: Choices, scope: Scope, *, now: dt.datetime) -> Stretch:
    """What is not understood falls back: to the month, to today, to the chosen facility's clock or UTC."""
    own = scope.facility.timezone if scope.facility else "UTC"
    zone = request.GET.get("zone", "")
    zone = zone if zone in choices.zones else own
    view = request.GET.get("view", "")
    try:
        day = parse_date(request.GET.get("date", ""))
    except ValueError:
        day = None
    today = local_of(now, zone).date()
    if day is None or not 2000 <= day.year <= 2100:
        day = today
    return Stretch(view if view in dict(VIEWS) else "month", day, zone)


def moved(request: HttpRequest, **changes: Any) -> str:
    """The calendar's address with some parameters changed; None removes one."""
    query = request.GET.copy()
    for name, value in changes.items():
        query.pop(name, None)
        if value is not None:
            query[name] = str(value)
    return f"{request.path}?{query.urlencode()}"


def feed_query(request: HttpRequest) -> str:
    query = request.GET.copy()
    for name in ("view", "date", "zone"):
        query.pop(name, None)
    return query.urlencode()


@login_required
@require_safe
def entry(request: HttpRequest, pk: UUID) -> HttpResponse:
    return show(request, entry_named(request.user, pk))


def show(request: HttpRequest, row: CalendarEntry, *, refusal: DomainError | None = None) -> HttpResponse:
    """One entry: when it is next, for whom, and its history."""
    now = timezone.now()
    context = {
        "entry": row,
        "times": [] if row.withdrawn_at else next_of(row, after=now),
        "rule": rule_words(row.rrule),
        "events": list(history_of(row)),
        "refusal": refusal,
        "may": {
            "amend": not row.withdrawn_at and can(request.user, "amend", row),
            "withdraw": not row.withdrawn_at and can(request.user, "withdraw", row),
        },
    }
    status = status_of(refusal) if refusal else 200
    return render_page(request, "approvals/calendar_entry.html", context=context, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def declare(request: HttpRequest) -> HttpResponse:
    """A new entry."""
    require(request.user, "declare", CalendarEntry)
    form = EntryForm(request.POST or None, choices=calendar_choices(request.user))
    status = 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            try:
                made = declare_calendar_entry(**form.values(), now=timezone.now(), actor=request.user)
            except DomainError as error:
                refuse(form, error)
                status = status_of(error)
            else:
                messages.success(request, f"{made} is in the calendar.")
                return redirect("approvals:calendar-entry", made.pk)
    return render_page(request, "approvals/calendar_form.html", context={"form": form}, status=status)


@login_required
@require_http_methods(["GET", "POST"])
def amend(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Say an entry differently; when somebody else was faster, what is stored now stands beside what was typed."""
    row = entry_named(request.user, pk)
    require(request.user, "amend", row)
    form = EntryForm(request.POST or None, choices=calendar_choices(request.user), initial=entry_initial(row))
    status, seen = 200, row.revision
    if request.method == "POST":
        status, given = 400, request.POST.get("revision", "")
        if form.is_valid():
            number = int(given) if given.isascii() and given.isdecimal() and len(given) < 9 else 0
            try:
                amend_calendar_entry(
                    entry_named(request.user, pk), **form.values(), revision=number, now=timezone.now(),
                    actor=request.user,
                )  # fmt: skip
            except DomainError as error:
                refuse(form, error)
                status = status_of(error)
            else:
                messages.success(request, f"{form.cleaned_data['name']} is amended.")
                return redirect("approvals:calendar-entry", pk)
    context = {"form": form, "entry": row, "seen": seen, "stale": status == 412}
    return render_page(request, "approvals/calendar_form.html", context=context, status=status)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Take an entry back, with a reason."""
    row, form = entry_named(request.user, pk), ReasonOnlyForm(request.POST)
    try:
        if not form.is_valid():
            raise Invalid("Say why it is withdrawn.", errors={"reason": ["is required"]})
        withdraw_calendar_entry(row, **form.cleaned_data, now=timezone.now(), actor=request.user)
    except DomainError as error:
        return show(request, entry_named(request.user, pk), refusal=error)
    messages.success(request, f"{row} is withdrawn.")
    return redirect("approvals:calendar-entry", pk)


@login_required
@require_POST
def occurrences(request: HttpRequest) -> HttpResponse:
    """The next five times of what is being typed, or why its rule is not understood; nothing is stored."""
    form = EntryForm(request.POST, choices=calendar_choices(request.user))
    form.full_clean()
    typed = form.preview()
    said = rule_refusal(typed) if typed else ""
    context: dict[str, Any] = {"typed": typed, "said": said}
    if typed and not said:
        after = max(timezone.now(), typed.starts_at - dt.timedelta(seconds=1))
        context |= {"times": next_of(typed, after=after), "rule": rule_words(typed.rrule)}
    return render(request, "approvals/_occurrences.html", context)
