"""Which pattern fits, why, and who decides: the tables' answer, and the decision that a person then makes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from governance.domain.audit import recorded
from governance.domain.rules import granted, has_role, is_clock, require
from governance.domain.tables import DECISION_RIGHTS, PATTERN_VERDICT, RESILIENCE, Decided, evaluate
from governance.kernel.errors import Invalid, NotAllowed, WrongState
from governance.models import Role, User

from ..lifecycle import OPEN_STATES
from ..models import DecisionRecord, Domain, Interface, OwnerAssignment, OwnerKind
from ..patterns import PATTERN_LABELS, Pattern, PatternVerdict, Verdict, deviation, pattern_verdicts, policy_gap
from .facts import facts_hash, facts_of, with_proposed


@dataclass(frozen=True)
class Assessment:
    """What the tables say of one set of facts and chosen patterns."""

    facts: dict[str, Any]
    chosen: list[str]
    verdicts: dict[str, PatternVerdict]
    deviation: str
    policy_gap: bool
    decider: str
    forum: str
    right: Decided
    obligations: dict[str, Any]
    tables: dict[str, dict[str, str]]
    pattern_table: Decided
    obliged: Decided

    @property
    def deviating(self) -> set[str]:
        """Which patterns the deviation is about: chosen against policy, or required and not chosen."""
        said = {pattern: verdict.verdict for pattern, verdict in self.verdicts.items()}
        chosen = set(self.chosen)
        return {
            "PROHIBITED": {pattern for pattern in chosen if said[pattern] is Verdict.PROHIBITED},
            "REQUIRED_NOT_MET": {pattern for pattern in said if said[pattern] is Verdict.REQUIRED} - chosen,
            "DISCOURAGED": {pattern for pattern in chosen if said[pattern] is Verdict.DISCOURAGED},
            "ACCEPTABLE": chosen,
        }.get(self.deviation, set())

    @property
    def right_reasons(self) -> list[str]:
        """The deciding rule's reason."""
        return [f"{rule}: {self.right.notes[rule]}" for rule in self.right.taken if self.right.notes.get(rule)]


def assess(
    facts: Mapping[str, Any], *, chosen: Sequence[str], ask: Callable[[str, Mapping[str, Any]], Decided] = evaluate
) -> Assessment:
    """T1, then the deviation of what was chosen, then T2 and T3. Raises ``NotFound`` where a table is not in force.

    ``ask`` is an ``evaluator()`` for one who assesses many interfaces at once.
    """
    verdict_table = ask(PATTERN_VERDICT, facts)
    verdicts = pattern_verdicts(verdict_table.output, verdict_table.rules, verdict_table.notes)
    deviates = str(deviation(verdicts, list(chosen)))
    right = ask(DECISION_RIGHTS, {**facts, "deviation": deviates})
    obliged = ask(RESILIENCE, facts)
    return Assessment(
        facts=dict(facts),
        chosen=list(chosen),
        verdicts={str(pattern): said for pattern, said in verdicts.items()},
        deviation=deviates,
        policy_gap=policy_gap(verdicts),
        decider=(right.output or {}).get("decider", ""),
        forum=(right.output or {}).get("forum", ""),
        right=right,
        obligations=obliged.output or {},
        tables={table.key: table.source for table in (verdict_table, right, obliged)},
        pattern_table=verdict_table,
        obliged=obliged,
    )


def assess_interface(interface: Interface, *, proposed: Mapping[str, Any] | None = None) -> Assessment:
    """The assessment of an interface as stored, or as it would be after a change's patch."""
    seen = with_proposed(interface, proposed) if proposed else interface
    return assess(facts_of(seen), chosen=seen.patterns)


def decide_pattern(
    interface: Interface, *, rationale: str, proposed: Mapping[str, Any] | None = None, now: dt.datetime, actor: User
) -> DecisionRecord:
    """Record the decision on the chosen patterns, by the person whose decision it is.

    The tables name the decider. ASYNC_REVIEW is decided by a holder of that role other than the proposer,
    SELF_SERVICE by the proposer too if the role is held. BOARD_MEETING is not decided here: it is the outcome of the
    change's group vote, and ``record_board_decision`` writes it. Raises ``NotAllowed`` (DECIDER, SOD_AUTHOR) and
    ``Invalid`` for no pattern or no rationale.
    """
    require(actor, "decide_pattern", interface)
    if interface.state not in (*OPEN_STATES, "IN_REVIEW"):
        raise WrongState(
            f"{interface.key} is {interface.state}: its pattern is decided while it is proposed or reviewed."
        )
    assessed = assess_interface(interface, proposed=proposed)
    check_decidable(assessed, rationale)
    if assessed.forum == "BOARD_MEETING":
        raise NotAllowed(
            f"{interface.key} is decided by the board in a meeting ({', '.join(assessed.right.taken)}): submit it, "
            "and the board's vote is the decision.",
            code="BOARD_DECIDES",
        )
    check_decider(interface, assessed, actor)
    return write_decision(interface, assessed, rationale=rationale, now=now, actor=actor)


def check_decidable(assessed: Assessment, rationale: str) -> None:
    problems = {}
    if not assessed.chosen:
        problems["patterns"] = ["Choose at least one pattern."]
    if not rationale.strip():
        problems["rationale"] = ["Say why, in a sentence: it is kept with the decision."]
    if not assessed.decider:
        problems["decider"] = ["No rule of decision_rights says who decides on these facts."]
    if problems:
        raise Invalid("This cannot be decided yet.", errors=problems)


def check_decider(interface: Interface, assessed: Assessment, actor: User) -> None:
    if is_clock(actor):
        return
    if not holds_decider_role(actor, assessed.decider, interface):
        raise NotAllowed(
            f"{interface.key} is decided by {assessed.decider.replace('_', ' ').lower()}"
            f" ({'; '.join(assessed.right_reasons)}). You do not hold that role.",
            code="DECIDER",
        )
    if assessed.forum == "ASYNC_REVIEW" and actor.pk == interface.proposed_by_id:
        raise NotAllowed(f"You proposed {interface.key}; another holder of the role decides it.", code="SOD_AUTHOR")


def holds_decider_role(actor: User, decider: str, interface: Interface) -> bool:
    """Roles are held everywhere, except those that hang on the provider's domain or on ownership."""
    if decider == "DOMAIN_ARCHITECT":
        return granted(actor, "catalog.decide_patterns", Domain).filter(pk=interface.provider.domain_id).exists()
    if decider == "INTERFACE_OWNER":
        return business_owner_is(actor, interface)
    return decider in (Role.DESIGN_AUTHORITY, Role.SECURITY_OFFICER) and has_role(actor, decider)


def business_owner_is(actor: User, interface: Interface) -> bool:
    owner = OwnerAssignment.objects.current().filter(interface=interface, kind=OwnerKind.BUSINESS_OWNER).first()
    if owner is None:
        return False
    if owner.person_id:
        return owner.person_id == actor.pk
    return owner.team.memberships.filter(user=actor, until__isnull=True).exists()


def record_board_decision(
    interface: Interface, *, proposed: Mapping[str, Any] | None, rationale: str, now: dt.datetime, actor: User
) -> DecisionRecord | None:
    """The board's vote is the decision; ``None`` when the tables do not ask the board."""
    require(actor, "approve", interface)
    assessed = assess_interface(interface, proposed=proposed)
    if assessed.forum != "BOARD_MEETING":
        return None
    return write_decision(interface, assessed, rationale=rationale, now=now, actor=actor)


def write_decision(
    interface: Interface, assessed: Assessment, *, rationale: str, now: dt.datetime, actor: User
) -> DecisionRecord:
    record = DecisionRecord(
        interface=interface,
        facts=assessed.facts,
        facts_hash=facts_hash(assessed.facts),
        tables=assessed.tables,
        verdicts=verdicts_as_json(assessed.verdicts),
        chosen=assessed.chosen,
        deviation=assessed.deviation,
        decider=assessed.decider,
        forum=assessed.forum,
        decided_by=actor,
        decided_at=now,
        rationale=rationale.strip(),
        supersedes=current_decision(interface),
    )
    with recorded("catalog.interface.decide_pattern", actor=actor, subject=record, now=now, reason=rationale):
        record.save(force_insert=True)
    return record


def current_decision(interface: Interface) -> DecisionRecord | None:
    return interface.decisions.filter(superseded_by__isnull=True).order_by("-decided_at").first()


def decision_covers(interface: Interface, *, proposed: Mapping[str, Any] | None = None) -> bool:
    """Is there a decision made on exactly the facts and patterns that are now proposed?"""
    decided = current_decision(interface)
    seen = with_proposed(interface, proposed) if proposed else interface
    return (
        decided is not None
        and decided.facts_hash == facts_hash(facts_of(seen))
        and sorted(decided.chosen) == sorted(seen.patterns)
    )


def verdicts_as_json(verdicts: Mapping[str, PatternVerdict]) -> dict[str, Any]:
    return {
        str(pattern): {
            "verdict": str(said.verdict),
            "label": PATTERN_LABELS[Pattern(pattern)],
            "rules": list(said.rules),
            "reasons": list(said.reasons),
        }
        for pattern, said in verdicts.items()
    }
