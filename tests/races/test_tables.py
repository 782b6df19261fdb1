"""Decision tables under real concurrency on PostgreSQL: one version of a key is in force, and no edit is lost."""

from __future__ import annotations

import datetime as dt

import pytest
from django.db import connection

from governance.domain import drafts
from governance.domain.seals import verify
from governance.domain.tables import activate_due_tables, activate_table
from governance.models import DecisionTable
from tests.factories import tables as make

from .test_changes import at_once

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="row locks are PostgreSQL's: set DATABASE_URL"),
]
DAY = dt.timedelta(days=1)


def approved(cast, days, **values):
    """A version that the board has agreed to, due after ``days``."""
    table = drafts.start_draft("routes", now=cast.now, actor=cast("jo"), **values)
    DecisionTable.objects.filter(pk=table.pk).update(state="APPROVED", effective_from=cast.now + days * DAY)
    return table


def activating(table, now, clock):
    return lambda: activate_table(DecisionTable.objects.get(pk=table.pk), now=now, actor=clock)


@pytest.mark.parametrize("with_former", [True, False])
@pytest.mark.parametrize("attempt", range(3))
def test_two_activations_at_once_leave_one_in_force_and_the_later_one_at_last(cast, with_former, attempt):
    if with_former:
        make.routes_in_force(cast)
    document = {name: value for name, value in make.ROUTES.items() if name != "version"}
    first, second = (approved(cast, days, document=document) for days in (10, 20))
    late = cast.now + 30 * DAY
    results = at_once(*(activating(table, late, cast.clock) for table in (first, second)))
    assert {getattr(result, "code", None) for result in results} <= {None, "WRONG_STATE"}
    assert DecisionTable.objects.filter(key="routes", state="ACTIVE").count() == 1
    activate_due_tables(now=late, actor=cast.clock)
    states = {table.version: table.state for table in DecisionTable.objects.filter(key="routes")}
    assert states == {**dict.fromkeys(states, "SUPERSEDED"), second.version: "ACTIVE"}
    assert verify().ok


def test_two_clocks_at_once_activate_once(cast):
    make.routes_in_force(cast)
    table = approved(cast, 10, based_on=DecisionTable.objects.get())
    late = cast.now + 11 * DAY
    at_once(*(lambda: activate_due_tables(now=late, actor=cast.clock) for _ in range(3)))
    assert DecisionTable.objects.get(state="ACTIVE").pk == table.pk
    assert DecisionTable.objects.get(state="SUPERSEDED").effective_to == cast.now + 10 * DAY


def test_of_two_edits_at_once_none_is_lost_unsaid(cast):
    table = make.draft(cast)
    jo = cast("jo")

    def editing(rule):
        fresh = DecisionTable.objects.get(pk=table.pk)
        return lambda: drafts.edit_rule(fresh, rule, note="mine", now=cast.now, actor=jo)

    results = at_once(editing("A1"), editing("A2"))
    assert sorted(getattr(result, "code", "kept") for result in results) == ["STALE_REVISION", "kept"]
    assert table.rules.filter(note="mine").count() == 1
