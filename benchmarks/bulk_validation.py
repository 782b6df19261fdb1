"""What bulk validation through the API costs on top of the validator itself.

Starts the real server on a scratch database, sends 1,000 ImplantUsed payloads a request over a socket with a token, and
compares with parsing and validating the same lines in a bare loop (orjson + jsonschema-rs), and with validating alone.
Run it from the repository's root: ``python -m benchmarks.bulk_validation``.
"""

from __future__ import annotations

import datetime as dt
import http.client
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
ROUNDS = 20
ROOT = Path(__file__).resolve().parent.parent
SCHEMA = ROOT / "demo" / "stories" / "implant_used_1_4_0.json"
PATH = "/api/v1/contracts/IF-SUR-003/payloads/validate-bulk"


def implant_used(number: int) -> dict:
    """The story's event, about 350 bytes: an implant was used in a case."""
    return {
        "eventId": "3d1c6f0e-2a3b-4c5d-8e9f-001122334455", "caseId": "C-4711", "lineNumber": number + 1,
        "itemNumber": "100-4471", "lotNumber": "LOT-2026-05", "serialNumber": "SN-998",
        "udi": "(01)00844588003288(17)141120(10)7654321D(21)10987654d321", "quantity": 1, "unitOfMeasure": "EA",
        "wasted": False, "usedAt": "2026-05-26T10:00:00Z", "facility": "LH-MAIN", "orRoom": "OR-4",
        "costCenter": "7200",
    }  # fmt: skip


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
    return publish_contract(), {**os.environ, **own}


def publish_contract() -> str:
    from catalog.domain.interfaces import register_interface
    from catalog.domain.places import found_domain
    from catalog.domain.systems import register_system
    from contracts.domain.contracts import open_contract
    from contracts.domain.versions import draft_version
    from contracts.models import ContractVersion
    from governance.domain import people

    now, clock = dt.datetime.now(dt.UTC), people.clock_user()
    said = {"now": now, "actor": clock}
    domain = found_domain("CLINICAL", name="Clinical", **said)
    team = people.found_team("surgery", name="Surgery", **said)
    people.grant_container(team, container=domain, permissions=("catalog.see_interfaces",), **said)
    systems = [register_system(key=key, name=key, kind="OTHER", domain=domain, **said) for key in ("or", "erp")]
    interface = register_interface(
        key="IF-SUR-003", name="Implant used", provider=systems[0], source=systems[0], target=systems[1], tier=1,
        latency_s=300, interaction="NOTIFICATION", msg_standard="JSON", volume_day=400, **said,
    )  # fmt: skip
    contract = open_contract(interface, format="json_schema", **said)
    version = draft_version(contract, version="1.4.0", text=SCHEMA.read_bytes(), **said)
    # Only the board may publish; for a measurement the row is enough.
    ContractVersion.objects.filter(pk=version.pk).update(state="PUBLISHED", published_at=now)
    ann = people.register_person("ann", name="Ann", **said)
    account = people.open_service_account("ci", name="CI", purpose="Measures", responsible=ann, **said)
    people.join_team(team, user=account.user, **said)
    return people.issue_token(
        account, name="ci", scopes=("contracts:check",), expires_at=now + dt.timedelta(days=1), **said
    )[1]


@contextmanager
def served(environment: dict[str, str]) -> Iterator[int]:
    """The product's own server in a process of its own, on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "granian", "--interface", "wsgi", "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, "--no-access-log", "--log-level", "error", "governance.wsgi:application"],
                              env=environment, cwd=ROOT)  # fmt: skip
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


def best_ms(run: Callable[[], int]) -> float:
    """Milliseconds of the best round; each must have found every payload valid."""
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.perf_counter()
        valid = run()
        best = min(best, (time.perf_counter() - began) * 1000)
        if valid != PAYLOADS:
            raise SystemExit(f"only {valid} of {PAYLOADS} payloads were valid: nothing was measured")
    return best


def over_http(port: int, secret: str, content: bytes) -> Callable[[], int]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/x-ndjson"}

    def run() -> int:
        connection.request("POST", PATH, content, headers)
        answer = connection.getresponse().read()
        return answer.count(b'"valid":true')

    return run


def main() -> None:
    lines = [orjson.dumps(implant_used(number)) for number in range(PAYLOADS)]
    content = b"\n".join(lines)
    parsed = [orjson.loads(line) for line in lines]
    validator = jsonschema_rs.validator_for(orjson.loads(SCHEMA.read_bytes()))
    parse_and_validate = best_ms(lambda: sum(validator.is_valid(orjson.loads(line)) for line in lines))
    validate_only = best_ms(lambda: sum(validator.is_valid(each) for each in parsed))
    with tempfile.TemporaryDirectory() as folder:
        secret, environment = prepare(folder)
        with served(environment) as port:
            served_ms = best_ms(over_http(port, secret, content))
    print(f"{PAYLOADS} payloads of {len(lines[0])} bytes, best of {ROUNDS} rounds")
    for name, spent in [("validate alone", validate_only), ("parse and validate", parse_and_validate),
                        ("through the API", served_ms)]:  # fmt: skip
        print(f"{name:20} {spent:8.2f} ms  {PAYLOADS / spent * 1000:10,.0f} payloads/s")
    print(f"through the API / parse and validate: {parse_and_validate / served_ms:.0%}")
    print(f"through the API / validate alone:     {validate_only / served_ms:.0%}")


if __name__ == "__main__":
    main()
