"""Everyone's inbox: what is asked of me, what I wait for and of whom, and which of my votes a revision made stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, FloatField, Func, QuerySet
from django.db.models.fields.json import KT

from governance.domain.rules import visible
from governance.models import User

from ..models import ChangeRequest
from .asked import asked_of, held_up, stale_of
from .missing import OPEN, Seat, seats_of
from .queries import Waiting, waiting_on, with_voters, written_by
from .roster import Roster
from .voting import counted

TABS = ("mine", "waiting", "stale")
UNDECIDED = "The decision on the proposed pattern is missing; voters are asked after it."


@dataclass(frozen=True)
class Missing:
    """One need that is not met: which of its roles have not spoken, whom to ask, or why nobody can be asked."""

    label: str
    seats: list[Seat] = field(default_factory=list)
    why: str = ""
    rules: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class InboxRow:
    """One change as the inbox shows it; ``lead_left`` in hours, rounded up. ``because``: the rules that ask."""

    change: ChangeRequest
    lead_left: int
    tier: int | None
    phi: bool
    waiting: Waiting | None = None
    because: list[dict[str, str]] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)


class LeadEnds(Func):
    """When the lead time has passed, to sort by: days on SQLite, a time on PostgreSQL."""

    arity = 2
    arg_joiner = " + "
    output_field = FloatField()

    def as_sqlite(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(julianday(%(expressions)s / 24.0)", arg_joiner=") + ")

    def as_postgresql(self, compiler: Any, connection: Any, **more: Any) -> Any:
        return self.as_sql(compiler, connection, template="(%(expressions)s * interval '1 hour')")


def inbox_of(actor: User, tab: str, *, now: dt.datetime) -> QuerySet[ChangeRequest]:
    """The changes of one tab, which can be sorted by ``lead_ends`` and ``tier`` besides their columns."""
    if tab == "mine":
        found = asked_of(actor, now=now)
    elif tab == "stale":
        found = visible(stale_of(actor), actor)
    else:
        found = visible(held_up(written_by(actor)), actor)
    return found.alias(lead_ends=LeadEnds(F("revised_at"), F("lead_hours")), tier=KT("policy__facts__tier"))


def inbox_counts(actor: User, *, now: dt.datetime) -> dict[str, int]:
    """How many changes each tab holds."""
    return {tab: inbox_of(actor, tab, now=now).count() for tab in TABS}


def with_inbox_shown(changes: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    return with_voters(changes)


def inbox_rows(changes: Sequence[ChangeRequest], actor: User, *, now: dt.datetime) -> list[InboxRow]:
    """What each change (read ``with_inbox_shown``) asks of the reader, and who else is missing."""
    waiting, roster = waiting_on(changes, actor, now=now), Roster(changes, now=now)
    return [row_of(change, waiting.get(change.pk), roster, now=now) for change in changes]


def row_of(change: ChangeRequest, waiting: Waiting | None, roster: Roster, *, now: dt.datetime) -> InboxRow:
    facts = change.policy.get("facts", {})
    return InboxRow(
        change=change,
        lead_left=lead_left(change, now=now),
        tier=facts.get("tier"),
        phi=bool(facts.get("phi")),
        waiting=waiting,
        because=because(change, waiting.requirement.rules) if waiting else [],
        missing=missing_on(change, roster),
    )


def lead_left(change: ChangeRequest, *, now: dt.datetime) -> int:
    """Whole hours until the present revision may be carried out; 0 when the lead time is over or does not run."""
    if change.revised_at is None:
        return 0
    return max(0, -int((now - change.lead_ends_at).total_seconds() // 3600))


def because(change: ChangeRequest, rules: Sequence[str]) -> list[dict[str, str]]:
    """The rules that ask, each with the reason that its table gives."""
    notes = change.policy.get("notes", {})
    return [{"rule": rule, "note": notes.get(rule, "")} for rule in rules]


def missing_on(change: ChangeRequest, roster: Roster) -> list[Missing]:
    """What keeps the change from going on: needs that are not met, or a decision that comes before them."""
    electors = roster.electors(change)
    live = [vote for vote in change.votes.all() if vote.revision_hash == change.revision_hash]
    found = []
    for need in change.requirements.all():
        if need.status in OPEN:
            seats = [seat for seat in seats_of(need, counted(need, live), electors) if is_missing(seat)]
            found.append(Missing(need.label, seats, need.note, need.rules))
    if change.state == "ASSESS" and not any(one.why for one in found):
        return [Missing("DECISION", why=UNDECIDED)]
    return found


def is_missing(seat: Seat) -> bool:
    return seat.standing in ("WAITING", "NOBODY")
