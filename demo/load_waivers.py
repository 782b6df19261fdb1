"""What the board of the demo tolerates for a time: one waiver with months to go, one that soon ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

from approvals.domain.waiver_queries import change_of
from approvals.domain.waiving import request_waiver
from approvals.models import Waiver
from catalog.domain.findings import raise_finding

from . import load_changes
from .timeline import Life, working_hour
from .world import World, rows

EVIDENCE = {
    kind: f"https://wiki.lakeshore.example/waivers/{kind}"
    for kind in ("test_evidence", "backout_plan", "reconciliation_test", "segregation_of_duties_check")
}


def missing_waivers(world: World) -> Iterator[Life]:
    """The lives of the waivers that are not there yet, to be played among the others."""
    for row in rows("waivers"):
        if not Waiver.objects.filter(interface__key=row["interface"]).exists():
            yield waiver_life(world, row)


def waiver_life(world: World, row: dict[str, Any]) -> Life:
    """Asked for by the architect of its domain, voted on like any change, and in force since."""
    dice, at = Random(row["interface"]), working_hour(world.morning(days_ago=row["days_ago"]))
    yield at
    interface = world.interface(row["interface"])
    covered = {"covers": row.get("covers", "")}
    if "finding" in row:
        covered = {"finding": raise_finding(interface, **row["finding"], now=at, actor=world.clock)}
    same = ("kind", "days", "justification", "compensating_control", "remediation")
    waiver = request_waiver(
        interface, **{name: row[name] for name in same}, **covered, remediation_owner=world.user(row["owner"]),
        remediation_due=at.date() + dt.timedelta(days=row["due_in_days"]), evidence=EVIDENCE, now=at,
        actor=world.architect(interface.provider.domain),
    )  # fmt: skip
    change = change_of(waiver)
    if change is None:
        raise RuntimeError(f"{waiver} has no change.")
    yield from load_changes.vote(change, dice, at=at)
    yield from load_changes.carry_out(world, change, dice, outcome="SUCCESSFUL")
