"""The life of each interface, from the proposal to where it stands today."""

from __future__ import annotations

import datetime as dt
from random import Random
from typing import Any

from approvals.domain import requests
from approvals.domain.requests import ItemSpec
from approvals.models import ChangeRequest
from catalog.domain import connections, interfaces, readiness
from catalog.models import Interface
from contracts.models import ContractVersion

from . import load_changes
from .endpoints import add_endpoints
from .load_classes import missing_classes
from .load_interfaces import draft_contract, register
from .load_meetings import sitting_on, vote_in_sitting
from .load_revisions import missing_changes
from .load_waivers import missing_waivers
from .timeline import Life, play, working_hour
from .world import World, rows

WINDOW = dt.timedelta(hours=4)
ATTESTED = {
    "resilience_conforms": "Held against table T3 in the last resilience review",
    "runbook": "https://wiki.lakeshore.example/runbooks/{key}",
    "escalation": "https://wiki.lakeshore.example/escalation/{key}",
    "controls_evidenced": "Encryption, access and logging: controls sheet {key}",
    "drill_planned": "Drill calendar, next quarter",
    "baa": "Business associate agreement on file with the security office",
}


def load_lives(world: World) -> None:
    """All interfaces that are not there yet, each played to the present in the order of the days."""
    known = set(Interface.objects.values_list("key", flat=True))
    lives = [life_of(world, row) for row in rows("interfaces") if row["key"] not in known]
    play([*lives, *missing_changes(world), *missing_classes(world), *missing_waivers(world)], until=world.now)
    world.tell(f"interfaces {len(rows('interfaces'))}, later changes {len(rows('changes'))}")


def life_of(world: World, row: dict[str, Any]) -> Life:
    dice = Random(row["key"])  # the same life every time
    at = working_hour(world.morning(days_ago=row["days_ago"]) + dt.timedelta(minutes=dice.randint(0, 400)))
    yield at
    interface = register(world, row, at=at)
    if row["end"] == "PROPOSED":
        return
    if row["end"] == "WITHDRAWN":
        at = working_hour(at + dt.timedelta(days=6))
        yield at
        reason = "The survey vendor reads from the warehouse instead."
        interfaces.withdraw_interface(interface, reason=reason, now=at, actor=interface.proposed_by)
        return
    at += dt.timedelta(hours=dice.randint(1, 20))
    yield at
    version = draft_contract(world, row, interface, at=at)
    at += dt.timedelta(hours=dice.randint(2, 30))
    yield at
    load_changes.decide(world, interface, at=at)
    at += dt.timedelta(hours=dice.randint(1, 24))
    yield at
    change = submit(world, row, interface, version, dice, at=at)
    yield from through_the_board(world, row, change, dice, at=at)
    change.refresh_from_db()
    if change.state in ("REVIEW", "CLOSED") and row["end"] == "ACTIVE":
        yield from into_service(world, row, interface, dice, at=change.closed_at or change.implemented_at)


def submit(
    world: World,
    row: dict[str, Any],
    interface: Interface,
    version: ContractVersion | None,
    dice: Random,
    *,
    at: dt.datetime,
) -> ChangeRequest:
    items = [ItemSpec(interface, "CREATE")] + ([ItemSpec(version, "CREATE")] if version else [])
    start = window_start(world, row, dice, at=at)
    return load_changes.ask(
        items, change_type="NEW_INTERFACE", title=f"Bring into force: {interface.name}",
        reason=row["purpose"], actor=interface.proposed_by, at=at, likelihood=dice.randint(1, 3),
        impact=5 - interface.tier, window_start=start, window_end=start + WINDOW if start else None,
    )  # fmt: skip


def window_start(world: World, row: dict[str, Any], dice: Random, *, at: dt.datetime) -> dt.datetime | None:
    """Two in the night (UTC) of a day ahead for a third of them; the others as soon as the lead time allows."""
    if "window_in_days" in row:
        at, days = world.now, row["window_in_days"]
    elif dice.random() < 0.35:
        days = dice.randint(8, 12)
    else:
        return None
    return (at + dt.timedelta(days=days)).replace(hour=2, minute=0, second=0, microsecond=0)


def through_the_board(
    world: World, row: dict[str, Any], change: ChangeRequest, dice: Random, *, at: dt.datetime
) -> Life:
    """The votes, and what the row tells of them: all, as many as it says, those it spells out, or a revision."""
    script = row.get("votes")
    if row["end"] == "ASSESS":
        at = working_hour(at + dt.timedelta(days=2))
        yield at
        requests.revise_change(change, patches={1: {"payload_mb": 45}}, now=at, actor=change.requester)
    elif isinstance(script, list) and (sitting := sitting_on(row["key"])):
        yield from vote_in_sitting(world, change, sitting, script, at=at)
    elif isinstance(script, list):
        yield from load_changes.vote_as_written(world, change, script, dice, at=at)
    elif row.get("revise"):
        yield from load_changes.vote(change, dice, at=at, limit=2)
        at = working_hour(at + dt.timedelta(days=5))
        yield at
        backout = "Turn the switch back to the batch eligibility file; nothing is lost."
        requests.revise_change(change, backout=backout, now=at, actor=change.requester)
        yield from load_changes.vote(change, dice, at=at, limit=script)
    else:
        yield from load_changes.vote(change, dice, at=at, limit=script)
        yield from load_changes.carry_out(world, change, dice)


def into_service(world: World, row: dict[str, Any], interface: Interface, dice: Random, *, at: dt.datetime) -> Life:
    """Built, bound, tested, attested and switched on; then its consumers' traffic is seen."""
    engineer = world.user("kenji")
    interface.refresh_from_db()
    at = working_hour(at + dt.timedelta(days=dice.randint(1, 4)))
    yield at
    add_endpoints(world, row, interface, at=at, actor=engineer)
    readiness.start_test(interface, now=at, actor=engineer)
    at = working_hour(at + dt.timedelta(days=dice.randint(2, 6)))
    yield at
    for requirement in asked_of_owners(interface):
        evidence = ATTESTED[requirement].format(key=interface.key)
        readiness.attest_fact(interface, requirement=requirement, evidence=evidence, now=at, actor=engineer)
    readiness.activate_interface(interface, now=at + dt.timedelta(minutes=30), actor=engineer)
    for subscription in interface.subscriptions.filter(until__isnull=True):
        seen = world.now - dt.timedelta(minutes=dice.randint(1, 2000))
        connections.note_traffic(subscription, at=max(seen, at))


def asked_of_owners(interface: Interface) -> list[str]:
    return [requirement for requirement in readiness.asked_of(interface, "activate") if requirement in ATTESTED]
