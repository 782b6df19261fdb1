"""The board's meetings for people: the list, the plan of one, and the minutes to read, print and sign."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from governance.domain.credentials import has_one_time_code
from governance.domain.rules import can, require
from governance.doors.http import status_of
from governance.doors.pages import Facet, page_of, render_page
from governance.kernel.errors import DomainError, NotFound

from ..domain.meeting_queries import (
    board_named,
    boards_there_are,
    meeting_at,
    meeting_story,
    meetings_of,
    person_called,
    possible_chairs,
)
from ..domain.meetings import plan_meeting
from ..domain.minutes import meaning_of, minutes_hold, sign_minutes, signature_holds
from ..lifecycle import MEETING
from ..models import Meeting
from .acting import signed
from .forms import refuse
from .meeting_forms import PlanForm, SignForm

SORTS = {"starts": "starts_at", "title": "title", "state": ("state", "-starts_at")}


@login_required
@require_safe
def meetings(request: HttpRequest) -> HttpResponse:
    """What was decided when, and what comes."""
    facets = [Facet("state", "State", MEETING.choices)]
    page = page_of(meetings_of(request.user), request, sorts=SORTS, default="-starts", facets=facets, search=("title",))
    context = {"page": page, "may_plan": can(request.user, "plan", Meeting)}
    return render_page(request, "approvals/meetings.html", context=context)


@login_required
@require_http_methods(["GET", "POST"])
def plan(request: HttpRequest) -> HttpResponse:
    """A meeting, and the question that fills its agenda."""
    actor, now = request.user, timezone.now()
    require(actor, "plan", Meeting)
    chosen = {"boards": boards_there_are(actor), "chairs": possible_chairs(now=now)}
    form, status = PlanForm(request.POST or None, **chosen), 200
    if request.method == "POST":
        status = 400
        if form.is_valid():
            said = {name: form.cleaned_data[name] for name in ("title", "starts_at", "minutes_planned")}
            try:
                made = plan_meeting(
                    board_named(actor, form.cleaned_data["board"]),
                    chair=person_called(form.cleaned_data["chair"], field="chair"),
                    filter=form.filter(), **said, now=now, actor=actor,
                )  # fmt: skip
            except DomainError as error:
                refuse(form, error)
                status = status_of(error)
            else:
                messages.success(request, f"{made.title} is planned. Fill its agenda.")
                return redirect("approvals:meeting", made.pk)
    return render_page(request, "approvals/meeting_form.html", context={"form": form}, status=status)


@login_required
@require_safe
def minutes(request: HttpRequest, pk: Any) -> HttpResponse:
    return show_minutes(request, meeting_at(request.user, pk))


def show_minutes(
    request: HttpRequest, row: Meeting, *, refusal: DomainError | None = None, form: SignForm | None = None
) -> HttpResponse:
    """The minutes as they were written, whether they still are, and the chair's signature."""
    if not row.minutes_hash:
        raise NotFound(f"{row.title} has no minutes yet: they are written when it is closed.")
    signs = row.state == "CLOSED" and can(request.user, "sign", row)
    context = {
        "meeting": row,
        "said": with_times(row.minutes),
        "holds": minutes_hold(row),
        "signature_holds": signature_holds(row),
        "meaning": meaning_of(row),
        "signs": signs,
        "one_time_code": signs and has_one_time_code(request.user),
        "form": form or SignForm(),
        "refusal": refusal,
        "events": list(meeting_story(row)),
    }
    status = status_of(refusal) if refusal else 200
    return render_page(request, "approvals/minutes.html", context=context, status=status)


def with_times(said: Any) -> Any:
    """The minutes with their times as times and their spans as spans, so that templates show them in words."""
    if isinstance(said, list):
        return [with_times(one) for one in said]
    if not isinstance(said, dict):
        return said
    read: dict[str, Any] = {}
    for name, value in said.items():
        if isinstance(value, str) and name in TIMES:
            read[name] = parse_datetime(value)
        elif isinstance(value, int) and name in SPANS:
            read[name] = dt.timedelta(seconds=value)
        else:
            read[name] = with_times(value)
    return read


TIMES = ("planned_for", "opened_at", "closed_at", "came_at", "left_at", "began_at", "ended_at", "at")
SPANS = ("timebox_s", "spent_s", "over_s")


@sensitive_post_parameters("signature")
@login_required
@require_POST
def sign(request: HttpRequest, pk: Any) -> HttpResponse:
    """The chair's name under the minutes that they have read."""
    row, form = meeting_at(request.user, pk), SignForm(request.POST)
    if not form.is_valid():
        return redirect("approvals:minutes", pk)
    try:
        sign_minutes(row, **signed(dict(form.cleaned_data)), now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        return show_minutes(request, meeting_at(request.user, pk), refusal=error, form=form)
    messages.success(request, "You signed the minutes.")
    return redirect("approvals:minutes", pk)
