"""What some boxes leave uncovered of a space, exactly: boxes are subtracted, nothing is sampled.

A box has one set of atoms per input, as the bits of a number; a cover is a box that names only the inputs that it
restricts. The search keeps a stack of boxes that together are what is left to look at. A cover that sticks out of
a box on one input only is cut off at once; otherwise the box is split in two along the input that most of the
tightest covers restrict. A box that meets no cover is uncovered: it is widened to one that no wider box contains, and
then serves as a cover itself, so that each box found tells something new and all of them together tell everything.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import prod

Box = tuple[int, ...]
Cover = tuple[tuple[int, int], ...]
"""The inputs that it restricts, by their place, each with the atoms that it allows."""


class Exhausted(Exception):
    """The budget is spent: what is not known by now stays unknown."""


@dataclass(slots=True)
class Budget:
    """Work that may be done, counted in looks at one class or one cover: the same on every machine."""

    limit: int
    spent: int = 0

    def spend(self, steps: int) -> None:
        """Raises ``Exhausted`` when the work would go beyond the limit."""
        if self.spent + steps > self.limit:
            raise Exhausted
        self.spent += steps


@dataclass(slots=True)
class Search:
    """What ``uncovered`` found: ``boxes``, and how much of the space it has looked at, in atoms."""

    boxes: list[Box] = field(default_factory=list)
    seen: int = 0
    volume: int = 0

    @property
    def finished(self) -> bool:
        return self.seen == self.volume

    @property
    def share(self) -> Fraction:
        return Fraction(self.seen, self.volume) if self.volume else Fraction(1)


def volume(box: Box) -> int:
    return prod(atoms.bit_count() for atoms in box)


def cover_of(box: Box, space: Box) -> Cover:
    return tuple(
        (at, inside) for at, (inside, all_of_it) in enumerate(zip(box, space, strict=True)) if inside != all_of_it
    )


def uncovered(space: Box, covers: Sequence[Cover], budget: Budget, *, most: int) -> Search:
    """At most ``most`` maximal boxes of ``space`` outside all covers; all of them when the search is finished.

    It ends early, and then is not finished, when the budget is spent or ``most`` are found and more is left.
    """
    found = Search(volume=volume(space))
    known: list[Cover] = list(covers)
    stack: list[tuple[Box, list[Cover], int]] = [(space, known[:], len(known))] if found.volume else []
    while stack:
        box, near, heard = stack.pop()
        try:
            left, near = _cut(box, near + known[heard:], budget)
        except Exhausted:
            return found
        remaining = 0 if left is None else volume(left)
        found.seen += volume(box) - remaining
        if left is None:
            continue
        if near:
            stack += [(half, near, len(known)) for half in _halves(left, near)]
            continue
        if len(found.boxes) == most:
            return found
        found.seen += remaining
        found.boxes.append(_widened(left, space, covers))
        known.append(cover_of(found.boxes[-1], space))
    return found


def _cut(box: Box, covers: list[Cover], budget: Budget) -> tuple[Box | None, list[Cover]]:
    """What the covers leave of a box where cutting leaves one box, and the covers that still reach into it."""
    sides = list(box)
    while True:
        budget.spend(len(covers) + 1)
        near: list[Cover] = []
        cut = False
        for cover in covers:
            outside = 0
            last = (-1, 0)
            for at, inside in cover:
                side = sides[at]
                if not side & inside:
                    break  # it does not reach here
                if side & ~inside:
                    outside += 1
                    last = (at, inside)
            else:
                if not outside:
                    return None, []
                if outside == 1:
                    sides[last[0]] &= ~last[1]
                    cut = True
                else:
                    near.append(cover)
        if not cut:
            return tuple(sides), near
        covers = near


def _halves(box: Box, near: list[Cover]) -> tuple[Box, Box]:
    """Split where most is decided; the half that fewer covers reach is looked at first, so it comes last."""
    weights: dict[tuple[int, int], float] = defaultdict(float)
    for cover in near:
        outside = [(at, box[at] & inside) for at, inside in cover if box[at] & ~inside]
        for side in outside:
            weights[side] += 4.0 ** -len(outside)
    at, inside = max(weights, key=lambda side: (weights[side], -side[0], -side[1]))
    return _with(box, at, inside), _with(box, at, box[at] & ~inside)


def _with(box: Box, at: int, side: int) -> Box:
    return (*box[:at], side, *box[at + 1 :])


def _widened(box: Box, space: Box, covers: Sequence[Cover]) -> Box:
    """A largest box around an uncovered one: first whole inputs are set free, the least asked ones first."""
    sides = list(box)
    apart = [{at for at, inside in cover if not sides[at] & inside} for cover in covers]
    asked = [sum(any(at == side for side, _ in cover) for cover in covers) for at in range(len(space))]
    for free_only in (True, False):
        for at in sorted(range(len(space)), key=lambda place: (asked[place], -place)):
            allowed = space[at]
            for cover, places in zip(covers, apart, strict=True):
                if places == {at}:  # only this input keeps the box and the cover apart
                    allowed &= ~dict(cover)[at]
            if free_only and allowed != space[at]:
                continue
            sides[at] = allowed
            for cover, places in zip(covers, apart, strict=True):
                if at in places and allowed & dict(cover)[at]:
                    places.discard(at)
    return tuple(sides)
