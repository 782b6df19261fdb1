"""Gaps that a board leaves open on purpose: what of a table's gaps is not among them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from governance.kernel.errors import Invalid

from .analysis import BUDGET, Analysis, analyse, says_so
from .boxes import Region
from .checks import MAX_RULES
from .hits import NUMERIC
from .reading import compile_table

PREFIX = "accepted gap "


def open_gaps(document: Mapping[str, Any], accepted: Sequence[Region], *, budget: int = BUDGET) -> Analysis:
    """The analysis of the table as if each accepted region were decided: its gaps are those that nobody accepted.

    A region counts for exactly the facts that it names, whatever the rules say since. One that the table's columns can
    no longer say counts for none.
    """
    room = MAX_RULES - len(document["rules"])
    usable = [region for region in accepted if is_usable(document, region)][:room]
    said = {column["name"]: 0 for column in document["outputs"]} if document["hit"] in NUMERIC else {}
    rules = [{"id": f"{PREFIX}{at}", "when": dict(region), "then": said} for at, region in enumerate(usable)]
    table = compile_table({**document, "rules": [*document["rules"], *rules]})
    return analyse(table, decided=lambda found: found.rule.startswith(PREFIX) or says_so(table, found), budget=budget)


def is_usable(document: Mapping[str, Any], region: Region) -> bool:
    """Whether every cell of the region can stand under the table's inputs."""
    columns = {column["name"]: column for column in document["inputs"]}
    if not set(region) <= set(columns):
        return False
    rule = {"id": "r", "when": dict(region), "then": {}}
    try:
        compile_table(
            {"key": "region", "hit": "U", "inputs": list(columns.values()), "outputs": [{"name": "o"}], "rules": [rule]}
        )
    except Invalid:
        return False
    return True
