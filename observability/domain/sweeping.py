"""The sweep: claim what is due, ask everything at the same time, write down what was found."""

from __future__ import annotations

import datetime as dt
import queue
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence

import structlog
from django.db import DatabaseError, transaction

from governance.kernel.net import NetworkPolicy

from ..lifecycle import confirmed_at, failures_after
from ..models import Measurement, Probe, StatusChange
from ..probes.base import ProbeResult, ProbeTarget
from ..probes.registry import run_batch
from .bulk import update_each
from .claiming import Claim, claim_due
from .probing import network_policy

#: Sweeps of one worker at the same time: one waits for a hanging service while the others go on.
_places = threading.BoundedSemaphore(4)
GATHER_S = 0.2  # results that come within this time of each other are written together
log = structlog.get_logger(__name__)


def sweep(*, clock: Callable[[], dt.datetime], limit: int, for_s: float) -> int:
    """Batch after batch until nothing is due, or the next sweep's time has come; how many were claimed.

    Nothing is claimed while as many sweeps are under way here as may be.
    """
    if not _places.acquire(blocking=False):
        return 0
    try:
        swept, deadline = 0, time.monotonic() + max(1.0, for_s)
        while True:
            claimed = run_due(now=clock(), limit=limit)
            swept += claimed
            if claimed < limit or time.monotonic() >= deadline:
                return swept
    finally:
        _places.release()


def run_due(*, now: dt.datetime, limit: int) -> int:
    """Claim up to ``limit`` due probes and run them concurrently; how many were claimed.

    Results are written as they arrive, so that one hanging service does not hold back what is known of the others.
    A result whose claim was lost meanwhile (the probe was paused, or the lease ran out) is dropped.
    """
    claim = claim_due(now=now, limit=limit)
    if claim.probes:
        probes = {str(probe.pk): probe for probe in claim.probes}
        for results in gathered([target_of(probe) for probe in claim.probes], now=now, policy=network_policy()):
            write_or_part(claim, [(probes[str(result.probe_id)], result) for result in results])
    return len(claim.probes)


def write_or_part(claim: Claim, found: Sequence[tuple[Probe, ProbeResult]]) -> None:
    """Write a group; if the database refuses it, each result for itself, so that only the refused one is lost."""
    try:
        write_results(claim, found)
    except DatabaseError:
        if len(found) == 1:
            log.exception("probe_result_not_written", probe=str(found[0][0].pk))
            return
        for one in found:
            write_or_part(claim, [one])


def target_of(probe: Probe) -> ProbeTarget:
    """What the probe asks, as the plain value that runs it."""
    return ProbeTarget(
        probe_id=str(probe.pk),
        kind=probe.kind,
        address=probe.target_address,
        timeout_s=probe.timeout_s,
        expect_status=tuple(probe.expect_status),
        method=probe.method,
        slow_ms=probe.slow_ms,
        last_beat_at=probe.last_beat_at,
        armed_at=probe.armed_at,
        interval_s=probe.interval_s,
        grace_s=probe.grace_s,
    )


def gathered(targets: Sequence[ProbeTarget], *, now: dt.datetime, policy: NetworkPolicy) -> Iterator[list[ProbeResult]]:
    """The batch's results in groups, each at most ``GATHER_S`` after its first member came in.

    The batch runs in a thread of its own, which touches no database: it goes on while a group is being written.
    """
    landed: queue.SimpleQueue[ProbeResult | BaseException | None] = queue.SimpleQueue()

    def run() -> None:
        try:
            for result in run_batch(targets, now=now, policy=policy):
                landed.put(result)
            landed.put(None)
        except BaseException as broken:  # noqa: BLE001 (handed over and raised on the caller's side)
            landed.put(broken)

    threading.Thread(target=run, name="probe-batch", daemon=True).start()
    while True:
        group, end = next_group(landed)
        if group:
            yield group
        if isinstance(end, BaseException):
            raise end
        if end is not None:
            return


def next_group(landed: queue.SimpleQueue[ProbeResult | BaseException | None]) -> tuple[list[ProbeResult], object]:
    """Wait for a result, then take what follows it closely; the second value tells that, or how, the batch ended."""
    group: list[ProbeResult] = []
    until = float("inf")
    while True:
        left = until - time.monotonic()
        try:
            item = landed.get(timeout=None if until == float("inf") else max(0.0, left))
        except queue.Empty:
            return group, None
        if item is None or isinstance(item, BaseException):
            return group, item or True
        group.append(item)
        until = min(until, time.monotonic() + GATHER_S)


@transaction.atomic
def write_results(claim: Claim, found: Sequence[tuple[Probe, ProbeResult]]) -> None:
    """Measurements, states and status changes of one group, in a handful of statements; all or none."""
    held_rows = Probe.objects.filter(claim=claim.token, pk__in=[probe.pk for probe, _ in found]).select_for_update()
    held = set(held_rows.order_by("pk").values_list("pk", flat=True))
    kept = [(probe, result) for probe, result in found if probe.pk in held]
    if len(kept) < len(found):
        log.info("probe_results_dropped", dropped=len(found) - len(kept), because="their claim was lost")
    Measurement.objects.bulk_create([measurement_of(probe, result) for probe, result in kept])
    update_each(Probe, [standing_after(claim, probe, result) for probe, result in kept], key=("id", "claim"))
    release(claim, held)
    StatusChange.objects.bulk_create(
        [change_of(probe, result) for probe, result in kept if probe.state != result.state]
    )


def measurement_of(probe: Probe, result: ProbeResult) -> Measurement:
    return Measurement(
        probe=probe,
        at=result.started_at,
        state=result.state,
        latency_ms=result.latency_ms,
        dns_ms=result.dns_ms,
        connect_ms=result.connect_ms,
        tls_ms=result.tls_ms,
        ttfb_ms=result.ttfb_ms,
        status_code=result.status_code,
        reason=result.reason or "",
    )


def standing_after(claim: Claim, probe: Probe, result: ProbeResult) -> dict[str, object]:
    """How the probe stands with this result; it held the claim, so its last state is still the one we read."""
    return {
        "state": str(result.state),
        "state_since": probe.state_since if probe.state == result.state else result.started_at,
        "last_checked_at": result.started_at,
        "last_latency_ms": result.latency_ms,
        "last_reason": str(result.reason or ""),
        "last_detail": result.detail[:400],
        "failures_in_row": failures_after(probe.failures_in_row, result.state),
        "id": probe.pk,
        "claim": claim.token,
    }


def release(claim: Claim, held: set[uuid.UUID]) -> None:
    Probe.objects.filter(claim=claim.token, pk__in=held).update(claim=None, claimed_until=None)


def change_of(probe: Probe, result: ProbeResult) -> StatusChange:
    return StatusChange(
        probe=probe,
        from_state=probe.state,
        to_state=result.state,
        at=result.started_at,
        reason=result.reason or "",
        due_at=confirmed_at(result.started_at, result.state, probe.interval_s),
    )
