"""Patterns of JSON Schema as automata: the part of ECMA-262 that is regular."""

from __future__ import annotations

from functools import lru_cache

Ranges = tuple[tuple[int, int], ...]
MOST_NODES = 6000
_LAST = 0x10FFFF
_DIGIT: Ranges = ((48, 57),)
_WORD: Ranges = ((48, 57), (65, 90), (95, 95), (97, 122))
_SPACE: Ranges = ((9, 13), (32, 32), (0xA0, 0xA0), (0x1680, 0x1680), (0x2000, 0x200A), (0x2028, 0x2029),
                  (0x202F, 0x202F), (0x205F, 0x205F), (0x3000, 0x3000), (0xFEFF, 0xFEFF))  # fmt: skip
_CONTROL = {"n": 10, "r": 13, "t": 9, "f": 12, "v": 11, "0": 0}
_ANY: Ranges = ((0, _LAST),)
_START, _END = "start", "end"


class Unsupported(Exception):
    """The pattern is outside what is analysed; say ``unknown``."""


def inverse(ranges: Ranges) -> Ranges:
    """Every character that is not in the ranges."""
    found, at = [], 0
    for low, high in sorted(ranges):
        if low > at:
            found.append((at, low - 1))
        at = max(at, high + 1)
    return (*found, (at, _LAST)) if at <= _LAST else tuple(found)


class Automaton:
    """States and moves of one pattern; the pattern may occur anywhere in a string."""

    def __init__(self) -> None:
        self.free: list[list[int]] = []
        self.anchored: list[list[tuple[str, int]]] = []
        self.moves: list[list[tuple[Ranges, int]]] = []
        self.cuts: set[int] = set()
        self.first, self.final = self.node(), self.node()
        self._memo: dict[tuple[frozenset[int], int], frozenset[int]] = {}

    def node(self) -> int:
        if len(self.free) > MOST_NODES:
            raise Unsupported("the pattern is too large")
        self.free.append([])
        self.anchored.append([])
        self.moves.append([])
        return len(self.free) - 1

    def move(self, source: int, ranges: Ranges, target: int) -> None:
        self.moves[source].append((ranges, target))
        for low, high in ranges:
            self.cuts |= {low, high + 1}

    def start(self) -> frozenset[int]:
        return self._closure({self.first}, (_START,))

    def step(self, states: frozenset[int], code: int) -> frozenset[int]:
        """Where the states lead on a character; a match once made stays made."""
        key = (states, code)
        if key not in self._memo:
            reached = {
                target
                for state in states
                for ranges, target in self.moves[state]
                if any(low <= code <= high for low, high in ranges)
            }
            reached.add(self.first)
            if self.final in states:
                reached = {self.final}
            self._memo[key] = self._closure(reached, ())
        return self._memo[key]

    def done(self, states: frozenset[int]) -> bool:
        return self.final in states

    def accepts(self, states: frozenset[int], *, at_start: bool) -> bool:
        return self.final in self._closure(set(states), (_END, _START) if at_start else (_END,))

    def _closure(self, states: set[int], anchors: tuple[str, ...]) -> frozenset[int]:
        stack, found = list(states), set(states)
        while stack:
            state = stack.pop()
            onward = self.free[state] + [to for anchor, to in self.anchored[state] if anchor in anchors]
            for target in onward:
                if target not in found:
                    found.add(target)
                    stack.append(target)
        return frozenset((self.final,)) if self.final in found else frozenset(found)


@lru_cache(maxsize=128)
def automaton(pattern: str) -> Automaton:
    """The automaton of a pattern. Raises ``Unsupported`` for what is not regular or not analysed."""
    built = Automaton()
    _Reader(pattern, built).read()
    return built


class _Reader:
    def __init__(self, text: str, built: Automaton) -> None:
        self.text, self.at, self.built = text, 0, built

    def read(self) -> None:
        self._alternatives(self.built.first, self.built.final)
        if self.at != len(self.text):
            raise Unsupported("an unbalanced group")

    def _next(self) -> str:
        return self.text[self.at : self.at + 1]

    def _take(self, literal: str) -> bool:
        if self.text.startswith(literal, self.at):
            self.at += len(literal)
            return True
        return False

    def _alternatives(self, source: int, target: int) -> None:
        while True:
            entry = self.built.node()
            self.built.free[source].append(entry)
            self.built.free[self._sequence(entry)].append(target)
            if not self._take("|"):
                return

    def _sequence(self, source: int) -> int:
        while self._next() not in ("", "|", ")"):
            begin = self.at
            target = self._atom(source)
            low, high = self._quantifier()
            if (low, high) != (1, 1):
                target = self._repeat(source, begin, low, high)
            source = target
        return source

    def _repeat(self, source: int, begin: int, low: int, high: int | None) -> int:
        """Read the same atom again as often as it may occur; the first, unquantified copy is left dangling."""
        after, nodes = self.at, self.built
        entry = nodes.node()
        nodes.free[source].append(entry)
        end = nodes.node()
        for index in range(max(low, 1) if high is None else high):
            if index >= low:
                nodes.free[entry].append(end)
            self.at = begin
            last = entry
            entry = self._atom(entry)
        if high is None:
            nodes.free[entry].append(last)
            if low == 0:
                nodes.free[last].append(end)
        nodes.free[entry].append(end)
        self.at = after
        return end

    def _quantifier(self) -> tuple[int, int | None]:
        found: tuple[int, int | None] = (1, 1)
        for sign, bounds in (("*", (0, None)), ("+", (1, None)), ("?", (0, 1))):
            if self._take(sign):
                found = bounds
                break
        else:
            if self._next() != "{":
                return found
            found = self._counted()
        self._take("?")
        return found

    def _counted(self) -> tuple[int, int | None]:
        inner, closed, _rest = self.text[self.at + 1 :].partition("}")
        low, comma, high = inner.partition(",")
        if not closed or not low.isdecimal() or (high and not high.isdecimal()):
            raise Unsupported("a brace that does not count")
        self.at += len(inner) + 2
        bounds = int(low), (int(high) if high else None) if comma else int(low)
        if max(bounds[0], bounds[1] or 0) > 1000:
            raise Unsupported("a count over 1000")
        return bounds

    def _atom(self, source: int) -> int:
        target = self.built.node()
        for sign, anchor in (("^", _START), ("$", _END)):
            if self._take(sign):
                self.built.anchored[source].append((anchor, target))
                return target
        if self._take("("):
            self._group(source, target)
        else:
            self.built.move(source, self._class(), target)
        return target

    def _group(self, source: int, target: int) -> None:
        if self._take("?") and not self._take(":"):
            raise Unsupported("a special group")
        inner = self.built.node()
        self.built.free[source].append(inner)
        self._alternatives(inner, target)
        if not self._take(")"):
            raise Unsupported("an unbalanced group")

    def _class(self) -> Ranges:
        if self._take("."):
            return inverse(((10, 10),))
        if self._take("["):
            return self._bracket()
        if self._take("\\"):
            return self._escape()
        character = self._next()
        if character in "*+?{}])" or not character:
            raise Unsupported("an unexpected sign")
        self.at += 1
        return ((ord(character), ord(character)),)

    def _bracket(self) -> Ranges:
        negated = self._take("^")
        found: list[tuple[int, int]] = []
        while not self._take("]"):
            low = self._member()
            if self._next() == "-" and self.text[self.at + 1 : self.at + 2] not in ("]", ""):
                self.at += 1
                high = self._member()
                if len(low) != 1 or len(high) != 1 or low[0][0] > high[0][1]:
                    raise Unsupported("an odd range")
                low = ((low[0][0], high[0][1]),)
            found += low
        return inverse(tuple(found)) if negated else tuple(found)

    def _member(self) -> Ranges:
        if self._take("\\"):
            return self._escape()
        character = self._next()
        if not character or (character == "[" and self.text[self.at + 1 : self.at + 2] == ":"):
            raise Unsupported("an unbalanced class")
        self.at += 1
        return ((ord(character), ord(character)),)

    def _escape(self) -> Ranges:
        character = self._next()
        self.at += 1
        classes = {"d": _DIGIT, "w": _WORD, "s": _SPACE}
        if character in classes:
            return classes[character]
        if character.lower() in classes and character:
            return inverse(classes[character.lower()])
        if character in _CONTROL and character:
            code = _CONTROL[character]
        elif character == "c" and self._next().isalpha() and self._next().isascii():
            code, self.at = ord(self._next()) % 32, self.at + 1
        elif character in ("x", "u"):
            size = 2 if character == "x" else 4
            code, self.at = self._hexadecimal(self.text[self.at : self.at + size], size), self.at + size
        elif character and not character.isalnum():
            code = ord(character)
        else:
            raise Unsupported("an escape that is not analysed")
        return ((code, code),)

    def _hexadecimal(self, digits: str, size: int) -> int:
        if len(digits) != size or not all(digit in "0123456789abcdefABCDEF" for digit in digits):
            raise Unsupported("a malformed escape")
        return int(digits, 16)
