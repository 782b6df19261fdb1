"""Asking policy about something that is not registered: facts from a program, or a draft from a form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.domain.deciding import findings_on, table_in_force
from governance.domain.tables import DECISION_RIGHTS, PATTERN_VERDICT, RESILIENCE
from governance.kernel.errors import Invalid
from governance.models import User

from .decisions import Assessment, assess
from .drafts import read_draft
from .facts import facts_of

#: Computed here, from the verdicts and the choice.
SAID_BY_US = {"deviation"}
#: Facts that only table T4 asks; a program may send the whole set.
OTHER_FACTS = {"financial", "breaking"}


def assess_facts(facts: Mapping[str, Any], *, chosen: Sequence[str]) -> Assessment:
    """What the tables say of facts by the tables' own names.

    Raises ``Invalid``: FACTS for a fact of a wrong type, UNKNOWN_FACT for one that no table asks, and
    PATTERN_UNKNOWN for a choice that is no pattern.
    """
    machines = [table_in_force(key) for key in (PATTERN_VERDICT, DECISION_RIGHTS, RESILIENCE)]
    known = {column.name for machine in machines for column in machine.inputs} - SAID_BY_US
    unknown = sorted(set(facts) - known - OTHER_FACTS)
    if unknown:
        raise Invalid(
            f"No table asks for {', '.join(unknown)[:200]}.",
            code="UNKNOWN_FACT",
            errors={f"facts.{name}": ["unknown fact"] for name in unknown},
        )
    wrong: dict[str, list[str]] = {}
    for machine in machines:
        asked = {column.name for column in machine.inputs}
        for finding in findings_on(machine, {name: value for name, value in facts.items() if name in asked}):
            wrong.setdefault(f"facts.{finding.where}", [finding.message])
    if wrong:
        raise Invalid(
            " ".join(sentence for sentences in wrong.values() for sentence in sentences), code="FACTS", errors=wrong
        )
    return assess(facts, chosen=chosen)


def assess_draft(values: Mapping[str, Any], *, chosen: Sequence[str] | None, actor: User) -> Assessment:
    """What the tables say of a half-filled form. Raises ``Invalid`` (PATTERN_UNKNOWN) for what is no pattern."""
    draft = read_draft(values, actor=actor)
    return assess(facts_of(draft), chosen=draft.patterns if chosen is None else chosen)
