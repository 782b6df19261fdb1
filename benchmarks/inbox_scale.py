"""The inbox and a change's page answer in the same order of time with 100 and with 10,000 open changes.

A scratch database is filled with benchmark data: changes before the board, of which half wait for the reader's seat, a
tenth are the reader's own and a tenth carry a vote of the reader's that a revision made stale, with twenty votes each.
Pages and API are asked through Django's test client, and their queries are counted. Run
``python benchmarks/inbox_scale.py [--database postgres://postgres@127.0.0.1:5432/postgres]``; a PostgreSQL database of
its own is made beside the one named, and dropped.
"""

from __future__ import annotations

import argparse
import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import register_scale as scale

SMALL, LARGE, VOTES = 100, 10_000, 20
ALLOWED = 2.0
SEATS = ("CLINICAL_IT", "ERP", "SECURITY", "DATA_GOVERNANCE", "OPERATIONS")
VOTERS = 24
ASKED = {
    "inbox": "/inbox/",
    "inbox, page 2": "/inbox/?page=2",
    "inbox, by risk": "/inbox/?sort=-risk",
    "inbox, waiting": "/inbox/waiting/",
    "inbox, stale": "/inbox/stale/",
    "a change": "/changes/{change}/",
    "home, changes": "/changes/home/",
    "GET inbox": "/api/v1/inbox/?page_size=25",
    "GET inbox, waiting": "/api/v1/inbox/?tab=waiting&page_size=25",
    "GET inbox, stale": "/api/v1/inbox/?tab=stale&page_size=25",
    "GET inbox counts": "/api/v1/inbox/counts/",
    "GET a change": "/api/v1/changes/{change}/",
    "GET requirements": "/api/v1/changes/{change}/requirements/",
}


def prepare() -> tuple[object, list, list]:
    """The reader, who holds the SECURITY seat, the other voters with theirs, and the systems."""
    from governance.domain import board, people

    reader, systems = scale.prepare()
    said = {"now": scale.NOW, "actor": people.clock_user()}
    team = people.found_team("board", name="Board", roles=("BOARD_MEMBER",), **said)
    voters = [people.register_person(f"voter-{one}", name=f"Voter {one}", **said) for one in range(VOTERS)]
    for person in (reader, *voters):
        people.join_team(team, user=person, **said)
    made = board.found_board("igb", name="Board", **said)
    for seat, member in zip(SEATS, (voters[0], voters[1], reader, voters[2], voters[3]), strict=True):
        board.appoint_seat(made, constituency=seat, member=member, **said)
    return reader, voters, systems


def fill(first: int, last: int, reader: object, voters: list, systems: list) -> None:
    """Changes ``first`` to ``last``, each with an item, five seats' requirements and twenty votes."""
    from approvals.models import ApprovalRequirement, ChangeAuthor, ChangeItem, ChangeRequest, Vote
    from catalog.models import Interface

    scale.fill(first, last, reader, systems)
    names = [f"IF-SCALE-{number:06d}" for number in range(first, last)]
    interfaces = (
        {one.key: one for one in Interface.objects.filter(key__in=names)}
        if last - first < 900
        else {one.key: one for one in Interface.objects.all()}
    )
    changes = [change_row(number, reader, voters) for number in range(first, last)]
    ChangeRequest.objects.bulk_create(changes, batch_size=500)
    ChangeAuthor.objects.bulk_create(
        (ChangeAuthor(change=one, user_id=one.requester_id, number=1) for one in changes), batch_size=1000
    )
    ChangeItem.objects.bulk_create(
        (
            ChangeItem(change=one, operation="UPDATE", interface=interfaces[name], base_revision=1, patch={"tier": 1})
            for one, name in zip(changes, names, strict=True)
        ),
        batch_size=500,
    )
    needs = [need for one in changes for need in needs_of(one)]
    ApprovalRequirement.objects.bulk_create(needs, batch_size=500)
    by_change: dict = {}
    for need in needs:
        by_change.setdefault(need.change_id, []).append(need)
    Vote.objects.bulk_create(
        (
            vote
            for number, one in zip(range(first, last), changes, strict=True)
            for vote in votes_of(number, one, by_change[one.pk], reader, voters)
        ),
        batch_size=500,
    )


def change_row(number: int, reader: object, voters: list):
    from approvals.models import ChangeRequest

    author = reader if number % 10 == 1 else voters[4 + number % (VOTERS - 4)]
    return ChangeRequest(
        key=f"CR-2026-{number:05d}", change_type="MODIFY", title=f"Change {number}", reason="For the benchmark",
        requester=author, responsible=author, state="AUTHORIZE", number=2, revision_hash=f"{number:060d}-now",
        lead_hours=72, submitted_at=scale.NOW, revised_at=scale.NOW + dt.timedelta(minutes=number * 7919 % 10_000),
        assessed_at=scale.NOW, risk_score=number % 25 + 1, likelihood=number % 5 + 1, impact=3,
        policy={
            "facts": {"tier": number % 4 + 2, "phi": False}, "rules": ["APR-010"], "notes": {"APR-010": "The board"},
            "evidence": [], "tables": {},
        },
    )  # fmt: skip


def needs_of(change) -> list:
    """SECURITY by itself, and the other four seats each."""
    from approvals.models import ApprovalRequirement

    return [
        ApprovalRequirement(
            change=change, number=2, position=position, roles=[seat], mode="EACH", minimum=1, rules=["APR-010"]
        )
        for position, seat in enumerate(SEATS, start=1)
    ]


def votes_of(number: int, change, needs: list, reader: object, voters: list) -> list:
    """Twenty, most of them on the former revision; the reader's seat has spoken on every second change."""
    from approvals.models import Vote

    def vote(person, need, *, live: bool):
        return Vote(
            change=change, requirement=need, role=need.roles[0], voter=person, choice="APPROVE", at=scale.NOW,
            revision_hash=change.revision_hash if live else f"{change.revision_hash}-former-{person.pk.hex[:2]}",
        )  # fmt: skip

    security = needs[2]
    rows = [vote(reader, security, live=True)] if number % 2 and number % 10 != 1 else []
    rows += [vote(reader, needs[0], live=False)] if number % 10 == 4 else []
    rows += [vote(voters[0], needs[0], live=True)] if number % 3 == 0 else []
    return rows + [vote(one, needs[4], live=False) for one in voters[4 : 4 + VOTES - len(rows)]]


def measured(reader: object) -> dict[str, tuple[float, int]]:
    """Each question's milliseconds and queries, asked as the reader."""
    from django.core.cache import cache
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(reader, backend="django.contrib.auth.backends.ModelBackend")

    def asking(address: str) -> Callable[[], object]:
        def ask() -> None:
            cache.clear()
            answer = client.get(address)
            if answer.status_code != 200:
                raise SystemExit(f"{address} answered {answer.status_code}: nothing was measured")

        return ask

    found = {}
    for name, address in ASKED.items():
        ask = asking(address.format(change="CR-2026-00002"))
        spent = scale.timed(ask)
        with CaptureQueriesContext(connection) as queries:
            ask()
        found[name] = (spent, len(queries))
    return found


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    asked.add_argument("--database", default="", help="a PostgreSQL server's URL; without it SQLite")
    scale.SCRATCH = "interlock_inbox_scale"
    with scale.scratch(asked.parse_args().database):
        from approvals.domain.inbox import inbox_counts
        from approvals.models import ChangeRequest, Vote

        people = prepare()
        reader = people[0]
        fill(0, SMALL, *people)
        scale.analyse()
        few = measured(reader)
        fill(SMALL, LARGE, *people)
        scale.analyse()
        many = measured(reader)
        from django.db import connection

        held = inbox_counts(reader, now=scale.NOW)
        print(
            f"{connection.vendor}: {ChangeRequest.objects.count():,} open changes, {Vote.objects.count():,} votes; ",
            end="",
        )
        print(f"the reader's inbox: {held}; best of {scale.ROUNDS}")
        for name in ASKED:
            (before, asked_then), (after, asked_now) = few[name], many[name]
            said = "" if after <= ALLOWED * before else f"  more than {ALLOWED:.0f}"
            said += "" if asked_then == asked_now else f"  queries {asked_then} became {asked_now}"
            times = f"{before:8.1f} ms with {SMALL}, {after:8.1f} ms with {LARGE:,}"
            print(f"  {name:20} {times}, {asked_now:3} queries: ratio {after / before:.2f}{said}")
    print(f"ratio               {max(many[name][0] / few[name][0] for name in ASKED):.2f}")


if __name__ == "__main__":
    main()
