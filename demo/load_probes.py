"""What is watched from now on: the estate's real endpoints, asked and calling in. No measurement is ever loaded."""

from __future__ import annotations

import json

from django.conf import settings

from observability.domain.probing import register_probe
from observability.models import Probe

from .endpoints import estate_address
from .world import World, rows

#: The estate's heartbeat senders read here which probes they call; it says nothing that is secret.
BEATS_FILE = "demo_heartbeats.json"


def load_probes(world: World) -> None:
    """Probes on interfaces in service, registered now: what was not measured is not known."""
    known = set(Probe.objects.values_list("interface__key", "name"))
    for row in rows("probes"):
        if (row["interface"], row["name"]) not in known:
            values = {name: value for name, value in row.items() if name not in ("interface", "estate")}
            address = estate_address(row["estate"]) if "estate" in row else ""
            register_probe(
                world.interface(row["interface"]), **values, address=address, timeout_s=5.0,
                now=world.now, actor=world.user("kenji"),
            )  # fmt: skip
    tell_senders()
    world.tell(f"probes {len(rows('probes'))}")


def tell_senders() -> None:
    """The ids of the demo's heartbeat probes, for ``manage.py up``, which starts the senders."""
    named = [(row["interface"], row["name"]) for row in rows("probes") if row["kind"] == "heartbeat"]
    ids = [str(Probe.objects.get(interface__key=key, name=name).pk) for key, name in named]
    (settings.VAR_DIR / BEATS_FILE).write_text(json.dumps(ids), encoding="utf-8")
