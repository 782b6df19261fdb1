"""What was found without being asked for: told, judged by the owner and clinical IT, and kept in the team's record."""

import pytest

from approvals.domain.reviewing import close_change
from approvals.domain.scoring import team_scores
from approvals.domain.unauthorized import open_unauthorized_change, propose_verdict
from approvals.models import ChangeRequest
from catalog.models import Interface
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from governance.models import Notice
from tests.factories import approvals as make
from tests.factories import classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def at(cast):
    cast("max")  # who is to be told
    return cast.now + 10 * classes.DAY


@pytest.fixture
def change(cast, at):
    return classes.found_change(cast, make.interface_in_force(cast), at=at)


def judged(cast, change, verdict, *, at, **votes):
    propose_verdict(change, verdict=verdict, what_happened="A vendor tuned it", now=at, actor=cast("oz"))
    for name, choice in (votes or {"abe": "APPROVE", "bo": "APPROVE"}).items():
        make.vote(cast, change, name, choice, now=at)
    return change


def test_a_finding_is_opened_asked_and_told(cast, change, at):
    assert (change.state, change.change_class, change.requester) == ("DETECTED", "UNAUTHORIZED", cast.clock)
    assert change.found == {
        "source": "Mirth import 2026-05-26", "field": "volume_day", "observed": 900, "recorded": 400,
        "at": "2026-06-05T09:00:00.000000+00:00",
    }  # fmt: skip
    assert {need.label: need.rules for need in change.requirements.all()} == {
        "INTERFACE_OWNER": ["A18"], "CLINICAL_IT": ["A18"],
    }  # fmt: skip
    told = {notice.recipient.username for notice in Notice.objects.filter(kind="unauthorized.found")}
    assert told == {"abe", "bo", "rae"}
    assert change.review_by == at + 14 * classes.DAY
    with pytest.raises(WrongState):
        make.vote(cast, change, "abe", now=at)


def test_a_finding_contradicts_the_record_and_is_reported_once(cast, change, at):
    interface = Interface.objects.with_parties().get()
    for found, error, code in (
        ({"observed": 400}, Invalid, "NO_CONTRADICTION"),
        ({"observed": 800, "recorded": 5}, Conflict, "CONFLICT"),
        ({}, Conflict, "CHANGE_OPEN"),
        ({"field": "state", "observed": "ACTIVE"}, Invalid, "INVALID"),
        ({"observed": None}, Invalid, "INVALID"),
        ({"observed": "many"}, Invalid, "INVALID"),
    ):
        with pytest.raises(error) as refused:
            classes.found_change(cast, interface, at=at, **found)
        assert refused.value.code == code
    found = {"source": "Seen", "field": "volume_day", "observed": 800}
    with pytest.raises(NotAllowed):
        open_unauthorized_change(interface, found=found, now=at, actor=cast("uma"))
    assert ChangeRequest.objects.filter(change_class="UNAUTHORIZED").count() == 1


def test_accepted_in_retrospect_the_record_takes_what_was_observed(cast, change, at):
    judged(cast, change, "ACCEPTED_RETROSPECTIVE", at=at)
    assert (change.state, change.outcome, change.review.score) == ("CLOSED", "ACCEPTED_RETROSPECTIVE", -5)
    assert Interface.objects.get().volume_day == 900
    applied = history_of(Interface.objects.get()).filter(action="catalog.interface.apply").last()
    assert applied.mandate == change.key
    record = team_scores(now=at, window=classes.DAY)[0]
    assert (record.team, record.score, record.failure_share) == (change.team, -5, None)


@pytest.mark.parametrize(("verdict", "score"), [("REVERTED", -5), ("FALSE_POSITIVE", 0)])
def test_other_verdicts_leave_the_record(cast, change, at, verdict, score):
    judged(cast, change, verdict, at=at)
    assert (change.outcome, change.review.score, Interface.objects.get().volume_day) == (verdict, score, 400)


def test_a_no_asks_for_another_verdict(cast, change, at):
    judged(cast, change, "ACCEPTED_RETROSPECTIVE", at=at, abe="APPROVE", bo="REJECT")
    assert (change.state, Interface.objects.get().volume_day) == ("REVIEW", 400)
    assert Notice.objects.filter(kind="unauthorized.contested", recipient=cast("max")).exists()
    judged(cast, change, "REVERTED", at=at)
    assert (change.state, change.number, change.outcome) == ("CLOSED", 3, "REVERTED")


def test_nobody_closes_it_past_those_who_are_asked(cast, change, at):
    with pytest.raises(Invalid):
        propose_verdict(change, verdict="FINE", what_happened="", now=at, actor=cast("oz"))
    with pytest.raises(NotAllowed):
        propose_verdict(change, verdict="REVERTED", what_happened="Undone", now=at, actor=cast("ivy"))
    propose_verdict(change, verdict="REVERTED", what_happened="Undone", now=at, actor=cast("abe"))
    with pytest.raises(WrongState) as refused:
        close_change(change, outcome="SUCCESSFUL", now=at, actor=cast("max"))
    assert refused.value.code == "VERDICT_DECIDES"
    with pytest.raises(NotAllowed) as author:
        make.vote(cast, change, "abe", now=at)
    assert author.value.code == "SOD_AUTHOR"
