"""Integration patterns and what policy says of each: the words of table T1 and the deviation from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from governance.kernel.errors import Invalid


class Pattern(StrEnum):
    """How two systems are joined. Several may be combined; the last two are to be governed away."""

    REALTIME_API = "REALTIME_API"
    EVENT = "EVENT"
    MANAGED_FILE_TRANSFER = "MANAGED_FILE_TRANSFER"
    HL7_FHIR_MEDIATION = "HL7_FHIR_MEDIATION"
    ERP_NATIVE_CONNECTOR = "ERP_NATIVE_CONNECTOR"
    MIDDLEWARE_ORCHESTRATION = "MIDDLEWARE_ORCHESTRATION"
    DATABASE_EXTRACT = "DATABASE_EXTRACT"
    POINT_TO_POINT = "POINT_TO_POINT"

    @property
    def label(self) -> str:
        return PATTERN_LABELS[self]


PATTERN_LABELS: Mapping[Pattern, str] = {
    Pattern.REALTIME_API: "Real-time API",
    Pattern.EVENT: "Event",
    Pattern.MANAGED_FILE_TRANSFER: "Managed file transfer",
    Pattern.HL7_FHIR_MEDIATION: "HL7/FHIR mediation",
    Pattern.ERP_NATIVE_CONNECTOR: "ERP native connector",
    Pattern.MIDDLEWARE_ORCHESTRATION: "Middleware orchestration",
    Pattern.DATABASE_EXTRACT: "Database extract",
    Pattern.POINT_TO_POINT: "Point to point",
}
PATTERN_CHOICES = [(pattern.value, label) for pattern, label in PATTERN_LABELS.items()]


class Verdict(StrEnum):
    """What policy says of a pattern, strongest first. REQUIRED means: must be among the chosen."""

    PROHIBITED = "PROHIBITED"
    REQUIRED = "REQUIRED"
    DISCOURAGED = "DISCOURAGED"
    RECOMMENDED = "RECOMMENDED"
    ACCEPTABLE = "ACCEPTABLE"


class Deviation(StrEnum):
    """How far the chosen patterns are from policy, worst first."""

    PROHIBITED = "PROHIBITED"
    REQUIRED_NOT_MET = "REQUIRED_NOT_MET"
    DISCOURAGED = "DISCOURAGED"
    ACCEPTABLE = "ACCEPTABLE"
    NONE = "NONE"


WANTED = frozenset({Verdict.RECOMMENDED, Verdict.REQUIRED})
_STRENGTH = {verdict: at for at, verdict in enumerate(Verdict)}


@dataclass(frozen=True, slots=True)
class PatternVerdict:
    """The strongest verdict on one pattern, with all rules that speak of it and their notes in order."""

    verdict: Verdict = Verdict.ACCEPTABLE
    rules: tuple[str, ...] = ()
    reasons: tuple[str, ...] = ()


def pattern_verdicts(
    output_rows: Sequence[Mapping[str, Any]], rules: Sequence[str], notes: Mapping[str, str]
) -> dict[Pattern, PatternVerdict]:
    """The verdict on each of the eight patterns; ACCEPTABLE, without rules, where no rule speaks.

    ``output_rows`` and ``rules`` are those of a T1 evaluation (hit policy C: the same order), ``notes`` the
    table's reasons by rule id. Raises ``Invalid`` (PATTERN_UNKNOWN, VERDICT_UNKNOWN) when the table speaks
    of something that the product does not know.
    """
    said: dict[Pattern, list[tuple[Verdict, str]]] = {pattern: [] for pattern in Pattern}
    for row, rule in zip(output_rows, rules, strict=True):
        said[_pattern(row.get("pattern"), rule)].append((_verdict(row.get("verdict"), rule), rule))
    return {pattern: _strongest(spoken, notes) for pattern, spoken in said.items()}


def deviation(verdicts: Mapping[Pattern, PatternVerdict], chosen: Iterable[str]) -> Deviation:
    """How far a choice of patterns is from policy; an empty choice misses whatever is wanted.

    Raises ``Invalid`` (PATTERN_UNKNOWN) for a name that is no pattern.
    """
    picked = {_pattern(name, None) for name in chosen}
    says = {pattern: verdicts.get(pattern, PatternVerdict()).verdict for pattern in Pattern}
    of_picked = {says[pattern] for pattern in picked}
    if Verdict.PROHIBITED in of_picked:
        return Deviation.PROHIBITED
    if any(verdict is Verdict.REQUIRED and pattern not in picked for pattern, verdict in says.items()):
        return Deviation.REQUIRED_NOT_MET
    if Verdict.DISCOURAGED in of_picked:
        return Deviation.DISCOURAGED
    if not of_picked & WANTED and Verdict.RECOMMENDED in says.values():
        return Deviation.ACCEPTABLE
    return Deviation.NONE


def policy_gap(verdicts: Mapping[Pattern, PatternVerdict]) -> bool:
    """Policy recommends or requires nothing for these facts: a note for the policy's owner, no deviation."""
    return not any(verdict.verdict in WANTED for verdict in verdicts.values())


def _strongest(spoken: list[tuple[Verdict, str]], notes: Mapping[str, str]) -> PatternVerdict:
    if not spoken:
        return PatternVerdict()
    rules = tuple(rule for _, rule in spoken)
    strongest = min((verdict for verdict, _ in spoken), key=_STRENGTH.__getitem__)
    return PatternVerdict(strongest, rules, tuple(notes.get(rule, "") for rule in rules))


def _pattern(name: Any, rule: str | None) -> Pattern:
    if isinstance(name, str) and name in Pattern.__members__:
        return Pattern[name]
    source = f"Rule {rule} speaks of" if rule else "The choice names"
    raise Invalid(
        f"{source} {name!r}, which is no integration pattern; known are {', '.join(Pattern)}.",
        code="PATTERN_UNKNOWN",
        errors={"pattern": [f"{name!r} is no integration pattern."]},
    )


def _verdict(name: Any, rule: str) -> Verdict:
    if isinstance(name, str) and name in Verdict.__members__:
        return Verdict[name]
    raise Invalid(
        f"Rule {rule} says {name!r}, which is no verdict; known are {', '.join(Verdict)}.",
        code="VERDICT_UNKNOWN",
        errors={"verdict": [f"{name!r} is no verdict."]},
    )
