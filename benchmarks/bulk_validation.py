"""What bulk validation through the API costs on top of the validator itself.

Starts the real server on a scratch database and sends 1,000 payloads a request over a socket with a token: purchase
orders of some 2.5 kB, ImplantUsed events of 0.4 kB. Compares with parsing and validating the same lines in a bare loop
(orjson and jsonschema-rs), and with validating alone. Run it from the root: ``python -m benchmarks.bulk_validation``.
"""

from __future__ import annotations

import datetime as dt
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import jsonschema_rs
import orjson

PAYLOADS = 1000
ROUNDS = 40
IN_A_ROW = 5
ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "demo" / "stories" / "implant_used_1_4_0.json"


def implant_used(number: int) -> dict:
    """The story's event, about 350 bytes: an implant was used in a case."""
    return {
        "eventId": "3d1c6f0e-2a3b-4c5d-8e9f-001122334455", "caseId": "C-4711", "lineNumber": number + 1,
        "itemNumber": "100-4471", "lotNumber": "LOT-2026-05", "serialNumber": "SN-998",
        "udi": "(01)00844588003288(17)141120(10)7654321D(21)10987654d321", "quantity": 1, "unitOfMeasure": "EA",
        "wasted": False, "usedAt": "2026-05-26T10:00:00Z", "facility": "LH-MAIN", "orRoom": "OR-4",
        "costCenter": "7200",
    }  # fmt: skip


LINE = {
    "type": "object",
    "properties": {
        "number": {"type": "integer", "minimum": 1}, "item": {"type": "string", "pattern": "^[0-9]{3}-[0-9]{4}$"},
        "description": {"type": "string", "maxLength": 80}, "quantity": {"type": "number", "exclusiveMinimum": 0},
        "unit": {"enum": ["EA", "BX", "CS", "PK"]}, "price": {"type": "number", "minimum": 0},
        "costCenter": {"type": "string", "pattern": "^[0-9]{4,8}$"},
    },
    "required": ["number", "item", "quantity", "unit", "price"],
    "additionalProperties": False,
}  # fmt: skip
ORDER = {
    "$schema": "https://json-schema.org/draft/2020-12/schema",
    "type": "object",
    "properties": {
        "order": {"type": "string", "pattern": "^PO-[0-9]{6}$"}, "vendor": {"type": "string", "minLength": 1},
        "placedOn": {"type": "string"}, "lines": {"type": "array", "items": LINE, "minItems": 1},
    },
    "required": ["order", "vendor", "lines"],
    "additionalProperties": False,
}  # fmt: skip


def purchase_order(number: int) -> dict:
    """An order of 16 lines."""
    line = {
        "item": "100-4471", "description": "Screw, cancellous, 6.5 mm, titanium, sterile", "quantity": 2,
        "unit": "EA", "price": 184.5, "costCenter": "7200",
    }  # fmt: skip
    lines = [{"number": position, **line} for position in range(1, 17)]
    return {"order": f"PO-{number:06d}", "vendor": "V-2201", "placedOn": "2026-05-26", "lines": lines}


CASES = (
    ("purchase orders", "IF-SUR-001", orjson.dumps(ORDER), purchase_order),
    ("implant events", "IF-SUR-003", SCHEMA.read_bytes(), implant_used),
)


def prepare(folder: str) -> tuple[str, dict[str, str]]:
    """A migrated scratch database with the published contract; the token's secret and the server's environment."""
    own = {
        "INTERLOCK_VAR": folder, "DATABASE_URL": "", "REDIS_URL": "", "LOG_LEVEL": "WARNING",
        "API_RATE": "100000/min", "DJANGO_SETTINGS_MODULE": "governance.settings",
    }  # fmt: skip
    os.environ.update(own)
    import django
    from django.core.management import call_command

    django.setup()
    call_command("migrate", verbosity=0)
    return publish_contracts(), {**os.environ, **own}


def publish_contracts() -> str:
    """Both contracts, in a domain that the token's team sees; the token's secret."""
    from catalog.domain.places import found_domain
    from catalog.domain.systems import register_system
    from governance.domain import people

    now, clock = dt.datetime.now(dt.UTC), people.clock_user()
    said = {"now": now, "actor": clock}
    domain = found_domain("CLINICAL", name="Clinical", **said)
    team = people.found_team("surgery", name="Surgery", **said)
    people.grant_container(team, container=domain, permissions=("catalog.see_interfaces",), **said)
    systems = [register_system(key=key, name=key, kind="OTHER", domain=domain, **said) for key in ("or", "erp")]
    for _, key, schema, _ in CASES:
        publish_contract(key, schema, systems, said)
    ann = people.register_person("ann", name="Ann", **said)
    account = people.open_service_account("ci", name="CI", purpose="Measures", responsible=ann, **said)
    people.join_team(team, user=account.user, **said)
    return people.issue_token(
        account, name="ci", scopes=("contracts:check",), expires_at=now + dt.timedelta(days=1), **said
    )[1]


def publish_contract(key: str, schema: bytes, systems: list, said: dict) -> None:
    from catalog.domain.interfaces import register_interface
    from contracts.domain.contracts import open_contract
    from contracts.domain.versions import draft_version
    from contracts.models import ContractVersion

    interface = register_interface(
        key=key, name=key, provider=systems[0], source=systems[0], target=systems[1], tier=1,
        latency_s=300, interaction="NOTIFICATION", msg_standard="JSON", volume_day=400, **said,
    )  # fmt: skip
    contract = open_contract(interface, format="json_schema", **said)
    version = draft_version(contract, version="1.4.0", text=schema, **said)
    # Only the board may publish; for a measurement the row is enough.
    ContractVersion.objects.filter(pk=version.pk).update(state="PUBLISHED", published_at=said["now"])


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """The product's own server in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    command += ["--no-ws", "--blocking-threads", "8", "--log-level", "error", "governance.wsgi:application"]
    server = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        for _ in range(200):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        server.terminate()
        server.wait(20)


def best_ms(*runs: Callable[[], int]) -> list[float]:
    """Milliseconds of each one's best run. They take turns, so that a busy machine is busy for all alike, of some runs
    in a row, as under load. Each run must have found every payload valid."""
    best = [float("inf")] * len(runs)
    for _ in range(ROUNDS):
        for position, run in enumerate(runs):
            for _ in range(IN_A_ROW):
                began = time.perf_counter()
                valid = run()
                best[position] = min(best[position], (time.perf_counter() - began) * 1000)
                if valid != PAYLOADS:
                    raise SystemExit(f"only {valid} of {PAYLOADS} payloads were valid: nothing was measured")
    return best


@contextmanager
def over_http(port: int, key: str, secret: str, content: bytes) -> Iterator[Callable[[], int]]:
    """A caller with one connection that it keeps; like any load generator's it does next to no work of its own."""
    head = (
        f"POST /api/v1/contracts/{key}/payloads/validate-bulk HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n"
        f"Authorization: Bearer {secret}\r\nContent-Type: application/x-ndjson\r\n"
        f"Content-Length: {len(content)}\r\n\r\n"
    ).encode()
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

        def run() -> int:
            connection.sendall(head)
            connection.sendall(content)
            return answered(connection).count(b'"valid":true')

        yield run


def answered(connection: socket.socket) -> bytes:
    """The body of one answer, whose length its head states. Any other status than 200 ends the measurement."""
    got = bytearray()
    while (end := got.find(b"\r\n\r\n")) < 0:
        got += connection.recv(65_536)
    head = bytes(got[:end]).lower()
    if not head.startswith(b"http/1.1 200"):
        raise SystemExit(f"refused, nothing was measured: {bytes(got)!r}")
    length = int(head.split(b"content-length: ")[1].split(b"\r\n")[0])
    while len(got) < end + 4 + length:
        got += connection.recv(65_536)
    return bytes(got[end + 4 :])


def measure(name: str, key: str, schema: bytes, make: Callable[[int], dict], port: int, secret: str) -> None:
    lines = [orjson.dumps(make(number)) for number in range(PAYLOADS)]
    parsed = [orjson.loads(line) for line in lines]
    validator = jsonschema_rs.validator_for(orjson.loads(schema))
    with over_http(port, key, secret, b"\n".join(lines)) as request:
        alone, bare, through = best_ms(
            lambda: sum(validator.is_valid(each) for each in parsed),
            lambda: sum(validator.is_valid(orjson.loads(line)) for line in lines),
            request,
        )
    print(f"{PAYLOADS} {name} of {len(lines[0])} bytes, best of {ROUNDS * IN_A_ROW}, one connection and server process")
    for what, spent in [
        ("validate decoded objects", alone),
        ("parse and validate", bare),
        ("through the API", through),
    ]:
        print(f"  {what:24} {spent:8.2f} ms  {PAYLOADS / spent * 1000:10,.0f} payloads/s")
    print(f"  the API reaches {bare / through:.0%} of parsing and validating the same bytes,")
    print(f"  and {alone / through:.0%} of validating objects that are already decoded")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        secret, environment = prepare(folder)
        with served(environment) as port:
            for name, key, schema, make in CASES:
                measure(name, key, schema, make, port, secret)


if __name__ == "__main__":
    main()
