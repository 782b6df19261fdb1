"""Lakeshore Health, loaded through the product's own commands: what is there already is left as it is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db import transaction

from governance.domain import seals
from governance.domain.context import working_via

from . import load_estate, load_lives, load_meetings, load_people, load_probes, load_processes
from .world import World

#: In order: each builds on those before it, and each is loaded whole or not at all.
STAGES = (
    load_people.load_teams,
    load_people.load_people,
    load_people.load_machines,
    load_people.load_board,
    load_people.load_tables,
    load_estate.load_places,
    load_people.load_rights,
    load_estate.load_systems,
    load_lives.load_lives,
    load_processes.load_processes,
    load_processes.load_products,
    load_processes.load_calendar,
    load_meetings.load_meetings,
    load_probes.load_probes,
    load_people.load_tokens,
)


def load(*, now: dt.datetime, tell: Callable[[str], None]) -> None:
    """Load the demo, its dates relative to ``now``; a second time changes nothing. Ends with a seal of the audit."""
    world = World(now, tell)
    with working_via("JOB"):
        for stage in STAGES:
            with transaction.atomic():
                stage(world)
        seals.seal(now=now)
