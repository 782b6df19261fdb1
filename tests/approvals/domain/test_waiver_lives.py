"""A waiver in force: told of before its end, mended, prolonged once, revoked, expired; what an expired one blocks."""

import datetime as dt

import pytest

from approvals.domain.gate import ask_gate
from approvals.domain.implementing import implement_change
from approvals.domain.requests import ItemSpec, ask_for_change
from approvals.domain.waivers import remediate_waiver, renew_waiver, revoke_waiver, watch_waivers
from catalog.models import Finding, Interface
from governance.domain.audit import history_of
from governance.kernel.errors import Invalid, NotAllowed, NotReady, WrongState
from governance.models import Notice
from tests.factories import approvals as make
from tests.factories import waivers as made

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
DAY = dt.timedelta(days=1)


@pytest.fixture
def waiver(cast):
    """Of a finding on an interface that is in force."""
    cast("pam")
    return made.active_waiver(cast, make.interface_in_force(cast, "IF-SUR-006"), now=cast.now + 30 * DAY)


@pytest.fixture
def expired(cast, waiver):
    watch_waivers(now=waiver.expires_at, actor=cast.clock)
    waiver.refresh_from_db()
    return waiver


def refusal(error, call):
    with pytest.raises(error) as refused:
        call()
    return refused.value


def told(kind):
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def modified(cast, waiver, at, **values):
    """An authorised change of the interface's volume, and when it is due."""
    interface = Interface.objects.with_parties().get(pk=waiver.interface_id)
    said = {"evidence": make.EVIDENCE, **values}
    change = ask_for_change(
        change_type="MODIFY", title="More volume", reason="A second ward", plan="Raise it.", backout="Lower it.",
        items=[ItemSpec(interface, "UPDATE", {"volume_day": 900})], now=at, actor=cast("ada"), **said,
    )  # fmt: skip
    make.vote_all(cast, change)
    return change


def test_people_are_told_at_thirty_and_seven_days_and_at_the_end_each_once(cast, waiver):
    ends = waiver.expires_at
    assert watch_waivers(now=ends - 31 * DAY, actor=cast.clock) == 0
    for days, count in ((30, 1), (29, 1), (7, 2), (6, 2)):
        watch_waivers(now=ends - days * DAY, actor=cast.clock)
        assert (days, told("waiver.ending")) == (days, sorted(["abe", "ada"] * count))
    for later in (dt.timedelta(), DAY):
        watch_waivers(now=ends + later, actor=cast.clock)
    assert told("waiver.expired") == ["abe", "ada", "pam"]
    waiver.refresh_from_db()
    assert (waiver.state, waiver.notified_days) == ("EXPIRED", 0)


def test_expired_it_opens_its_finding_again(cast, expired):
    finding = Finding.objects.get()
    assert (finding.state, finding.waiver) == ("OPEN", "")
    assert [event.action for event in history_of(finding)][-1] == "catalog.finding.reopen"


def test_expired_it_blocks_what_is_no_emergency_and_the_gate_says_why(cast, expired):
    at = expired.expires_at + DAY
    change = modified(cast, expired, at)
    refused = refusal(NotReady, lambda: implement_change(change, now=change.implement_at, actor=cast.clock))
    assert (refused.code, refused.details["waiver"]) == ("WAIVER_EXPIRED", expired.key)
    answer = ask_gate(expired.interface.key, version="", environment="TEST", now=at, actor=cast("ada"))
    reasons = {reason.code: reason.message for reason in answer.reasons if reason.blocks}
    assert answer.deployable is False
    assert expired.key in reasons["WAIVER_EXPIRED"]
    assert f"waiver {expired.key}" in answer.missing


def test_an_emergency_is_carried_out_all_the_same(cast, expired):
    cast("nia")
    interface = Interface.objects.with_parties().get(pk=expired.interface_id)
    at = expired.expires_at + DAY
    change = ask_for_change(
        change_class="EMERGENCY", change_type="CONFIG", title="Reopen the route", reason="Messages pile up",
        backout="Close it.", evidence={"incident_ref": "INC-1", "patient_safety_statement": "None."},
        items=[ItemSpec(interface, "UPDATE", {"trigger": "Manual replay"})], now=at, actor=cast("ada"),
    )  # fmt: skip
    make.vote(cast, change, "nia", now=at)
    assert implement_change(change, now=at, actor=cast("ada")).implemented_at == at


def test_remediated_it_settles_the_finding_and_no_longer_blocks(cast, expired):
    change = modified(cast, expired, expired.expires_at + DAY)
    remediate_waiver(expired, done="The runbook names the new ward.", now=change.implement_at, actor=cast("abe"))
    assert (expired.state, Finding.objects.get().state) == ("REMEDIATED", "FIXED")
    assert implement_change(change, now=change.implement_at, actor=cast.clock).implemented_at


def test_granted_anew_by_the_board_it_no_longer_blocks(cast, expired):
    at = expired.expires_at + DAY
    again = made.active_waiver(cast, expired.interface, finding=Finding.objects.get(), now=at)
    expired.refresh_from_db()
    assert (expired.state, expired.settled_at) == ("EXPIRED", again.starts_at)
    assert (Finding.objects.get().state, Finding.objects.get().waiver) == ("WAIVED", again.key)
    change = modified(cast, again, again.starts_at)
    assert implement_change(change, now=change.implement_at, actor=cast.clock).implemented_at


def test_mending_needs_what_was_done_and_the_right_person(cast, waiver):
    at = {"now": waiver.starts_at + DAY}
    refused = refusal(Invalid, lambda: remediate_waiver(waiver, done=" ", actor=cast("abe"), **at))
    assert list(refused.errors) == ["done"]
    refusal(NotAllowed, lambda: remediate_waiver(waiver, done="Done", actor=cast("cy"), **at))
    assert remediate_waiver(waiver, done="Done", actor=cast("abe"), **at).settled_at == at["now"]
    refusal(WrongState, lambda: remediate_waiver(waiver, done="Done", actor=cast("abe"), **at))


def test_a_pattern_is_mended_when_it_is_no_longer_used(cast):
    extract = made.ground(cast, patterns=["DATABASE_EXTRACT"])
    waiver = made.active_waiver(cast, extract, kind="DEVIATION", covers="DATABASE_EXTRACT")
    refused = refusal(
        NotReady, lambda: remediate_waiver(waiver, done="Moved", now=waiver.starts_at + DAY, actor=cast("abe"))
    )
    assert refused.code == "STILL_DEVIATES"


def test_revoked_it_tolerates_nothing_from_then_on(cast, waiver):
    at = {"now": waiver.starts_at + DAY}
    refusal(NotAllowed, lambda: revoke_waiver(waiver, reason="No", actor=cast("abe"), **at))
    refusal(Invalid, lambda: revoke_waiver(waiver, reason="", actor=cast("pam"), **at))
    revoke_waiver(waiver, reason="The control was switched off.", actor=cast("pam"), **at)
    assert (waiver.state, Finding.objects.get().state) == ("REVOKED", "OPEN")
    assert told("waiver.revoked") == ["abe", "ada"]
    refusal(WrongState, lambda: revoke_waiver(waiver, reason="Again", actor=cast("pam"), **at))


def test_it_is_prolonged_once_without_the_board_and_not_by_those_concerned(cast, waiver):
    at = waiver.expires_at - 5 * DAY
    watch_waivers(now=at, actor=cast.clock)
    waiver.refresh_from_db()
    said = {"reason": "The ward moves in July.", "now": at, "actor": cast("pam")}
    refusal(NotAllowed, lambda: renew_waiver(waiver, days=60, **{**said, "actor": cast("abe")}))
    assert list(refusal(Invalid, lambda: renew_waiver(waiver, days=366, **said)).errors) == ["days"]
    assert list(refusal(Invalid, lambda: renew_waiver(waiver, days=5, **said)).errors) == ["days"]
    renew_waiver(waiver, days=60, **said)
    assert (waiver.expires_at, waiver.renewed_until, waiver.notified_days) == (at + 60 * DAY, at + 60 * DAY, None)
    refused = refusal(NotAllowed, lambda: renew_waiver(waiver, days=90, **said))
    assert refused.code == "RENEWED_ONCE"
    watch_waivers(now=at + 53 * DAY, actor=cast.clock)
    assert told("waiver.ending") == ["abe", "abe", "ada", "ada"]


def test_who_asked_for_it_does_not_prolong_it(cast, waiver):
    from governance.domain.people import join_team

    join_team(cast.team("security"), user=cast("ada"), now=cast.now, actor=cast.clock)
    asker = type(cast("ada")).objects.get(username="ada")
    refused = refusal(
        NotAllowed, lambda: renew_waiver(waiver, days=89, reason="Longer", now=waiver.starts_at + 5 * DAY, actor=asker)
    )
    assert refused.code == "SOD_WAIVER"


def test_an_obligation_is_owed_again_when_its_waiver_ends(cast):
    interface = made.ground(cast)
    waiver = made.active_waiver(cast, interface, kind="RESILIENCE", covers="dlq")
    watch_waivers(now=waiver.expires_at, actor=cast.clock)
    fact = interface.readiness.get(requirement="resilience_conforms")
    assert (fact.satisfied, waiver.key in fact.reason) == (False, True)
