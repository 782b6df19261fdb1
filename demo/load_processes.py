"""What the interfaces are for: processes with their steps and checkpoints, reusable products, and the calendar."""

from __future__ import annotations

import datetime as dt

from approvals.domain.calendar import declare_calendar_entry
from approvals.models import CalendarEntry
from catalog.domain import processes
from catalog.models import BusinessProcess, Interface, Product

from .world import World, rows


def load_processes(world: World) -> None:
    """The stories' two processes and those that most of the other interfaces serve."""
    known = set(BusinessProcess.objects.values_list("key", flat=True))
    missing = [row for row in rows("processes") if row["key"] not in known]
    interfaces = {interface.key: interface for interface in Interface.objects.all()} if missing else {}
    for row in missing:
        steps = [
            {
                **step,
                "actor_system": world.systems[step["actor_system"]],
                "interface": interfaces[step["interface"]] if "interface" in step else None,
            }
            for step in row["steps"]
        ]
        processes.define_process(
            row["key"], name=row["name"], purpose=row["purpose"], steps=steps,
            owner_team=world.teams[row["team"]], now=world.now, actor=world.admin,
        )  # fmt: skip
    world.tell(f"processes {len(rows('processes'))}")


def load_products(world: World) -> None:
    """APIs and events that are offered for reuse."""
    known = set(Product.objects.values_list("key", flat=True))
    for row in rows("products"):
        if row["key"] not in known:
            offered = list(Interface.objects.filter(key__in=row["interfaces"]))
            processes.define_product(
                row["key"], name=row["name"], capability=row["capability"], interfaces=offered,
                now=world.now, actor=world.admin,
            )  # fmt: skip
    world.tell(f"products {len(rows('products'))}")


def load_calendar(world: World) -> None:
    """Freezes and a maintenance window ahead."""
    known = set(CalendarEntry.objects.values_list("name", flat=True))
    for row in rows("calendar"):
        if row["name"] not in known:
            declare_calendar_entry(
                row["kind"], name=row["name"], domain=world.domains[row["domain"]],
                starts_at=world.now + dt.timedelta(days=row["starts_in_days"]),
                ends_at=world.now + dt.timedelta(days=row["ends_in_days"]),
                now=world.now, actor=world.user("victor"),
            )  # fmt: skip
    world.tell(f"calendar entries {len(rows('calendar'))}")
