"""The scorecard's figures by their keys. None is stored: each is computed from rows whenever it is asked for."""

from __future__ import annotations

from collections.abc import Callable

from governance.kernel.errors import NotFound

from .behaviour import probe_availability, probe_latency
from .kpi_parts import Kpi, Question
from .lead_time import interface_change_lead_time
from .reuse import api_reuse

KPIS: dict[str, Callable[[Question], Kpi]] = {
    "interface_change_lead_time": interface_change_lead_time,
    "api_reuse": api_reuse,
    "probe_availability": probe_availability,
    "probe_latency": probe_latency,
}


def compute_kpi(key: str, question: Question) -> Kpi:
    """One figure. Raises ``NotFound`` for a key that is not computed here."""
    if key not in KPIS:
        raise NotFound(f"There is no KPI '{key[:60]}'. Known are {', '.join(KPIS)}.")
    return KPIS[key](question)


def scorecard(question: Question) -> list[Kpi]:
    """Every figure, in the order in which the scorecard shows them."""
    return [compute(question) for compute in KPIS.values()]
