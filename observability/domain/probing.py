"""Probes: registered by those who answer for the interface, paused and resumed, and what heartbeats say."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from django.conf import settings
from django.db.models import Case, F, Q, When

from catalog.domain.checks import clean
from catalog.models import Interface, InterfaceEndpoint, Transport
from governance.domain.audit import recorded
from governance.domain.rules import can, require
from governance.kernel.errors import Invalid, NotAllowed, WrongState
from governance.kernel.net import NetworkPolicy
from governance.models import User

from ..models import Probe
from ..probes.base import ProbeState

OVER_HTTP = (Transport.HTTPS, Transport.SOAP, Transport.AS2)
CLOCKS_MAY_DIFFER = dt.timedelta(minutes=1)


def network_policy() -> NetworkPolicy:
    """What probes may connect to, from the settings."""
    return NetworkPolicy.from_cidrs(settings.PROBE_ALLOWED_NETWORKS)


def register_probe(
    interface: Interface,
    *,
    kind: str,
    name: str,
    endpoint: InterfaceEndpoint | None = None,
    address: str = "",
    method: str = "GET",
    interval_s: int = 60,
    timeout_s: float = 10.0,
    expect_status: Sequence[int] = (200,),
    slow_ms: int | None = None,
    grace_s: int = 0,
    now: dt.datetime,
    actor: User,
) -> Probe:
    """Watch the interface from ``now`` on; the first check is due at once.

    Raises ``Forbidden`` for a target in a network that is not allowed, ``Invalid`` with every field's error, and
    ``NotAllowed`` for those who neither own the interface nor are architects of its domain.
    """  # fmt: skip
    probe = Probe(
        interface=interface, endpoint=endpoint, kind=kind, name=name, address=address, method=method,
        interval_s=interval_s, timeout_s=timeout_s, expect_status=list(expect_status), slow_ms=slow_ms,
        grace_s=grace_s, armed_at=now, next_run_at=now, state_since=now,
    )  # fmt: skip
    require(actor, "view", interface)
    if not can(actor, "register", probe):
        raise NotAllowed(f"You may not watch {interface.key}. Ask one of its owners or an architect of its domain.")
    clean(probe, extra={"endpoint": unusable_endpoint(probe), "expect_status": unusable_statuses(probe)})
    if probe.kind == "http":
        network_policy().read_target(probe.target_address)
    with recorded("observability.probe.register", actor=actor, subject=probe, now=now):
        probe.save(force_insert=True)
    return probe


def unusable_endpoint(probe: Probe) -> list[str]:
    if probe.endpoint and probe.endpoint.binding.interface_id != probe.interface_id:
        return [f"This endpoint is not one of {probe.interface.key}."]
    if probe.endpoint and probe.kind == "http" and not probe.address and probe.endpoint.transport not in OVER_HTTP:
        return [f"It speaks {probe.endpoint.transport}, not HTTP; give an address of its own that does."]
    return []


def unusable_statuses(probe: Probe) -> list[str]:
    usable = all(isinstance(code, int) and not isinstance(code, bool) and 100 <= code <= 599
                 for code in probe.expect_status)  # fmt: skip
    return [] if usable else ["Give HTTP status codes from 100 to 599, or none for any 2xx."]


def pause_probe(probe: Probe, *, reason: str = "", now: dt.datetime, actor: User) -> Probe:
    """Stop asking; a check that is under way is not counted any more."""
    require(actor, "pause", probe)
    with recorded("observability.probe.pause", actor=actor, subject=probe, now=now, reason=reason):
        switch(probe, enabled=False, now=now)
    return probe


def resume_probe(probe: Probe, *, now: dt.datetime, actor: User) -> Probe:
    """Ask again, at once; a heartbeat's silence counts from ``now``."""
    require(actor, "resume", probe)
    with recorded("observability.probe.resume", actor=actor, subject=probe, now=now):
        switch(probe, enabled=True, now=now, armed_at=now, last_beat_at=None, next_run_at=now)
    return probe


def switch(probe: Probe, *, enabled: bool, now: dt.datetime, **values: dt.datetime | None) -> None:
    """Compare and swap on ``enabled``; nothing is known of the service until the next check."""
    fresh = {"state": ProbeState.UNKNOWN, "state_since": now, "failures_in_row": 0, "claim": None,
             "claimed_until": None, "last_reason": "", "last_detail": ""}  # fmt: skip
    changes = {"enabled": enabled, "updated_at": now, **fresh, **values}
    swapped = Probe.objects.filter(pk=probe.pk, enabled=not enabled).update(revision=F("revision") + 1, **changes)
    if not swapped:
        raise WrongState(f"{probe} is {'watching' if enabled else 'paused'} already.", details={"enabled": enabled})
    probe.refresh_from_db()


def record_beat(probe: Probe, *, at: dt.datetime, now: dt.datetime, actor: User) -> None:
    """The interface called in at ``at``; telemetry, so it is measured and not audited.

    A beat older than the last one changes nothing. A probe that is not UP is judged again at the next sweep.
    Raises ``Invalid`` for a probe of another kind and for a beat from the future.
    """
    require(actor, "beat", probe)
    if probe.kind != "heartbeat":
        raise Invalid(
            f"{probe} asks the interface itself; only a heartbeat probe is called.", code="NOT_A_HEARTBEAT",
            errors={"probe": ["Register a probe of kind heartbeat."]},
        )  # fmt: skip
    if at > now + CLOCKS_MAY_DIFFER:
        raise Invalid("The beat lies in the future; set the sender's clock.", errors={"at": ["At most now."]})
    newer = Q(last_beat_at__isnull=True) | Q(last_beat_at__lt=at)
    soon = Case(When(~Q(state=ProbeState.UP) & Q(next_run_at__gt=now), then=now), default=F("next_run_at"))
    Probe.objects.filter(newer, pk=probe.pk).update(last_beat_at=at, next_run_at=soon)
