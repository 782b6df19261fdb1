"""What a change needs, computed from table T4 and kept with the rule ids that ask for it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from catalog.domain.adopting import with_parties
from catalog.domain.decisions import Assessment, assess
from catalog.domain.facts import facts_of, with_proposed
from catalog.models import Interface, Subscription
from governance.domain.tables import APPROVAL, Decided, evaluate, evaluator
from governance.kernel.errors import NotFound

from ..models import ApprovalRequirement, ChangeClass, ChangeItem, ChangeRequest, Purpose, RequirementStatus
from ..requirements import Mode, RequirementPlan, RequirementSpec, merge_requirements
from .calendar import freezes_for
from .electors import Electors
from .kinds import kind_of_item
from .standing import CONSUMER_OWNER
from .tolerating import pass_over_waived


@dataclass
class ChangePlan:
    """T4's answer for one change, and the facts and assessments that it was given."""

    plan: RequirementPlan
    facts: dict[str, Any]
    decided: Decided
    assessments: list[Assessment] = field(default_factory=list)

    @property
    def policy(self) -> dict[str, Any]:
        """What is kept with the change: versions and hashes of the tables, the facts and the rules that held."""
        tables = {key: source for assessed in self.assessments for key, source in assessed.tables.items()}
        return {
            "tables": {**tables, APPROVAL: self.decided.source},
            "facts": self.facts,
            "rules": self.decided.rules,
            "notes": {rule: self.decided.notes.get(rule, "") for rule in self.decided.rules} | own_notes(self.plan),
            "evidence": list(self.plan.evidence),
            "evidence_rules": self.evidence_rules,
        }

    @property
    def evidence_rules(self) -> dict[str, list[str]]:
        """The rules that demand each kind of evidence."""
        asks: dict[str, list[str]] = {kind: [] for kind in self.plan.evidence}
        for row, rule in zip(self.decided.output or [], self.decided.rules, strict=False):
            for kind in row.get("evidence") or []:
                if kind in asks:
                    asks[kind].append(rule)
        return asks


def plan_change(
    change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, change_class: str = ""
) -> ChangePlan:
    """Evaluate T4 over the strictest of all items: the lowest tier, and every flag that any of them raises.

    ``change_class`` asks what a change of another class with the same facts would need.
    """
    ask = evaluator()
    assessments = [assess_item(item, ask=ask) for item in items if item.touched_interface]
    others = [kind_of_item(item).facts(item) for item in items if item.touched_interface is None]
    facts = merged_facts(assessments, others=others)
    facts |= {
        "change_class": change_class or change.change_class,
        "change_type": change.change_type,
        "breaking": any(is_breaking(item) for item in items),
        "blackout": touches_freeze(change, items, now=now),
    }
    decided = evaluate(APPROVAL, facts)
    plan = merge_requirements(decided.output, decided.rules)
    if any(item.waiver_id for item in items):
        plan = with_security(plan)
    return ChangePlan(plan, facts, decided, assessments)


#: Not a rule of T4: whatever the tables ask, security can stop a waiver.
SECURITY, WAIVER_RULE = "SECURITY", "WAIVER"


def own_notes(plan: RequirementPlan) -> dict[str, str]:
    """What is said of a need that no rule of the table asks for."""
    asked = any(WAIVER_RULE in spec.rules for spec in plan.requirements)
    return {WAIVER_RULE: "security has a veto on every waiver"} if asked else {}


def with_security(plan: RequirementPlan) -> RequirementPlan:
    """Security has a veto on waivers: asked by itself where no rule gives it one."""
    if any(SECURITY in spec.veto or spec.roles == (SECURITY,) for spec in plan.requirements):
        return plan
    asked = RequirementSpec((SECURITY,), Mode.EACH, 1, (SECURITY,), (WAIVER_RULE,))
    return replace(plan, requirements=(*plan.requirements, asked))


def plan_for_interface(
    interface: Interface, *, change_class: str = "NORMAL", change_type: str = "NEW_INTERFACE", breaking: bool = False
) -> ChangePlan:
    """What a change of this interface would need, before there is one: the preview beside the form."""
    assessed = assess(facts_of(interface), chosen=interface.patterns)
    facts = merged_facts([assessed]) | {
        "change_class": change_class, "change_type": change_type, "breaking": breaking, "blackout": False,
    }  # fmt: skip
    decided = evaluate(APPROVAL, facts)
    return ChangePlan(merge_requirements(decided.output, decided.rules), facts, decided, [assessed])


def assess_item(item: ChangeItem, *, ask: Callable[[str, Mapping[str, Any]], Decided] = evaluate) -> Assessment:
    interface = item.touched_interface
    if interface is None:
        raise NotFound(f"{item} touches no interface.")
    seen = with_parties(interface, with_proposed(interface, item.patch)) if item.interface_id else interface
    return assess(facts_of(seen, breaking=is_breaking(item)), chosen=seen.patterns, ask=ask)


DEVIATIONS_BY_WEIGHT = ("PROHIBITED", "REQUIRED_NOT_MET", "DISCOURAGED", "ACCEPTABLE", "NONE")


def merged_facts(assessments: Sequence[Assessment], *, others: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any]:
    """Of several objects the strictest: ``others`` are the facts of those that touch no interface."""
    every = [*(assessed.facts for assessed in assessments), *others]

    def raised(name: str) -> bool:
        return any(bool(facts.get(name)) for facts in every)

    tiers = [facts["tier"] for facts in every if facts.get("tier") is not None]
    deviations = {assessed.deviation for assessed in assessments}
    return {
        "tier": min(tiers) if tiers else None,
        "phi": raised("phi"),
        "external": raised("external"),
        "financial": raised("financial"),
        "new_technology": raised("new_technology"),
        "deviation": next((word for word in DEVIATIONS_BY_WEIGHT if word in deviations), "NONE"),
    }


def is_breaking(item: ChangeItem) -> bool:
    return item.contract_version is not None and item.contract_version.level == "MAJOR"


def touches_freeze(change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime) -> bool:
    interfaces = [item.touched_interface for item in items if item.touched_interface]
    at_once = change.change_class in (ChangeClass.STANDARD, ChangeClass.EMERGENCY)
    start = change.window_start or (now if at_once else None)
    if start is None:
        return False
    end = change.window_end or start + dt.timedelta(hours=4)
    systems = [item.system for item in items if item.system]
    return bool(freezes_for(interfaces, systems=systems, start=start, end=end))


NOBODY_ASKED = "The rules ask nobody: that needs a template that was approved in advance, and there is none."


def write_requirements(
    change: ChangeRequest, planned: ChangePlan, *, now: dt.datetime, purpose: str = Purpose.AUTHORISE, after: int = 0
) -> list[ApprovalRequirement]:
    """Store what this revision needs. An empty electorate, or a table's error, can never be satisfied and says so.

    ``after`` is the position behind which those of another ``purpose`` begin.
    """
    rows: list[ApprovalRequirement] = []
    if planned.plan.error:
        rows.append(error_row(change, planned, planned.plan.error))
    for spec in planned.plan.requirements:
        for subscription in consumers_asked(change, spec):
            rows.append(row_from(change, spec, subscription))
        if spec.roles == (CONSUMER_OWNER,) and not any(row.subscription for row in rows):
            rows.append(unasked_row(change, spec))
    asked = [row for row in rows if row.status != RequirementStatus.NOT_APPLICABLE]
    if not asked and change.template_id is None:
        rows.append(error_row(change, planned, NOBODY_ASKED))
    electors = Electors(change, now=now)
    pass_over_waived(change, rows, planned.decided, planned.assessments, now=now)
    for position, row in enumerate(rows, start=after + 1):
        row.position, row.purpose = position, purpose
        missing = electors.shortfall(row) if row.status == RequirementStatus.UNSATISFIED else ""
        if missing:
            row.status, row.note = RequirementStatus.ERROR, missing[:300]
    return ApprovalRequirement.objects.bulk_create(rows)


def error_row(change: ChangeRequest, planned: ChangePlan, said: str) -> ApprovalRequirement:
    return ApprovalRequirement(
        change=change, number=change.number, position=0, roles=[], mode=Mode.EACH,
        rules=planned.decided.rules, status=RequirementStatus.ERROR, note=said[:300],
    )  # fmt: skip


def row_from(change: ChangeRequest, spec: RequirementSpec, subscription: Subscription | None) -> ApprovalRequirement:
    return ApprovalRequirement(
        change=change, number=change.number, position=0, roles=list(spec.roles), mode=spec.mode,
        minimum=spec.minimum, veto=list(spec.veto), rules=list(spec.rules), subscription=subscription,
    )  # fmt: skip


def unasked_row(change: ChangeRequest, spec: RequirementSpec) -> ApprovalRequirement:
    row = row_from(change, spec, None)
    row.status, row.note = RequirementStatus.NOT_APPLICABLE, "It has no consumers now, so none is asked."
    return row


def consumers_asked(change: ChangeRequest, spec: RequirementSpec) -> Sequence[Subscription | None]:
    """EACH_CONSUMER_OWNER is one requirement per present consumer; every other role is one requirement."""
    if spec.roles != (CONSUMER_OWNER,):
        return [None]
    interfaces = [item.touched_interface for item in change.items.all() if item.touched_interface]
    live = Subscription.objects.filter(interface__in=interfaces, until__isnull=True)
    found = live.select_related("consumer__owner_team").order_by("consumer__key", "interface__key")
    return list({one.consumer_id: one for one in reversed(found)}.values())[::-1]


def current_requirements(change: ChangeRequest) -> Any:
    return change.requirements.filter(number=change.number).select_related(
        "subscription__consumer__owner_team", "waiver"
    )


def takes_votes(change: ChangeRequest) -> bool:
    """While its voters are asked; in REVIEW an emergency's ratification, and what was found without being asked for."""
    if change.state == "REVIEW":
        unratified = change.change_class == ChangeClass.EMERGENCY and change.ratified_at is None
        return unratified or change.change_class == ChangeClass.UNAUTHORIZED
    return change.state == "AUTHORIZE"


def waits_for_verdict(change: ChangeRequest) -> bool:
    """Found and not judged yet: somebody proposes what shall become of it."""
    return change.change_class == ChangeClass.UNAUTHORIZED and change.state in ("DETECTED", "REVIEW")


def asked_now(change: ChangeRequest) -> Any:
    """Those present requirements that votes count towards in the change's present state."""
    ratifies = change.change_class == ChangeClass.EMERGENCY and change.state in ("IMPLEMENTING", "REVIEW", "CLOSED")
    return current_requirements(change).filter(purpose=Purpose.RATIFY if ratifies else Purpose.AUTHORISE)
