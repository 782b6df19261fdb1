"""Gaps that are left open on purpose: accepted with a reason, by somebody, for exactly the facts that they name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any

from ..dmn.accepting import is_usable
from ..dmn.unary import CellSyntax, parse_cell

MAX_REASON = 300
MAX_GAPS = 500
FIELDS = {"region", "reason", "by", "at"}


def check_gaps(gaps: Any, errors: dict[str, list[str]]) -> None:
    """Add to ``errors``, by place, what keeps accepted gaps from being stored."""
    if not isinstance(gaps, list) or len(gaps) > MAX_GAPS:
        errors["accepted_gaps"] = [f"A list of at most {MAX_GAPS} gaps."]
        return
    for at, gap in enumerate(gaps, start=1):
        region = gap.get("region") if isinstance(gap, Mapping) else None
        if not isinstance(region, dict) or not all(isinstance(cell, str) for cell in region.values()):
            errors[f"accepted_gaps/{at}/region"] = ["A region is cells by the inputs' names."]
        elif set(gap) - FIELDS:
            errors[f"accepted_gaps/{at}"] = ["A gap has region, reason, by and at."]
        reason = gap.get("reason") if isinstance(gap, Mapping) else None
        if not isinstance(reason, str) or not 0 < len(reason.strip()) <= MAX_REASON:
            said = f"Say why nobody needs to decide this, in at most {MAX_REASON} characters."
            errors[f"accepted_gaps/{at}/reason"] = [said]


def single_cells(document: Mapping[str, Any], region: Mapping[str, str]) -> list[dict[str, str]]:
    """The region as regions of single cells: where the analysis joins cells by ``or``, one region for each.

    Empty when a cell cannot be said so: then only a rule closes the gap.
    """
    sides = [[(name, cell) for cell in parted(text)] for name, text in region.items()]
    regions = [dict(cells) for cells in product(*sides)]
    return regions if all(is_usable(document, one) for one in regions) else []


def parted(text: str) -> Iterator[str]:
    try:
        parse_cell(text)
    except CellSyntax:
        yield from text.split(" or ")
    else:
        yield text
