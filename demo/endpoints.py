"""Where the demo's interfaces run: the estate's real ports for those that are probed, names of hosts for the others."""

from __future__ import annotations

import datetime as dt
import json
import os
from functools import cache
from typing import Any

from catalog.domain import connections
from catalog.models import Interface
from governance.models import User

from .world import HERE, World

#: Transport, scheme and port by pattern, the first of the interface's patterns that is named here.
WAYS = {
    "HL7_FHIR_MEDIATION": ("MLLP", "mllp", 6661),
    "EVENT": ("KAFKA", "kafka", 9093),
    "MANAGED_FILE_TRANSFER": ("SFTP", "sftp", 22),
    "ERP_NATIVE_CONNECTOR": ("HTTPS", "https", 443),
    "MIDDLEWARE_ORCHESTRATION": ("HTTPS", "https", 443),
    "REALTIME_API": ("HTTPS", "https", 443),
}


@cache
def estate() -> list[dict[str, Any]]:
    return json.loads((HERE / "endpoints.json").read_text(encoding="utf-8"))


def estate_address(name: str) -> str:
    """The address of one estate endpoint's first resource; ports follow ESTATE_PORT in the file's order."""
    base = int(os.environ.get("ESTATE_PORT") or "8100")
    position = next(at for at, endpoint in enumerate(estate()) if endpoint["name"] == name)
    return f"http://127.0.0.1:{base + position}{next(iter(estate()[position]['resources']))}"


def add_endpoints(world: World, row: dict[str, Any], interface: Interface, *, at: dt.datetime, actor: User) -> None:
    """Source and target in production; for the stories in test too."""
    pattern = next(name for name in WAYS if name in interface.patterns)
    transport, scheme, port = WAYS[pattern]
    for environment in ("TEST", "PROD") if row.get("story") else ("PROD",):
        binding = connections.bind(interface, environment=environment, now=at, actor=actor)
        for role, system in (("SOURCE", interface.source), ("TARGET", interface.target)):
            host = f"{system.key}.{environment.lower()}.lakeshore.example"
            connections.add_endpoint(
                binding, role=role, transport=transport, address=f"{scheme}://{host}:{port}/{interface.key.lower()}",
                auth="mutual TLS" if transport != "SFTP" else "SSH key", now=at, actor=actor,
            )  # fmt: skip
