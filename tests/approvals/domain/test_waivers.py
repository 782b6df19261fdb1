"""Asking for a waiver and being granted one: what it needs, whom it asks, and that security can stop it."""

import datetime as dt

import pytest

from approvals.domain.requests import cancel_change, reopen_change
from approvals.domain.requirements import current_requirements
from approvals.domain.waiver_queries import change_of
from approvals.models import Waiver
from catalog.models import Finding
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from tests.factories import approvals as make
from tests.factories import waivers as made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def interface(cast):
    return made.ground(cast)


@pytest.fixture
def extract(cast):
    """An interface whose chosen pattern policy prohibits."""
    return made.ground(cast, "IF-LAB-002", patterns=["DATABASE_EXTRACT"])


def refusal(error, call):
    with pytest.raises(error) as refused:
        call()
    return refused.value


def test_a_waiver_is_asked_for_as_a_change_and_is_in_force_when_it_is_carried_out(cast, interface):
    waiver = made.asked_waiver(cast, interface)
    change = change_of(waiver)
    assert (waiver.key, waiver.state, change.state) == ("WV-2026-0001", "REQUESTED", "AUTHORIZE")
    make.vote_all(cast, change)
    waiver.refresh_from_db()
    assert (waiver.state, change.state, Finding.objects.get().state) == ("APPROVED", "SCHEDULED", "OPEN")
    made.implement_change(change, now=change.implement_at, actor=cast.clock)
    waiver.refresh_from_db()
    finding = Finding.objects.get()
    assert (waiver.state, waiver.expires_at - change.implement_at) == ("ACTIVE", 90 * DAY)
    assert (finding.state, finding.waiver) == ("WAIVED", waiver.key)
    steps = [event.action.rsplit(".", 1)[1] for event in history_of(waiver)]
    mandates = {event.mandate for event in history_of(waiver)}
    assert (steps, mandates) == (["request", "approve", "activate"], {"", change.key})


def test_security_is_asked_about_every_waiver_and_its_no_rejects(cast, interface):
    waiver = made.asked_waiver(cast, interface)
    change = change_of(waiver)
    needs = {need.label: need.rules for need in current_requirements(change)}
    assert needs == {"INTERFACE_OWNER": ["A02"], "SECURITY": ["WAIVER"]}
    assert change.policy["notes"]["WAIVER"]
    make.vote(cast, change, "di", "REJECT")
    waiver.refresh_from_db()
    assert (change.state, waiver.state, Finding.objects.get().state) == ("REJECTED", "REJECTED", "OPEN")
    again = refusal(WrongState, lambda: reopen_change(change, now=cast.now, actor=cast("ada")))
    assert "ask for another" in again.message


def test_a_prohibited_pattern_asks_the_whole_board_and_security_vetoes(cast, extract):
    waiver = made.asked_waiver(cast, extract, kind="DEVIATION", covers="DATABASE_EXTRACT")
    change = change_of(waiver)
    board = next(need for need in current_requirements(change) if need.mode == "GROUP")
    assert (waiver.prohibited, board.minimum, board.veto, board.rules) == (True, 4, ["SECURITY"], ["A08"])
    assert "SECURITY" not in {need.label for need in current_requirements(change)}
    for name in ("bo", "cy", "ed"):
        make.vote(cast, change, name)
    make.vote(cast, change, "di", "REJECT")
    waiver.refresh_from_db()
    assert (change.state, waiver.state) == ("REJECTED", "REJECTED")


def test_in_force_it_passes_over_what_is_asked_because_of_the_deviation_only(cast, extract):
    waiver = made.active_waiver(cast, extract, kind="DEVIATION", covers="DATABASE_EXTRACT")
    change = make.asked_change(cast, interface=extract)
    passed = {need.label: (need.status, need.waiver) for need in current_requirements(change) if need.waiver_id}
    assert passed == {"BOARD 4 of 5": ("OVERRIDDEN", waiver)}
    make.vote_all(cast, change, besides=("bo", "cy", "di", "ed", "fay"))
    assert change.state == "SCHEDULED"


def test_a_waiver_in_force_does_not_grant_the_next_one(cast, extract):
    held = made.active_waiver(cast, extract, kind="DEVIATION", covers="DATABASE_EXTRACT", days=90)
    said = {"kind": "DEVIATION", "covers": "DATABASE_EXTRACT", "now": held.expires_at - 20 * DAY}
    again = made.asked_waiver(cast, extract, **said)
    assert {need.status for need in current_requirements(change_of(again))} == {"UNSATISFIED"}


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"days": 366}, "days"),
        ({"days": 0}, "days"),
        ({"compensating_control": ""}, "compensating_control"),
        ({"remediation": ""}, "remediation"),
        ({"justification": ""}, "justification"),
        ({"remediation_due": dt.date(2026, 5, 26)}, "remediation_due"),
        ({"remediation_due": dt.date(2027, 5, 26)}, "remediation_due"),
        ({"finding": None}, "finding"),
        ({"kind": "DEVIATION", "covers": "EVENT"}, "covers"),
        ({"kind": "RESILIENCE", "covers": "coffee"}, "covers"),
        ({"kind": "OTHER"}, "kind"),
    ],
)
def test_what_is_missing_or_too_much_is_said_beside_its_field(cast, interface, said, field):
    refused = refusal(Invalid, lambda: made.asked_waiver(cast, interface, **said))
    assert (list(refused.errors), Waiver.objects.count()) == ([field], 0)


def test_what_policy_prohibits_is_tolerated_for_180_days_at_most(cast, extract):
    asked = {"kind": "DEVIATION", "covers": "DATABASE_EXTRACT"}
    refused = refusal(Invalid, lambda: made.asked_waiver(cast, extract, days=181, **asked))
    assert refused.errors == {"days": ["From 1 to 180 days for what policy prohibits."]}
    assert made.asked_waiver(cast, extract, days=180, **asked).days == 180


def test_a_finding_of_a_prohibition_counts_as_prohibited(cast, interface):
    finding = made.finding_on(cast, interface, code="PATTERN_PROHIBITED")
    refused = refusal(Invalid, lambda: made.asked_waiver(cast, interface, finding=finding, days=200))
    assert list(refused.errors) == ["days"]


def test_who_does_not_answer_for_the_interface_asks_for_nothing(cast, interface):
    for name in ("uma", "di"):
        refusal(NotAllowed, lambda name=name: made.asked_waiver(cast, interface, actor=name))
    assert made.asked_waiver(cast, interface, actor="abe").requested_by == cast("abe")


def test_the_same_is_not_asked_for_twice(cast, interface):
    first = made.asked_waiver(cast, interface)
    refused = refusal(Conflict, lambda: made.asked_waiver(cast, interface, finding=first.finding))
    assert (refused.code, refused.details["waiver"]) == ("WAIVER_OPEN", first.key)


def test_taken_back_before_it_is_in_force_it_tolerates_nothing(cast, interface):
    first, finding = made.asked_waiver(cast, interface), Finding.objects.get()
    cancel_change(change_of(first), reason="We mend it now.", now=cast.now, actor=cast("ada"))
    second = made.asked_waiver(cast, interface, finding=finding)
    change = change_of(second)
    make.vote_all(cast, change)
    cancel_change(change, reason="We mend it now.", now=cast.now, actor=cast("ada"))
    states = dict(Waiver.objects.values_list("key", "state"))
    assert states == {first.key: "REJECTED", second.key: "REVOKED"}
    assert Finding.objects.get().state == "OPEN"


def test_an_obligation_of_the_tier_is_tolerated_until_the_day(cast, interface):
    waiver = made.active_waiver(cast, interface, kind="RESILIENCE", covers="dlq")
    fact = interface.readiness.get(requirement="resilience_conforms")
    assert (fact.satisfied, fact.source, fact.valid_until) == (True, waiver.key, waiver.expires_at)
