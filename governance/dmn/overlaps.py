"""Where rules meet: contradictions of a table, rules that never have a say, and rules that say a thing twice.

What a meeting means depends on the hit policy. U promises that none happens, A that those who meet agree; under P and F
one rule wins and another may never be heard; C, R and O list both, so only saying the same is worth a word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any

from .boxes import Boxes, Region
from .cover import Box, Budget, Exhausted, cover_of, uncovered, volume
from .hits import identity

CONFLICT = "conflict"
"""U: both hold. A: both hold and say different things. The table refuses to answer there."""
SHADOWED = "shadowed"
"""P, F: the first rule named is never heard, because the others win wherever it holds."""
OVERLAP = "overlap"
"""P, F: both hold and say different things; the hit policy settles it. To be known, not to be mended."""
DUPLICATE = "duplicate"
"""C, R, O and the aggregates: both hold for the same facts and say the same."""
SUBSUMED = "subsumed"
"""C, R, O and the aggregates: the first rule named says only what the second already says, for fewer facts."""


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rules that hold together in ``region``; for the facts ``example`` the table confirms it."""

    rules: tuple[str, ...]
    region: Region
    example: dict[str, Any]
    kind: str


@dataclass(frozen=True, slots=True)
class Meeting:
    """Rules by their place, and the box in which they hold together."""

    kind: str
    rules: tuple[int, ...]
    box: Box

    def told(self, boxes: Boxes) -> Overlap:
        names = tuple(boxes.table.rules[at].conclusion.rule for at in self.rules)
        sure = names[:1] if self.kind == SHADOWED else names
        return Overlap(names, boxes.region(self.box), boxes.example(self.box, hit=sure), self.kind)


@dataclass(slots=True)
class Meetings:
    """The first ``kept`` meetings, how many there are, and the rules of which shadowing could not be told."""

    kept: list[Meeting]
    count: int
    unknown: list[int]
    finished: bool


def meetings(boxes: Boxes, budget: Budget, *, most: int) -> Meetings:
    """All meetings that matter under the table's hit policy; not finished when the budget ends it."""
    found = Meetings([], 0, [], True)
    judged = _winning(boxes, budget, found) if boxes.table.hit in ("P", "F") else _pairs(boxes, budget)
    try:
        for meeting in judged:
            found.count += 1
            if len(found.kept) < most:
                found.kept.append(meeting)
    except Exhausted:
        found.finished = False
    return found


def _pairs(boxes: Boxes, budget: Budget) -> Iterator[Meeting]:
    said = _outputs(boxes)
    meets = _meets(boxes, budget)
    hit = boxes.table.hit
    for one, box in enumerate(boxes.rules):
        for other in _places(meets(one) >> (one + 1), one + 1):
            if hit == "U" or (hit == "A" and said[one] != said[other]):
                yield Meeting(CONFLICT, (one, other), _shared(box, boxes.rules[other]))
            elif hit != "A" and said[one] == said[other]:
                yield from _repeated(boxes, one, other)


def _repeated(boxes: Boxes, one: int, other: int) -> Iterator[Meeting]:
    mine, theirs = boxes.rules[one], boxes.rules[other]
    shared = _shared(mine, theirs)
    if mine == theirs:
        yield Meeting(DUPLICATE, (one, other), shared)
    elif shared == mine:
        yield Meeting(SUBSUMED, (one, other), shared)
    elif shared == theirs:
        yield Meeting(SUBSUMED, (other, one), shared)


def _winning(boxes: Boxes, budget: Budget, found: Meetings) -> Iterator[Meeting]:
    """P and F: the rules never heard, then the pairs of heard rules that differ."""
    said = _outputs(boxes)
    meets = _meets(boxes, budget)
    order = _order(boxes)
    winners: dict[int, list[int]] = {}
    silent: dict[int, list[int]] = {}
    for one in sorted(range(len(boxes.rules)), key=order.__getitem__):
        # who is silent needs no naming: those who beat it beat this rule too
        winners[one] = [at for at in _places(meets(one), 0) if order[at] < order[one] and at not in silent]
        over = _hidden(boxes, one, winners[one], budget, found)
        if over is not None:
            silent[one] = over
    for one in sorted(silent):
        yield Meeting(SHADOWED, (one, *silent[one]), boxes.rules[one])
    for one in sorted(winners.keys() - silent.keys()):
        for other in winners[one]:
            if said[one] != said[other]:
                yield Meeting(OVERLAP, (other, one), _shared(boxes.rules[one], boxes.rules[other]))


def _hidden(boxes: Boxes, one: int, winners: list[int], budget: Budget, found: Meetings) -> list[int] | None:
    """The winners that together cover a rule, one alone if one does; None when it is heard or that is not known."""
    box = boxes.rules[one]
    alone = next((other for other in winners if _shared(box, boxes.rules[other]) == box), None)
    if alone is not None or not winners or not volume(box):
        return None if alone is None else [alone]
    covers = [cover_of(boxes.rules[other], boxes.space) for other in winners]
    search = uncovered(box, covers, budget, most=1)
    if search.boxes:
        return None
    if not search.finished:
        found.unknown.append(one)
        return None
    return winners


def _order(boxes: Boxes) -> list[tuple[Any, ...]]:
    """Who wins over whom, lowest first: by rank under P, then by place in the table."""
    ranked = boxes.table.hit == "P"
    return [(rule.conclusion.rank if ranked else (), at) for at, rule in enumerate(boxes.table.rules)]


def _outputs(boxes: Boxes) -> list[str]:
    return [identity(rule.conclusion.output) for rule in boxes.table.rules]


def _meets(boxes: Boxes, budget: Budget) -> Callable[[int], int]:
    """Per rule, the rules that share a fact with it: bits by their place, its own among them."""
    everyone = (1 << len(boxes.rules)) - 1

    @cache
    def allowing(at: int, side: int) -> int:
        budget.spend(len(boxes.rules))
        return sum(1 << other for other, box in enumerate(boxes.rules) if box[at] & side)

    def meets(one: int) -> int:
        budget.spend(len(boxes.space))
        rules = everyone
        for at, side in enumerate(boxes.rules[one]):
            rules &= allowing(at, side)
        return rules

    return meets


def _shared(one: Box, other: Box) -> Box:
    return tuple(side & theirs for side, theirs in zip(one, other, strict=True))


def _places(bits: int, start: int) -> Iterator[int]:
    while bits:
        lowest = bits & -bits
        yield start + lowest.bit_length() - 1
        bits ^= lowest
