"""What the tables say of an interface, arranged for reading: verdicts with their reasons, who decides, what is owed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from governance.domain.tables import Decided

from ..domain.decisions import Assessment, assess
from ..models import DecisionRecord
from ..patterns import PATTERN_LABELS, Deviation, Pattern, Verdict

#: For one who chooses: what policy wants first, what it forbids last.
READING_ORDER = (Verdict.REQUIRED, Verdict.RECOMMENDED, Verdict.ACCEPTABLE, Verdict.DISCOURAGED, Verdict.PROHIBITED)
DEVIATION_WORDS = {
    Deviation.NONE: "The chosen patterns are what policy asks for.",
    Deviation.ACCEPTABLE: "Policy allows the chosen patterns, and recommends another.",
    Deviation.DISCOURAGED: "Policy discourages a chosen pattern.",
    Deviation.REQUIRED_NOT_MET: "Policy requires a pattern that is not among the chosen.",
    Deviation.PROHIBITED: "Policy prohibits a chosen pattern. Insisting needs a waiver.",
}
FORUM_WORDS = {
    "SELF_SERVICE": "self-service: the proposer too, if the role is held",
    "ASYNC_REVIEW": "in a review, by somebody other than the proposer",
    "BOARD_MEETING": "in a board meeting: the vote on the change is the decision",
}


@dataclass(frozen=True)
class RuleShown:
    """A rule that speaks: its id, the board's reason, and the facts that it held for."""

    id: str
    reason: str
    why: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class VerdictShown:
    """One pattern, what policy says of it, and by which rules."""

    pattern: str
    label: str
    verdict: str
    rules: list[RuleShown]
    chosen: bool


def pattern_names(chosen: Sequence[str]) -> list[str]:
    """The chosen patterns as people call them."""
    return [PATTERN_LABELS[Pattern(name)] for name in chosen]


def verdicts_shown(assessed: Assessment) -> list[VerdictShown]:
    """All eight patterns in reading order, each rule with its trace in sentences."""
    return in_reading_order(
        VerdictShown(
            str(pattern),
            PATTERN_LABELS[Pattern(pattern)],
            str(said.verdict),
            [
                RuleShown(rule, reason, assessed.pattern_table.why(rule))
                for rule, reason in zip(said.rules, said.reasons, strict=True)
            ],
            pattern in assessed.chosen,
        )
        for pattern, said in assessed.verdicts.items()
    )


def verdicts_as_decided(record: DecisionRecord) -> list[VerdictShown]:
    """The verdicts as they were when it was decided; with the trace while the same tables are in force."""
    again = assess(record.facts, chosen=record.chosen)
    if again.tables == record.tables:
        return verdicts_shown(again)
    return in_reading_order(
        VerdictShown(
            pattern,
            said["label"],
            said["verdict"],
            [RuleShown(rule, reason) for rule, reason in zip(said["rules"], said["reasons"], strict=True)],
            pattern in record.chosen,
        )
        for pattern, said in record.verdicts.items()
    )


def in_reading_order(verdicts: Any) -> list[VerdictShown]:
    return sorted(verdicts, key=lambda shown: READING_ORDER.index(Verdict(shown.verdict)))


def panel_of(assessed: Assessment) -> dict[str, Any]:
    """The context of the panel beside the form and of the page's decision section."""
    verdicts = verdicts_shown(assessed)
    return {
        "assessed": assessed,
        "spoken": [shown for shown in verdicts if shown.rules or shown.chosen],
        "silent": [shown.label for shown in verdicts if not shown.rules and not shown.chosen],
        "deviation_words": deviation_words(assessed),
        "forum_words": FORUM_WORDS.get(assessed.forum, ""),
        "right": deciding_rule(assessed.right),
        "obligations": obligations_shown(assessed.obligations),
        "unsaid": [name.replace("_", " ") for name, value in assessed.facts.items() if value is None],
    }


def deviation_words(assessed: Assessment) -> str:
    if not assessed.chosen:
        return "No pattern is chosen yet."
    return DEVIATION_WORDS[Deviation(assessed.deviation)]


def deciding_rule(right: Decided) -> RuleShown | None:
    """The rule whose output was taken."""
    taken = right.taken
    return RuleShown(taken[0], right.notes.get(taken[0], ""), right.why(taken[0])) if taken else None


def obligations_shown(owed: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What the tier demands of operation, in a few words each."""
    if not owed:
        return []
    asked = {
        "Back within": span(owed.get("rto_min")),
        "Data loss at most": span(owed.get("rpo_min")),
        "Availability": f"{owed.get('availability_pct')} %",
        "Retry": owed.get("retry"),
        "Replay window": span((owed.get("replay_h") or 0) * 60),
        "Failover": owed.get("failover"),
        "Drill": f"every {owed['drill_months']} months" if owed.get("drill_months") else "none",
        "Monitoring": owed.get("monitoring"),
        "On call": owed.get("on_call"),
        "Also": ", ".join(named(owed)) or "nothing else",
    }
    return [(label, str(value)) for label, value in asked.items() if value not in (None, "")]


def named(owed: Mapping[str, Any]) -> list[str]:
    also = {
        "dlq": "dead-letter queue",
        "idempotency": "idempotent receiver",
        "downtime_procedure": "downtime procedure",
    }
    return [label for name, label in also.items() if owed.get(name)]


def span(minutes: Any) -> str:
    """``15 min``, ``6 h``, ``5 days``: the largest unit that divides it."""
    if minutes is None:
        return ""
    if minutes == 0:
        return "none"
    for unit, size in (("days", 1440), ("h", 60)):
        if minutes % size == 0 and minutes > size:
            return f"{minutes // size} {unit}"
    return f"{minutes} min"
