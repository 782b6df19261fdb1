"""What a decision table leaves undecided, and where its rules meet: over all facts that there can be, not a sample.

The inputs' domains are cut into classes (``regions``), the rules become boxes over them (``boxes``), and the boxes
are subtracted from the whole (``cover``). Every gap and overlap carries one example of facts, and the table itself
confirms it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .boxes import Boxes, Region, boxes_of
from .cover import Box, Budget, Exhausted, Search, cover_of, uncovered, volume
from .hits import Conclusion, identity
from .overlaps import Overlap, meetings
from .reading import compile_table
from .table import CompiledTable

BUDGET = 2_000_000
"""Looks at one class or one cover, some seconds of one core; 16 inputs and 200 rules take about a tenth of it."""
MOST = 100
"""Gaps, and overlaps, told at most. Whoever mends a hundred of them asks again."""

COMPLETE, GAPS, UNKNOWN = "complete", "gaps", "unknown"
Decides = Callable[[Conclusion], bool]


@dataclass(frozen=True, slots=True)
class Gap:
    """Facts that nobody decides: no wider ``region`` is undecided throughout, and ``example`` is one set of them."""

    region: Region
    example: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Never:
    """A rule that can never hold: the cell of ``input`` holds for no fact that there can be."""

    rule: str
    input: str
    cell: str


@dataclass(frozen=True, slots=True)
class Analysis:
    """What was found. Gaps may share facts; together they are all that is undecided in the part analysed.

    ``verdict`` is ``gaps`` as soon as there is one, ``complete`` when all was analysed and there is none, and otherwise
    ``unknown``. ``analysed`` is the exact share of all combinations of classes in which every gap is known; ``spent``
    the work done. ``overlaps`` are the first of ``overlap_count``, which counts on only while
    ``overlaps_finished``. ``undetermined`` are rules of which the budget left open whether they are ever heard.
    """

    verdict: str
    gaps: tuple[Gap, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    never: tuple[Never, ...] = ()
    analysed: Fraction = Fraction(0)
    spent: int = 0
    overlap_count: int = 0
    overlaps_finished: bool = False
    undetermined: tuple[str, ...] = ()


def analyse(
    table: CompiledTable | Mapping[str, Any],
    *,
    decided: Decides | None = None,
    budget: int = BUDGET,
    most: int = MOST,
) -> Analysis:
    """Find the gaps, the overlaps, and the rules that can never hold. The same table has the same answer everywhere.

    ``decided`` says of a rule's conclusion, or of the default row as one without a rule, whether it decides; left
    out, the outputs' ``decides`` say it (``document``). The search for gaps and the one for overlaps may each
    spend ``budget``. Raises ``Invalid`` (TABLE_INVALID) for a document that is no table.
    """
    read = table if isinstance(table, CompiledTable) else compile_table(table)
    work, more = Budget(budget), Budget(budget)
    try:
        boxes = boxes_of(read, work)
    except Exhausted:
        return Analysis(UNKNOWN, spent=work.spent)
    decides = decided or (lambda conclusion: says_so(read, conclusion))
    gaps, share = _gaps(boxes, decides, work, most)
    met = meetings(boxes, more, most=most)
    return Analysis(
        verdict=GAPS if gaps else COMPLETE if share == 1 else UNKNOWN,
        gaps=gaps,
        overlaps=tuple(meeting.told(boxes) for meeting in met.kept),
        never=_never(boxes),
        analysed=share,
        spent=work.spent + more.spent,
        overlap_count=met.count,
        overlaps_finished=met.finished and not met.unknown,
        undetermined=tuple(read.rules[at].conclusion.rule for at in met.unknown),
    )


def analysis_document(analysis: Analysis) -> dict[str, Any]:
    """The analysis as JSON values; the share is rounded down, so that 1 means all."""
    return {
        "verdict": analysis.verdict,
        "analysed": math.floor(analysis.analysed * 1_000_000) / 1_000_000,
        "gaps": [{"region": gap.region, "example": gap.example} for gap in analysis.gaps],
        "overlaps": [
            {"kind": one.kind, "rules": list(one.rules), "region": one.region, "example": one.example}
            for one in analysis.overlaps
        ],
        "overlap_count": analysis.overlap_count,
        "overlaps_finished": analysis.overlaps_finished,
        "never": [{"rule": one.rule, "input": one.input, "cell": one.cell} for one in analysis.never],
        "undetermined": list(analysis.undetermined),
        "spent": analysis.spent,
    }


def _gaps(boxes: Boxes, decides: Decides, budget: Budget, most: int) -> tuple[tuple[Gap, ...], Fraction]:
    """The gaps, those of most classes first, and the share of the space in which there are no others."""
    rules = boxes.table.rules
    deciding = [at for at, rule in enumerate(rules) if decides(rule.conclusion)]
    covers = [cover_of(boxes.rules[at], boxes.space) for at in deciding]
    found: list[Box] = []
    searches: list[Search] = []
    for start in _starts(boxes, decides, set(deciding)):
        known = [cover_of(box, boxes.space) for box in found]
        searches.append(uncovered(start, covers + known, budget, most=most - len(found)))
        found += searches[-1].boxes
    names = [rules[at].conclusion.rule for at in deciding]
    found.sort(key=volume, reverse=True)
    total = sum(search.volume for search in searches)
    share = Fraction(sum(search.seen for search in searches), total) if total else Fraction(1)
    return tuple(Gap(boxes.region(box), boxes.example(box, missed=names)) for box in found), share


def _starts(boxes: Boxes, decides: Decides, deciding: set[int]) -> list[Box]:
    """Where a gap can be. A default row that decides leaves only the facts for which some other rule holds."""
    default = boxes.table.default
    if default is None or not decides(Conclusion("", default, (), False)):
        return [boxes.space]
    return [box for at, box in enumerate(boxes.rules) if at not in deciding]


def says_so(table: CompiledTable, conclusion: Conclusion) -> bool:
    """Whether every output that names its deciding values has one of them; of a list, one item is enough."""
    for name, allowed in table.decides.items():
        value = conclusion.output[name]
        if identity(value) in allowed:
            continue
        if not isinstance(value, list) or not any(identity(item) in allowed for item in value):
            return False
    return True


def _never(boxes: Boxes) -> tuple[Never, ...]:
    found = []
    for rule, box in zip(boxes.table.rules, boxes.rules, strict=True):
        for condition in rule.conditions:
            name, text = boxes.table.slots[condition]
            at = next(at for at, domain in enumerate(boxes.domains) if domain.name == name)
            if not box[at]:
                found.append(Never(rule.conclusion.rule, name, text))
    return tuple(found)
