"""Stepping aside, passing over by the whole board, and needs that become possible again."""

import datetime as dt

import pytest

from approvals.domain.healing import heal_changes
from approvals.domain.missing import stale_voters
from approvals.domain.overriding import override_requirement
from approvals.domain.recusing import recuse
from approvals.domain.requests import revise_change
from approvals.domain.signing import verify_signature
from approvals.models import ApprovalRequirement, ChangeRequest, Waiver
from governance.domain.audit import history_of
from governance.domain.board import appoint_seat
from governance.domain.delegating import delegate
from governance.kernel.errors import Conflict, NotAllowed, WrongState
from governance.models import Board
from tests.cast import PASSWORD
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
SEATS = ("bo", "cy", "di", "ed", "fay")


def aside(cast, change, name, reason="My team built it"):
    return recuse(ChangeRequest.objects.get(pk=change.pk), reason=reason, now=cast.now, actor=cast(name))


def need(change, label):
    return change.requirements.get(number=change.number, roles=[label])


def board_need(change):
    return change.requirements.get(number=change.number, mode="GROUP")


def override(cast, needed, name):
    fresh = ApprovalRequirement.objects.get(pk=needed.pk)
    return override_requirement(
        fresh, reason="The hospital cannot wait", revision_hash=fresh.change.revision_hash, signature=make.SIGNATURE,
        now=cast.now, actor=cast(name),
    )  # fmt: skip


class TestRecusal:
    @pytest.fixture
    def asked(self, cast):
        return make.asked_change(cast)

    def test_the_person_steps_aside_and_the_seats_alternate_acts(self, cast, asked):
        aside(cast, asked, "bo")
        with pytest.raises(NotAllowed) as refused:
            make.vote(cast, asked, "bo")
        assert refused.value.code == "RECUSED"
        assert need(asked, "CLINICAL_IT").status == "UNSATISFIED"
        assert make.vote(cast, asked, "rae").on_behalf_of == cast("bo")

    def test_their_delegate_steps_aside_with_them_and_nobody_is_left(self, cast, asked):
        delegate(
            cast("di"), taker=cast("pam"), starts_at=cast.now, ends_at=cast.now + 24 * make.HOUR, reason="Leave",
            now=cast.now, actor=cast("di"),
        )  # fmt: skip
        aside(cast, asked, "di")
        with pytest.raises(NotAllowed) as refused:
            make.vote(cast, asked, "pam")
        assert refused.value.code == "NOT_ELIGIBLE"
        row = need(asked, "SECURITY")
        assert row.status == "ERROR"
        assert "name someone" in row.note

    def test_someone_named_later_heals_it_and_votes(self, cast, asked):
        aside(cast, asked, "di")
        assert heal_changes(now=cast.now, actor=cast.clock) == 0
        appoint_seat(Board.objects.get(), constituency="SECURITY", member=cast("pam"), now=cast.now, actor=cast("max"))
        assert heal_changes(now=cast.now, actor=cast.clock) == 1
        assert need(asked, "SECURITY").status == "UNSATISFIED"
        make.vote_all(cast, asked, besides=("di",))
        assert make.vote(cast, asked, "pam").role == "SECURITY"
        assert asked.state == "SCHEDULED"

    def test_refused_after_the_word_is_given_twice_or_by_one_who_is_not_asked(self, cast, asked):
        make.vote(cast, asked, "di")
        for name, kind, code in (("di", Conflict, "ALREADY_VOTED"), ("cy", NotAllowed, "NOT_ELIGIBLE")):
            with pytest.raises(kind) as refused:
                aside(cast, asked, name)
            assert refused.value.code == code
        aside(cast, asked, "fay")
        with pytest.raises(Conflict):
            aside(cast, asked, "fay")

    def test_from_the_page_and_over_the_api(self, cast, asked, as_user, api):
        address = f"/changes/{asked.key}/"
        assert as_user(cast("fay")).post(f"{address}recuse/", {"reason": "My brother sells it"}).status_code == 302
        shown = as_user(cast("gus")).get(address).content.decode()
        assert "stepped aside" in shown
        assert "My brother sells it" in shown
        rows = api(cast("gus")).get(f"/api/v1{address}requirements/").json()
        seat = next(row for row in rows if row["requirement"]["label"] == "OPERATIONS")["seats"][0]
        assert (seat["standing"], seat["who"]) == ("NOBODY", [])
        assert "Fay has stepped aside" in seat["why"]
        assert api(cast("di")).post(f"/api/v1{address}recuse/", {"reason": "Mine"}, format="json").status_code == 200


def test_an_unnamed_role_heals_and_its_voters_are_asked(cast):
    change = make.asked_change(cast, implementer=cast("fay"))
    assert (change.state, need(change, "OPERATIONS").status) == ("ASSESS", "ERROR")
    appoint_seat(Board.objects.get(), constituency="OPERATIONS", member=cast("oz"), now=cast.now, actor=cast("max"))
    assert heal_changes(now=cast.now, actor=cast.clock) == 1
    change.refresh_from_db()
    assert (change.state, need(change, "OPERATIONS").status) == ("AUTHORIZE", "UNSATISFIED")
    assert make.vote(cast, change, "oz").role == "OPERATIONS"


def test_a_quorum_that_too_few_can_reach_is_an_error(cast):
    change = make.asked_change(cast, "IF-ONB-005")
    aside(cast, change, "ed")
    assert board_need(change).status == "UNSATISFIED"
    aside(cast, change, "fay")
    row = board_need(change)
    assert (row.status, "4 seats are needed and 3 may vote" in row.note) == ("ERROR", True)


class TestOverride:
    @pytest.fixture
    def stuck(self, cast):
        change = make.asked_change(cast)
        make.vote_all(cast, change, besides=("abe",))
        return change

    def test_all_five_seats_force_it_and_the_change_proceeds(self, cast, stuck):
        needed = need(stuck, "INTERFACE_OWNER")
        for name in ("rae", "cy", "di", "ed"):
            made = override(cast, needed, name)
            assert verify_signature(made)
        needed.refresh_from_db()
        assert needed.status == "UNSATISFIED"
        assert override(cast, needed, "fay").meaning.startswith(f"overrides INTERFACE_OWNER of {stuck.key} revision 1")
        needed.refresh_from_db()
        stuck.refresh_from_db()
        assert (needed.status, stuck.state) == ("FORCED", "SCHEDULED")
        assert history_of(needed).last().action == "approvals.requirement.force"

    def test_once_per_seat_and_only_by_seats(self, cast, stuck):
        needed = need(stuck, "INTERFACE_OWNER")
        override(cast, needed, "bo")
        for name, kind in (("bo", Conflict), ("rae", Conflict), ("abe", NotAllowed), ("ada", NotAllowed)):
            with pytest.raises(kind):
                override(cast, needed, name)

    def test_never_what_was_rejected_or_decided(self, cast):
        change = make.asked_change(cast, "IF-ONB-005")
        owner = need(change, "INTERFACE_OWNER")
        make.vote(cast, change, "di", "REJECT")
        assert change.state == "REJECTED"
        with pytest.raises(WrongState):
            override(cast, owner, "bo")

    def test_shown_loudly(self, cast, stuck, as_user, api):
        needed = need(stuck, "INTERFACE_OWNER")
        body = {
            "requirement": needed.position, "reason": "It cannot wait", "revision_hash": stuck.revision_hash,
            "signature": PASSWORD,
        }  # fmt: skip
        assert "Pass it over" in as_user(cast("bo")).get(f"/changes/{stuck.key}/").content.decode()
        assert as_user(cast("bo")).post(f"/changes/{stuck.key}/override/", body).status_code == 302
        said = body | {"signature": {"method": "PASSWORD", "secret": PASSWORD}}
        done = api(cast("cy")).post(f"/api/v1/changes/{stuck.key}/override/", said, format="json")
        assert done.status_code == 200, done.json()
        for name in ("di", "ed", "fay"):
            override(cast, needed, name)
        page = as_user(cast("gus")).get(f"/changes/{stuck.key}/").content.decode()
        assert "The board forced this change" in page
        assert "It cannot wait" in page


def waiver(cast, interface, covers, **values):
    return Waiver.objects.create(**{
        "key": "WV-2026-0001", "kind": "DEVIATION", "interface": interface, "covers": covers, "prohibited": True,
        "justification": "-", "compensating_control": "-", "remediation": "-", "remediation_owner": cast("abe"),
        "remediation_due": cast.now.date(), "requested_by": cast("abe"), "requested_at": cast.now, "days": 90,
        "starts_at": cast.now, "expires_at": cast.now + dt.timedelta(days=90), "state": "ACTIVE", **values,
    })  # fmt: skip


@pytest.mark.parametrize(
    ("values", "status"),
    [
        ({}, "OVERRIDDEN"),
        ({"state": "REVOKED"}, "UNSATISFIED"),
        ({"prohibited": False}, "UNSATISFIED"),
        ({"covers": "EVENT"}, "UNSATISFIED"),
        ({"kind": "RESILIENCE"}, "UNSATISFIED"),
    ],
)
def test_what_a_waiver_in_force_tolerates_is_not_asked_again(cast, values, status):
    interface = make.decided_interface(cast, "IF-ONB-005")
    made = waiver(cast, interface, **{"covers": interface.patterns[0], **values})
    change = make.asked_change(cast, interface=interface)
    board = board_need(change)
    assert (board.status, board.waiver) == (status, made if status == "OVERRIDDEN" else None)
    make.vote(cast, change, "abe")
    assert change.state == ("SCHEDULED" if status == "OVERRIDDEN" else "AUTHORIZE")


def test_a_new_revision_says_to_whom_it_is_stale(cast):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    make.vote(cast, change, "fay")
    revise_change(change, backout="Route back", now=cast.now + make.HOUR, actor=cast("ada"))
    assert [str(one) for one in stale_voters(change)] == ["Di", "Fay"]
    step = history_of(change).filter(action="approvals.change.revise").get()
    assert step.after["votes_made_stale"] == ["Di", "Fay"]
    make.vote(cast, change, "di")
    assert [str(one) for one in stale_voters(change)] == ["Fay"]
