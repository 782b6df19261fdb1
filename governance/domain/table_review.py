"""Handing a draft to the board: only what is fit to be asked, and from then on its content stands still."""

from __future__ import annotations

import datetime as dt
import hashlib

from ..dmn.hits import identity
from ..lifecycle import DECISION_TABLE
from ..models import AuditEvent, DecisionTable, User
from .audit import recorded
from .rules import require
from .table_cases import cases_of
from .table_checks import check_publishable
from .tables import compiled


def review_table(table: DecisionTable, *, now: dt.datetime, actor: User) -> None:
    """A draft goes into review with the change that carries it.

    Raises ``NotReady`` (TABLE_NOT_READY) with every open gap, clash and failed case.
    """
    require(actor, "edit", table)
    DECISION_TABLE.check(table, "submit")
    standing = check_publishable(table)
    said = {"cases": len(standing.cases), "accepted_gaps": len(standing.accepted)}
    with recorded("governance.table.review", actor=actor, subject=table, now=now, facts=said):
        DECISION_TABLE.move(table, "submit", content_hash=compiled(table)[1])


def agreed_hash(table: DecisionTable) -> str:
    """SHA-256 over all that the board agrees to: the rules, the test cases, and the gaps that are left open."""
    whole = [table.content_hash, cases_of(table), table.accepted_gaps]
    return hashlib.sha256(identity(whole).encode()).hexdigest()


def editors_of(table: DecisionTable) -> list[User]:
    """Everyone who drafted or edited the version, as the audit has it: none of them votes on it."""
    events = AuditEvent.objects.filter(
        subject_type=table._meta.label_lower, subject_id=str(table.pk),
        action__in=["governance.table.draft", "governance.table.edit"],
    )  # fmt: skip
    return list(User.objects.filter(pk__in=set(events.values_list("actor_id", flat=True))))
