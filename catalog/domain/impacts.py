"""What a draft of T1 to T3 would say of the interfaces that there are, and of the decisions that were made."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse

from governance.domain.measures import Difference, Measure, Question, Seen
from governance.domain.tables import DECISION_RIGHTS, PATTERN_VERDICT, RESILIENCE

from ..models import DecisionRecord, Interface
from ..patterns import PATTERN_LABELS, Pattern
from .decisions import Assessment, assess
from .facts import facts_of
from .queries import LIVE_STATES

#: Deviations that policy does not let pass; the others are choices that it dislikes.
NON_CONFORMING = ("PROHIBITED", "REQUIRED_NOT_MET")
TABLES = frozenset({PATTERN_VERDICT, DECISION_RIGHTS, RESILIENCE})


def measured_interfaces(question: Question) -> QuerySet[Interface]:
    """Everything that is there or on its way, without what will have ended by the day."""
    live = Interface.objects.with_parties().filter(state__in=LIVE_STATES).order_by("key")
    if question.effective_on:
        live = live.filter(Q(sunset_on__isnull=True) | Q(sunset_on__gt=question.effective_on))
    return live


def count_interfaces(question: Question) -> int:
    return measured_interfaces(question).count()


def seen_interfaces(question: Question) -> Iterator[Seen]:
    now = question.versions.ask_now()
    drafted = question.versions.with_draft(now)
    for interface in measured_interfaces(question).iterator(chunk_size=500):
        facts = facts_of(interface)
        before, after = (assess(facts, chosen=interface.patterns, ask=ask) for ask in (now, drafted))
        yield seen_interface(interface, differences(before, after))


def seen_interface(interface: Interface, found: list[Difference]) -> Seen:
    return Seen(
        interface._meta.label_lower, str(interface.pk), interface.key, interface.name, page_of(interface.key),
        note=interface.get_state_display(), differences=found,
    )  # fmt: skip


def page_of(key: str) -> str:
    return reverse("catalog:interface", kwargs={"key": key})


def decided_within(question: Question) -> QuerySet[DecisionRecord]:
    return DecisionRecord.objects.filter(decided_at__gte=question.since, decided_at__lt=question.until)


def count_decisions(question: Question) -> int:
    return decided_within(question).count()


def seen_decisions(question: Question) -> Iterator[Seen]:
    """Each decision of the period on the facts that it was made on, under the versions of then and with the draft."""
    records = decided_within(question).select_related("interface", "decided_by").order_by("decided_at")
    for record in records.iterator(chunk_size=500):
        then = question.versions.ask_then(record.tables)
        drafted = question.versions.with_draft(then)
        before, after = (assess(record.facts, chosen=record.chosen, ask=ask) for ask in (then, drafted))
        key, name = record.interface.key, record.interface.name
        note = f"decided by {record.decided_by}, {record.decided_at:%Y-%m-%d}"
        yield Seen(
            record._meta.label_lower, str(record.pk), key, name, f"{page_of(key)}#decision", note,
            differences(before, after),
        )  # fmt: skip


def differences(before: Assessment, after: Assessment) -> list[Difference]:
    """What the two say otherwise: the verdict on what was chosen, who decides, and what resilience is owed."""
    found = [verdict_difference(before, after), right_difference(before, after)]
    return [one for one in found if one] + obligation_differences(before, after)


def verdict_difference(before: Assessment, after: Assessment) -> Difference | None:
    """The deviation of the chosen patterns, by the rules that speak of those that it is about."""
    if not before.chosen:
        return None
    about = sorted(before.deviating | after.deviating)
    if before.deviation == after.deviation and verdicts_on(before, about) == verdicts_on(after, about):
        return None
    was, becomes = (one.deviation in NON_CONFORMING for one in (before, after))
    rules, why = rules_on(after, about)
    if not rules:
        rules, why = rules_on(before, about)
    return Difference(
        "CONFORMANCE", before.deviation, after.deviation, rules, why,
        label=", ".join(PATTERN_LABELS[Pattern(pattern)] for pattern in about),
        grave="NON_CONFORMING" if becomes and not was else "CONFORMING" if was and not becomes else "",
    )  # fmt: skip


def verdicts_on(assessed: Assessment, patterns: list[str]) -> list[str]:
    return [str(assessed.verdicts[pattern].verdict) for pattern in patterns]


def rules_on(assessed: Assessment, patterns: list[str]) -> tuple[list[str], list[str]]:
    """The rules that speak of these patterns, and their reasons, each once."""
    said = [assessed.verdicts[pattern] for pattern in patterns]
    rules = dict(pair for one in said for pair in zip(one.rules, one.reasons, strict=True))
    return list(rules), [reason for reason in rules.values() if reason]


def right_difference(before: Assessment, after: Assessment) -> Difference | None:
    was, becomes = ((one.decider, one.forum) for one in (before, after))
    if was == becomes:
        return None
    rules = after.right.taken
    why = [after.right.notes[rule] for rule in rules if after.right.notes.get(rule)]
    return Difference("DECIDER", right_words(was), right_words(becomes), rules, why)


def right_words(right: tuple[str, str]) -> str:
    """ "Design authority, async review", or nobody."""
    said = [word.replace("_", " ").lower() for word in right if word]
    return ", ".join(said).capitalize() or "Nobody"


def obligation_differences(before: Assessment, after: Assessment) -> list[Difference]:
    """Each obligation that is owed otherwise, by the rule that says so."""
    rules = after.obliged.rules
    return [
        Difference("OBLIGATIONS", owed_words(was), owed_words(becomes), rules, label=name)
        for name, was, becomes in owed_otherwise(before.obligations, after.obligations)
    ]


def owed_otherwise(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[tuple[str, Any, Any]]:
    """Name, what was owed, what is owed now; only where they differ."""
    names = dict.fromkeys([*before, *after])
    return [(name, before.get(name), after.get(name)) for name in names if before.get(name) != after.get(name)]


def owed_words(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return "nothing" if value is None else "yes" if value else "no"
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


IMPACT = Measure(TABLES, count_interfaces, seen_interfaces)
REPLAY = Measure(TABLES, count_decisions, seen_decisions)
