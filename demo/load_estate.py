"""Lakeshore's places and systems: facilities with their clocks, domains, some sixty systems and where they run."""

from __future__ import annotations

import datetime as dt
from typing import Any

from catalog.domain import places, systems
from catalog.models import Domain, Facility, System

from .world import World, rows

ENTERPRISE = "-"


def load_places(world: World) -> None:
    """Domains, then facilities, parents first."""
    known = set(Domain.objects.values_list("key", flat=True))
    for row in rows("domains"):
        if row["key"] not in known:
            places.found_domain(**row, now=world.founded, actor=world.admin)
    made = {facility.key: facility for facility in Facility.objects.all()}
    for row in rows("facilities"):
        if row["key"] not in made:
            values = {**row, "parent": made.get(row.get("parent", ""))}
            made[row["key"]] = places.found_facility(values.pop("key"), **values, now=world.founded, actor=world.admin)
    world.tell(f"domains {len(rows('domains'))}, facilities {len(rows('facilities'))}")


def load_systems(world: World) -> None:
    """Each system with its production instances, by its domain's architect; successors before their predecessors."""
    made = {system.key: system for system in System.objects.select_related("domain")}
    for row in sorted(rows("systems"), key=lambda row: "successor" in row):
        if row["key"] not in made:
            made[row["key"]] = register(world, row, made)
    world.tell(f"systems {len(rows('systems'))}")


def register(world: World, row: dict[str, Any], made: dict[str, System]) -> System:
    domain = world.domains[row["domain"]]
    actor, at = world.architect(domain), world.founded + dt.timedelta(days=3)
    values = {name: value for name, value in row.items() if name not in ("domain", "team", "instances", "successor")}
    values["successor"] = made.get(row.get("successor", ""))
    if "baa_expires_on" in values:
        values["baa_expires_on"] = dt.date.fromisoformat(values["baa_expires_on"])
    system = systems.register_system(
        **values, domain=domain, owner_team=world.teams[row["team"]], now=at, actor=actor
    )  # fmt: skip
    for place in row["instances"]:
        facility = None if place == ENTERPRISE else world.facilities[place]
        systems.add_instance(system, environment="PROD", facility=facility, now=at, actor=actor)
    return system
