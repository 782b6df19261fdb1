"""What was changed about interfaces in service: facts revised, contracts grown by a minor version."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

from approvals.domain.requests import ItemSpec
from approvals.models import ChangeRequest
from contracts.domain import versions

from . import load_changes
from .documents import as_bytes, schema_of
from .timeline import Life, working_hour
from .world import World, rows


def missing_changes(world: World) -> Iterator[Life]:
    """The lives of the later changes that are not there yet; a title is given once."""
    known = set(ChangeRequest.objects.values_list("title", flat=True))
    fields = {row["key"]: row.get("fields", {}) for row in rows("interfaces")}
    for row in rows("changes"):
        if row["title"] not in known:
            yield change_of(world, row, fields[row["interface"]])


def change_of(world: World, row: dict[str, Any], fields: dict[str, Any]) -> Life:
    dice = Random(row["title"])
    at = working_hour(world.morning(days_ago=row["days_ago"]) + dt.timedelta(minutes=dice.randint(0, 400)))
    yield at
    interface = world.interface(row["interface"])
    actor = world.architect(interface.provider.domain)
    if "version" in row:
        text = as_bytes(schema_of(interface.key, fields, optional=row["optional"]))
        version = versions.draft_version(interface.contract, version=row["version"], text=text, now=at, actor=actor)
        item, change_type = ItemSpec(version, "CREATE"), "CONTRACT_VERSION"
    else:
        item, change_type = ItemSpec(interface, "UPDATE", row["patch"]), "MODIFY"
    change = load_changes.ask(
        [item], change_type=change_type, title=row["title"], reason=row["reason"], actor=actor, at=at,
        likelihood=dice.randint(1, 3), impact=5 - interface.tier,
    )  # fmt: skip
    yield from load_changes.vote(change, dice, at=at, limit=row.get("votes"))
    yield from load_changes.carry_out(world, change, dice, outcome=row.get("outcome", ""))
