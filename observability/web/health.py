"""How interfaces stand: all of them, one interface's part of its page, and one probe."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from catalog.domain.lookups import interface_named
from catalog.models import DomainKey, Interface
from governance.domain.audit import history_of
from governance.domain.rules import can
from governance.doors.pages import Facet, csv_response, page_of, render_page
from governance.kernel.errors import Forbidden, Invalid, NotAllowed
from governance.models import User

from ..domain import queries
from ..domain.kpi_parts import WINDOWS
from ..domain.probing import pause_probe, register_probe, resume_probe
from ..lifecycle import KINDS, STATES
from ..models import Probe
from .forms import ProbeForm


class CheckedWithin(Facet):
    """Only probes that were checked in the last days: those whose checks a figure over this window counts."""

    def question(self, values: list[str]) -> Q | None:
        days = {f"{days}d": days for days in WINDOWS}.get(values[-1])
        return Q(last_checked_at__gte=timezone.now() - dt.timedelta(days=days)) if days else None


SORTS = {
    "interface": ("interface__key", "name"),
    "name": "name",
    "state": ("state", "-state_since"),
    "latency": "last_latency_ms",
    "checked": "last_checked_at",
    "since": "state_since",
}
FACETS = (
    Facet("state", "State", STATES),
    Facet("domain", "Domain", DomainKey.choices, lookup="interface__provider__domain__key"),
    Facet("kind", "Kind", KINDS),
    Facet("enabled", "Watching", (("True", "Watched"), ("False", "Paused"))),
    CheckedWithin("window", "Checked within", [(f"{days}d", f"{days} days") for days in WINDOWS]),
)
HEADER = ("interface", "probe", "kind", "state", "since", "last check", "latency ms", "uptime 24 h %", "uptime 7 d %")


@login_required
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """Every probe that the reader may see; what is down comes first."""
    probes = queries.visible_probes(request.user)
    page = page_of(
        probes, request, sorts=SORTS, default="state", facets=FACETS,
        search=("interface__key", "interface__name", "name"),
    )  # fmt: skip
    now = timezone.now()
    if request.GET.get("format") == "csv":
        return csv_response("health.csv", HEADER, csv_rows(list(page.queryset), now))
    uptimes = queries.uptimes_of([probe.pk for probe in page.rows], now=now)
    rows = [(probe, *uptimes.get(probe.pk, (None, None))) for probe in page.rows]
    return render_page(
        request, "observability/health.html", "observability/_health_rows.html", {"page": page, "rows": rows}
    )


def csv_rows(probes: list[Probe], now: Any) -> Any:
    uptimes = queries.uptimes_of([probe.pk for probe in probes], now=now)
    for probe in probes:
        yield (probe.interface.key, probe.name, probe.kind, probe.shown_state, probe.state_since,
               probe.last_checked_at, probe.last_latency_ms, *uptimes.get(probe.pk, (None, None)))  # fmt: skip


@login_required
@require_safe
def interface_health(request: HttpRequest, key: str) -> HttpResponse:
    """The health part of an interface's page; it asks for itself again every ten seconds."""
    interface = interface_named(request.user, key)
    context = {
        "interface": interface,
        "standings": queries.standings_of(interface, now=timezone.now()),
        "may_register": may_register(request.user, interface),
    }
    return render_page(request, "observability/interface.html", "observability/_interface_health.html", context)


@login_required
@require_safe
def home_fragment(request: HttpRequest) -> HttpResponse:
    """What is down now, for the home page."""
    down = queries.probes_down(request.user)
    context = {"down": list(down[:10]), "watched": queries.visible_probes(request.user).filter(enabled=True).count()}
    return render_page(request, "observability/_home.html", context=context)


@login_required
@require_safe
def probe(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One probe: how it stands, its checks, what changed, and who changed it."""
    found = queries.probe_named(request.user, pk)
    checks = page_of(
        queries.checks_of(found), request, sorts={"at": ("at", "id")}, default="-at",
        facets=(Facet("state", "State", STATES),),
    )  # fmt: skip
    uptimes = queries.uptimes_of([found.pk], now=timezone.now()).get(found.pk, (None, None))
    context = {
        "probe": found,
        "page": checks,
        "uptime_day": uptimes[0],
        "uptime_week": uptimes[1],
        "changes": found.changes.all()[:20],
        "events": history_of(found),
        "may_switch": can(request.user, "pause", found),
        "address": found.target_address if can(request.user, "see_addresses", found) else "",
    }
    return render_page(request, "observability/probe.html", "observability/_checks.html", context)


@login_required
@require_safe
def series(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The points of a probe's latency chart, as JSON for the chart's script."""
    hours = request.GET.get("hours", "24")
    if hours not in map(str, queries.SERIES):
        raise Invalid("Choose how far the chart looks back.", errors={"hours": ["1, 24 or 168"]})
    found = queries.probe_named(request.user, pk)
    points = queries.latency_series(found, hours=int(hours), now=timezone.now())
    return JsonResponse({"points": points, "slow_ms": found.slow_ms})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def register(request: HttpRequest, key: str) -> HttpResponse:
    """The form that registers a probe on an interface."""
    interface = interface_named(request.user, key)
    if not may_register(request.user, interface):
        raise NotAllowed(f"You may not watch {interface.key}. Ask one of its owners or an architect of its domain.")
    form = ProbeForm(request.POST or None, interface=interface)
    if request.method == "POST" and form.is_valid():
        try:
            made = register_probe(interface, **form.cleaned_data, now=timezone.now(), actor=request.user)
        except (Invalid, Forbidden) as refused:
            form.refuse(refused)
        else:
            messages.success(request, f"{made} is watched from now on.")
            return redirect("observability:probe", pk=made.pk)
    context = {"interface": interface, "form": form}
    return render_page(request, "observability/register.html", context=context, status=400 if form.errors else 200)


@login_required
@require_POST
def pause(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop watching, for a reason."""
    pause_probe(
        queries.probe_named(request.user, pk),
        reason=request.POST.get("reason", ""),
        now=timezone.now(),
        actor=request.user,
    )
    return redirect("observability:probe", pk=pk)


@login_required
@require_POST
def resume(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Watch again."""
    resume_probe(queries.probe_named(request.user, pk), now=timezone.now(), actor=request.user)
    return redirect("observability:probe", pk=pk)


def may_register(actor: User, interface: Interface) -> bool:
    return can(actor, "register", Probe(interface=interface))
