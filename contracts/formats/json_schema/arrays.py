"""Arrays that keep some constraints and break others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

from .outcomes import EMPTY, UNKNOWN, Ending, Outcome, better, found, maybe
from .scalars import Literals
from .terms import Term, negate, one_of_values, value_key

if TYPE_CHECKING:
    from .solving import Solver

LONGEST = 12
LONGEST_UNIFORM = 2000
Slots = list[list[Term]]


@dataclass(slots=True)
class Wanted:
    """The literals about arrays, sorted by what they ask."""

    at: dict[int, list[Term]] = field(default_factory=dict)
    after: list[tuple[int, Term]] = field(default_factory=list)
    needs: list[tuple[int, Term]] = field(default_factory=list)
    counts: list[tuple[Term, int, int | None]] = field(default_factory=list)
    least: int = 0
    most: int | None = None
    unique: bool = False
    repeated: bool = False

    def at_most(self, bound: int) -> None:
        self.most = bound if self.most is None else min(self.most, bound)

    @property
    def prefix(self) -> int:
        """From here on all positions are alike."""
        return max([0, *(index + 1 for index in self.at), *(start for start, _ in self.after + self.needs)])

    def slot(self, index: int) -> list[Term]:
        return [*self.at.get(index, ()), *(term for start, term in self.after if index >= start)]

    def lengths(self, excluded: int) -> range:
        """Every length that has to be tried: a shortest instance needs no more, but for those that will not do."""
        extra = excluded + len(self.needs) + sum(low for _, low, _ in self.counts) + (2 if self.repeated else 1)
        most = max(self.least, self.prefix) + extra
        return range(self.least, (most if self.most is None else min(most, self.most)) + 1)


def wanted_of(literals: Literals) -> Wanted:
    """The literals sorted; a count (contains) is never negative here, because its negation is a choice of two."""
    wanted = Wanted()
    for (name, *args), positive in literals:
        if name == "item":
            wanted.at.setdefault(args[0], []).append(args[1] if positive else negate(args[1]))
            wanted.least = wanted.least if positive else max(wanted.least, args[0] + 1)
        elif name == "items":
            (wanted.after if positive else wanted.needs).append((args[0], args[1] if positive else negate(args[1])))
        elif name == "unique":
            wanted.unique, wanted.repeated = wanted.unique or positive, wanted.repeated or not positive
        elif name == "contains":
            wanted.counts.append((args[0], args[1], args[2]))
        elif (name == "minitems") is positive:
            wanted.least = max(wanted.least, args[0] if positive else args[0] + 1)
        else:
            wanted.at_most(args[0] if positive else args[0] - 1)
    return wanted


def solve_array(solver: Solver, literals: Literals, excluded: frozenset[str]) -> Outcome:
    """An array that keeps all literals and is none of the excluded, or the proof that there is none."""
    wanted = wanted_of(literals)
    if wanted.unique and wanted.repeated:
        return EMPTY
    best = EMPTY
    for length in wanted.lengths(len(excluded)):
        solver.tick()
        for slots in _slots(solver, wanted, length):
            outcome = slots if isinstance(slots, Outcome) else _filled(solver, wanted, slots)
            if outcome.usable and value_key(outcome.value) in excluded:
                outcome = _other_than(solver, wanted, slots, outcome.value, excluded)
            best = better(best, outcome)
            if best.ending is Ending.FOUND:
                return best
    return best


def _other_than(
    solver: Solver, wanted: Wanted, slots: Slots | Outcome, value: list[Any], excluded: frozenset[str]
) -> Outcome:
    if isinstance(slots, Outcome) or not value:
        return EMPTY if not value else UNKNOWN
    for at, item in enumerate(value):
        other = solver.solve([*slots[at], negate(one_of_values([item]))])
        changed = [*value[:at], other.value, *value[at + 1 :]]
        if other.usable and value_key(changed) not in excluded:
            return maybe(changed)
    return UNKNOWN


def _slots(solver: Solver, wanted: Wanted, length: int) -> Iterator[Slots | Outcome]:
    """For every way to place what must be somewhere: what each position must be."""
    base = [wanted.slot(index) for index in range(min(length, LONGEST_UNIFORM))]
    hard = wanted.counts or wanted.unique or wanted.repeated or length > LONGEST_UNIFORM
    if length > LONGEST and hard:
        yield UNKNOWN
        return
    reach = min(length, wanted.prefix + len(wanted.needs))
    ways: list[list[list[tuple[int, Term]]]] = [
        [[(index, term)] for index in range(start, reach if length > LONGEST else length)]
        for start, term in wanted.needs
    ]
    for term, low, high in wanted.counts:
        ways.append(list(_counted(term, low, high, length)))
    for combination in product(*ways):
        solver.tick()
        slots = [list(terms) for terms in base]
        for placed in combination:
            for index, term in placed:
                slots[index].append(term)
        yield slots


def _counted(term: Term, low: int, high: int | None, length: int) -> Iterator[list[tuple[int, Term]]]:
    if high is None:
        yield from ([(index, term) for index in places] for places in combinations(range(length), low))
        return
    for count in range(low, min(high, length) + 1):
        for places in combinations(range(length), count):
            yield [(index, term if index in places else negate(term)) for index in range(length)]


def _filled(solver: Solver, wanted: Wanted, slots: Slots) -> Outcome:
    if wanted.unique:
        return _distinct(solver, slots)
    if wanted.repeated:
        return _repeating(solver, slots)
    values = []
    for terms in slots:
        value = solver.solve(terms)
        if not value.usable:
            return _dead(solver, slots) if not value.empty else EMPTY
        values.append(value)
    made = [value.value for value in values]
    return found(made) if all(value.ending is Ending.FOUND for value in values) else maybe(made)


def _dead(solver: Solver, slots: Slots) -> Outcome:
    return EMPTY if any(solver.solve(terms).empty for terms in slots) else UNKNOWN


def _repeating(solver: Solver, slots: Slots) -> Outcome:
    best = EMPTY
    for left, right in combinations(range(len(slots)), 2):
        both = solver.solve([*slots[left], *slots[right]])
        if both.empty:
            continue
        others = [terms for index, terms in enumerate(slots) if index not in (left, right)]
        rest = [solver.solve(terms) for terms in others]
        if any(value.empty for value in rest):
            return EMPTY
        if not both.usable or not all(value.usable for value in rest):
            best = better(best, UNKNOWN)
            continue
        made = [value.value for value in rest]
        made.insert(left, both.value)
        made.insert(right, both.value)
        exactly = both.ending is Ending.FOUND and all(value.ending is Ending.FOUND for value in rest)
        return found(made) if exactly else maybe(made)
    return best


def _distinct(solver: Solver, slots: Slots) -> Outcome:
    """Different values in all positions: each position offers at most as many values as there are positions."""
    offers: list[list[Any]] = []
    for terms in slots:
        values: list[Any] = []
        while len(values) < len(slots):
            value = solver.solve([*terms, negate(one_of_values(values))])
            if value.ending is not Ending.FOUND:
                if not value.empty:
                    return _dead(solver, slots)
                break
            values.append(value.value)
        offers.append(values)
    picked = _matched(solver, offers, 0, {})
    return EMPTY if picked is None else found(picked)


def _matched(solver: Solver, offers: list[list[Any]], index: int, taken: dict[str, int]) -> list[Any] | None:
    solver.tick()
    if index == len(offers):
        return []
    for value in offers[index]:
        key = value_key(value)
        if key not in taken:
            rest = _matched(solver, offers, index + 1, {**taken, key: index})
            if rest is not None:
                return [value, *rest]
    return None
