"""The register answers an ordinary user in the same order of time with 100 and with 50,000 interfaces.

A scratch database is filled with benchmark data: owners, consumers, bindings and endpoints, in nine domains of
which the reader sees one. The page and the API's list are asked through Django's test client. Run
``python benchmarks/register_scale.py [--database postgres://postgres@127.0.0.1:5432/postgres]``; a PostgreSQL
database of its own is made beside the one named, and dropped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

SMALL, LARGE = 100, 50_000
ROUNDS = 7
ALLOWED = 4.0
NOW = dt.datetime(2026, 5, 26, 9, 0, tzinfo=dt.UTC)
STATES = ("ACTIVE", "ACTIVE", "ACTIVE", "IN_BUILD", "IN_TEST", "PROPOSED", "RETIRED")
SCRATCH = "interlock_register_scale"
PAGE, API = "/register/", "/api/v1/interfaces/"
ASKED = {
    "page": PAGE,
    "page, last": f"{PAGE}?page=9999999",
    **{f"page, by {sort}": f"{PAGE}?sort={sort}" for sort in ("-key", "name", "domain", "tier", "state", "-changed")},
    "page, q of many": f"{PAGE}?q=result",
    "page, q of some": f"{PAGE}?q=result+7",
    "page, q of one": f"{PAGE}?q=scale-000063",
    "page, q of none": f"{PAGE}?q=nowhere",
    "page, q of a system": f"{PAGE}?q=system+1",
    "page, PHI": f"{PAGE}?phi=yes",
    "page, no PHI": f"{PAGE}?phi=no",
    "page, tier": f"{PAGE}?tier=1",
    "page, PHI and tier": f"{PAGE}?phi=yes&tier=1",
    "page, domain": f"{PAGE}?domain=CLINICAL",
    "page, state": f"{PAGE}?state=IN_TEST",
    "page, pattern": f"{PAGE}?pattern=MANAGED_FILE_TRANSFER",
    "page, all filters": f"{PAGE}?q=result&phi=yes&tier=1&domain=CLINICAL&state=ACTIVE&sort=-changed",
    "global search": "/register/search/?q=result+7",
    "GET": API,
    "GET, q": f"{API}?q=result+7",
    "GET, PHI and tier": f"{API}?tier=1&phi=true",
    "GET, domain": f"{API}?domain=CLINICAL",
    "GET, state": f"{API}?state=IN_TEST",
    "GET, pattern": f"{API}?pattern=MANAGED_FILE_TRANSFER",
}


@contextmanager
def scratch(database: str) -> Iterator[None]:
    """Django on an empty database of its own."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "static").mkdir()
        os.environ |= {"INTERLOCK_VAR": folder, "DJANGO_SETTINGS_MODULE": "governance.settings", "LOG_LEVEL": "ERROR"}
        os.environ["DATABASE_URL"] = own_database(database) if database else f"sqlite:///{folder}/scale.sqlite3"
        import django
        from django.core.management import call_command
        from django.db import connections

        django.setup()
        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connections.close_all()
            if database:
                connections["default"].close_pool()
                dropped(database)


def own_database(url: str) -> str:
    import psycopg

    dropped(url)
    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"CREATE DATABASE {SCRATCH}")
    return urlunsplit(urlsplit(url)._replace(path=f"/{SCRATCH}"))


def dropped(url: str) -> None:
    import psycopg

    with psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")


def prepare() -> tuple[object, list]:
    """The reader, who sees one domain, and two systems in each domain."""
    from catalog.domain.places import found_domain
    from catalog.domain.systems import register_system
    from catalog.models import DomainKey
    from governance.domain import people

    said = {"now": NOW, "actor": people.clock_user()}
    domains = [found_domain(key, name=name, **said) for key, name in DomainKey.choices]
    reader = people.register_person("reader", name="Reader", **said)
    team = people.found_team("readers", name="Readers", roles=("VIEWER",), **said)
    people.grant_container(team, container=domains[0], permissions=("catalog.see_interfaces",), **said)
    people.join_team(team, user=reader, **said)
    systems = [
        register_system(
            key=f"system-{number}", name=f"System {number}", kind="OTHER", domain=domains[number // 2], **said
        )
        for number in range(2 * len(domains))
    ]
    return reader, systems


def fill(first: int, last: int, reader: object, systems: list) -> None:
    """Interfaces ``first`` to ``last``: three owners, two consumers, a binding and its endpoint each."""
    from catalog.models import Interface, InterfaceBinding, InterfaceEndpoint, OwnerAssignment, Subscription
    from governance.models import Team

    team, many = Team.objects.get(key="readers"), range(first, last)
    rows = [interface_row(number, reader, systems) for number in many]
    Interface.objects.bulk_create(rows, batch_size=500)
    held = {0: {"team": team}, 50: {"person": reader}}  # of a hundred, the reader's own
    OwnerAssignment.objects.bulk_create(
        (
            OwnerAssignment(
                interface=row,
                kind=kind,
                since=NOW,
                **held.get(number % 100, {"person": row.proposed_by}),
            )
            for number, row in zip(many, rows, strict=True)
            for kind in ("BUSINESS_OWNER", "TECHNICAL_OWNER", "SUPPORT")
        ),
        batch_size=1000,
    )
    Subscription.objects.bulk_create(
        (
            Subscription(
                interface=row, consumer=systems[(number + step) % len(systems)], purpose="Keeps a copy", since=NOW
            )
            for number, row in zip(many, rows, strict=True)
            for step in (4, 7)
        ),
        batch_size=1000,
    )
    bindings = [InterfaceBinding(interface=row, environment="PROD", since=NOW) for row in rows]
    InterfaceBinding.objects.bulk_create(bindings, batch_size=1000)
    InterfaceEndpoint.objects.bulk_create(
        (
            InterfaceEndpoint(binding=one, role="TARGET", transport="HTTPS", address="https://10.0.0.1/")
            for one in bindings
        ),
        batch_size=1000,
    )


def interface_row(number: int, reader: object, systems: list):
    from catalog.models import Interface
    from governance.domain.people import clock_user

    provider = systems[number % len(systems)]
    return Interface(
        key=f"IF-SCALE-{number:06d}", name=f"Result {number}", provider=provider, source=provider,
        target=systems[(number + 1) % len(systems)], interaction="NOTIFICATION", msg_standard="HL7V2", latency_s=60,
        volume_day=100, tier=number % 5, data_classes=["PHI"] if number % 2 else ["PUBLIC"],
        patterns=[("EVENT", "MANAGED_FILE_TRANSFER", "REALTIME_API")[number % 3]], state=STATES[number % len(STATES)],
        updated_at=NOW - dt.timedelta(minutes=number * 7919 % LARGE), proposed_by=clock_user(),
    )  # fmt: skip


def timed(ask: Callable[[], object]) -> float:
    """Milliseconds of the best round, after one to warm up: a neighbour on the machine only ever adds time."""
    ask()
    spent = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        ask()
        spent.append((time.perf_counter() - began) * 1000)
    return min(spent)


def measured(reader: object) -> dict[str, float]:
    """Each question's time, asked as the reader."""
    from django.core.cache import cache
    from django.test import Client

    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")

    def asking(address: str) -> Callable[[], object]:
        def ask() -> None:
            cache.clear()  # the rate of requests is not what is measured
            answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}: nothing was measured")

        return ask

    return {name: timed(asking(address)) for name, address in ASKED.items()}


def analyse() -> None:
    """What a production database does by itself: statistics of the tables."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--database", default="", help="a PostgreSQL server's URL; without it SQLite")
    with scratch(asked.parse_args().database):
        from catalog.domain.queries import register_of

        reader, systems = prepare()
        fill(0, SMALL, reader, systems)
        analyse()
        few = measured(reader)
        fill(SMALL, LARGE, reader, systems)
        analyse()
        many = measured(reader)
        from django.db import connection

        seen = register_of(reader).count()
        print(f"{connection.vendor}: {LARGE:,} interfaces, of which the reader sees {seen:,}; best of {ROUNDS}")
        for name in ASKED:
            ratio = many[name] / few[name]
            said = "" if ratio <= ALLOWED else f"  more than {ALLOWED:.0f}"
            times = f"{few[name]:8.1f} ms with {SMALL}, {many[name]:8.1f} ms with {LARGE:,}"
            print(f"  {name:20} {times}: ratio {ratio:.1f}{said}")
        worst = max(many[name] / few[name] for name in ASKED)
    print(f"ratio               {worst:.2f}")


if __name__ == "__main__":
    main()
