"""Accepting what a draft leaves open, and taking that back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence

from ..dmn.hits import identity
from ..kernel.errors import Invalid
from ..models import DecisionTable, User
from .drafts import full_document, rewrite_draft
from .table_gaps import single_cells


def accept_gaps(
    table: DecisionTable,
    regions: Sequence[Mapping[str, str]],
    *,
    reason: str,
    seen: int | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """Leave these gaps open on purpose; the reason, the person and the time are kept with each.

    Raises ``Invalid`` for no region, for one that the table's inputs cannot say, and without a reason.
    """
    document = full_document(table)
    if not regions:
        raise Invalid("Choose at least one gap.", errors={"regions": ["Choose at least one gap."]})
    if not reason.strip():
        raise Invalid("Say why nobody needs to decide this.", errors={"reason": ["is required"]})
    accepted = {identity(gap["region"]): gap for gap in document["accepted_gaps"]}
    for region in regions:
        cells = single_cells(document, region)
        if not region or not cells:
            said = "This gap cannot be said in the table's own cells: close it by a rule."
            raise Invalid(said, errors={"regions": [said]})
        for one in cells:
            accepted[identity(one)] = {
                "region": one, "reason": reason.strip(), "by": actor.username, "at": now.isoformat(),
            }  # fmt: skip
    return rewrite_draft(table, {"accepted_gaps": list(accepted.values())}, seen=seen, now=now, actor=actor)


def reopen_gaps(
    table: DecisionTable,
    regions: Sequence[Mapping[str, str]],
    *,
    seen: int | None = None,
    now: dt.datetime,
    actor: User,
) -> DecisionTable:
    """These gaps are no longer left open on purpose: they are to be closed, or accepted anew."""
    taken = {identity(dict(region)) for region in regions}
    kept = [gap for gap in table.accepted_gaps if identity(gap["region"]) not in taken]
    return rewrite_draft(table, {"accepted_gaps": kept}, seen=seen, now=now, actor=actor)
