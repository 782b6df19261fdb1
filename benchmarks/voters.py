"""50 voters on 50 changes at once, on PostgreSQL: nothing is lost, nothing is applied twice, nobody deadlocks.

Each change is made to ask for the voice of all fifty. Five processes of ten threads each vote on every change, each in
an order of its own; then ten threads of each process try to carry out every change. The counts are checked, the audit
chain is proved, and the throughput is printed beside that of one voter alone. Run
``python -m benchmarks.voters [--database postgres://postgres@127.0.0.1:5432/postgres]``; a database of its own is made
beside the one named, and dropped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

ROOT = Path(__file__).resolve().parent.parent
VOTERS = CHANGES = 50
PROCESSES = 5
SCRATCH = "interlock_voters"
NOW = dt.datetime(2026, 5, 26, 9, 0, tzinfo=dt.UTC)


@contextmanager
def scratch(url: str) -> Iterator[None]:
    """Django on an empty PostgreSQL database of its own."""
    import psycopg

    with tempfile.TemporaryDirectory() as folder, psycopg.connect(url, autocommit=True) as server:
        server.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")
        server.execute(f"CREATE DATABASE {SCRATCH}")
        (Path(folder) / "static").mkdir()
        os.environ |= {
            "INTERLOCK_VAR": folder, "DJANGO_SETTINGS_MODULE": "governance.settings", "LOG_LEVEL": "CRITICAL",
            "DATABASE_URL": urlunsplit(urlsplit(url)._replace(path=f"/{SCRATCH}")),
        }  # fmt: skip
        started()
        from django.core.management import call_command
        from django.db import connections

        try:
            call_command("migrate", verbosity=0)
            yield
        finally:
            connections.close_all()
            connections["default"].close_pool()
            server.execute(f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)")


def started() -> None:
    sys.path.insert(0, str(ROOT))
    import django

    django.setup()


def prepare() -> None:
    """Fifty people in one role, and fifty changes of small interfaces that each ask all of them."""
    from approvals.models import ApprovalRequirement
    from governance.domain import people, tables
    from tests.cast import Cast
    from tests.factories import approvals, catalog

    cast = Cast(NOW, people.clock_user())
    for document in json.loads((ROOT / "demo" / "policy" / "tables.json").read_text()).values():
        if isinstance(document, dict) and "rules" in document:
            tables.seed_table(document, now=NOW, actor=cast.clock)
    cast.board()
    cast("max")
    voters = people.found_team("voters", name="Voters", roles=("OPERATOR",), now=NOW, actor=cast.clock)
    for number in range(VOTERS):
        person = people.register_person(f"voter-{number}", name=f"Voter {number}", now=NOW, actor=cast.clock)
        people.join_team(voters, user=person, now=NOW, actor=cast.clock)
    for number in range(CHANGES):
        interface = catalog.interface(cast, f"IF-LAB-{number:03d}", tier=3, data_classes=["PUBLIC"])
        change = approvals.asked_change_of(cast, catalog.owned(cast, interface))
        change.requirements.all().delete()
        ApprovalRequirement.objects.create(
            change=change, number=change.number, position=1, rules=["B1"], roles=["OPERATOR"], mode="EACH",
            minimum=VOTERS,
        )  # fmt: skip


def work(task: str, process: int) -> tuple[Counter[str], float]:
    """Ten threads of this process do ``task`` for every change; what came of it, and the seconds it took."""
    from django.db import connections

    outcomes: Counter[str] = Counter()
    noting = threading.Lock()

    def run(number: int) -> None:
        try:
            for outcome in TASKS[task](number):
                with noting:
                    outcomes[outcome] += 1
        finally:
            connections.close_all()

    share = VOTERS // PROCESSES
    threads = [threading.Thread(target=run, args=(process * share + number,)) for number in range(share)]
    began = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return outcomes, time.perf_counter() - began


def changes_shuffled(number: int) -> list[str]:
    from approvals.models import ChangeRequest

    keys = list(ChangeRequest.objects.order_by("key").values_list("key", flat=True))
    random.Random(number).shuffle(keys)
    return keys


def voting(number: int) -> Iterator[str]:
    from approvals.domain.voting import cast_vote
    from approvals.models import ChangeRequest
    from governance.models import User

    for key in changes_shuffled(number):
        change = ChangeRequest.objects.get(key=key)
        voter = User.objects.get(username=f"voter-{number}")
        yield outcome_of(
            lambda change=change, voter=voter: cast_vote(
                change, choice="APPROVE", revision_hash=change.revision_hash, now=NOW, actor=voter
            )
        )


def implementing(number: int) -> Iterator[str]:
    from approvals.domain.implementing import implement_change
    from approvals.models import ChangeRequest
    from governance.models import User

    for key in changes_shuffled(number):
        change, manager = ChangeRequest.objects.get(key=key), User.objects.get(username="max")
        when = change.implement_at or NOW
        yield outcome_of(
            lambda change=change, manager=manager, when=when: implement_change(change, now=when, actor=manager)
        )


TASKS: dict[str, Callable[[int], Iterator[str]]] = {"vote": voting, "implement": implementing}


def outcome_of(act: Callable[[], object]) -> str:
    from django.db import DatabaseError

    from governance.kernel.errors import DomainError

    try:
        act()
    except DomainError as refusal:
        return refusal.code
    except DatabaseError as fault:
        return f"FAULT {type(fault).__name__}: {str(fault).splitlines()[0]}"
    return "done"


def all_at_once(pool: ProcessPoolExecutor, task: str) -> tuple[Counter[str], float]:
    results = list(pool.map(work, [task] * PROCESSES, range(PROCESSES)))
    return sum((counted for counted, _ in results), Counter()), max(seconds for _, seconds in results)


def check(said: str, got: object, wanted: object) -> None:
    if got != wanted:
        raise SystemExit(f"{said}: {got}, not {wanted}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--database", default="postgres://postgres@127.0.0.1:5432/postgres")
    with scratch(parser.parse_args().database):
        from django.db import connections

        prepare()
        connections.close_all()
        with ProcessPoolExecutor(PROCESSES, mp_context=get_context("spawn"), initializer=started) as pool:
            votes, voted_s = all_at_once(pool, "vote")
            carried, carried_s = all_at_once(pool, "implement")
        report(votes, voted_s, carried, carried_s)


def report(votes: Counter[str], voted_s: float, carried: Counter[str], carried_s: float) -> None:
    from approvals.models import ChangeRequest, Vote
    from catalog.models import Interface
    from governance.domain.seals import verify
    from governance.models import AuditEvent

    def recorded(action: str) -> int:
        return AuditEvent.objects.filter(action=action).count()

    asked = VOTERS * CHANGES
    check("what came of the votes", dict(votes), {"done": asked})
    check("votes stored", Vote.objects.count(), asked)
    check("changes authorised", recorded("approvals.change.authorise"), CHANGES)
    check("implementations that went through", carried["done"], CHANGES)
    check("faults", [name for name in carried if name.startswith("FAULT")], [])
    check("changes implemented", recorded("approvals.change.implement"), CHANGES)
    check("changes in REVIEW", ChangeRequest.objects.filter(state="REVIEW").count(), CHANGES)
    check("interfaces in build", Interface.objects.filter(state="IN_BUILD").count(), CHANGES)
    check("the audit chain", verify().ok, True)
    print(f"{VOTERS} voters on {CHANGES} changes at once, {PROCESSES} processes of {VOTERS // PROCESSES} threads")
    print(f"  {asked} votes in {voted_s:.1f} s: {asked / voted_s:.0f} a second, every one stored, none refused")
    print(f"  {asked} attempts to carry out in {carried_s:.1f} s: {CHANGES} applied, each once; the others refused as")
    print("  " + ", ".join(f"{name} {count}" for name, count in sorted(carried.items()) if name != "done"))
    print("  no deadlock, and the audit chain holds")


if __name__ == "__main__":
    main()
