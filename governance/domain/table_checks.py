"""Is a version fit to be asked of the board: its gaps, its overlaps and its test cases, each with one example."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ..dmn import Analysis, Gap, analyse, analysis_document
from ..dmn.accepting import is_usable, open_gaps
from ..dmn.analysis import BUDGET
from ..dmn.overlaps import CONFLICT
from ..kernel.findings import Finding, Severity, refuse_unless_clear
from ..models import DecisionTable
from .table_cases import CaseResult, run_cases
from .tables import table_document

LIVE_BUDGET = 400_000
"""What is spent while somebody edits: about a second at most. Publishing spends ``BUDGET``."""
CLASH = ("U", "A")


@dataclass(frozen=True, slots=True)
class Standing:
    """How a version stands: the analysis, the gaps that nobody accepted, and how its test cases went.

    ``void`` are accepted gaps that the table's columns can no longer say.
    """

    analysis: Analysis
    remaining: Analysis
    accepted: tuple[Mapping[str, Any], ...]
    void: tuple[Mapping[str, Any], ...]
    cases: tuple[CaseResult, ...]
    findings: tuple[Finding, ...]

    @property
    def gaps(self) -> tuple[Gap, ...]:
        return self.remaining.gaps

    @property
    def failed(self) -> list[CaseResult]:
        return [case for case in self.cases if not case.passed]

    @property
    def ready(self) -> bool:
        return not any(finding.severity is Severity.ERROR for finding in self.findings)

    @property
    def analysed_pct(self) -> float:
        """The share of all facts that was analysed, in percent, rounded down to a tenth."""
        return int(min(self.analysis.analysed, self.remaining.analysed) * 1000) / 10


def standing_of(table: DecisionTable, *, budget: int = BUDGET) -> Standing:
    """The version as its rows stand now. The same rows are analysed once."""
    document = table_document(table)
    accepted = tuple(gap for gap in table.accepted_gaps if is_usable(document, gap["region"]))
    void = tuple(gap for gap in table.accepted_gaps if gap not in accepted)
    regions = [gap["region"] for gap in accepted]
    analysis, remaining = _analysed(json.dumps(document, sort_keys=True), json.dumps(regions), budget)
    cases = tuple(run_cases(table))
    said = findings_of(table, analysis, remaining, cases)
    return Standing(analysis, remaining, accepted, void, cases, tuple(said))


@lru_cache(maxsize=64)
def _analysed(document: str, accepted: str, budget: int) -> tuple[Analysis, Analysis]:
    read, regions = json.loads(document), json.loads(accepted)
    analysis = analyse(read, budget=budget)
    return analysis, open_gaps(read, regions, budget=budget) if regions else analysis


def findings_of(
    table: DecisionTable, analysis: Analysis, remaining: Analysis, cases: tuple[CaseResult, ...]
) -> list[Finding]:
    """What keeps the version from the board (ERROR), and what its editors should know (WARNING)."""
    found = [gap_finding(gap) for gap in remaining.gaps]
    if remaining.analysed < 1:
        share = int(remaining.analysed * 1000) / 10
        said = f"Only {share:g} % of all facts could be analysed: narrow the inputs' domains, or part the table in two."
        found.append(Finding("ANALYSIS_UNFINISHED", said, where="gaps"))
    found += overlap_findings(table, analysis)
    if not cases:
        found.append(
            Finding("CASES_MISSING", "A test case says what the table shall answer; it has none.", where="cases")
        )
    found += [
        Finding("CASE_FAILED", f"{case.name}: {' '.join(case.problems)}", where=f"cases/{case.name}")
        for case in cases
        if not case.passed
    ]
    return found


def gap_finding(gap: Gap) -> Finding:
    said = f"Nobody decides {facts_words(gap.example)}."
    return Finding("GAP", said, where=f"gaps/{json.dumps(gap.region, sort_keys=True)}")


def overlap_findings(table: DecisionTable, analysis: Analysis) -> list[Finding]:
    found = []
    for one in analysis.overlaps:
        rules = " and ".join(one.rules)
        said = {
            CONFLICT: f"{rules} both hold for {facts_words(one.example)}, and the table allows one answer.",
            "shadowed": f"{one.rules[0]} is never heard: {', '.join(one.rules[1:])} win wherever it holds.",
            "overlap": f"{rules} both hold for {facts_words(one.example)}; the hit policy settles it.",
            "duplicate": f"{rules} hold together and say the same.",
            "subsumed": f"{one.rules[0]} says only what {', '.join(one.rules[1:])} already says.",
        }[one.kind]
        severity = Severity.ERROR if one.kind == CONFLICT else Severity.INFO
        found.append(Finding("OVERLAP", said, severity, "/".join(["overlaps", *one.rules])))
    if table.hit in CLASH and not analysis.overlaps_finished:
        said = "Not all pairs of rules could be compared: part the table in two."
        found.append(Finding("ANALYSIS_UNFINISHED", said, where="overlaps"))
    for never in analysis.never:
        said = f"{never.rule} can never hold: no {never.input} is {never.cell}."
        found.append(Finding("RULE_NEVER", said, Severity.WARNING, f"rules/{never.rule}/when/{never.input}"))
    return found


def facts_words(facts: Mapping[str, Any]) -> str:
    """Facts as a sentence names them."""
    said = [f"{name} {words(value)}" for name, value in facts.items() if value is not None]
    return ", ".join(said) or "facts that say nothing"


def words(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return f"[{', '.join(map(str, value))}]"
    return str(value)


def check_publishable(table: DecisionTable) -> Standing:
    """Raises ``NotReady`` TABLE_NOT_READY with every gap, clash and failed case; else how the version stands."""
    standing = standing_of(table)
    refuse_unless_clear(
        standing.findings, message=f"{table} is not ready for the board: see what is left.", code="TABLE_NOT_READY"
    )
    return standing


def standing_document(standing: Standing) -> dict[str, Any]:
    """The standing as JSON values."""
    return {
        "ready": standing.ready,
        "analysis": analysis_document(standing.analysis),
        "open_gaps": [{"region": gap.region, "example": gap.example} for gap in standing.gaps],
        "accepted_gaps": [dict(gap) for gap in standing.accepted],
        "void_gaps": [dict(gap) for gap in standing.void],
        "cases": [
            {
                "name": case.name, "passed": case.passed, "output": case.output, "rules": list(case.rules),
                "problems": list(case.problems),
            }
            for case in standing.cases
        ],
        "findings": [finding.as_dict() for finding in standing.findings],
    }  # fmt: skip
