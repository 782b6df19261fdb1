"""Numbers and strings that keep some constraints and break others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction
from math import ceil, floor, gcd, lcm

from .automata import Unsupported
from .expressions import found_in, passes
from .languages import Wanted, shortest_string
from .outcomes import EMPTY, UNKNOWN, Outcome, found
from .terms import Constraint, exact, plain

Literals = tuple[tuple[Constraint, bool], ...]
MOST_TRIED = 5000
LONGEST_MADE = 20_000
LONGEST_SEARCHED = 500


@dataclass(slots=True)
class _Interval:
    low: Fraction | None = None
    high: Fraction | None = None
    low_open: bool = False
    high_open: bool = False

    def at_least(self, bound: Fraction, strict: bool) -> None:
        if self.low is None or bound > self.low or (bound == self.low and strict):
            self.low, self.low_open = bound, strict

    def at_most(self, bound: Fraction, strict: bool) -> None:
        if self.high is None or bound < self.high or (bound == self.high and strict):
            self.high, self.high_open = bound, strict

    def __contains__(self, number: Fraction) -> bool:
        above = self.low is None or number > self.low or (number == self.low and not self.low_open)
        below = self.high is None or number < self.high or (number == self.high and not self.high_open)
        return above and below

    @property
    def single(self) -> bool:
        return self.low is not None and self.low == self.high

    @property
    def empty(self) -> bool:
        if self.low is None or self.high is None:
            return False
        return self.low > self.high or (self.low == self.high and (self.low_open or self.high_open))


@dataclass(slots=True)
class _Numbers:
    interval: _Interval = field(default_factory=_Interval)
    step: Fraction | None = None
    avoided: list[Fraction] = field(default_factory=list)


def solve_number(literals: Literals, excluded: frozenset[Fraction]) -> Outcome:
    """A number that keeps all literals and is none of the excluded, or the proof that there is none."""
    wanted = _numbers(literals)
    if wanted.interval.empty:
        return EMPTY
    decided = wanted.interval.single or wanted.step is not None
    tried = 0
    for candidate in _candidates(wanted):
        tried += 1
        if candidate not in wanted.interval or candidate in excluded:
            continue
        if not any((candidate / step).denominator == 1 for step in wanted.avoided):
            value = plain(candidate)
            return found(value) if exact(value) == candidate else UNKNOWN
    return EMPTY if decided and tried <= MOST_TRIED and _exhausted(wanted, len(excluded)) else UNKNOWN


def _numbers(literals: Literals) -> _Numbers:
    wanted = _Numbers()
    for (name, *args), positive in literals:
        if name == "mult":
            if positive:
                wanted.step = args[0] if wanted.step is None else _common(wanted.step, args[0])
            else:
                wanted.avoided.append(args[0])
        elif (name == "min") is positive:
            wanted.interval.at_least(args[0], args[1] if positive else not args[1])
        else:
            wanted.interval.at_most(args[0], args[1] if positive else not args[1])
    return wanted


def _common(left: Fraction, right: Fraction) -> Fraction:
    return Fraction(lcm(left.numerator, right.numerator), gcd(left.denominator, right.denominator))


def _candidates(wanted: _Numbers) -> Iterator[Fraction]:
    interval = wanted.interval
    if interval.single and interval.low is not None:
        yield interval.low
    elif wanted.step is None:
        yield from _between(interval)
    else:
        step = wanted.step
        start = 0
        if interval.low is not None and interval.low > 0:
            start = ceil(interval.low / step)
        elif interval.high is not None and interval.high < 0:
            start = floor(interval.high / step)
        for index in range(MOST_TRIED // 2):
            yield (start + index) * step
            if index:
                yield (start - index) * step


def _between(interval: _Interval) -> Iterator[Fraction]:
    low, high = interval.low, interval.high
    if low is None and high is None:
        low, high = Fraction(0), Fraction(1000)
    elif low is None and high is not None:
        low = high - 1000
    elif high is None and low is not None:
        high = low + 1000
    if low is None or high is None:
        return
    yield from (low, high, Fraction(ceil(low)), Fraction(floor(high)))
    yield from (Fraction(number) for number in range(ceil(low), min(floor(high), ceil(low) + 50) + 1))
    for parts in (2, 4, 5, 10, 100, 1000, 10_000, 1_000_000, 1 << 20, 1 << 30):
        for share in (Fraction(1, parts), Fraction(3, 7)):
            exactly = low + (high - low) * share
            yield from (exact(float(exactly)), Fraction(round(exactly * parts), parts))


def _exhausted(wanted: _Numbers, excluded: int) -> bool:
    """Whether the candidates tried were all, or covered a full period of the multiples to avoid."""
    interval, step = wanted.interval, wanted.step
    if interval.single or step is None:
        return interval.single
    reach = (MOST_TRIED // 2 - 1) * step
    if interval.low is not None and interval.high is not None and interval.high - interval.low <= reach:
        return True
    period = step
    for avoided in wanted.avoided:
        period = _common(period, avoided)
    return period * (excluded + 2) <= reach


def solve_string(literals: Literals, excluded: frozenset[str], line_breaks: bool = True) -> Outcome:
    """A string that keeps all literals and is none of the excluded, or the proof that there is none."""
    checks = [literal for literal in literals if literal[0][0] == "check"]
    wanted = _wanted(tuple(literal for literal in literals if literal not in checks), excluded, line_breaks)
    if wanted.longest is not None and wanted.shortest > wanted.longest:
        return EMPTY
    outcome = _solve_text(wanted)
    return outcome if not checks or not outcome.usable else _checked(wanted, outcome.value, checks)


def _wanted(literals: Literals, excluded: frozenset[str], line_breaks: bool) -> Wanted:
    low, high = 0, None
    matching: list[str] = []
    avoiding: list[str] = []
    for (name, argument), positive in literals:
        if name == "pattern":
            (matching if positive else avoiding).append(argument)
        elif (name == "minlen") is positive:
            low = max(low, argument if positive else argument + 1)
        else:
            bound = argument if positive else argument - 1
            high = bound if high is None else min(high, bound)
    return Wanted(tuple(sorted(matching)), tuple(sorted(avoiding)), low, high, excluded, line_breaks)


def _solve_text(wanted: Wanted) -> Outcome:
    if wanted.shortest > LONGEST_MADE:
        return UNKNOWN
    if not wanted.matching and not wanted.avoiding:
        return _any_string(wanted)
    if wanted.shortest > LONGEST_SEARCHED:
        return _guess(wanted)
    try:
        text = shortest_string(wanted)
    except Unsupported:
        return _guess(wanted)
    return EMPTY if text is None else found(text)


def _checked(wanted: Wanted, first: str, checks: list[tuple[Constraint, bool]]) -> Outcome:
    """A text that is, or is not, what ``format`` and its like name: tried, never proven not to exist."""
    for text in (first, *_GUESSES):
        right = all(passes(keyword, named, text) is positive for (_, keyword, named), positive in checks)
        if right and _fits(wanted, text):
            return found(text)
    return UNKNOWN


def _any_string(wanted: Wanted) -> Outcome:
    if wanted.longest == 0:
        return EMPTY if "" in wanted.excluded else found("")
    size = max(wanted.shortest, 1)
    for index in range(len(wanted.excluded) + 1):
        text = (chr(ord("a") + index % 26) * size) if index < 26 else chr(0x4E00 + index) * size
        if text not in wanted.excluded:
            return found(text)
    return UNKNOWN


_GUESSES = ("a", "A", "0", "1", "aa", "ab", "abc", "ABC", "Aa1", "123", "a-b", "a b", "2024-01-31", "é", "Éa", "_", "-",
            "http://example.com/a", "a@example.com", "", " ", "\n", "00000000-0000-0000-0000-000000000000",
            "2024-01-31T12:00:00Z", "12:00:00Z", "P1D", "example.com", "192.0.2.1", "2001:db8::1", "/a", "0/a", "{a}",
            "[", "{", "%", "\\",
            "a b@", "YQ==", "{}", "é@example.com", "é.example", "http://example.com/é")  # fmt: skip


def _guess(wanted: Wanted) -> Outcome:
    for guess in _GUESSES:
        text = guess if len(guess) >= wanted.shortest or not guess else (guess * wanted.shortest)[: wanted.shortest]
        if _fits(wanted, text):
            return found(text)
    return UNKNOWN


def _fits(wanted: Wanted, text: str) -> bool:
    return (
        len(text) >= wanted.shortest
        and (wanted.longest is None or len(text) <= wanted.longest)
        and text not in wanted.excluded
        and (wanted.line_breaks or "\n" not in text)
        and all(found_in(each, text) for each in wanted.matching)
        and not any(found_in(each, text) for each in wanted.avoiding)
    )
