"""Waivers for people: by age, one with its story, asking for one, and what the reader may do to it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.domain.findings import finding_named
from catalog.domain.lookups import interface_named
from catalog.models import DomainKey, Interface
from governance.domain.audit import history_of
from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import Facet, csv_response, page_of, render_page
from governance.kernel.errors import DomainError, Invalid

from ..domain.granting import tolerated_words
from ..domain.requirements import plan_for_interface
from ..domain.waiver_queries import waiver_named, waivers_of, waivers_on
from ..domain.waivers import remediate_waiver, renew_waiver, revoke_waiver
from ..domain.waiving import GIVEN_BY_ITSELF, may_request, request_waiver, require_may_request
from ..evidence import kind_of
from ..lifecycle import WAIVER
from ..models import ChangeType, Waiver, WaiverKind
from .asking import asks_of
from .forms import refuse
from .waiver_forms import RenewForm, WaiverForm

SHOWN = 8


class EndingFacet(Facet):
    """What has ended unmended, or ends within so many days."""

    def question(self, values: list[str]) -> Q | None:
        now = timezone.now()
        if values[-1] == "over":
            return Q(state="EXPIRED", settled_at=None)
        if values[-1] in ("7", "30"):
            return Q(state="ACTIVE", expires_at__lte=now + dt.timedelta(days=int(values[-1])))
        return None


FACETS = (
    Facet("state", "State", WAIVER.choices),
    EndingFacet("ends", "Ends", [("over", "Expired, not mended"), ("7", "Within 7 days"), ("30", "Within 30 days")]),
    Facet("kind", "Kind", WaiverKind.choices),
    Facet("domain", "Domain", DomainKey.choices, "interface__provider__domain__key"),
)
SORTS = {
    "left": ("expires_at", "key"), "key": "key", "age": ("-requested_at", "key"), "state": ("state", "expires_at"),
    "interface": ("interface__key", "key"), "due": ("remediation_due", "key"),
}  # fmt: skip
COLUMNS = (
    "key", "interface", "kind", "tolerates", "prohibited", "state", "days_left", "age_days", "starts", "expires",
    "remediation_owner", "remediation_due", "requested_by",
)  # fmt: skip


def left_of(waiver: Waiver, now: dt.datetime) -> tuple[str, str]:
    """How long it still holds: the state that its badge shows, and the words."""
    if waiver.state == "EXPIRED" and waiver.expires_at:
        gone = (now - waiver.expires_at).days
        return ("OVERDUE", f"over for {gone} days") if waiver.settled_at is None else ("EXPIRED", "granted anew")
    if waiver.state != "ACTIVE" or waiver.expires_at is None:
        return waiver.state, f"{waiver.days} days asked" if waiver.state in ("REQUESTED", "APPROVED") else "ended"
    days = (waiver.expires_at - now).days
    words = f"{days} days left" if days != 1 else "1 day left"
    return ("LATE" if days <= 7 else "DUE" if days <= 30 else "VALID"), words


@login_required
@require_safe
def waivers(request: HttpRequest) -> HttpResponseBase:
    """Every waiver that the reader may see; what ends first comes first."""
    now = timezone.now()
    page = page_of(
        waivers_of(request.user), request, sorts=SORTS, default="left", facets=FACETS,
        search=("key", "interface__key", "interface__name", "justification"),
    )  # fmt: skip
    if request.GET.get("format") == "csv":
        return csv_response("waivers.csv", COLUMNS, lines_of(page.queryset, now))
    rows = [row_of(one, now) for one in page.rows]
    return render_page(request, "approvals/waivers.html", context={"page": page, "rows": rows})


def row_of(waiver: Waiver, now: dt.datetime) -> dict[str, Any]:
    look, words = left_of(waiver, now)
    late = waiver.state == "ACTIVE" and waiver.remediation_due < now.date()
    return {
        "waiver": waiver, "look": look, "left": words, "age": (now - waiver.requested_at).days,
        "tolerates": tolerated_words(waiver).partition(", ")[2], "late": late,
    }  # fmt: skip


def lines_of(rows: QuerySet[Waiver], now: dt.datetime) -> Iterator[list[Any]]:
    for one in rows.iterator(chunk_size=500):
        left = (one.expires_at - now).days if one.expires_at else None
        yield [
            one.key, one.interface.key, one.kind, tolerated_words(one), one.prohibited, one.state, left,
            (now - one.requested_at).days, one.starts_at, one.expires_at, one.remediation_owner, one.remediation_due,
            one.requested_by,
        ]  # fmt: skip


@login_required
@require_safe
def waiver(request: HttpRequest, key: str) -> HttpResponse:
    return show(request, waiver_named(request.user, key))


def show(
    request: HttpRequest, row: Waiver, *, refusal: DomainError | None = None, renew_form: RenewForm | None = None
) -> HttpResponse:
    """One waiver: what it tolerates and until when, what protects meanwhile, who mends it, and its change."""
    actor, now = request.user, timezone.now()
    running = row.state == "ACTIVE"
    unmended = row.state == "EXPIRED" and row.settled_at is None
    may = {
        "remediate": (running or unmended) and can(actor, "remediate", row),
        "revoke": running and can(actor, "revoke", row),
        "renew": running and row.renewed_at is None and can(actor, "renew", row),
        "ask": unmended and may_request(row.interface, actor),
    }
    carried = [item.change for item in row.carried_by]
    context = {
        **row_of(row, now), "change": carried[0] if carried else None, "may": may, "refusal": refusal,
        "unmended": unmended, "events": list(history_of(row)),
        "renew_form": renew_form or RenewForm(initial={"days": row.days}),
    }  # fmt: skip
    status = status_of(refusal) if refusal else 200
    return render_page(request, "approvals/waiver.html", context=context, status=status)


@login_required
@require_safe
def interface_waivers(request: HttpRequest, key: str) -> HttpResponse:
    """An interface's waivers, and the way to ask for another."""
    interface, now = interface_named(request.user, key), timezone.now()
    found = list(waivers_on(request.user, interface)[: SHOWN + 1])
    context = {
        "interface": interface, "rows": [row_of(one, now) for one in found[:SHOWN]], "more": len(found) > SHOWN,
        "may_ask": may_request(interface, request.user),
    }  # fmt: skip
    return render(request, "approvals/_interface_waivers.html", context)


@login_required
@require_safe
def waive_finding(request: HttpRequest, pk: str) -> HttpResponse:
    """The form of the finding's interface, with the finding chosen."""
    finding = finding_named(request.user, pk)
    return ask_form(request, finding.interface, {"tolerated": f"FINDING:{finding.pk}"})


@login_required
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest, interface: str) -> HttpResponse:
    """Ask the board to tolerate something of this interface for a time."""
    found = interface_named(request.user, interface)
    return take(request, found) if request.method == "POST" else ask_form(request, found, {})


def ask_form(
    request: HttpRequest, interface: Interface, initial: dict[str, Any], *, form: WaiverForm | None = None,
    status: int = 200,
) -> HttpResponse:  # fmt: skip
    require_may_request(interface, request.user)
    planned = plan_for_interface(interface, change_type=ChangeType.SECURITY_CONTROL)
    shown = form or WaiverForm(interface=interface, evidence=demanded(planned), initial=initial)
    context = {"interface": interface, "form": shown, "planned": planned, "asks": asks_of(planned)}
    return render_page(request, "approvals/waiver_form.html", context=context, status=status)


def demanded(planned: Any) -> list[str]:
    """The evidence that people give: what the waiver itself says is not asked twice."""
    return [kind for kind in planned.plan.evidence if kind not in GIVEN_BY_ITSELF and not kind_of(kind).computed]


def take(request: HttpRequest, interface: Interface) -> HttpResponse:
    require_may_request(interface, request.user)
    planned = plan_for_interface(interface, change_type=ChangeType.SECURITY_CONTROL)
    form = WaiverForm(request.POST, interface=interface, evidence=demanded(planned))
    if not form.is_valid():
        return ask_form(request, interface, {}, form=form, status=400)
    kind, name = form.chosen
    try:
        subject = {"finding": finding_named(request.user, name)} if kind == WaiverKind.FINDING else {"covers": name}
        made = request_waiver(interface, kind=kind, **subject, **form.values(), now=timezone.now(), actor=request.user)
    except DomainError as error:
        refuse(form, error)
        return ask_form(request, interface, {}, form=form, status=status_of(error))
    messages.success(request, f"{made.key} is asked for: its change waits for votes.")
    return redirect("approvals:waiver", made.key)


def act(request: HttpRequest, key: str, command: Callable[..., Any], said: str, **values: Any) -> HttpResponse:
    """Run one command on the waiver and show it as it then is; refused: the sentence on top."""
    try:
        command(waiver_named(request.user, key), **values, now=timezone.now(), actor=request.user)
    except DomainError as error:
        return show(request, waiver_named(request.user, key), refusal=error)
    messages.success(request, said.format(key=key))
    return redirect("approvals:waiver", key)


@login_required
@require_POST
def remediate(request: HttpRequest, key: str) -> HttpResponse:
    return act(request, key, remediate_waiver, "{key} is remediated.", done=request.POST.get("reason", ""))


@login_required
@require_POST
def revoke(request: HttpRequest, key: str) -> HttpResponse:
    return act(request, key, revoke_waiver, "{key} is revoked.", reason=request.POST.get("reason", ""))


@login_required
@require_POST
def renew(request: HttpRequest, key: str) -> HttpResponse:
    form = RenewForm(request.POST)
    if form.is_valid():
        return act(request, key, renew_waiver, "{key} is prolonged.", **form.cleaned_data)
    wrong = {name: [str(one) for one in said] for name, said in form.errors.items()}
    refusal = Invalid("Look at what is marked.", errors=wrong)
    return show(request, waiver_named(request.user, key), refusal=refusal, renew_form=form)
