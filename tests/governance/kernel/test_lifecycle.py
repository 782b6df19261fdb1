"""The machine that moves rows: by compare-and-swap, and with a sentence when it does not."""

import pytest

from governance.kernel.errors import WrongState
from governance.lifecycle import DECISION_TABLE
from governance.models import DecisionTable

pytestmark = pytest.mark.django_db


@pytest.fixture
def table():
    return DecisionTable.objects.create(key="k", version="1", hit="U")


def test_move_changes_state_revision_and_values(table):
    DECISION_TABLE.move(table, "submit", title="asked")
    table.refresh_from_db()
    assert (table.state, table.revision, table.title) == ("IN_REVIEW", 2, "asked")


def test_move_that_does_not_exist_names_what_is_possible(table):
    with pytest.raises(WrongState) as refused:
        DECISION_TABLE.move(table, "activate")
    assert refused.value.details["possible"] == ["submit"]
    table.refresh_from_db()
    assert (table.state, table.revision) == ("DRAFT", 1)


def test_the_slower_of_two_movers_is_refused(table):
    slower = DecisionTable.objects.get(pk=table.pk)
    DECISION_TABLE.move(table, "submit")
    with pytest.raises(WrongState):
        DECISION_TABLE.move(slower, "submit")
    table.refresh_from_db()
    assert table.revision == 2


def test_states_and_choices_come_from_the_moves():
    assert DECISION_TABLE.states == ["DRAFT", "IN_REVIEW", "APPROVED", "ACTIVE", "SUPERSEDED"]
    assert DECISION_TABLE.verbs_from("IN_REVIEW") == ["reject", "approve"]
