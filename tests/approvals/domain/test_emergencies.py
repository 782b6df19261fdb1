"""Emergencies: authorised at once, ratified by others afterwards, and escalated when nobody does."""

import pytest

from approvals.domain.calendar import declare_calendar_entry
from approvals.domain.emergencies import CHAIRS, escalate_overdue_changes, lift_block
from approvals.domain.evidence import state_evidence, withdraw_evidence
from approvals.domain.implementing import implement_change, implement_due_changes
from approvals.domain.reverting import revert_change
from approvals.domain.reviewing import close_change
from approvals.models import ChangeRequest, EmergencyBlock
from catalog.models import Interface
from governance.domain.audit import history_of
from governance.domain.people import grant_container
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotReady, WrongState
from governance.models import Notice
from tests.factories import approvals as make
from tests.factories import classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def interface(cast):
    return make.interface_in_force(cast)


@pytest.fixture
def at(cast):
    cast("max")  # who is to be told
    return cast.now + 10 * classes.DAY  # a Friday


def needs(change, purpose):
    return {need.label: need.status for need in change.requirements.filter(number=change.number, purpose=purpose)}


def test_an_emergency_names_its_incident(cast, interface, at):
    with pytest.raises(Invalid) as refused:
        classes.asked_emergency(cast, interface, at=at, evidence={})
    assert (refused.value.code, list(refused.value.errors)) == ("INCIDENT_MISSING", ["incident_ref"])
    assert not ChangeRequest.objects.filter(change_class="EMERGENCY").exists()


def test_an_emergency_is_asked_at_once_of_few_and_carried_out_without_lead_time(cast, interface, at):
    declare_calendar_entry("BLACKOUT", name="Close", starts_at=at, ends_at=at + classes.DAY, now=at, actor=cast("max"))
    change = classes.asked_emergency(cast, interface, at=at)
    assert (change.state, change.lead_hours, change.policy["facts"]["blackout"]) == ("AUTHORIZE", 0, True)
    assert needs(change, "AUTHORISE") == {"EMERGENCY_APPROVER": "UNSATISFIED", "CLINICAL_IT": "UNSATISFIED"}
    with pytest.raises(WrongState, match="not authorised it yet"):
        implement_change(change, now=at, actor=cast("ada"))
    make.vote(cast, change, "nia", now=at)
    assert change.state == "AUTHORIZE"
    make.vote(cast, change, "bo", now=at)
    assert (change.state, change.authorised_hash) == ("IMPLEMENTING", change.revision_hash)
    moves = [event.after["state"] for event in history_of(change) if "state" in event.after]
    assert moves == ["DRAFT", "AUTHORIZE", "IMPLEMENTING"]
    assert Interface.objects.get().trigger == ""
    assert implement_due_changes(now=at, actor=cast.clock) == 1
    change.refresh_from_db()
    assert (change.state, Interface.objects.get().trigger) == ("REVIEW", "Manual replay")
    with pytest.raises(WrongState):
        implement_change(change, now=at, actor=cast("ada"))


def test_those_who_would_have_been_asked_ratify_and_not_who_authorised(cast, interface, at):
    change = classes.running_emergency(cast, interface, at=at)
    assert change.ratify_by == at + 5 * classes.DAY  # Friday to Wednesday: three business days
    assert change.review_by == at + 14 * classes.DAY
    assert needs(change, "RATIFY") == {
        "INTERFACE_OWNER": "UNSATISFIED",
        "CLINICAL_IT": "SATISFIED",  # the seat has spoken on this very revision
        "OPERATIONS": "UNSATISFIED",
    }
    for name, code in (("nia", "SOD_EMERGENCY"), ("ada", "SOD_AUTHOR"), ("cy", "NOT_ELIGIBLE")):
        with pytest.raises(NotAllowed) as refused:
            make.vote(cast, change, name, now=at)
        assert refused.value.code == code
    with pytest.raises(Conflict, match="voted"):
        make.vote(cast, change, "bo", now=at)
    with pytest.raises(NotReady) as early:
        close_change(change, outcome="SUCCESSFUL", what_happened="Replayed", now=at, actor=cast("max"))
    assert early.value.code == "NOT_RATIFIED"
    make.vote(cast, change, "abe", now=at)
    assert change.ratified_at is None
    make.vote(cast, change, "fay", now=at)
    assert change.ratified_at == at
    assert escalate_overdue_changes(now=change.ratify_by, actor=cast.clock) == 0
    with pytest.raises(Invalid) as bare:
        close_change(change, outcome="SUCCESSFUL", now=at, actor=cast("max"))
    assert bare.value.code == "REVIEW_MISSING"
    close_change(change, outcome="SUCCESSFUL", what_happened="Replayed 40 messages", now=at, actor=cast("max"))
    assert (change.state, change.review.score) == ("CLOSED", 3)


def test_an_overdue_ratification_is_escalated_and_blocks_the_team(cast, interface, at):
    change = classes.running_emergency(cast, interface, at=at)
    assert escalate_overdue_changes(now=change.ratify_by - make.HOUR, actor=cast.clock) == 0
    assert escalate_overdue_changes(now=change.ratify_by, actor=cast.clock) == 1
    assert escalate_overdue_changes(now=change.ratify_by, actor=cast.clock) == 0
    change.refresh_from_db()
    block = EmergencyBlock.objects.get()
    assert (change.escalated_at, block.team, block.because) == (change.ratify_by, change.team, change)
    told = {notice.recipient.username for notice in Notice.objects.filter(kind="emergency.escalated")}
    assert told == {"max", "bo", "rae", "cy", "di", "ed", "fay"}
    assert history_of(change).last().action == "approvals.change.escalate"
    with pytest.raises(NotAllowed) as refused:
        classes.asked_emergency(cast, Interface.objects.with_parties().get(), at=change.ratify_by)
    assert (refused.value.code, refused.value.details["change"]) == ("EMERGENCY_BLOCKED", change.key)
    with pytest.raises(NotReady):
        lift_block(block, reason="They promised", now=change.ratify_by, actor=cast("max"))
    with pytest.raises(NotAllowed):
        lift_block(block, reason="It is ours", now=change.ratify_by, actor=cast("abe"))
    make.vote(cast, change, "abe", now=change.ratify_by)
    make.vote(cast, change, "fay", now=change.ratify_by)
    lift_block(block, reason="Ratified late", now=change.ratify_by, actor=cast("max"))
    assert (block.lifted_by, block.lifted_reason) == (cast("max"), "Ratified late")
    with pytest.raises(WrongState):
        lift_block(block, reason="Again", now=change.ratify_by, actor=cast("max"))
    assert classes.asked_emergency(cast, Interface.objects.with_parties().get(), at=change.ratify_by).state


def test_the_chair_lifts_a_block_before_its_cause_is_ratified(cast, interface, at):
    change = classes.running_emergency(cast, interface, at=at)
    escalate_overdue_changes(now=change.ratify_by, actor=cast.clock)
    team = cast.team("design-authority")
    grant_container(team, container=cast.board(), permissions=(CHAIRS,), now=at, actor=cast.clock)
    block = lift_block(EmergencyBlock.objects.get(), reason="Hands are tied", now=at, actor=cast("jo"))
    assert block.lifted_by == cast("jo")


def test_a_refused_ratification_is_escalated_and_leads_to_a_way_back(cast, interface, at):
    change = classes.running_emergency(cast, interface, at=at)
    make.vote(cast, change, "fay", "REJECT", now=at)
    assert (change.state, change.escalated_at, change.ratified_at) == ("REVIEW", at, None)
    assert EmergencyBlock.objects.get().because == change
    assert Notice.objects.get(recipient=cast("ada"), kind="emergency.refused").url == f"/changes/{change.key}/"
    make.vote(cast, change, "abe", now=at)
    assert change.ratified_at is None
    undo = revert_change(change, now=at, actor=cast("ada"))
    item = undo.items.get()
    assert (undo.state, item.base, item.patch) == ("DRAFT", {"trigger": "Manual replay"}, {"trigger": ""})
    close_change(change, outcome="FAILED_BACKED_OUT", what_happened="Not agreed", now=at, actor=cast("max"))
    assert change.review.score == -5


def test_an_overdue_review_is_escalated_once(cast, interface, at):
    change = classes.running_emergency(cast, interface, at=at)
    make.vote(cast, change, "abe", now=at)
    make.vote(cast, change, "fay", now=at)
    assert escalate_overdue_changes(now=change.review_by, actor=cast.clock) == 1
    assert escalate_overdue_changes(now=change.review_by, actor=cast.clock) == 0
    change.refresh_from_db()
    assert change.review_escalated_at == change.review_by
    assert Notice.objects.filter(kind="review.overdue", recipient=cast("max")).count() == 1
    assert not EmergencyBlock.objects.exists()


def test_evidence_is_due_when_it_is_ratified_and_reviewed_and_not_before(cast, interface, at):
    change = classes.running_emergency(cast, interface, at=at, evidence={"incident_ref": "INC-4711"})
    assert change.state == "REVIEW"
    with pytest.raises(NotReady) as refused:
        make.vote(cast, change, "abe", now=at)
    assert (refused.value.code, refused.value.details) == (
        "EVIDENCE_MISSING",
        {"missing": ["patient_safety_statement"]},
    )
    with pytest.raises(NotReady) as unclosed:
        close_change(change, outcome="SUCCESSFUL", what_happened="Reopened", now=at, actor=cast("max"))
    assert unclosed.value.code == "EVIDENCE_MISSING"
    voted_on = change.revision_hash
    said = {"now": at, "actor": cast("ada")}
    state_evidence(change, kind="patient_safety_statement", text="Implants are missing in the OR.", **said)
    assert (change.revision_hash, change.authorised_hash) == (voted_on, voted_on)
    piece = change.evidence["patient_safety_statement"][0]
    with pytest.raises(WrongState) as fixed:
        withdraw_evidence(change, piece=piece["id"], **said)
    assert fixed.value.code == "EVIDENCE_FIXED"
    make.vote(cast, change, "abe", now=at)
    assert needs(change, "RATIFY")["INTERFACE_OWNER"] == "SATISFIED"
