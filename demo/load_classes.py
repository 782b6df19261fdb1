"""What went another way than the board's: a standard change and its template, an emergency, and a finding."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from random import Random
from typing import Any

from approvals.domain import implementing, requests, requirements, standard, unauthorized, voting
from approvals.domain.requests import ItemSpec
from approvals.models import ChangeRequest, StandardChangeTemplate

from . import load_changes
from .timeline import Life, working_hour
from .world import World, rows


def missing_classes(world: World) -> Iterator[Life]:
    """The lives that are not there yet, to be played among the others."""
    told = rows("classes")
    if not StandardChangeTemplate.objects.filter(key=told["template"]["key"]).exists():
        yield template_life(world, told["template"])
    for row in told["emergencies"]:
        if not ChangeRequest.objects.filter(title=row["title"]).exists():
            yield emergency_life(world, row)
    for row in told["unauthorized"]:
        if not ChangeRequest.objects.filter(reason=row["reason"]).exists():
            yield finding_life(world, row)


def template_life(world: World, row: dict[str, Any]) -> Life:
    """Grown from three changes that went well, approved by four of five, and used since."""
    dice, manager = Random(row["key"]), world.user("victor")
    at = working_hour(world.morning(days_ago=row["days_ago"]))
    yield at
    samples = list(ChangeRequest.objects.filter(title__in=row["samples"]))
    template = standard.draft_template(
        row["key"], title=row["title"], samples=samples, allowed=row["allowed"], now=at, actor=manager
    )
    change = standard.submit_template(template, now=at + dt.timedelta(hours=1), actor=manager)
    yield from load_changes.vote_as_written(world, change, row["votes"], dice, at=at + dt.timedelta(hours=2))
    yield from load_changes.carry_out(world, change, dice, outcome="SUCCESSFUL")
    for asked in row["changes"]:
        yield from standard_life(world, template, asked, dice)


def standard_life(world: World, template: StandardChangeTemplate, row: dict[str, Any], dice: Random) -> Life:
    at = world.morning(days_ago=row["days_ago"]) + dt.timedelta(minutes=dice.randint(0, 120))
    yield at
    template.refresh_from_db()
    interface = world.interface(row["interface"])
    opens = (at + dt.timedelta(days=row["window_in_days"])).replace(hour=2) if "window_in_days" in row else None
    change = standard.ask_for_standard_change(
        template, interface=interface, patch=row["patch"], reason=row["reason"], window_start=opens,
        now=at, actor=world.architect(interface.provider.domain),
    )  # fmt: skip
    yield from load_changes.carry_out(world, change, dice, outcome="SUCCESSFUL")


def emergency_life(world: World, row: dict[str, Any]) -> Life:
    """Authorised within the hour, carried out, and now waiting for those who would have been asked."""
    at = world.morning(days_ago=row["days_ago"]) - dt.timedelta(hours=6)
    yield at
    interface = world.interface(row["interface"])
    actor = world.architect(interface.provider.domain)
    change = requests.ask_for_change(
        change_class="EMERGENCY", change_type="CONFIG", title=row["title"], reason=row["reason"],
        backout=row["backout"], items=[ItemSpec(interface, "UPDATE", row["patch"])], likelihood=2, impact=4,
        evidence={"incident_ref": row["incident"], "patient_safety_statement": row["safety"]}, now=at, actor=actor,
    )  # fmt: skip
    dice = Random(row["title"])
    for need in requirements.current_requirements(change):
        at += dt.timedelta(minutes=dice.randint(3, 12))
        yield at
        voter = load_changes.voter_for(change, need, dice, at=at)
        voting.cast_vote(
            change, choice="APPROVE", revision_hash=change.revision_hash, requirement=need,
            signature=load_changes.signature_of(voter), now=at, actor=voter,
        )  # fmt: skip
        change.refresh_from_db()
    at += dt.timedelta(minutes=5)
    yield at
    implementing.implement_change(change, now=at, actor=actor)


def finding_life(world: World, row: dict[str, Any]) -> Life:
    at = world.now - dt.timedelta(hours=row["hours_ago"])
    yield at
    interface = world.interface(row["interface"])
    unauthorized.open_unauthorized_change(
        interface, found=row["found"], reason=row["reason"], now=at, actor=world.clock
    )
