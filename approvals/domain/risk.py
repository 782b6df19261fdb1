"""What a change risks: as its author says, or more where a rule knows better. No rule and nobody lowers it again."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from catalog.domain.facts import with_proposed
from catalog.models import Interface

from ..models import ChangeItem, ChangeRequest, Outcome
from .requirements import is_breaking, touches_freeze

HISTORY = 20
OFTEN, VERY_OFTEN = 0.1, 0.25
HIGHEST = 5


@dataclass(frozen=True)
class RiskFacts:
    """What the rules look at: the strictest of all items, the team's last changes, the interfaces' last one."""

    tier: int | None
    phi_outside: bool
    breaking: bool
    backout: bool
    freeze: bool
    failed: int
    closed: int
    last_failed: str

    @property
    def failure_share(self) -> float:
        return self.failed / self.closed if self.closed else 0.0


@dataclass(frozen=True)
class RiskRule:
    """``raises`` likelihood or impact, to at least ``to`` or by ``by``, where ``holds``, for ``reason``."""

    key: str
    raises: str
    reason: str
    holds: Callable[[RiskFacts], bool]
    to: int = 0
    by: int = 0


#: In order: first what sets a floor, then what adds to it.
RULES = (
    RiskRule("R-01", "impact", "it touches tier T0 or T1", lambda f: f.tier is not None and f.tier <= 1, to=4),
    RiskRule("R-02", "impact", "PHI leaves the organisation", lambda f: f.phi_outside, to=4),
    RiskRule("R-03", "likelihood", "a contract breaks for its consumers", lambda f: f.breaking, to=3),
    RiskRule(
        "R-04", "likelihood", "{failed} of the team's last {closed} changes failed",
        lambda f: OFTEN <= f.failure_share < VERY_OFTEN, to=3,
    ),
    RiskRule(
        "R-05", "likelihood", "{failed} of the team's last {closed} changes failed",
        lambda f: f.failure_share >= VERY_OFTEN, to=4,
    ),
    RiskRule("R-06", "impact", "it says no way back", lambda f: not f.backout, by=1),
    RiskRule("R-07", "likelihood", "the change before it, {last_failed}, failed", lambda f: bool(f.last_failed), by=1),
    RiskRule("R-08", "likelihood", "it falls inside a freeze", lambda f: f.freeze, by=1),
)  # fmt: skip


def raise_risk(change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime) -> None:
    """Set ``risk_raised`` and ``risk_score`` on the change; whoever calls stores them."""
    facts = risk_facts(change, items, now=now)
    said = {"likelihood": change.likelihood, "impact": change.impact}
    because: list[dict[str, Any]] = []
    for rule in RULES:
        before = said[rule.raises]
        after = min(HIGHEST, max(before, rule.to) + rule.by)
        if after > before and rule.holds(facts):
            said[rule.raises] = after
            because.append(
                {"rule": rule.key, "raises": rule.raises, "to": after, "reason": rule.reason.format(**vars(facts))}
            )
    change.risk_raised = {**said, "because": because} if because else {}
    change.risk_score = change.risk


def risk_facts(change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime) -> RiskFacts:
    seen = [as_proposed(item, item.touched_interface) for item in items if item.touched_interface]
    failed, closed = team_record(change)
    return RiskFacts(
        tier=min((one.tier for one in seen if one.tier is not None), default=None),
        phi_outside=any(one.phi and one.external for one in seen),
        breaking=any(is_breaking(item) for item in items),
        backout=bool(change.backout.strip()),
        freeze=touches_freeze(change, items, now=now),
        failed=failed,
        closed=closed,
        last_failed=last_failure(change, [one.pk for one in seen]),
    )


def as_proposed(item: ChangeItem, interface: Interface) -> Interface:
    return with_proposed(interface, item.patch) if item.interface_id else interface


def team_record(change: ChangeRequest) -> tuple[int, int]:
    """How many of the team's last twenty closed changes failed, and how many there are."""
    if change.team_id is None:
        return 0, 0
    closed = ChangeRequest.objects.filter(team=change.team_id, state="CLOSED").order_by("-closed_at")
    outcomes = list(closed.values_list("outcome", flat=True)[:HISTORY])
    return outcomes.count(Outcome.FAILED_BACKED_OUT), len(outcomes)


def last_failure(change: ChangeRequest, interfaces: Sequence[Any]) -> str:
    """The key of the last closed change of one of the interfaces, if that one failed."""
    closed = ChangeItem.objects.filter(interface__in=interfaces, change__state="CLOSED").exclude(change=change.pk)
    last = closed.order_by("-change__closed_at").values_list("change__key", "change__outcome").first()
    return last[0] if last and last[1] == Outcome.FAILED_BACKED_OUT else ""
