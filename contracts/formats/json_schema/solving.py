"""Is there a value for which all these terms hold? An instance, a proof that there is none, or "not known".

A tableau with unit literals first: terms are taken apart for one JSON type at a time; alternatives are tried one by
one, each under the assumption that the earlier ones failed; a branch is left as soon as its literals alone
contradict. Recursive schemas end by the least-height argument: a smallest instance of a goal never contains an
instance of the same goal, so a goal met again inside itself may be taken as empty (and what was concluded from
that is not kept for use elsewhere).
"""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from .arrays import solve_array
from .evaluating import constraint_holds, holds
from .objects import solve_object
from .outcomes import EMPTY, UNKNOWN, BudgetSpent, Ending, Outcome, better, found, maybe
from .scalars import Literals, solve_number, solve_string
from .terms import (
    FALSE,
    TRUE,
    TYPES,
    Constraint,
    Term,
    either,
    every,
    exact,
    negate,
    type_of,
    value_key,
    value_of,
    when,
)

Goal = frozenset[Term]
DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Branch:
    """What one branch asks of a value of one type."""

    literals: Literals = ()
    listed: frozenset[str] | None = None
    excluded: frozenset[str] = frozenset()
    opaque: bool = False


@dataclass(slots=True)
class Solver:
    """Searches within one budget; ``expand`` opens references. Raises ``BudgetSpent``.

    Without ``line_breaks`` no text is made up that holds one.
    """

    expand: Any
    seconds: float = 2.0
    steps: int = 60_000
    line_breaks: bool = True
    deadline: float = field(init=False)
    _stack: dict[Goal, int] = field(default_factory=dict)
    _memo: dict[Any, Outcome] = field(default_factory=dict)
    _assumed: int = 1 << 30

    def __post_init__(self) -> None:
        self.deadline = time.monotonic() + self.seconds

    def tick(self, cost: int = 1) -> None:
        """Count one step of the search."""
        self.steps -= cost
        if self.steps < 0 or time.monotonic() > self.deadline:
            raise BudgetSpent

    def solve(self, terms: Iterable[Term]) -> Outcome:
        """A value for which every term holds."""
        joined = every(terms)
        if joined.op == "false":
            return EMPTY
        parts = joined.args[0] if joined.op == "and" else () if joined.op == "true" else (joined,)
        goal = frozenset(parts)
        if goal in self._memo:
            return self._memo[goal]
        if goal in self._stack:
            self._assumed = min(self._assumed, self._stack[goal])
            return EMPTY
        if len(self._stack) >= DEEPEST:
            return UNKNOWN
        return self._kept(goal, goal, lambda: self._by_type(parts))

    def _kept(self, key: Any, goal: Goal | None, search: Any) -> Outcome:
        """Run a search and keep its outcome, unless it leans on a goal that is still open around it."""
        outer, self._assumed = self._assumed, 1 << 30
        depth = len(self._stack)
        if goal is not None:
            self._stack[goal] = depth
        try:
            outcome: Outcome = search()
        finally:
            if goal is not None:
                del self._stack[goal]
        if outcome.ending is Ending.FOUND or self._assumed >= depth:
            self._memo[key] = outcome
            self._assumed = outer
        else:
            self._assumed = min(outer, self._assumed)
        return outcome

    def _by_type(self, parts: tuple[Term, ...]) -> Outcome:
        best = EMPTY
        for kind in TYPES:
            best = better(best, self._split(kind, list(parts), Branch()))
            if best.ending is Ending.FOUND:
                break
        return best

    def _split(self, kind: str, pending: list[Term], branch: Branch) -> Outcome:
        """Work off what is certain, then the alternatives; fewest alternatives first."""
        self.tick()
        taken = self._certain(kind, pending, branch)
        if taken is None:
            return EMPTY
        branch, choices = taken
        outcome = self._literal(kind, branch)
        if outcome.empty or not choices:
            return outcome
        if len(choices) > 1:
            open_ = [self._open_options(kind, branch, options) for options in choices]
            choices = [options for options in open_ if options is not None]
            if any(len(options) < 2 for options in choices) or not choices:
                return self._split(kind, [either(options) for options in choices], branch)
        choices.sort(key=len)
        best, rest = EMPTY, [Term("or", tuple(options)) for options in choices[1:]]
        refuted: list[Term] = []
        for option in choices[0]:
            best = better(best, self._split(kind, [option, *refuted, *rest], branch))
            if best.ending is Ending.FOUND:
                break
            if rest and option.op in ("lit", "enum", "type"):
                refuted.append(negate(option))
        return best

    def _open_options(self, kind: str, branch: Branch, options: list[Term]) -> list[Term] | None:
        """The alternatives that are not contradicted yet; ``None`` when one of them holds in any case."""
        left = []
        for option in options:
            if option.op in ("lit", "enum") and self._contradicted(kind, branch, negate(option)):
                return None
            if not self._contradicted(kind, branch, option):
                left.append(option)
        return left

    def _contradicted(self, kind: str, branch: Branch, term: Term) -> bool:
        self.tick()
        taken = self._certain(kind, [term], branch)
        return taken is None or self._literal(kind, taken[0]).empty

    def _certain(self, kind: str, pending: list[Term], branch: Branch) -> tuple[Branch, list[list[Term]]] | None:
        literals, listed, excluded = dict.fromkeys(branch.literals), branch.listed, set(branch.excluded)
        opaque, choices, stack, opened = branch.opaque, [], pending[::-1], set()
        while stack:
            term = self._reduced(kind, stack.pop())
            if term.op == "false":
                return None
            if term.op == "and":
                stack += term.args[0][::-1]
            elif term.op == "or":
                choices.append(list(term.args[0]))
            elif term.op == "ref" and term not in opened:
                opened.add(term)
                stack.append(self.expand(term))
            elif term.op == "opaque":
                opaque = True
            elif term.op == "enum":
                if term.args[1]:
                    listed = term.args[0] if listed is None else listed & term.args[0]
                else:
                    excluded |= term.args[0]
            elif term.op == "lit":
                literals[term.args[1], term.args[2]] = None
        if any((constraint, not positive) in literals for constraint, positive in literals):
            return None
        possible = [[each for each in options if not _contradicts(each, literals)] for options in choices]
        return Branch(tuple(literals), listed, frozenset(excluded), opaque), possible

    def _reduced(self, kind: str, term: Term) -> Term:
        """What a term says about values of one type; alternatives that cannot be are dropped."""
        if term.op == "type":
            return TRUE if kind in term.args[0] else FALSE
        if term.op == "lit" and term.args[0] == kind and term.args[1][0] == "contains" and not term.args[2]:
            return _not_so_often(*term.args[1][1:])
        if term.op == "lit" and term.args[0] != kind:
            return TRUE if term.args[2] else FALSE
        if term.op == "or":
            options = [self._reduced(kind, option) for option in term.args[0]]
            options = [option for option in options if option.op != "false"]
            if any(option.op == "true" for option in options):
                return TRUE
            return either(options)
        if term.op == "and":
            return every(self._reduced(kind, part) for part in term.args[0])
        return term

    def _literal(self, kind: str, branch: Branch) -> Outcome:
        key = (kind, branch)
        if key in self._memo:
            return self._memo[key]
        return self._kept(key, None, lambda: self._opaque(branch, self._typed(kind, branch)))

    def _opaque(self, branch: Branch, outcome: Outcome) -> Outcome:
        return maybe(outcome.value) if branch.opaque and outcome.ending is Ending.FOUND else outcome

    def _typed(self, kind: str, branch: Branch) -> Outcome:
        if branch.listed is not None:
            return self._listed(kind, branch)
        if kind in ("null", "boolean"):
            values = [None] if kind == "null" else [False, True]
            return next((found(value) for value in values if value_key(value) not in branch.excluded), EMPTY)
        excluded = [value for value in map(value_of, branch.excluded) if type_of(value) == kind]
        if kind == "number":
            return solve_number(branch.literals, frozenset(map(exact, excluded)))
        if kind == "string":
            return solve_string(branch.literals, frozenset(excluded), self.line_breaks)
        search = solve_object if kind == "object" else solve_array
        return search(self, branch.literals, frozenset(map(value_key, excluded)))

    def _listed(self, kind: str, branch: Branch) -> Outcome:
        best = EMPTY
        for key in sorted((branch.listed or frozenset()) - branch.excluded):
            self.tick()
            value = value_of(key)
            if type_of(value) != kind:
                continue
            verdicts = [self._keeps(constraint, positive, value) for constraint, positive in branch.literals]
            if all(verdicts):
                return found(value)
            if False not in verdicts:
                best = better(best, maybe(value))
        return best

    def _keeps(self, constraint: Constraint, positive: bool, value: Any) -> bool | None:
        verdict = constraint_holds(constraint, value, self.expand)
        return None if verdict is None else verdict is positive

    def satisfied(self, terms: Iterable[Term], value: Any) -> bool | None:
        """Whether a value satisfies all terms."""
        return holds(every(terms), value, self.expand)


def _contradicts(term: Term, literals: dict[tuple[Constraint, bool], None]) -> bool:
    return term.op == "lit" and (term.args[1], not term.args[2]) in literals


def _not_so_often(term: Term, low: int, high: int | None) -> Term:
    """Not between ``low`` and ``high`` items: fewer, or more."""
    fewer = [when("array", "contains", term, 0, low - 1)] if low > 0 else []
    more = [when("array", "contains", term, high + 1, None)] if high is not None else []
    return either(fewer + more)
