"""The facts that one input may bring, cut into classes inside which no cell can tell two facts apart.

A class is a point or an open interval of an ordered kind, true or false, a set of list elements, or the missing
fact. Classes that answer every cell alike are one atom. A cell, and every region of the input, is then a set of
atoms, kept as the bits of a number: union, intersection and complement are exact, and no fact is left out.

Which facts there are is what the document declares (``document``). An input that declares nothing takes the kinds
that its cells compare. A time of day or a moment carries a zone where those in the input's cells do.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

from .region_text import ANYTHING, MISSING, Line, Piece, region_text
from .scales import OTHER, scale_of
from .table import Cell, Input
from .unary import Contains, Interval, Literal, Test
from .values import READERS, is_whole

Spend = Callable[[int], None]
CLOCKS = frozenset({"time", "date and time"})


@dataclass(frozen=True, slots=True)
class Domain:
    """One input as atoms; ``holds`` says per cell's text in which of them it holds."""

    name: str
    lines: tuple[Line, ...]
    atoms: tuple[tuple[Piece, ...], ...]
    holds: dict[str, int]

    @property
    def everything(self) -> int:
        return (1 << len(self.atoms)) - 1

    def text(self, region: int) -> str:
        """The region as a cell; where no single cell can say it, cells joined by ``and`` and ``or``."""
        if region == self.everything:
            return "-"
        inside = {id(piece) for piece in self._pieces(region)}
        return region_text(self.lines, inside, partial(_lists_text, self, region))

    def fact(self, region: int) -> Any:
        """A fact of the region, one that the table itself names if there is one. None: missing, or never asked."""
        chosen = min(self._pieces(region), key=_rarity)
        return list(chosen.fact) if isinstance(chosen.fact, list) else chosen.fact

    def _pieces(self, region: int) -> list[Piece]:
        return [piece for at, atom in enumerate(self.atoms) if region >> at & 1 for piece in atom]


def domain_of(column: Input, cells: Sequence[Cell], spend: Spend) -> Domain:
    """The atoms of an input. ``spend`` is told of every piece of work and may raise to end it."""
    lines = tuple(line for line in _lines(column, cells, spend) if line.pieces)
    signed: dict[int, list[Piece]] = {}
    for line in lines:
        spend(len(line.pieces) * (len(cells) + 1))
        for piece in line.pieces:
            signed.setdefault(_signature(piece, cells), []).append(piece)
    holds = {
        cell.text: sum(1 << atom for atom, signature in enumerate(signed) if signature >> at & 1)
        for at, cell in enumerate(cells)
    }
    return Domain(column.name, lines, tuple(map(tuple, signed.values())), holds)


def _signature(piece: Piece, cells: Sequence[Cell]) -> int:
    """Which cells hold in a class: what the engine answers for one of its facts, it answers for all."""
    if piece.kind == MISSING:
        return sum(1 << at for at, cell in enumerate(cells) if cell.holds_for_missing)
    return sum(1 << at for at, cell in enumerate(cells) if cell.match(piece.fact))


def _rarity(piece: Piece) -> tuple[bool, bool, bool]:
    return piece.kind == MISSING, not piece.point, piece.kind == "string" and piece.fact not in OTHER


def _lines(column: Input, cells: Sequence[Cell], spend: Spend) -> Iterator[Line]:
    kinds = [kind for kind in READERS if kind in column.kinds]
    if column.values and kinds != ["list"]:
        yield from _of_values(column, kinds)
    elif not kinds:
        yield Line(ANYTHING, (Piece(ANYTHING, True, None, None, "any" if cells else None),))
    else:
        asked = [literal for cell in cells for test in cell.tests.tests for literal in _literals(test)]
        asked += [literal for test in (column.range.tests.tests if column.range else ()) for literal in _literals(test)]
        for kind in kinds:
            yield from _of_kind(column, kind, [literal for literal in asked if literal.kind == kind])
    if "list" in kinds:
        yield Line("list", tuple(_sets(cells, spend)))
    if column.optional or None in column.values:
        yield Line(MISSING, (Piece(MISSING, True, None, None, None),))


def _literals(test: Test) -> tuple[Literal, ...]:
    """What cuts a line. The elements that a list is asked for cut none."""
    if isinstance(test, Contains):
        return ()
    return (test.low, test.high) if isinstance(test, Interval) else (test.literal,)


def _of_values(column: Input, kinds: list[str]) -> Iterator[Line]:
    """All values that an input may have, each a point of the first kind that can read it."""
    found: dict[tuple[str, bool], list[Piece]] = {}
    for value in column.values:
        kind = next((kind for kind in (*kinds, "number", "boolean", "string") if _read(kind, value) is not None), "")
        if value is None or not kind or not _there(column, value):
            continue
        read = READERS[kind](value)
        scale = scale_of(kind, zoned=_zoned(kind, read))
        at = scale.of(read) if scale else read
        found.setdefault((kind, _zoned(kind, read)), []).append(Piece(kind, True, at, at, value))
    for (kind, zoned), pieces in found.items():
        yield Line(kind, tuple(pieces), scale_of(kind, zoned=zoned), listed=True)


def _read(kind: str, value: Any) -> Any:
    return None if kind == "list" else READERS[kind](value)


def _of_kind(column: Input, kind: str, asked: list[Literal]) -> Iterator[Line]:
    if kind == "boolean":
        yield Line(kind, tuple(Piece(kind, True, value, value, value) for value in (True, False)))
        return
    for zoned in sorted({_zoned(kind, literal.value) for literal in asked} or {kind in CLOCKS}):
        scale = scale_of(kind, whole=column.whole, zoned=zoned)
        if scale is None:
            return
        cuts = sorted({scale.of(literal.value) for literal in asked if _zoned(kind, literal.value) == zoned})
        pieces: list[Piece] = []
        for low, high in pairwise([None, *cuts, None]):
            at = scale.between(low, high)
            if at is not None:
                alone = scale.between(low, at) is None and scale.between(at, high) is None
                ends = (at, at) if alone else (low, high)
                pieces.append(Piece(kind, alone, *ends, scale.fact(at)))
            if high is not None:
                pieces.append(Piece(kind, True, high, high, scale.fact(high)))
        yield Line(kind, tuple(piece for piece in pieces if _there(column, piece.fact)), scale)


def _zoned(kind: str, value: Any) -> bool:
    return kind in CLOCKS and value.tzinfo is not None


def _there(column: Input, fact: Any) -> bool:
    """Whether the declared range and ``whole`` let this fact be."""
    if column.whole and not is_whole(fact):
        return False
    return column.range is None or bool(column.range.match(fact))


def _sets(cells: Sequence[Cell], spend: Spend) -> Iterator[Piece]:
    """One list for every way in which all ``contains`` together can be answered, built element by element.

    A list so far is known by its answers: all of the wanted elements so far (``contains``), or one of them
    (``contains any``). Two lists with the same answers are as good as one, so there are never more than differ.
    """
    asked = list(dict.fromkeys(test for cell in cells for test in cell.tests.tests if isinstance(test, Contains)))
    elements = dict.fromkeys(item for test in asked for item in test.items)
    lists: dict[tuple[bool, ...], list[Any]] = {tuple(not test.any_of for test in asked): []}
    for element in elements:
        spend(len(lists) * (len(asked) + 1))
        grown: dict[tuple[bool, ...], list[Any]] = {}
        for answers, items in lists.items():
            pairs = list(zip(answers, asked, strict=True))
            without = tuple(yes and (test.any_of or element not in test.items) for yes, test in pairs)
            having = tuple(yes or (test.any_of and element in test.items) for yes, test in pairs)
            grown.setdefault(without, items)
            grown.setdefault(having, [*items, _element(element)])
        lists = grown
    for items in lists.values():
        yield Piece("list", True, None, None, items)


def _element(literal: Literal) -> Any:
    scale = scale_of("number")
    if literal.kind == "number" and scale:
        return scale.fact(literal.value)
    return literal.text if literal.kind not in ("string", "boolean", "null") else literal.value


def _lists_text(domain: Domain, region: int) -> str:
    """Sets of list elements, by the cells that ask for them."""
    lists = sum(1 << at for at, atom in enumerate(domain.atoms) if any(piece.kind == "list" for piece in atom))
    holds = [(text, mask & lists) for text, mask in domain.holds.items() if "contains" in text]
    said = [*holds, *((_opposite(text), lists & ~mask) for text, mask in holds)]
    if region & lists == lists:  # beside facts of another kind
        return f"{holds[0][0]} or {_opposite(holds[0][0])}"
    together = _conjunction(region & lists, said, lists)
    if together is not None:
        return together
    alone = (1 << at for at in range(len(domain.atoms)) if region & lists & 1 << at)
    return " or ".join(filter(None, (_conjunction(atom, said, lists) for atom in alone)))


def _conjunction(region: int, said: list[tuple[str, int]], lists: int) -> str | None:
    """The fewest cells, as far as a greedy choice finds them, that hold together exactly in the region."""
    left, chosen = lists, list[str]()
    fitting = [(text, mask) for text, mask in said if not region & ~mask]
    while left != region and fitting:
        text, mask = min(fitting, key=lambda one: (left & one[1]).bit_count())
        if left & mask == left:
            return None
        left, chosen = left & mask, [*chosen, text]
    return " and ".join(chosen) if left == region else None


def _opposite(cell: str) -> str:
    return cell[cell.index("(") + 1 : -1].strip() if cell.startswith("not") else f"not({cell})"
