"""Strings that match some patterns and not others: found, or proven not to exist.

Each pattern becomes an automaton with epsilon moves (Thompson 1968); all are run together over one representative per
class of characters that no pattern tells apart, breadth first, so that the shortest string is found. Anchors are
moves that are open only at the start or the end.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

from .automata import Automaton, Unsupported, automaton

MOST_STATES = 20_000
_PREFERRED = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-. :/"
State = tuple[tuple[frozenset[int], ...], int, str | None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Patterns to match, patterns not to match, length bounds, strings that will not do, and whether lines may end."""

    matching: tuple[str, ...]
    avoiding: tuple[str, ...]
    shortest: int = 0
    longest: int | None = None
    excluded: frozenset[str] = field(default_factory=frozenset)
    line_breaks: bool = True


@lru_cache(maxsize=4096)
def shortest_string(wanted: Wanted) -> str | None:
    """The shortest string wanted, ``None`` when there is none. Raises ``Unsupported`` when that cannot be decided."""
    automata = [automaton(pattern) for pattern in (*wanted.matching, *wanted.avoiding)]
    search = _Search(wanted, automata, _alphabet(automata, wanted))
    return search.run()


class _Search:
    def __init__(self, wanted: Wanted, automata: Sequence[Automaton], alphabet: Sequence[str]) -> None:
        self.wanted = wanted
        self.automata = automata
        self.alphabet = alphabet
        self.prefixes = {text[:end] for text in wanted.excluded for end in range(len(text) + 1)}

    def run(self) -> str | None:
        first: State = (tuple(each.start() for each in self.automata), 0, "" if "" in self.prefixes else None)
        seen, queue = {first}, deque([(first, "")])
        while queue:
            state, text = queue.popleft()
            if self._accepts(state, text):
                return text
            if self.wanted.longest is not None and len(text) >= self.wanted.longest:
                continue
            for character in self.alphabet:
                following = self._step(state, text, character)
                if following is not None and following not in seen:
                    seen.add(following)
                    queue.append((following, text + character))
            if len(seen) > MOST_STATES:
                raise Unsupported("the patterns have too many states together")
        return None

    def _accepts(self, state: State, text: str) -> bool:
        if len(text) < self.wanted.shortest or text in self.wanted.excluded:
            return False
        matching = len(self.wanted.matching)
        return all(
            each.accepts(states, at_start=not text) is (index < matching)
            for index, (each, states) in enumerate(zip(self.automata, state[0], strict=True))
        )

    def _step(self, state: State, text: str, character: str) -> State | None:
        matching = len(self.wanted.matching)
        following = tuple(
            each.step(states, ord(character)) for each, states in zip(self.automata, state[0], strict=True)
        )
        if any(not states for states in following[:matching]):
            return None
        if any(each.done(states) for each, states in zip(self.automata[matching:], following[matching:], strict=True)):
            return None
        length = min(state[1] + 1, self.wanted.shortest)
        prefix = text + character
        return following, length, prefix if state[2] is not None and prefix in self.prefixes else None


def _alphabet(automata: Sequence[Automaton], wanted: Wanted) -> list[str]:
    """One character for each class that the patterns tell apart, letters before anything odd."""
    cuts = {0, 0xD800, 0xE000, 0x110000}
    for each in automata:
        cuts |= each.cuts
    cuts |= {ord(character) + extra for text in wanted.excluded for character in text for extra in (0, 1)}
    edges = sorted(cuts)
    preferred = [ord(character) for character in _PREFERRED]
    found = []
    for low, high in pairwise(edges):
        if 0xD800 <= low < 0xE000 or (low == 10 and high == 11 and not wanted.line_breaks):
            continue
        found.append(chr(next((code for code in preferred if low <= code < high), max(low, min(0x21, high - 1)))))
    rank = {character: index for index, character in enumerate(_PREFERRED)}
    return sorted(found, key=lambda character: (rank.get(character, 999), character))
