"""A decision table comes into force by an approved change: fixed in review, then brought by the clock."""

import datetime as dt

import pytest

from approvals.domain.implementing import implement_change, implement_due_changes
from approvals.domain.policies import ask_for_table
from approvals.domain.requests import cancel_change, reopen_change, revise_change, submit_change
from approvals.models import ChangeRequest
from governance.domain import drafts
from governance.domain.audit import history_of
from governance.domain.tables import activate_due_tables, activate_table, evaluate
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotReady, WrongState
from governance.models import DecisionRule, DecisionTable
from tests.factories import approvals as make
from tests.factories import tables

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
DAY = dt.timedelta(days=1)
FACTS = {"tier": 2, "kind": "FAST"}


@pytest.fixture
def draft(cast):
    cast.board()
    table = tables.draft(cast)
    return drafts.add_rule(table, rule=tables.CLOSING, now=cast.now, actor=cast("kai"))


def ask(cast, table, name="jo", **values):
    said = {"reason": "Tier 2 is routed now", **values}
    return ask_for_table(table, now=cast.now, actor=cast(name), **said)


def approved(cast, change):
    for name in ("bo", "cy", "di", "ed"):
        make.vote(cast, change, name)
    return change


def state(table):
    return DecisionTable.objects.get(pk=table.pk).state


def test_the_board_approves_a_version_and_the_clock_brings_it_at_its_date(cast, draft):
    date = cast.now + 30 * DAY
    change = ask(cast, draft, effective_from=date)
    need = change.requirements.get()
    assert (change.state, change.change_type, need.label, need.rules) == (
        "AUTHORIZE",
        "POLICY",
        "BOARD 4 of 5",
        ["A16"],
    )
    assert state(draft) == "IN_REVIEW"
    approved(cast, change)
    assert (change.state, state(draft)) == ("SCHEDULED", "APPROVED")
    assert activate_due_tables(now=date + DAY, actor=cast.clock) == 0
    implement_due_changes(now=change.implement_at, actor=cast.clock)
    assert (state(draft), evaluate("routes", FACTS).output) == ("APPROVED", None)
    assert activate_due_tables(now=date - dt.timedelta(seconds=1), actor=cast.clock) == 0
    assert activate_due_tables(now=date + dt.timedelta(seconds=40), actor=cast.clock) == 1
    former, now_in_force = DecisionTable.objects.filter(key="routes").order_by("created_at")
    assert (former.state, former.effective_to) == ("SUPERSEDED", date)
    assert (now_in_force.state, now_in_force.effective_from) == ("ACTIVE", date)
    said = evaluate("routes", FACTS)
    assert (said.output, said.source["version"], said.source["hash"]) == ({"say": "three"}, "1.1", draft.content_hash)


def test_without_a_date_it_comes_into_force_when_it_is_carried_out_by_whoever_may(cast, draft):
    change = approved(cast, ask(cast, draft))
    with pytest.raises(NotReady):
        implement_change(change, now=cast.now + DAY, actor=cast("max"))
    implement_change(change, now=change.implement_at, actor=cast("max"))
    assert (state(draft), evaluate("routes", FACTS).source["version"]) == ("ACTIVE", "1.1")


def test_a_version_with_a_gap_is_not_asked_for_and_nothing_is_written(cast, draft):
    drafts.remove_rule(draft, "A4", now=cast.now, actor=cast("kai"))
    with pytest.raises(NotReady) as refused:
        ask(cast, draft)
    assert (refused.value.code, list(refused.value.errors)) == ("TABLE_NOT_READY", ['gaps/{"tier": "2"}'])
    assert (ChangeRequest.objects.count(), state(draft)) == (0, "DRAFT")


def test_who_asks_and_when(cast, draft):
    with pytest.raises(NotAllowed):
        ask(cast, draft, "kai")
    with pytest.raises(Invalid) as refused:
        ask(cast, draft, effective_from=cast.now - DAY)
    assert list(refused.value.errors) == ["effective_from"]
    with pytest.raises(WrongState):
        ask(cast, DecisionTable.objects.get(key="routes", state="ACTIVE"))
    ask(cast, draft)
    with pytest.raises(WrongState):
        drafts.edit_rule(DecisionTable.objects.get(pk=draft.pk), "A1", note="x", now=cast.now, actor=cast("kai"))


def test_who_wrote_a_rule_does_not_vote_on_it(cast):
    cast.board()
    table = tables.draft(cast)
    drafts.add_rule(table, rule=tables.CLOSING, now=cast.now, actor=cast("kai"))
    change = ask(cast, table)
    authors = set(change.authors.values_list("user__username", flat=True))
    assert authors == {"jo", "kai"}


def test_a_rejected_version_is_a_draft_again_and_asked_anew(cast, draft):
    change = ask(cast, draft)
    first = change.revision_hash
    for name in ("bo", "cy"):
        make.vote(cast, change, name, "REJECT")
    assert (change.state, state(draft)) == ("REJECTED", "DRAFT")
    drafts.edit_rule(
        DecisionTable.objects.get(pk=draft.pk), "A4", note="as the board asked", now=cast.now, actor=cast("jo")
    )
    change = ChangeRequest.objects.get()
    reopen_change(change, now=cast.now, actor=cast("jo"))
    submit_change(ChangeRequest.objects.get(), now=cast.now, actor=cast("jo"))
    change = ChangeRequest.objects.get()
    assert (change.state, state(draft), change.revision_hash == first) == ("AUTHORIZE", "IN_REVIEW", False)
    approved(cast, change)
    assert change.state == "SCHEDULED"


def test_a_cancelled_change_gives_the_version_back_until_it_is_carried_out(cast, draft):
    change = approved(cast, ask(cast, draft))
    cancel_change(change, reason="Not yet", now=cast.now + DAY, actor=cast("jo"))
    assert state(draft) == "DRAFT"
    table = DecisionTable.objects.get(pk=draft.pk)
    change = approved(cast, ask(cast, table, effective_from=cast.now + 90 * DAY))
    implement_due_changes(now=change.implement_at, actor=cast.clock)
    change.refresh_from_db()
    with pytest.raises(WrongState):
        cancel_change(change, reason="Too late", now=change.implement_at, actor=cast("jo"))
    assert state(draft) == "APPROVED"


def test_another_date_makes_the_votes_stale(cast, draft):
    change = ask(cast, draft, effective_from=cast.now + 30 * DAY)
    make.vote(cast, change, "bo")
    later = (cast.now + 60 * DAY).isoformat()
    revise_change(change, patches={1: {"effective_from": later}}, now=cast.now + DAY, actor=cast("jo"))
    with pytest.raises(Invalid) as refused:
        revise_change(change, patches={1: {"effective_from": "soon"}}, now=cast.now + DAY, actor=cast("jo"))
    assert list(refused.value.errors) == ["effective_from"]
    change.refresh_from_db()
    assert change.votes.exclude(revision_hash=change.revision_hash).count() == 1
    for name in ("bo", "cy", "di", "ed"):
        make.vote(cast, change, name, now=cast.now + DAY)
    implement_due_changes(now=change.implement_at, actor=cast.clock)
    assert DecisionTable.objects.get(pk=draft.pk).effective_from == cast.now + 60 * DAY


def test_rules_changed_underneath_are_not_published(cast, draft):
    change = approved(cast, ask(cast, draft))
    DecisionRule.objects.filter(table=draft, rule_id="A1").update(then={"say": "three"})
    with pytest.raises(Conflict) as refused:
        implement_change(change, now=change.implement_at, actor=cast.clock)
    assert (refused.value.code, state(draft)) == ("TABLE_CHANGED", "APPROVED")


def test_a_version_that_a_later_one_has_overtaken_never_comes_into_force(cast, draft):
    other = drafts.start_draft("routes", based_on=draft, now=cast.now, actor=cast("jo"))
    changes = [ask(cast, table, effective_from=cast.now + days * DAY) for table, days in ((draft, 30), (other, 20))]
    for change in changes:
        approved(cast, change)
        implement_due_changes(now=change.implement_at, actor=cast.clock)
    late = cast.now + 40 * DAY
    activate_table(DecisionTable.objects.get(pk=draft.pk), now=late, actor=cast.clock)
    assert activate_due_tables(now=late, actor=cast.clock) == 1
    assert (state(other), state(draft)) == ("SUPERSEDED", "ACTIVE")
    assert history_of(other).last().after["overtaken_by"] == draft.version


def test_a_decision_keeps_the_version_and_hash_it_was_made_under(cast, draft, seed_tables):
    change = make.asked_change(cast)
    for key, source in change.policy["tables"].items():
        assert source == {"key": key, "version": "1.0", "hash": seed_tables[key].content_hash}
    record = change.items.get().interface.decisions.get()
    assert set(record.tables) == {"pattern_verdict", "decision_rights", "resilience"}
    assert {source["hash"] for source in record.tables.values()} == {
        seed_tables[key].content_hash for key in record.tables
    }
