"""The meeting workbench: the agenda, what is being discussed, everybody's own vote, notes, and the timer."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError, Invalid, NotFound
from governance.models import User

from ..domain import agenda, attendance
from ..domain.agenda_filter import filter_words
from ..domain.eligibility import excluded_reason
from ..domain.evidence_queries import evidence_of
from ..domain.meeting_queries import agenda_of, attendances_of, change_named, item_of, meeting_at, person_called
from ..domain.meetings import cancel_meeting, open_meeting
from ..domain.minutes import close_meeting
from ..domain.outcomes import decision_words, is_decided, tally_of
from ..domain.queries import change_page, needs_of, requirement_at, votes_of
from ..domain.recusing import recuse
from ..models import AgendaItem, ChangeRequest, Meeting
from .acting import INCOMPLETE, SAID, signed
from .change import rows_of, signing_of, votes_instead, yours
from .class_forms import ReasonOnlyForm
from .forms import BallotForm, NothingForm, refuse
from .meeting_forms import AddItemForm, AgendaFilterForm, ComeForm, DeferForm, NotesForm, SeenForm, StepForm
from .shown import TimeLeft


@dataclass(frozen=True)
class Sheet:
    """One change as it lies on the table: what it wants, what it needs, and what the reader may say on it."""

    item: AgendaItem
    change: ChangeRequest
    context: dict[str, Any]


@login_required
@require_safe
def meeting(request: HttpRequest, pk: Any) -> HttpResponse:
    return show(request, meeting_at(request.user, pk))


@login_required
@require_safe
def pulse(request: HttpRequest, pk: Any) -> HttpResponse:
    """Whether the meeting has moved on since the reader's page was made: a sentence with the way, or nothing."""
    row = meeting_at(request.user, pk)
    context = {"meeting": row, "moved": request.GET.get("seen", "") != str(row.revision)}
    return render_page(request, "approvals/_pulse.html", context=context)


def show(
    request: HttpRequest,
    row: Meeting,
    *,
    refusal: DomainError | None = None,
    bound: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The workbench as the meeting now is; ``refusal`` is said on top and ``bound`` forms keep what was typed."""
    actor, now, forms_kept = request.user, timezone.now(), bound or {}
    items, sat = agenda_of(row), attendances_of(row)
    current = next((item for item in items if item.state == "CURRENT"), None)
    mine = next((one for one in sat if one.person_id == actor.pk and one.left_at is None), None)
    seats = attendance.seats_shown(row, sat, at=now if row.state == "RUNNING" else row.opened_at or now)
    context = {
        "meeting": row,
        "discuss": [item for item in items if not item.consent],
        "consent": [item for item in items if item.consent],
        "current": current,
        "sheet": sheet_of(current, actor, now=now, present=bool(mine)) if current else None,
        "quick": quick_sheets(items, actor, now=now, present=bool(mine)) if row.state == "RUNNING" else [],
        "timer": timer_of(current, now=now) if current else None,
        "attendances": sat,
        "seats": seats,
        "present": len([seat for seat in seats if seat.present]),
        "mine": mine,
        "may_sit": attendance.people_who_may_sit(row, now=now) if row.state == "RUNNING" else [],
        "filter": filter_words(row.filter),
        "may": allowed(row, actor, current, items),
        "refusal": refusal,
        "filter_form": forms_kept.get("filter") or AgendaFilterForm(initial=row.filter),
        "add_form": forms_kept.get("add") or AddItemForm(),
        "notes_form": forms_kept.get("notes"),
        "ballot": forms_kept.get("ballot") or BallotForm(),
        "ballot_for": request.resolver_match.kwargs.get("key", "") if request.resolver_match else "",
        "now": now,
    }
    status = status_of(refusal) if refusal else 200
    return render_page(request, "approvals/meeting.html", context=context, status=status)


def allowed(row: Meeting, actor: User, current: AgendaItem | None, items: list[AgendaItem]) -> dict[str, bool]:
    """Which buttons the reader sees; the commands decide once more."""
    runs, arranges = can(actor, "run", row), row.state in ("PLANNED", "RUNNING")
    waits = any(item.state == "WAITING" and not item.consent for item in items)
    return {
        "run": runs,
        "arrange": runs and arranges,
        "promote": arranges and can(actor, "promote", row),
        "open": runs and row.state == "PLANNED",
        "close": runs and row.state == "RUNNING" and current is None,
        "next": runs and row.state == "RUNNING" and bool(current or waits),
        "waits": waits,
        "come": row.state == "RUNNING" and attendance.may_attend(row, actor),
    }


def sheet_of(item: AgendaItem, actor: User, *, now: dt.datetime, present: bool) -> Sheet:
    """The change with its diff, needs, evidence and votes, and the reader's own part in it."""
    row = change_page(actor, item.change.key)
    needs = needs_of(row, actor, now=now)
    for need in needs:
        need["who"] = list(dict.fromkeys(name for seat in need["seats"] for name in seat.who))
        need["heard"] = len([seat for seat in need["seats"] if seat.standing == "APPROVED"])
    votes = votes_of(row)
    counting = [vote for vote in votes if not vote.stale and vote.choice in ("APPROVE", "REJECT")]
    context = {
        "change": row,
        "needs": needs,
        "votes": votes,
        "tally": tally_of(counting),
        "decided": decision_words(row) if is_decided(row) else "",
        "yours": yours(needs, votes, row, actor) if present else [],
        "spoken": votes_instead(needs, votes, actor),
        "excluded": excluded_reason(row, actor),
        "recusals": list(row.recusals.select_related("person")),
        "signing": signing_of(row, actor),
        "items": [(one, rows_of(one, actor)) for one in row.items.all()],
        "evidence": evidence_of(row, now=now),
        "time": TimeLeft(row, now),
    }
    return Sheet(item, row, context)


def quick_sheets(items: list[AgendaItem], actor: User, *, now: dt.datetime, present: bool) -> list[Sheet]:
    """What needs no discussion and waits for the reader's own word; nothing for who is not in the room."""
    if not present:
        return []
    waiting = [item for item in items if item.consent and item.state == "WAITING"]
    sheets = [sheet_of(item, actor, now=now, present=True) for item in waiting[:QUICK]]
    return [sheet for sheet in sheets if sheet.context["yours"]]


#: How many changes without discussion are offered for a vote at once; the next come when these are voted on.
QUICK = 10


def timer_of(item: AgendaItem, *, now: dt.datetime) -> dict[str, Any]:
    """How long it has been discussed, in seconds, by the server's clock; a script goes on counting from there."""
    elapsed, over = item.elapsed_s(now), item.over_s(now)
    return {"elapsed": elapsed, "over": over, "box": item.timebox_s, "words": timer_words(elapsed, item.timebox_s)}


def timer_words(elapsed: int, box: int) -> str:
    """``4 min 05 s of 10 min``, or ``12 min 05 s, 2 min 05 s over``: the script says it the same way."""
    if box and elapsed > box:
        return f"{clock(elapsed)}, {clock(elapsed - box)} over"
    return f"{clock(elapsed)} of {clock(box)}"


def clock(seconds: int) -> str:
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest:02d} s" if rest or not minutes else f"{minutes} min"


def act(
    request: HttpRequest,
    pk: Any,
    command: Callable[..., Any],
    form: forms.Form,
    *,
    said: str,
    name: str = "",
    key: str = "",
    anchor: str = "",
) -> HttpResponse:
    """One command on the meeting, or on an item of it; refused: the fresh workbench with the sentence on top."""
    row = meeting_at(request.user, pk)
    bound = {name: form} if name else {}
    try:
        subject: Any = item_of(row, key) if key else row
        if not form.is_valid():
            wrong = {field: list(map(str, sentences)) for field, sentences in form.errors.items()}
            raise Invalid(INCOMPLETE, errors=wrong)
        made = command(subject, **form.cleaned_data, now=timezone.now(), actor=request.user)
    except NotFound:
        raise
    except DomainError as error:
        if form.is_bound and name:
            refuse(form, error)
        return show(request, meeting_at(request.user, pk), refusal=error, bound=bound)
    messages.success(request, said.format(meeting=row, key=key, made=made))
    response = redirect("approvals:meeting", pk)
    response["Location"] += anchor
    return response


@login_required
@require_POST
def open_it(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, open_meeting, NothingForm(request.POST), said="{meeting} is open.")


@login_required
@require_POST
def cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, cancel_meeting, ReasonOnlyForm(request.POST), said="{meeting} is cancelled.")


@login_required
@require_POST
def close(request: HttpRequest, pk: Any) -> HttpResponse:
    said = "{meeting} is closed. Its minutes are written and wait for the chair's signature."
    return act(request, pk, close_meeting, NothingForm(request.POST), said=said)


@login_required
@require_POST
def fill(request: HttpRequest, pk: Any) -> HttpResponse:
    def filled(row: Meeting, *, now: dt.datetime, actor: User, **_: Any) -> str:
        made = agenda.fill_agenda(row, filter=form.filter(), now=now, actor=actor)
        return f"{len(made)} change{'' if len(made) == 1 else 's'} put on the agenda."

    form = AgendaFilterForm(request.POST)
    return act(request, pk, filled, form, name="filter", said="{made}")


@login_required
@require_POST
def add(request: HttpRequest, pk: Any) -> HttpResponse:
    def added(row: Meeting, *, change: str, now: dt.datetime, actor: User) -> Any:
        try:
            found = change_named(actor, change.strip().upper())
        except NotFound as missing:
            raise Invalid(missing.message, errors={"change": ["no change that you may see"]}) from None
        return agenda.add_to_agenda(row, change=found, now=now, actor=actor)

    return act(request, pk, added, AddItemForm(request.POST), name="add", said="{made.change.key} is on the agenda.")


@login_required
@require_POST
def go_on(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, agenda.next_item, SeenForm(request.POST), said="The meeting goes on.", anchor="#current")


@login_required
@require_POST
def come(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, attended(attendance.come), ComeForm(request.POST), said="{made.person} is here.")


@login_required
@require_POST
def leave(request: HttpRequest, pk: Any) -> HttpResponse:
    return act(request, pk, attended(attendance.leave), ComeForm(request.POST), said="{made.person} has left.")


def attended(command: Callable[..., Any]) -> Callable[..., Any]:
    """For the person who is named, or the reader."""

    def done(row: Meeting, *, person: str, constituency: str, now: dt.datetime, actor: User) -> Any:
        try:
            who = person_called(person) if person else actor
        except NotFound as missing:
            raise Invalid(missing.message, errors=missing.errors) from None
        seat = {"constituency": constituency} if constituency else {}
        return command(row, person=who, **seat, now=now, actor=actor)

    return done


#: What is done to one item: its command, its form, and what is said afterwards.
ITEM_VERBS: dict[str, tuple[Callable[..., Any], type[forms.Form], str]] = {
    "begin": (agenda.begin_item, SeenForm, "{key} is being discussed."),
    "finish": (agenda.finish_item, NothingForm, "{key}: {made.decision}."),
    "move": (agenda.move_item, StepForm, "{key} is in place {made.position}."),
    "promote": (agenda.promote_item, NothingForm, "{key} will be discussed."),
    "demote": (agenda.demote_item, NothingForm, "{key} needs no discussion."),
    "defer": (agenda.defer_item, DeferForm, "{key}: {made.decision}."),
    "restore": (agenda.restore_item, NothingForm, "{key} waits for its turn again."),
    "notes": (agenda.write_notes, NotesForm, "The notes on {key} are kept."),
}


@login_required
@require_POST
def item_act(request: HttpRequest, pk: Any, key: str, verb: str) -> HttpResponse:
    command, form, said = ITEM_VERBS[verb]
    kept = "notes" if verb == "notes" else ""
    return act(request, pk, command, form(request.POST), key=key, said=said, name=kept)


@sensitive_post_parameters("signature")
@login_required
@require_POST
def vote(request: HttpRequest, pk: Any, key: str) -> HttpResponse:
    """The reader's own vote on what is discussed, or on what needs no discussion."""

    def voted(item: AgendaItem, *, requirement: int | None, **values: Any) -> Any:
        asked = requirement_at(item.change, requirement) if requirement else None
        return agenda.vote_in_meeting(item, requirement=asked, **signed(values))

    said = f"{SAID.get(request.POST.get('choice', ''), 'You asked about')} {key}."
    return act(request, pk, voted, BallotForm(request.POST), key=key, name="ballot", said=said)


@login_required
@require_POST
def step_aside(request: HttpRequest, pk: Any, key: str) -> HttpResponse:
    def recused(item: AgendaItem, **values: Any) -> Any:
        return recuse(item.change, **values)

    return act(request, pk, recused, ReasonOnlyForm(request.POST), key=key, said="You have stepped aside from {key}.")
