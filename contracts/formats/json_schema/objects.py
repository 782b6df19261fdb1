"""Objects that keep some constraints and break others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Any

from .evaluating import selects
from .outcomes import EMPTY, UNKNOWN, Ending, Outcome, better, found, maybe
from .scalars import Literals
from .terms import TRUE, Term, negate, one_of_values, value_key, when

if TYPE_CHECKING:
    from .solving import Solver

MOST_PROPERTIES = 200
MOST_PATTERNS = 6
Need = tuple[tuple[Any, ...], Term, Term]
"""A property that must exist: where (a selector), what its value and its name must be."""


@dataclass(slots=True)
class Wanted:
    """The literals about objects, sorted by what they ask."""

    required: set[str] = field(default_factory=set)
    absent: set[str] = field(default_factory=set)
    named: dict[str, list[Term]] = field(default_factory=dict)
    each: list[tuple[tuple[Any, ...], Term]] = field(default_factory=list)
    names: list[Term] = field(default_factory=list)
    needs: list[Need] = field(default_factory=list)
    least: int = 0
    most: int | None = None

    @property
    def selectors(self) -> list[tuple[Any, ...]]:
        return [*(selector for selector, _ in self.each), *(selector for selector, _, _ in self.needs)]

    @property
    def known(self) -> list[str]:
        """Every name that some literal mentions."""
        rest = (name for selector in self.selectors if selector[0] == "rest" for name in selector[1])
        return sorted({*self.required, *self.named, *self.absent, *rest})

    @property
    def patterns(self) -> list[str]:
        found_: set[str] = set()
        for selector in self.selectors:
            found_ |= {selector[1]} if selector[0] == "pat" else set(selector[2]) if selector[0] == "rest" else set()
        return sorted(found_)

    def value_terms(self, name: str) -> list[Term]:
        """What holds for the value of a property of this name."""
        return [*self.named.get(name, ()), *(term for selector, term in self.each if selects(selector, name))]


def wanted_of(literals: Literals) -> Wanted:
    wanted = Wanted()
    for (name, *args), positive in literals:
        if name == "req":
            (wanted.required if positive else wanted.absent).add(args[0])
        elif name == "prop":
            if positive:
                wanted.named.setdefault(args[0], []).append(args[1])
            else:
                wanted.required.add(args[0])
                wanted.named.setdefault(args[0], []).append(negate(args[1]))
        elif name == "each":
            if positive:
                wanted.each.append((args[0], args[1]))
            else:
                wanted.needs.append((args[0], negate(args[1]), TRUE))
        elif name == "names":
            if positive:
                wanted.names.append(args[0])
            else:
                wanted.needs.append((("any",), TRUE, negate(args[0])))
        elif (name == "minprops") is positive:
            wanted.least = max(wanted.least, args[0] if positive else args[0] + 1)
        else:
            bound = args[0] if positive else args[0] - 1
            wanted.most = bound if wanted.most is None else min(wanted.most, bound)
    return wanted


def solve_object(solver: Solver, literals: Literals, excluded: frozenset[str]) -> Outcome:
    """An object that keeps all literals and is none of the excluded, or the proof that there is none."""
    wanted = wanted_of(literals)
    if wanted.required & wanted.absent or (wanted.most is not None and wanted.most < wanted.least):
        return EMPTY
    best = EMPTY
    for chosen in _assignments(solver, wanted):
        solver.tick()
        outcome = chosen if isinstance(chosen, Outcome) else _build(solver, wanted, chosen)
        if outcome.usable and value_key(outcome.value) in excluded:
            outcome = _other_than(solver, wanted, outcome.value, excluded)
        best = better(best, outcome)
        if best.ending is Ending.FOUND:
            break
    return best


def _other_than(solver: Solver, wanted: Wanted, value: dict[str, Any], excluded: frozenset[str]) -> Outcome:
    """Another object: one property more, or one value changed; when neither helps it is not known."""
    more = _filled(solver, wanted, {name: found(item) for name, item in value.items()}, len(value) + 1)
    if more.usable and value_key(more.value) not in excluded:
        return more
    for name, item in value.items():
        other = solver.solve([*wanted.value_terms(name), negate(one_of_values([item]))])
        changed = {**value, name: other.value}
        if other.ending is Ending.FOUND and value_key(changed) not in excluded:
            return maybe(changed)
    finite = not value and more.empty
    return EMPTY if finite else UNKNOWN


def _assignments(solver: Solver, wanted: Wanted) -> Iterator[dict[str, list[Term]] | Outcome]:
    """For every way to give the needed properties a name: the chosen names, with what their values must be too."""
    ways: list[list[tuple[str, Term] | Outcome]] = []
    for at, need in enumerate(wanted.needs):
        ways.append([*_known_ways(solver, wanted, need), *_fresh_ways(solver, wanted, need, at)])
    for combination in product(*ways):
        chosen: dict[str, list[Term]] = {name: [] for name in sorted(wanted.required)}
        missing = [way for way in combination if isinstance(way, Outcome)]
        if missing:
            yield missing[0]
            continue
        for way in combination:
            if not isinstance(way, Outcome):
                chosen.setdefault(way[0], []).append(way[1])
        yield chosen


def _known_ways(solver: Solver, wanted: Wanted, need: Need) -> Iterator[tuple[str, Term] | Outcome]:
    selector, value_term, name_term = need
    for name in wanted.known:
        if name in wanted.absent or (selector[0] != "any" and not selects(selector, name)):
            continue
        fits = solver.satisfied([name_term], name)
        if fits is None:
            yield UNKNOWN
        elif fits:
            yield name, value_term


def _fresh_ways(solver: Solver, wanted: Wanted, need: Need, at: int) -> Iterator[tuple[str, Term] | Outcome]:
    """One fresh name for each class of names that the patterns tell apart."""
    selector, value_term, name_term = need
    patterns = wanted.patterns
    if len(patterns) > MOST_PATTERNS:
        yield UNKNOWN
        return
    taken = negate(one_of_values(wanted.known))
    for signs in product((True, False), repeat=len(patterns)):
        matched = {pattern for pattern, sign in zip(patterns, signs, strict=True) if sign}
        if (selector[0] == "pat" and selector[1] not in matched) or (
            selector[0] == "rest" and matched & set(selector[2])
        ):
            continue
        like = [when("string", "pattern", text, positive=text in matched) for text in patterns]
        excluded: list[str] = []
        for _ in range(at + 1):
            terms = [*like, *wanted.names, name_term, taken, Term("type", frozenset(["string"]))]
            name = solver.solve([*terms, negate(one_of_values(excluded))])
            if name.ending is Ending.EMPTY:
                break
            if name.ending is not Ending.FOUND:
                yield UNKNOWN
                break
            excluded.append(name.value)
            yield name.value, value_term


def _build(solver: Solver, wanted: Wanted, chosen: dict[str, list[Term]]) -> Outcome:
    if wanted.most is not None and len(chosen) > wanted.most:
        return EMPTY
    values: dict[str, Outcome] = {}
    best = Ending.FOUND
    for name, more in chosen.items():
        fits = False if name in wanted.absent else solver.satisfied(wanted.names, name)
        value = solver.solve([*wanted.value_terms(name), *more]) if fits is not False else EMPTY
        if value.empty:
            return EMPTY
        best = Ending.UNKNOWN if fits is None or not value.usable else best
        values[name] = value
    if best is Ending.UNKNOWN:
        return UNKNOWN
    return _filled(solver, wanted, values, wanted.least)


def _filled(solver: Solver, wanted: Wanted, values: dict[str, Outcome], least: int) -> Outcome:
    """The object with as many further properties as it needs."""
    sure = True
    if wanted.most is not None and least > wanted.most:
        return EMPTY
    if least > MOST_PROPERTIES:
        return UNKNOWN
    for name, value in _spare(solver, wanted, values):
        if len(values) >= least:
            break
        if value.usable:
            values = {**values, name: value}
        elif not value.empty:
            sure = False
    if len(values) < least:
        return EMPTY if sure else UNKNOWN
    made = {name: value.value for name, value in values.items()}
    exactly = all(value.ending is Ending.FOUND for value in values.values())
    return found(made) if exactly else maybe(made)


def _spare(solver: Solver, wanted: Wanted, values: dict[str, Outcome]) -> Iterator[tuple[str, Outcome]]:
    for name in wanted.known:
        if name not in values and name not in wanted.absent:
            fits = solver.satisfied(wanted.names, name)
            yield name, EMPTY if fits is False else solver.solve(wanted.value_terms(name)) if fits else UNKNOWN
    patterns, used = wanted.patterns, [*wanted.known, *values]
    if len(patterns) > MOST_PATTERNS:
        yield "", UNKNOWN
        return
    for signs in product((False, True), repeat=len(patterns)):
        like = [when("string", "pattern", text, positive=sign) for text, sign in zip(patterns, signs, strict=True)]
        while True:
            solver.tick()
            terms = [*like, *wanted.names, Term("type", frozenset(["string"])), negate(one_of_values(used))]
            named = solver.solve(terms)
            if named.ending is not Ending.FOUND:
                if not named.empty:
                    yield "", UNKNOWN
                break
            value = solver.solve(wanted.value_terms(named.value))
            yield named.value, value
            if not value.usable:
                break
            used.append(named.value)
