"""A compiled decision table: evaluated without parsing, with a trace of every rule and cell.

Equal cells of one input are one test, evaluated once and shared by all rules that carry it, in the trace too.
That is what keeps a full trace cheap: a rule's cells are picked by position, not built again.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import compress, repeat
from typing import Any, NamedTuple

from .hits import POLICIES, Conclusion, Row
from .matching import Match, mismatch
from .unary import ANY_TEXT, UnaryTests

MISSING = "is missing"


class CellTrace(NamedTuple):
    """One cell against one fact; ``reason`` says why it could not be compared and is empty when it could."""

    name: str
    cell: str
    value: Any
    holds: bool
    reason: str


class RuleTrace(NamedTuple):
    """One rule, with a cell for every input of the table, in the order of the inputs."""

    id: str
    matched: bool
    cells: tuple[CellTrace, ...]


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a table says of some facts: the output by its hit policy, all rules that hold, and why."""

    output: Any
    rules: tuple[str, ...]
    trace: tuple[RuleTrace, ...]


@dataclass(frozen=True, slots=True)
class Cell:
    """One distinct test of one input, at a fixed position among all tests of the table."""

    text: str
    tests: UnaryTests
    match: Match
    holds_for_missing: bool


@dataclass(frozen=True, slots=True)
class Input:
    """A column of conditions; ``kinds`` of fact are what it can compare: declared, or found in its cells.

    ``range``, ``whole`` and ``optional`` say which facts there are, as the document declares them.
    """

    name: str
    declared: str | None
    values: tuple[Any, ...]
    kinds: frozenset[str]
    range: Cell | None = None
    whole: bool = False
    optional: bool = False


@dataclass(frozen=True, slots=True)
class Rule:
    """A row: the positions of its conditions, and a function that picks all its cells out of a trace."""

    conclusion: Conclusion
    conditions: tuple[int, ...]
    pick: Callable[[list[CellTrace]], tuple[CellTrace, ...]]


@dataclass(frozen=True, slots=True)
class CompiledTable:
    """A decision table that passed every check of ``compile_table`` and can be evaluated any number of times.

    ``slots`` names input and text of every distinct cell, the empty cell of each input first; rules refer to
    cells by their position in it. ``decides`` names, per output that says so, the identities of the values by
    which a rule decides.
    """

    document: Mapping[str, Any]
    inputs: tuple[Input, ...]
    output_names: tuple[str, ...]
    columns: tuple[tuple[str, tuple[Cell, ...]], ...]
    rules: tuple[Rule, ...]
    slots: tuple[tuple[str, str], ...]
    default: Row | None
    decides: Mapping[str, frozenset[str]]

    @property
    def key(self) -> str:
        return str(self.document["key"])

    @property
    def version(self) -> str:
        return str(self.document.get("version", ""))

    @property
    def hit(self) -> str:
        return str(self.document["hit"])

    @property
    def notes(self) -> dict[str, str]:
        """Why each rule exists, by rule id, in table order."""
        return {str(rule["id"]): str(rule.get("note") or "") for rule in self.document["rules"]}

    def evaluate(self, facts: Mapping[str, Any], *, trace: bool = True) -> Evaluation:
        """Apply the table to facts; a missing fact is a key that is absent or None, other keys are ignored.

        ``output`` is one row or None for U, A, P and F; a list of rows in rule order for C and R, in the
        order of the output values for O; ``{output: value}`` or None for C+, C< and C>;
        ``{output: count}`` for C#. ``rules`` names all rules whose conditions hold, in table order, under
        every hit policy. Raises ``TableNotUnique`` (U) and ``TableNotAgreed`` (A); facts of a wrong type
        never raise.
        """
        answers, values = self._answers(facts)
        matched = [self._holds(rule, answers) for rule in self.rules]
        hits = [rule.conclusion for rule in compress(self.rules, matched)]
        return Evaluation(
            output=self._output(hits),
            rules=tuple([hit.rule for hit in hits]),
            trace=self._trace(values, answers, matched) if trace else (),
        )

    def _answers(self, facts: Mapping[str, Any]) -> tuple[list[bool | None], list[Any]]:
        """Per slot the test's answer (True for an empty cell), and the fact that it was put to."""
        answers: list[bool | None] = []
        values: list[Any] = []
        for name, cells in self.columns:
            value = facts.get(name)
            answers.append(True)
            if value is None:
                answers += [cell.holds_for_missing for cell in cells]
            else:
                answers += [cell.match(value) for cell in cells]
            values += [value] * (len(cells) + 1)
        return answers, values

    @staticmethod
    def _holds(rule: Rule, answers: list[bool | None]) -> bool:
        for at in rule.conditions:  # noqa: SIM110  a generator costs twice the time, in the hottest loop
            if not answers[at]:
                return False
        return True

    def _output(self, hits: list[Conclusion]) -> Any:
        if self.hit == "C#":
            return {self.output_names[0]: len(hits)}
        return POLICIES[self.hit](hits, self.default)

    def _trace(self, values: list[Any], answers: list[bool | None], matched: list[bool]) -> tuple[RuleTrace, ...]:
        names, texts = zip(*self.slots, strict=True) if self.slots else ((), ())
        reasons = self._reasons(values, answers)
        holds = map(bool, answers)
        cells = list(_tuples(CellTrace, zip(names, texts, values, holds, reasons, strict=True)))
        ids = [rule.conclusion.rule for rule in self.rules]
        picked = [rule.pick(cells) for rule in self.rules]
        return tuple(_tuples(RuleTrace, zip(ids, matched, picked, strict=True)))

    def _reasons(self, values: list[Any], answers: list[bool | None]) -> list[str]:
        reasons = [""] * len(answers)
        if None not in answers and None not in values:
            return reasons
        tests = [cell for _, cells in self.columns for cell in (None, *cells)]
        for at, (cell, value, answer) in enumerate(zip(tests, values, answers, strict=True)):
            if cell is not None and not answer:
                reasons[at] = MISSING if value is None else mismatch(cell.tests, value) if answer is None else ""
        return reasons


def _tuples(kind: Any, rows: Iterable[tuple[Any, ...]]) -> Iterator[Any]:
    """Named tuples without a Python-level call for each: a trace of T1 has some 70 of them."""
    return map(tuple.__new__, repeat(kind), rows)


def trace_document(evaluation: Evaluation) -> list[dict[str, Any]]:
    """The trace as JSON values for storing and for the API; cells that ask nothing are left out."""
    return [
        {
            "id": rule.id,
            "matched": rule.matched,
            "cells": [cell._asdict() for cell in rule.cells if cell.cell != ANY_TEXT],
        }
        for rule in evaluation.trace
    ]
