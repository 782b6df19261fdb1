"""Who may see and do what with probes: what holds for the interface holds for its measurements."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from catalog.domain.rules import owns_or_edits, sees_addresses, through_interface
from governance.domain.rules import is_clock, reads_everything, register
from governance.models import UserKind

from ..models import Measurement, Probe, Rollup, StatusChange


def through_probe(actor: Any) -> Q:
    if reads_everything(actor):
        return Q()
    return Q(probe__in=Probe.objects.filter(through_interface(actor)).values("pk"))


def runs_probes(actor: Any, probe: Any) -> bool:
    """An owner of the interface or an architect of its domain; ``probe`` may be unsaved."""
    return owns_or_edits(actor, probe.interface)


def beats(actor: Any, probe: Any) -> bool:
    """The machines that may see the interface, and those who run the probe."""
    if is_clock(actor):
        return True
    if getattr(actor, "kind", None) == UserKind.SERVICE:
        return Probe.objects.filter(through_interface(actor), pk=probe.pk).exists()
    return runs_probes(actor, probe)


def sees_target(actor: Any, probe: Any) -> bool:
    return sees_addresses(actor, probe.interface)


register(
    Probe,
    view=through_interface,
    register=runs_probes,
    pause=runs_probes,
    resume=runs_probes,
    beat=beats,
    see_addresses=sees_target,
)
register(Measurement, view=through_probe)
register(Rollup, view=through_probe)
register(StatusChange, view=through_probe)
