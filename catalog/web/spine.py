"""One interface on one page: facts, decision, contract, approvals, readiness, health, owners, history."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError, NotAllowed, NotFound
from governance.models import User

from ..domain.decisions import Assessment, assess_interface, check_decider, current_decision, decision_covers
from ..domain.facts import plain_number
from ..domain.findings import findings_on
from ..domain.owners import REQUIRED_KINDS
from ..domain.queries import history_with_parts, interface_page, next_move, proposing_domains
from ..lifecycle import INTERFACE, OPEN_STATES
from ..models import Interface, OwnerKind
from .forms import ConsumerForm, DecideForm, EndpointForm, EvidenceForm, FindingForm, OwnerForm
from .panels import panel_of, pattern_names, span, verdicts_as_decided

SHOWN_EVENTS = 200


@dataclass(frozen=True)
class Button:
    """A move that a person makes with one click: what it means for the business, and whether it asks why."""

    verb: str
    label: str
    meaning: str
    icon: str
    why: str = ""

    @property
    def slug(self) -> str:
        return self.verb.replace("_", "-")


BUTTONS = {
    button.verb: button
    for button in (
        Button("start_test", "Start test", "It is built, and partners may exchange test data.", icon="flask"),
        Button("activate", "Activate", "From now on the business relies on it.", icon="player-play"),
        Button("suspend", "Suspend", "Traffic is stopped on purpose.", icon="player-pause", why="Why?"),
        Button("resume", "Resume", "Traffic may flow again.", icon="player-play"),
        Button("reopen", "Reopen", "It becomes a proposal again and may be corrected.", icon="arrow-back-up"),
        Button("withdraw", "Withdraw", "The proposal is taken back; its history stays.", icon="trash", why="Why?"),
    )
}
SECTIONS = (
    ("facts", "Facts"),
    ("decision", "Decision"),
    ("contract", "Contract"),
    ("approvals", "Approvals"),
    ("findings", "Findings"),
    ("waivers", "Waivers"),
    ("readiness", "Readiness"),
    ("resilience", "Resilience"),
    ("health", "Health"),
    ("owners", "Owners"),
    ("consumers", "Consumers"),
    ("places", "Where it runs"),
    ("history", "History"),
)


@login_required
@require_safe
def interface(request: HttpRequest, key: str) -> HttpResponse:
    """Everything known of one interface, and the steps that the reader may take now."""
    return show(request, interface_page(request.user, key))


def show(request: HttpRequest, shown: Interface, *, status: int = 200, **forms: Form) -> HttpResponse:
    """The page; ``forms`` are those that were refused, with what was typed and why."""
    now = timezone.now()
    context = {"interface": shown, "sections": SECTIONS, "now": now, **steps_context(request.user, shown)}
    context |= {**decision_context(request.user, shown), **parts_context(shown), **ready_context(shown, now)}
    context |= {**forms_context(request.user, shown, context["may"]), **forms}
    return render_page(request, "catalog/interface.html", context=context, status=status)


def refused(request: HttpRequest, key: str, error: DomainError, **forms: Form) -> HttpResponse:
    """The fresh page with the refusal above it, and the form as it was typed."""
    response_status = status_of(error)
    fresh = interface_page(request.user, key)
    request.refusal = error  # type: ignore[attr-defined]
    return show(request, fresh, status=response_status, **forms)


def steps_context(actor: User, shown: Interface) -> dict[str, Any]:
    """What the actor may do here, and the moves that have a button."""
    verbs = ("edit", "submit", "assign_owner", "bind", "state_fact", "see_addresses")
    may = {verb: can(actor, verb, shown) for verb in verbs}
    is_open = shown.state in OPEN_STATES
    moves = [verb for verb in INTERFACE.verbs_from(shown.state) if verb in BUTTONS]
    if shown.state == "IN_REVIEW":
        moves = [verb for verb in moves if verb != "reopen"]  # its change is taken back instead
    return {
        "may": may,
        "is_open": is_open,
        "may_request": proposing_domains(actor).exists(),
        "may_edit": may["edit"] and is_open,
        "moves": [BUTTONS[verb] for verb in moves if can(actor, verb, shown)],
    }


def decision_context(actor: User, shown: Interface) -> dict[str, Any]:
    try:
        assessed = assess_interface(shown)
    except NotFound as nobody_decided:
        return {"no_policy": nobody_decided.message, "decision": current_decision(shown)}
    decided = current_decision(shown)
    verdicts = verdicts_as_decided(decided) if decided else []
    return {
        **panel_of(assessed),
        "decision": decided,
        "decided_names": pattern_names(decided.chosen) if decided else [],
        "decided_verdicts": [one for one in verdicts if one.rules or one.chosen],
        "covers": decided is not None and decision_covers(shown),
        "earlier": list(shown.decisions.exclude(pk=decided.pk).select_related("decided_by")) if decided else [],
        "cannot_decide": why_not_decide(actor, shown, assessed),
    }


def why_not_decide(actor: User, shown: Interface, assessed: Assessment) -> str:
    """Why the actor is not the one who decides now; empty when it is theirs to decide."""
    if shown.state not in (*OPEN_STATES, "IN_REVIEW"):
        return f"It is {shown.state.replace('_', ' ').lower()}: its pattern changes through a change request."
    if not assessed.chosen:
        return "No pattern is chosen yet."
    if assessed.forum == "BOARD_MEETING":
        return "The board decides in a meeting: submit it, and the vote on its change is the decision."
    try:
        check_decider(shown, assessed, actor)
    except NotAllowed as refusal:
        return refusal.message
    return ""


def parts_context(shown: Interface) -> dict[str, Any]:
    owners = {owner.kind: owner for owner in shown.current_owners}
    events = list(history_with_parts(shown).order_by("-seq")[:SHOWN_EVENTS])
    return {
        "owners": [(label, owners.get(kind), kind in REQUIRED_KINDS) for kind, label in OwnerKind.choices],
        "latency": latency_words(shown.latency_s),
        "payload": plain_number(shown.payload_mb),
        "pattern_names": pattern_names(shown.patterns),
        "findings": list(findings_on(shown)),
        "events": events,
        "events_cut": len(events) == SHOWN_EVENTS,
    }


def latency_words(seconds: int) -> str:
    """The age that data may have on arrival, in the unit that people say."""
    return f"{seconds} s" if seconds < 120 or seconds % 60 else span(seconds // 60)


def ready_context(shown: Interface, now: dt.datetime) -> dict[str, Any]:
    """What stands between the interface and its next move, and what has been stated so far."""
    verb, missing = next_move(shown, now=now)
    return {"next_move": verb, "missing": missing, "stated": list(shown.readiness.all())}


def forms_context(actor: User, shown: Interface, may: dict[str, bool]) -> dict[str, Any]:
    forms: dict[str, Any] = {"decide_form": DecideForm(prefix="decide")}
    if can(actor, "report_finding", shown):
        forms["finding_form"] = FindingForm(prefix="finding")
    if shown.state in OPEN_STATES and may["assign_owner"]:
        forms |= {
            "owner_form": OwnerForm(prefix="owner"),
            "consumer_form": ConsumerForm(prefix="consumer", actor=actor),
        }
    if may["bind"]:
        forms["endpoint_form"] = EndpointForm(prefix="endpoint", initial={"environment": "TEST"})
    if may["state_fact"] and shown.state in ("IN_BUILD", "IN_TEST"):
        forms["evidence_form"] = EvidenceForm(prefix="evidence")
    return forms
