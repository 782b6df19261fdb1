"""Asking the board: what T4 demands, the window's arithmetic, revisions, decisions, taking back."""

import datetime as dt

import pytest

from approvals.domain.requests import (
    ItemSpec,
    ask_for_change,
    cancel_change,
    decide_on_change,
    open_change,
    reassess_change,
    reopen_change,
    revise_change,
    submit_change,
)
from approvals.models import ChangeRequest
from catalog.domain.interfaces import revise_interface
from catalog.models import Interface
from governance.domain.audit import history_of
from governance.domain.board import appoint_seat
from governance.domain.people import deactivate_person
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotReady, StaleRevision, WrongState
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
EARLY = dt.datetime(2026, 5, 28, 2, 0, tzinfo=dt.UTC)
LATE = dt.datetime(2026, 6, 5, 2, 0, tzinfo=dt.UTC)


def statuses(change):
    return {need.label: need.status for need in change.requirements.filter(number=change.number)}


def test_submit_asks_whom_the_table_names_with_the_rules(cast):
    change = make.asked_change(cast, window_start=LATE)
    assert change.state == "AUTHORIZE"
    assert change.key == "CR-2026-0001"
    assert change.lead_hours == 72
    assert change.policy["rules"] == ["A02", "A03", "A05"]
    assert {need.label: need.rules for need in change.requirements.all()} == {
        "INTERFACE_OWNER": ["A02"],
        "CLINICAL_IT": ["A03"],
        "OPERATIONS": ["A03"],
        "SECURITY": ["A05"],
        "DATA_GOVERNANCE": ["A05"],
    }
    assert Interface.objects.get().state == "IN_REVIEW"


def test_submit_refuses_an_early_window_with_the_arithmetic(cast):
    change = make.new_interface_change(cast, window_start=EARLY)
    with pytest.raises(Invalid, match="41 h < 72 h") as refused:
        submit_change(change, now=cast.now, actor=cast("ada"))
    assert refused.value.code == "WINDOW_TOO_EARLY"
    assert list(refused.value.errors) == ["window_start"]
    change.refresh_from_db()
    assert (change.state, Interface.objects.get().state) == ("DRAFT", "PROPOSED")


def test_ask_for_change_writes_nothing_when_the_window_is_refused(cast):
    interface = make.decided_interface(cast)
    said = {"change_type": "NEW_INTERFACE", "title": "New", "reason": "Needed", "now": cast.now, "actor": cast("ada")}
    said["evidence"] = make.EVIDENCE
    with pytest.raises(Invalid):
        ask_for_change(items=[ItemSpec(interface, "CREATE")], window_start=EARLY, **said)
    assert not ChangeRequest.objects.exists()
    assert ask_for_change(items=[ItemSpec(interface, "CREATE")], window_start=LATE, **said).state == "AUTHORIZE"


def test_submit_needs_the_decision_first(cast):
    interface = catalog.owned(cast, catalog.story_interface(cast))
    change = make.new_interface_change(cast, interface=interface)
    with pytest.raises(WrongState, match="design authority") as refused:
        submit_change(change, now=cast.now, actor=cast("ada"))
    assert refused.value.code == "DECISION_MISSING"


def test_submit_needs_owners(cast):
    interface = catalog.story_interface(cast, "IF-ONB-005")
    change = make.new_interface_change(cast, interface=interface)
    with pytest.raises(NotReady) as refused:
        submit_change(change, now=cast.now, actor=cast("ada"))
    assert "owners" in refused.value.errors


def test_submit_takes_over_what_was_edited_since_the_draft(cast):
    change = make.new_interface_change(cast)
    interface = Interface.objects.get()
    revise_interface(interface, purpose="Charges on the same day", now=cast.now, actor=cast("ada"))
    submit_change(change, now=cast.now, actor=cast("ada"))
    item = change.items.get()
    assert (item.patch["purpose"], item.base_revision) == ("Charges on the same day", interface.revision)


def test_an_object_is_in_one_open_change(cast):
    change = make.new_interface_change(cast)
    with pytest.raises(Conflict, match=change.key) as refused:
        make.new_interface_change(cast, interface=Interface.objects.get())
    assert refused.value.code == "CHANGE_OPEN"


def test_open_refuses_what_would_not_be_sound_beside_its_field(cast):
    interface = make.interface_in_force(cast)
    said = {"change_type": "MODIFY", "title": "More", "reason": "Growth", "now": cast.now, "actor": cast("ada")}
    for patch, fields in (
        ({"volume_day": "many"}, ["volume_day"]),
        ({"state": "ACTIVE"}, ["state"]),
        ({"tier": 9}, ["tier"]),
        ({"patterns": ["PIGEON"]}, ["patterns"]),
    ):
        with pytest.raises(Invalid) as refused:
            open_change(items=[ItemSpec(interface, "UPDATE", patch)], **said)
        assert list(refused.value.errors) == fields
    with pytest.raises(Invalid):
        open_change(items=[ItemSpec(interface, "UPDATE")], **said)
    with pytest.raises(WrongState, match="It ends after it was in service"):
        open_change(items=[ItemSpec(interface, "DELETE")], **said)
    with pytest.raises(WrongState):
        open_change(items=[ItemSpec(interface, "CREATE")], **said)


def test_open_is_for_those_who_may_submit(cast):
    interface = make.decided_interface(cast)
    for name in ("bo", "max", "gus"):
        with pytest.raises(NotAllowed):
            make.new_interface_change(cast, interface=interface, actor=name)


def test_revise_makes_votes_stale_and_asks_the_decider_and_everyone_again(cast):
    change = make.asked_change(cast)
    before = change.revision_hash
    for name in ("di", "abe"):
        make.vote(cast, change, name)
    later = cast.now + 5 * make.HOUR
    revise_change(change, patches={1: {"volume_day": 9000}}, now=later, actor=cast("ada"))
    change.refresh_from_db()
    assert (change.state, change.number, change.revised_at) == ("ASSESS", 2, later)
    assert change.revision_hash != before
    assert [vote.stale for vote in change.votes.all()] == [True, True]
    assert set(statuses(change).values()) == {"UNSATISFIED"}
    said = history_of(change).last()
    assert said.after["IF-SUR-001 volume_day"] == {"before": 400, "after": 9000}

    with pytest.raises(NotAllowed) as refused:
        decide_on_change(change, rationale="Still fits", now=later, actor=cast("ada"))
    assert refused.value.code == "SOD_AUTHOR"
    decide_on_change(change, rationale="Still fits", now=later, actor=cast("jo"))
    assert change.state == "AUTHORIZE"
    with pytest.raises(Conflict) as stale:
        make.vote(cast, change, "di", revision_hash=before)
    assert stale.value.code == "VOTE_STALE"
    make.vote_all(cast, change)
    assert change.state == "SCHEDULED"
    assert change.implement_at == later + 72 * make.HOUR


def test_revise_by_two_at_once_lets_one_look_again(cast):
    first = make.asked_change(cast)
    second = ChangeRequest.objects.get(pk=first.pk)
    revise_change(first, backout="Switch the route back", now=cast.now, actor=cast("ada"))
    with pytest.raises(StaleRevision):
        revise_change(second, backout="Do nothing", now=cast.now, actor=cast("ada"))


def test_decide_refuses_where_no_decision_is_missing(cast):
    change = make.asked_change(cast, "IF-SUR-004")
    with pytest.raises(WrongState):
        decide_on_change(change, rationale="Twice holds better", now=cast.now, actor=cast("kai"))
    revise_change(change, patches={1: {"tier": 1}}, now=cast.now, actor=cast("ada"))
    assert change.state == "ASSESS"
    with pytest.raises(NotAllowed) as refused:
        decide_on_change(change, rationale="Fits", now=cast.now, actor=cast("kai"))
    assert refused.value.code == "DECIDER"
    decide_on_change(change, rationale="Fits", now=cast.now, actor=cast("jo"))
    assert change.state == "AUTHORIZE"


def test_an_empty_electorate_waits_in_assess_until_someone_is_named(cast):
    interface = make.decided_interface(cast)
    cast("di")
    deactivate_person(cast("di"), now=cast.now, actor=cast.clock)
    change = submit_change(make.new_interface_change(cast, interface=interface), now=cast.now, actor=cast("ada"))
    assert (change.state, statuses(change)["SECURITY"]) == ("ASSESS", "ERROR")
    with pytest.raises(WrongState, match="Nobody who may vote"):
        decide_on_change(change, rationale="x", now=cast.now, actor=cast("jo"))
    board = cast.board()
    appoint_seat(board, constituency="SECURITY", member=cast("pam"), now=cast.now, actor=cast.clock)
    reassess_change(change, now=cast.now + make.HOUR, actor=cast("ada"))
    assert (change.state, statuses(change)["SECURITY"]) == ("AUTHORIZE", "UNSATISFIED")


def test_a_seat_whose_member_wrote_the_change_has_no_electorate(cast):
    """The alternate stands in for the member, so what excludes the member excludes the alternate: it says so."""
    interface = make.decided_interface(cast)
    change = make.new_interface_change(cast, interface=interface, responsible=cast("bo"))
    submit_change(change, now=cast.now, actor=cast("ada"))
    assert (change.state, statuses(change)["CLINICAL_IT"]) == ("ASSESS", "ERROR")


def test_a_standard_change_needs_its_template(cast):
    with pytest.raises(Invalid) as refused:
        make.asked_change(cast, change_class="STANDARD")
    assert (refused.value.code, ChangeRequest.objects.count()) == ("TEMPLATE_MISSING", 0)


def test_reject_then_reopen_then_submit_again(cast):
    change = make.asked_change(cast)
    make.vote(cast, change, "di", "REJECT")
    interface = Interface.objects.get()
    assert (change.state, interface.state) == ("REJECTED", "REJECTED")
    reopen_change(change, now=cast.now, actor=cast("ada"))
    interface.refresh_from_db()
    assert (change.state, interface.state, change.number) == ("DRAFT", "PROPOSED", 2)
    revise_change(change, plan="With a pilot ward first", now=cast.now, actor=cast("ada"))
    submit_change(change, now=cast.now, actor=cast("ada"))
    assert change.state == "AUTHORIZE"
    make.vote_all(cast, change)
    assert change.state == "SCHEDULED"


@pytest.mark.parametrize("bring", [make.new_interface_change, make.asked_change, make.scheduled_change])
def test_cancel_returns_the_interface_to_a_proposal(cast, bring):
    change = bring(cast)
    cancel_change(change, reason="The ward closes", now=cast.now, actor=cast("ada"))
    assert (change.state, Interface.objects.get().state) == ("CANCELLED", "PROPOSED")
    assert history_of(change).last().reason == "The ward closes"
    make.new_interface_change(cast, interface=Interface.objects.get())


def test_cancel_is_too_late_once_it_is_implemented(cast):
    with pytest.raises(WrongState):
        cancel_change(make.implemented_change(cast), reason="Late", now=cast.now, actor=cast("ada"))
