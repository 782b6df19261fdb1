"""What a draft of T4, or of T1 by its deviations, would ask of changes: of those to come, under way, and past."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from django.db.models import Prefetch, QuerySet
from django.urls import reverse

from catalog.domain.decisions import assess
from catalog.domain.facts import facts_of
from catalog.domain.impacts import measured_interfaces, seen_interface
from catalog.models import DecisionRecord
from governance.domain.measures import Ask, Difference, Measure, Question, Seen
from governance.domain.tables import APPROVAL, PATTERN_VERDICT

from ..models import ChangeItem, ChangeRequest
from ..requirements import Mode, RequirementPlan, RequirementSpec, merge_requirements
from .requirements import DEVIATIONS_BY_WEIGHT, merged_facts

TABLES = frozenset({PATTERN_VERDICT, APPROVAL})
#: The requests that every interface is asked about: class, type, whether it breaks consumers.
REQUESTS = (
    ("NORMAL", "MODIFY", False),
    ("NORMAL", "CONTRACT_VERSION", True),
    ("NORMAL", "NEW_CONSUMER", False),
    ("NORMAL", "RETIRE", False),
    ("STANDARD", "CONFIG", False),
    ("EMERGENCY", "CONFIG", False),
)
#: Requests that touch no interface.
WITHOUT_INTERFACE = ("POLICY", "MASTER_DATA_OWNERSHIP", "MIDDLEWARE", "CUTOVER")


class Plans:
    """What T4 asks, of the table in force and of the draft; the same facts are asked once."""

    def __init__(self, ask: Ask) -> None:
        self.ask = ask
        self._known: dict[str, RequirementPlan] = {}

    def of(self, facts: Mapping[str, Any]) -> RequirementPlan:
        named = json.dumps(facts, sort_keys=True)
        if named not in self._known:
            decided = self.ask(APPROVAL, facts)
            self._known[named] = merge_requirements(decided.output, decided.rules)
        return self._known[named]


def label_of(change_class: str, change_type: str, breaking: bool) -> str:
    """ "Normal, contract version, breaking": the request in words."""
    said = f"{change_class}, {change_type}".replace("_", " ").lower()
    return f"{said}, breaking" if breaking else said


def count_subjects(question: Question) -> int:
    open_ones = changes_under_way().count() if question.draft.key == APPROVAL else 0
    return measured_interfaces(question).count() + open_ones


def seen_subjects(question: Question) -> Iterator[Seen]:
    """Every interface with the changes that may be asked of it; then requests without one; then those under way."""
    now = question.versions.ask_now()
    drafted = question.versions.with_draft(now)
    plans = Plans(now), Plans(drafted)
    for interface in measured_interfaces(question).iterator(chunk_size=500):
        facts = facts_of(interface)
        was = merged_facts([assess(facts, chosen=interface.patterns, ask=now)])
        becomes = was
        if question.draft.key == PATTERN_VERDICT:
            becomes = merged_facts([assess(facts, chosen=interface.patterns, ask=drafted)])
        yield seen_interface(interface, list(requests_told(plans, was, becomes)))
    if question.draft.key == APPROVAL:
        yield from seen_without_interface(plans)
        yield from seen_under_way(plans)


def requests_told(plans: tuple[Plans, Plans], was: dict[str, Any], becomes: dict[str, Any]) -> Iterator[Difference]:
    for change_class, change_type, breaking in REQUESTS:
        request = {"change_class": change_class, "change_type": change_type, "breaking": breaking, "blackout": False}
        found = plan_difference(plans[0].of(was | request), plans[1].of(becomes | request))
        if found:
            yield replace(found, label=label_of(change_class, change_type, breaking))


def seen_without_interface(plans: tuple[Plans, Plans]) -> Iterator[Seen]:
    for change_type in WITHOUT_INTERFACE:
        facts = merged_facts([]) | {
            "change_class": "NORMAL", "change_type": change_type, "breaking": False, "blackout": False,
        }  # fmt: skip
        found = plan_difference(plans[0].of(facts), plans[1].of(facts))
        words = change_type.replace("_", " ").capitalize()
        yield Seen("", change_type, words, "Every change of this type", differences=[found] if found else [])


def changes_under_way() -> QuerySet[ChangeRequest]:
    """Asked, and not authorised yet: revised after the draft is in force, it would be asked of anew."""
    asked = ChangeRequest.objects.filter(state__in=["SUBMITTED", "ASSESS", "AUTHORIZE"])
    return asked.filter(policy__has_key="facts").order_by("key")


def seen_under_way(plans: tuple[Plans, Plans]) -> Iterator[Seen]:
    for change in changes_under_way().iterator(chunk_size=500):
        facts = change.policy["facts"]
        found = plan_difference(plans[0].of(facts), plans[1].of(facts))
        yield seen_change(change, f"{change.get_state_display()}, if it is revised then", [found] if found else [])


def seen_change(change: ChangeRequest, note: str, found: list[Difference]) -> Seen:
    url = reverse("approvals:change", kwargs={"key": change.key})
    return Seen(change._meta.label_lower, str(change.pk), change.key, change.title, url, note, found)


def plan_difference(before: RequirementPlan, after: RequirementPlan) -> Difference | None:
    """Whom it asks, how early, with which evidence: what is asked otherwise, by the rules that differ."""
    was, becomes = plan_words(before), plan_words(after)
    if was == becomes:
        return None
    changed = [spec for spec in after.requirements if spec not in before.requirements]
    gone = [spec for spec in before.requirements if spec not in after.requirements]
    rules = dict.fromkeys(rule for spec in (changed or gone) for rule in spec.rules)
    return Difference("APPROVAL", was, becomes, list(rules))


def plan_words(plan: RequirementPlan) -> str:
    """ "Interface owner; 4 of 5 seats; 72 h ahead; with test evidence": all that a plan asks."""
    if plan.error:
        return f"Nobody can approve it: {plan.error}"
    asked = [spec_words(spec) for spec in plan.requirements] or ["nobody is asked"]
    said = [*asked, f"{plan.lead_hours} h ahead"]
    if plan.evidence:
        said.append("with " + ", ".join(word.replace("_", " ") for word in plan.evidence))
    return "; ".join(said)


def spec_words(spec: RequirementSpec) -> str:
    if spec.mode is Mode.GROUP:
        veto = f", veto {', '.join(spec.veto)}" if spec.veto else ""
        return f"{spec.minimum} of {len(spec.roles)} seats{veto}"
    said = ", ".join(role.replace("_", " ").lower().replace(" it", " IT") for role in spec.roles)
    return f"{spec.minimum} of {said}" if spec.minimum > 1 else said


# --- past requests ------------------------------------------------------------------------------


def asked_within(question: Question) -> QuerySet[ChangeRequest]:
    return ChangeRequest.objects.filter(
        submitted_at__gte=question.since, submitted_at__lt=question.until, policy__has_key="facts"
    )


def count_requests(question: Question) -> int:
    return asked_within(question).count()


def seen_requests(question: Question) -> Iterator[Seen]:
    """Each change of the period on the facts that it was judged on, under the versions of then and with the draft."""
    owners = ("contract_version__contract", "endpoint__binding", "subscription", "waiver")
    items = Prefetch("items", ChangeItem.objects.select_related(*owners), "all_items")
    rows = asked_within(question).select_related("requester").prefetch_related(items).order_by("submitted_at")
    decided = decisions_by_interface() if question.draft.key == PATTERN_VERDICT else {}
    plans: dict[str, tuple[Plans, Plans]] = {}
    for change in rows.iterator(chunk_size=500):
        sources = change.policy.get("tables", {})
        then = question.versions.ask_then(sources)
        drafted = question.versions.with_draft(then)
        named = str(sorted((key, one.get("version", "")) for key, one in sources.items()))
        was, becomes = plans.setdefault(named, (Plans(then), Plans(drafted)))
        facts = change.policy["facts"]
        replayed = facts | deviation_now(change, decided, drafted)
        found = plan_difference(was.of(facts), becomes.of(replayed))
        note = f"asked by {change.requester}, {change.submitted_at:%Y-%m-%d}"
        yield seen_change(change, note, [found] if found else [])


def decisions_by_interface() -> dict[Any, list[DecisionRecord]]:
    """Every decision, by interface, the newest first."""
    made: dict[Any, list[DecisionRecord]] = {}
    for one in DecisionRecord.objects.order_by("-decided_at").iterator(chunk_size=500):
        made.setdefault(one.interface_id, []).append(one)
    return made


def deviation_now(change: Any, decided: dict[Any, list[DecisionRecord]], ask: Ask) -> dict[str, str]:
    """The worst deviation of what the change touched, on the facts that its patterns were decided on.

    What nobody decided on keeps the deviation that it was judged with.
    """
    until = change.authorised_at or change.closed_at
    found = set()
    for pk in {item.touched_interface_id for item in change.all_items}:
        standing = next((one for one in decided.get(pk, []) if until is None or one.decided_at <= until), None)
        if standing:
            found.add(assess(standing.facts, chosen=standing.chosen, ask=ask).deviation)
    worst = next((word for word in DEVIATIONS_BY_WEIGHT if word in found), None)
    return {"deviation": worst} if worst else {}


IMPACT = Measure(TABLES, count_subjects, seen_subjects)
REPLAY = Measure(TABLES, count_requests, seen_requests)
