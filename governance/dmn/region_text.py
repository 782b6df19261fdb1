"""A region of one input's facts in words: as one S-FEEL cell wherever S-FEEL can say it in one.

Two things it cannot: ``not(...)`` beside another test, and two conditions on one list. There the cells are
joined by ``or`` and ``and``, as an author would write them into two rules or two columns.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from .scales import Scale

MISSING = "missing"
ANYTHING = "anything"


@dataclass(frozen=True, slots=True)
class Piece:
    """A class of facts that no cell can tell apart: a point, or all that lies strictly between two (None: no end).

    ``fact`` is one of its facts.
    """

    kind: str
    point: bool
    low: Any
    high: Any
    fact: Any


@dataclass(frozen=True, slots=True)
class Line:
    """The pieces of one kind in order; without a scale they have none and stand for themselves."""

    kind: str
    pieces: tuple[Piece, ...]
    scale: Scale | None = None
    listed: bool = False
    """Whether the pieces are all the values that there are, rather than cuts of a line without gaps."""


def region_text(lines: Sequence[Line], inside: Collection[int], of_lists: Callable[[], str]) -> str:
    """The pieces whose ``id`` is ``inside``; ``of_lists`` says those of the lists among them."""
    present = [piece for line in lines for piece in line.pieces if line.kind != MISSING]
    if all(id(piece) in inside for piece in present):
        return "!=null"
    tests: list[str] = []
    cells: list[str] = []
    for line in lines:
        chosen = [piece for piece in line.pieces if id(piece) in inside]
        if line.kind == "list" and chosen:
            cells.append(of_lists())
        elif line.kind == "string" and not line.listed and _all_between(line, inside):
            cells.append(_all_texts_but(line, inside))
        elif chosen:
            tests += _tests(line, inside)
    return " or ".join(([", ".join(tests)] if tests else []) + cells)


def _tests(line: Line, inside: Collection[int]) -> Iterator[str]:
    if line.kind == MISSING:
        yield "null"
        return
    if line.scale is None or line.listed:
        yield from (_literal(line, piece.low) for piece in line.pieces if id(piece) in inside)
        return
    for chosen, run in groupby(line.pieces, lambda piece: id(piece) in inside):
        if chosen:
            yield _interval(line.scale, list(run))


def _interval(scale: Scale, run: list[Piece]) -> str:
    first, last = run[0], run[-1]
    if first.point and first is last:
        return scale.literal(first.low)
    if first.low is None and last.high is None:
        middle = scale.literal(scale.between(None, None))
        return f"<{middle}, >={middle}"
    if first.low is None:
        return f"<{'=' if last.point else ''}{scale.literal(last.high)}"
    if last.high is None:
        return f">{'=' if first.point else ''}{scale.literal(first.low)}"
    opening, closing = "[" if first.point else "(", "]" if last.point else ")"
    return f"{opening}{scale.literal(first.low)}..{scale.literal(last.high)}{closing}"


def _all_between(line: Line, inside: Collection[int]) -> bool:
    between = [piece for piece in line.pieces if not piece.point]
    return bool(between) and all(id(piece) in inside for piece in between)


def _all_texts_but(line: Line, inside: Collection[int]) -> str:
    named = [_literal(line, piece.low) for piece in line.pieces if id(piece) not in inside]
    return f"not({', '.join(named)})" if named else '>=""'


def _literal(line: Line, value: Any) -> str:
    if line.scale:
        return line.scale.literal(value)
    return str(value).lower() if isinstance(value, bool) else str(value)
