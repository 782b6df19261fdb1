"""Votes: who may, in whose place, on which revision; the last yes authorises and a final no rejects."""

import pytest

from approvals.domain.queries import votes_waiting_for
from approvals.domain.voting import cast_vote
from approvals.models import ApprovalRequirement, Vote
from catalog.models import DecisionRecord, Interface
from governance.domain.audit import history_of
from governance.domain.delegating import delegate
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


def lend(cast, giver, taker):
    return delegate(
        cast(giver), taker=cast(taker), starts_at=cast.now, ends_at=cast.now + 24 * make.HOUR, reason="Leave",
        now=cast.now, actor=cast(giver),
    )  # fmt: skip


@pytest.fixture
def asked(cast):
    return make.asked_change(cast)


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("ada", "SOD_AUTHOR"),
        ("hal", "SERVICE_CANNOT_VOTE"),
        ("max", "SOD_MANAGER"),
        ("cy", "NOT_ELIGIBLE"),
        ("gus", "NOT_ELIGIBLE"),
        ("system", "SERVICE_CANNOT_VOTE"),
    ],
)
def test_vote_is_refused_by_name(cast, asked, name, code):
    with pytest.raises(NotAllowed) as refused:
        make.vote(cast, asked, name)
    assert refused.value.code == code
    assert not Vote.objects.exists()


def test_vote_of_the_implementer_is_refused(cast):
    change = make.asked_change(cast, implementer=cast("fay"))
    with pytest.raises(NotAllowed) as refused:
        make.vote(cast, change, "fay")
    assert refused.value.code == "SOD_IMPLEMENTER"


def test_vote_of_a_machines_responsible_person_is_refused(cast):
    change = make.asked_change(cast, responsible=cast("abe"))
    with pytest.raises(NotAllowed) as refused:
        make.vote(cast, change, "abe")
    assert refused.value.code == "SOD_AUTHOR"


def test_alternate_votes_for_the_member_and_the_audit_names_both(cast, asked):
    given = make.vote(cast, asked, "rae")
    assert (given.role, given.on_behalf_of) == ("CLINICAL_IT", cast("bo"))
    said = history_of(given).get()
    assert (said.actor_label, said.on_behalf_of_label) == ("Rae", "Bo")
    with pytest.raises(Conflict) as refused:
        make.vote(cast, asked, "bo")
    assert refused.value.code == "ALREADY_VOTED"


def test_delegate_votes_for_the_giver(cast, asked):
    lend(cast, "di", "pam")
    given = make.vote(cast, asked, "pam")
    assert (given.role, given.on_behalf_of) == ("SECURITY", cast("di"))


def test_delegation_that_is_over_gives_no_vote(cast, asked):
    lend(cast, "di", "pam")
    with pytest.raises(NotAllowed):
        make.vote(cast, asked, "pam", now=cast.now + 25 * make.HOUR)


def test_delegate_of_an_excluded_person_is_excluded(cast):
    change = make.asked_change(cast, implementer=cast("di"))
    assert change.state == "ASSESS"
    ApprovalRequirement.objects.filter(change=change).update(status="UNSATISFIED")
    type(change).objects.filter(pk=change.pk).update(state="AUTHORIZE")
    lend(cast, "di", "pam")
    with pytest.raises(NotAllowed) as refused:
        make.vote(cast, change, "pam")
    assert refused.value.code == "NOT_ELIGIBLE"


def test_one_person_fills_one_role(cast, asked):
    lend(cast, "di", "ed")
    assert make.vote(cast, asked, "ed").role == "DATA_GOVERNANCE"
    with pytest.raises(Conflict) as refused:
        make.vote(cast, asked, "ed")
    assert refused.value.code == "ALREADY_VOTED"
    assert [one for one in votes_waiting_for(cast("ed"), now=cast.now) if one.change == asked] == []


def test_a_question_is_no_decision_and_needs_words(cast, asked):
    with pytest.raises(Invalid):
        make.vote(cast, asked, "di", "REQUEST_INFO")
    make.vote(cast, asked, "di", "REQUEST_INFO", comment="Which ward first?")
    assert [one.change for one in votes_waiting_for(cast("di"), now=cast.now)] == [asked]
    make.vote(cast, asked, "di")
    assert votes_waiting_for(cast("di"), now=cast.now) == []


def test_last_vote_authorises_in_one_step(cast, asked):
    make.vote_all(cast, asked, besides=("fay",))
    assert asked.state == "AUTHORIZE"
    make.vote(cast, asked, "fay")
    assert (asked.state, asked.authorised_hash) == ("SCHEDULED", asked.revision_hash)
    assert asked.implement_at == cast.now + 72 * make.HOUR
    assert Interface.objects.get().state == "APPROVED"
    actions = list(history_of(asked).values_list("action", flat=True))
    assert actions.count("approvals.change.authorise") == 1
    with pytest.raises(WrongState):
        make.vote(cast, asked, "rae")


def test_no_of_one_role_rejects(cast, asked):
    make.vote(cast, asked, "fay", "REJECT", comment="No downtime procedure")
    assert (asked.state, Interface.objects.get().state) == ("REJECTED", "REJECTED")
    assert "No downtime procedure" in history_of(asked).last().reason


def test_waiting_says_in_which_role_and_for_whom(cast, asked):
    assert [(one.standing.role, one.standing.on_behalf_of) for one in votes_waiting_for(cast("rae"), now=cast.now)] == [
        ("CLINICAL_IT", cast("bo"))
    ]
    for name in ("ada", "max", "cy", "hal", "uma"):
        assert votes_waiting_for(cast(name), now=cast.now) == []


class TestBoard:
    """IF-ONB-005 uses a prohibited pattern: the whole board, 4 of 5, and security cannot be outvoted."""

    @pytest.fixture
    def change(self, cast):
        return make.asked_change(cast, "IF-ONB-005")

    def test_asks_the_board(self, change):
        asked = {need.label: (need.minimum, need.veto, need.rules) for need in change.requirements.all()}
        assert asked == {"INTERFACE_OWNER": (1, [], ["A02"]), "BOARD 4 of 5": (4, ["SECURITY"], ["A08"])}
        assert (change.state, change.lead_hours) == ("AUTHORIZE", 120)

    def test_security_cannot_be_outvoted(self, cast, change):
        for name in ("bo", "cy", "ed"):
            make.vote(cast, change, name)
        make.vote(cast, change, "di", "REJECT")
        assert (change.state, Interface.objects.get().state) == ("REJECTED", "REJECTED")

    def test_one_no_of_another_seat_does_not_end_it_but_two_do(self, cast, change):
        make.vote(cast, change, "cy", "REJECT")
        assert change.state == "AUTHORIZE"
        make.vote(cast, change, "ed", "REJECT")
        assert change.state == "REJECTED"

    def test_four_of_five_is_the_decision(self, cast, change):
        make.vote(cast, change, "abe")
        for name in ("bo", "di", "ed"):
            make.vote(cast, change, name)
        assert change.state == "AUTHORIZE"
        make.vote(cast, change, "fay")
        assert (change.state, Interface.objects.get().state) == ("SCHEDULED", "APPROVED")
        record = DecisionRecord.objects.get()
        assert (record.forum, record.deviation, record.decided_by) == ("BOARD_MEETING", "PROHIBITED", cast("fay"))


def test_a_seat_asked_twice_speaks_once_and_is_heard_in_both(cast):
    """Tier 1 with new technology: CLINICAL_IT by itself (A03) and as one of the board (A10)."""
    interface = make.decided_interface(cast, "IF-SUR-001", new_technology=True)
    change = make.asked_change(cast, interface=interface)
    assert [need.label for need in change.requirements.all()][-1] == "BOARD 3 of 5"
    for name in ("bo", "fay", "di"):
        make.vote(cast, change, name)
    board = change.requirements.get(mode="GROUP")
    assert board.status == "SATISFIED"
    make.vote_all(cast, change, besides=("bo", "fay", "di", "cy"))
    assert change.state == "SCHEDULED"


def test_vote_without_the_seen_revision_is_stale(cast, asked):
    with pytest.raises(Conflict) as refused:
        cast_vote(asked, choice="APPROVE", revision_hash="", now=cast.now, actor=cast("di"))
    assert refused.value.code == "VOTE_STALE"
