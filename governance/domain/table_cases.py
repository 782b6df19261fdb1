"""A table's test cases: facts, and what the table must say of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..dmn import CompiledTable, check_facts
from ..dmn.checks import json_problem
from ..dmn.hits import identity
from ..kernel.errors import DomainError, Invalid
from ..kernel.findings import blocking
from ..models import DecisionTable, TableTestCase
from .tables import compiled

MAX_CASES = 500
MAX_NAME = 160
EXPECTED = ("output", "rules")


@dataclass(frozen=True, slots=True)
class CaseResult:
    """How one case went: what was expected, what the table said instead, and each difference as a sentence."""

    name: str
    facts: Mapping[str, Any]
    expect: Mapping[str, Any]
    output: Any
    rules: tuple[str, ...]
    problems: tuple[str, ...]

    @property
    def passed(self) -> bool:
        return not self.problems


def cases_of(table: DecisionTable) -> list[dict[str, Any]]:
    """The cases of one version as its document carries them, in order."""
    return [{"name": case.name, "facts": case.facts, "expect": case.expect} for case in table.test_cases.all()]


def run_cases(table: DecisionTable) -> list[CaseResult]:
    """Every case put to the table as its rows stand now."""
    machine = compiled(table)[0]
    return [run_case(machine, case) for case in cases_of(table)]


def run_case(machine: CompiledTable, case: Mapping[str, Any]) -> CaseResult:
    """``expect`` names the output, the rules that hold, or both. Of an output the fields that it names are compared."""
    facts, expect = case["facts"], case["expect"]
    problems = [finding.message for finding in blocking(check_facts(machine, facts))]
    output: Any = None
    rules: tuple[str, ...] = ()
    try:
        said = machine.evaluate(facts, trace=False)
        output, rules = said.output, said.rules
    except DomainError as refusal:
        problems.append(refusal.message)
    else:
        if "output" in expect and not says(expect["output"], output):
            problems.append(f"It says {shown(output)} instead of {shown(expect['output'])}.")
        if "rules" in expect and list(rules) != list(expect["rules"]):
            problems.append(f"The rules {listed(rules)} hold instead of {listed(expect['rules'])}.")
    return CaseResult(case["name"], facts, expect, output, rules, tuple(problems))


def says(expected: Any, said: Any) -> bool:
    if isinstance(expected, Mapping) and isinstance(said, Mapping):
        return all(name in said and identity(value) == identity(said[name]) for name, value in expected.items())
    if isinstance(expected, list) and isinstance(said, list):
        return len(expected) == len(said) and all(map(says, expected, said))
    return identity(expected) == identity(said)


def shown(value: Any) -> str:
    return "nothing" if value is None else identity(value)


def listed(rules: Sequence[str]) -> str:
    return ", ".join(rules) or "none"


def check_cases(cases: Any, errors: dict[str, list[str]]) -> None:
    """Add to ``errors``, by place, what keeps ``cases`` from being stored; whether they pass is another question."""
    if not isinstance(cases, list) or len(cases) > MAX_CASES:
        errors["cases"] = [f"A list of at most {MAX_CASES} cases."]
        return
    names: set[str] = set()
    for at, case in enumerate(cases, start=1):
        if not isinstance(case, Mapping) or set(case) - {"name", "facts", "expect"}:
            errors[f"cases/{at}"] = ["A case has name, facts and expect."]
            continue
        for part, sentence in problems_of(case, names):
            errors.setdefault(f"cases/{at}/{part}", []).append(sentence)
        names.add(str(case.get("name")))


def problems_of(case: Mapping[str, Any], names: set[str]) -> list[tuple[str, str]]:
    """What is wrong with the shape of one case, as (part, sentence); ``names`` are taken."""
    name, facts, expect = case.get("name"), case.get("facts"), case.get("expect")
    found = []
    if not isinstance(name, str) or not 0 < len(name.strip()) <= MAX_NAME:
        found.append(("name", f"A case needs a name of 1 to {MAX_NAME} characters."))
    elif name in names:
        found.append(("name", "Another case has this name."))
    if not isinstance(facts, dict) or json_problem(facts):
        found.append(("facts", "Facts are an object of JSON values by the inputs' names."))
    if not isinstance(expect, dict) or not expect or set(expect) - set(EXPECTED):
        found.append(("expect", "Say the output that is expected, the rules, or both."))
    elif json_problem(expect):
        found.append(("expect", json_problem(expect) or ""))
    elif "rules" in expect and not (
        isinstance(expect["rules"], list) and all(isinstance(rule, str) for rule in expect["rules"])
    ):
        found.append(("expect", "Rules are a list of rule ids."))
    return found


def store_cases(table: DecisionTable, cases: Sequence[Mapping[str, Any]]) -> None:
    """Write the cases of a version in place of those it had; part of a command's own transaction."""
    TableTestCase.objects.filter(table=table).delete()
    TableTestCase.objects.bulk_create(
        TableTestCase(table=table, position=position, name=case["name"], facts=case["facts"], expect=case["expect"])
        for position, case in enumerate(cases)
    )


def refuse_cases(cases: Any) -> None:
    """Raises ``Invalid`` TABLE_INVALID with every error of the cases by its place."""
    errors: dict[str, list[str]] = {}
    check_cases(cases, errors)
    if errors:
        raise Invalid("The test cases are not valid.", code="TABLE_INVALID", errors=errors)
