"""What the interfaces are for: processes with their steps and checkpoints, reusable products, and the calendar."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.domain.calendar import declare_calendar_entry, rule_refusal
from approvals.models import CalendarEntry
from approvals.recurrence import instant_of
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
    """Freezes ahead, and the maintenance windows and quiet times that repeat."""
    known = set(CalendarEntry.objects.values_list("name", flat=True))
    for row in rows("calendar"):
        if row["name"] not in known:
            starts_at, ends_at = first_time(world, row)
            declare_calendar_entry(
                row["kind"], name=row["name"], starts_at=starts_at, ends_at=ends_at, rrule=row.get("rrule", ""),
                zone=row["zone"], reason=row.get("reason", ""), now=world.now, actor=world.user("victor"),
                domain=world.domains[row["domain"]] if "domain" in row else None,
                facility=world.facilities[row["facility"]] if "facility" in row else None,
                system=world.systems[row["system"]] if "system" in row else None,
            )  # fmt: skip
    world.tell(f"calendar entries {len(rows('calendar'))}")


def first_time(world: World, row: dict[str, Any]) -> tuple[dt.datetime, dt.datetime]:
    """Whole days so far ahead, or the next day that the rule itself names, on the entry's clock."""
    today, zone = world.now.date(), row["zone"]
    if "at" not in row:
        first, last = (today + dt.timedelta(days=row[name]) for name in ("starts_in_days", "ends_in_days"))
        return midnight(first, zone), midnight(last, zone)
    for days in range(1, 63):
        local = dt.datetime.combine(today + dt.timedelta(days=days), dt.time.fromisoformat(row["at"]))
        starts_at = instant_of(local, zone)
        ends_at = starts_at + dt.timedelta(hours=row["hours"])
        if not rule_refusal(CalendarEntry(starts_at=starts_at, ends_at=ends_at, zone=zone, rrule=row["rrule"])):
            return starts_at, ends_at
    raise ValueError(f"{row['name']}: the rule names no day within two months.")


def midnight(day: dt.date, zone: str) -> dt.datetime:
    return instant_of(dt.datetime.combine(day, dt.time()), zone)
