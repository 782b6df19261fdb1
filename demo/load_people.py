"""The people of Lakeshore Health, their teams and rights, the board, the machines, and the tables in force."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth.hashers import PBKDF2PasswordHasher

from catalog.models import DomainGroupPermission
from governance.domain import board, people, tables
from governance.models import Board, BoardSeat, DecisionTable, Membership, ServiceAccount, ServiceToken, Team, User

from .world import HERE, World, rows

TABLE_TITLES = {
    "pattern_verdict": "T1 Which pattern fits",
    "decision_rights": "T2 Who decides",
    "resilience": "T3 What the tier demands",
    "approval": "T4 Who approves",
}
TOKEN_LIFE = dt.timedelta(days=365)


def accounts() -> list[dict[str, str]]:
    """Who may sign in, or call, and with what: the list that ``make run`` prints."""
    return json.loads((HERE / "accounts.json").read_text(encoding="utf-8"))


def load_people(world: World) -> None:
    """Everyone of ``accounts.json``, in their team: the administrator by the clock, the others by the administrator."""
    named = {row["username"]: row for row in accounts()}
    known = set(User.objects.values_list("username", flat=True))
    with light_hashing():
        for row in rows("people"):
            if row["username"] not in known:
                register(world, row, named[row["username"]])
    world.users.clear()
    world.tell(f"people {len(rows('people'))}")


def register(world: World, row: dict[str, Any], account: dict[str, str]) -> None:
    actor = world.clock if row["username"] == "pat" else world.admin
    person = people.register_person(
        row["username"], name=account["name"], title=row["title"], password=account["password"],
        email=f"{row['username']}@lakeshore.example", now=world.founded, actor=actor,
    )  # fmt: skip
    join(world, person, row["team"], actor)


@contextmanager
def light_hashing() -> Iterator[None]:
    """Stretching the hash of a password that is printed on the screen protects nothing and takes ten seconds.

    Django renews such a hash in full strength when its owner first signs in.
    """
    strong = PBKDF2PasswordHasher.iterations
    PBKDF2PasswordHasher.iterations = 20_000
    try:
        yield
    finally:
        PBKDF2PasswordHasher.iterations = strong


def join(world: World, person: User, team_key: str, actor: User) -> None:
    people.join_team(Team.objects.get(key=team_key), user=person, now=world.founded, actor=actor)


def load_teams(world: World) -> None:
    """Every team with its roles; rights on domains follow once the domains exist."""
    known = set(Team.objects.values_list("key", flat=True))
    for row in rows("teams"):
        if row["key"] not in known:
            people.found_team(
                row["key"], name=row["name"], roles=tuple(row["roles"]), now=world.founded, actor=world.clock
            )
    world.tell(f"teams {len(rows('teams'))}")


def load_rights(world: World) -> None:
    """What each team may do in which domains. A right that the team holds already is not granted again."""
    held = held_rights()
    for row in rows("teams"):
        wanted: dict[str, list[str]] = {}
        for permission, domains in row["grants"].items():
            for key in world.domains if domains == "*" else domains:
                if (row["key"], key, permission) not in held:
                    wanted.setdefault(key, []).append(f"catalog.{permission}")
        for key, permissions in wanted.items():
            people.grant_container(
                world.teams[row["key"]], container=world.domains[key], permissions=tuple(permissions),
                now=world.founded, actor=world.admin,
            )  # fmt: skip


def held_rights() -> set[tuple[str, str, str]]:
    """(team, domain, permission) of every grant on a domain."""
    named = ("group__team__key", "content_object__key", "permission__codename")
    return set(DomainGroupPermission.objects.values_list(*named))


def load_machines(world: World) -> None:
    """The pipeline and the heartbeat senders, in their teams."""
    names = {row["username"]: row["name"] for row in accounts()}
    for row in rows("machines"):
        account = ServiceAccount.objects.filter(user__username=row["username"]).first()
        if account is None:
            account = open_machine(world, row, names[row["username"]])
        if not Membership.objects.filter(user=account.user, team__key=row["team"], until__isnull=True).exists():
            join(world, account.user, row["team"], world.admin)
    world.tell(f"service accounts {len(rows('machines'))}")


def load_tokens(world: World) -> None:
    """A token for each machine, for a year from now. Its secret stands in ``accounts.json``: for the demo only."""
    secrets = {row["username"]: row["password"] for row in accounts()}
    for row in rows("machines"):
        secret = secrets[row["username"]]
        if not ServiceToken.objects.filter(digest=people.token_digest(secret)).exists():
            account = ServiceAccount.objects.get(user__username=row["username"])
            people.issue_token(
                account, name=row["token"], scopes=tuple(row["scopes"]), expires_at=world.now + TOKEN_LIFE,
                secret=secret, now=world.now, actor=world.admin,
            )  # fmt: skip


def open_machine(world: World, row: dict[str, Any], name: str) -> ServiceAccount:
    return people.open_service_account(
        row["username"], name=name, purpose=row["purpose"], responsible=world.user(row["responsible"]),
        now=world.founded, actor=world.admin,
    )  # fmt: skip


def load_board(world: World) -> None:
    """The integration governance board and its five seats."""
    row = rows("board")
    body = Board.objects.filter(key=row["key"]).first() or board.found_board(
        row["key"], name=row["name"], now=world.founded, actor=world.admin
    )
    taken = set(BoardSeat.objects.filter(board=body).values_list("constituency", flat=True))
    for seat in row["seats"]:
        if seat["constituency"] not in taken:
            board.appoint_seat(
                body, constituency=seat["constituency"], member=world.user(seat["member"]),
                alternate=world.user(seat["alternate"]) if "alternate" in seat else None,
                now=world.founded, actor=world.admin,
            )  # fmt: skip
    world.tell(f"board seats {len(row['seats'])}")


def load_tables(world: World) -> None:
    """The four tables of the policy file, in force since the founding; a key that has a version keeps it."""
    documents = json.loads((HERE / "policy" / "tables.json").read_text(encoding="utf-8"))
    known = set(DecisionTable.objects.exclude(state="DRAFT").values_list("key", flat=True))
    for key, title in TABLE_TITLES.items():
        if key not in known:
            tables.seed_table(documents[key], title=title, now=world.founded, actor=world.clock)
    world.tell(f"decision tables {len(TABLE_TITLES)}")
