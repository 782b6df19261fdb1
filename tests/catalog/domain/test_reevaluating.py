"""What is in force is judged again when facts or tables change: findings come, stay the same, and are settled."""

import datetime as dt

import pytest

from catalog.domain.findings import dismiss_finding
from catalog.domain.interfaces import apply_interface_patch
from catalog.domain.readiness import attest_fact
from catalog.domain.reevaluating import ask_reevaluation, judged
from catalog.domain.systems import edit_system
from catalog.models import Finding, Interface
from governance.kernel.errors import NotAllowed, NotFound
from governance.kernel.mandate import Mandate
from governance.models import AuditEvent, Job
from tests.factories import approvals as changes
from tests.factories import catalog
from tests.factories import policies as make

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)


def on_patterns(cast, verdict="PROHIBITED"):
    """An edit of T1: one rule more on the last pattern that the interface in force has."""
    interface = Interface.objects.get()
    then = {"pattern": interface.patterns[-1], "verdict": verdict}
    return {"P90": {"when": {"tier": "<=4"}, "then": then, "note": "The board has thought again."}}


def replaced(cast, policy, version="1.1", key="pattern_verdict", *, at=None, **rules):
    """Another version comes into force, and the clock does what follows."""
    moment = at or cast.now + 10 * DAY
    make.into_force(cast, make.draft(cast, policy, key, version, **rules), at=moment)
    return make.run_jobs(cast, at=moment)


def apply(interface, patch, *, now, actor):
    mandate = Mandate("CR-2026-0001", "catalog.interface", str(interface.pk), "apply", "x", "x")
    base = {name: getattr(interface, name) for name in patch}
    return apply_interface_patch(interface, base=base, patch=patch, mandate=mandate, now=now, actor=actor)


@pytest.fixture
def in_force(cast, seed_tables):
    return changes.interface_in_force(cast)


def test_what_was_decided_in_knowledge_of_policy_has_no_finding(cast, in_force):
    assert list(judged().values_list("key", flat=True)) == [in_force.key]
    assert not Finding.objects.exists()


def test_new_version_that_prohibits_raises_one_finding_and_its_repeal_settles_it(cast, policy, in_force):
    jobs = replaced(cast, policy, **on_patterns(cast))
    assert [(job.state, job.result["counts"]) for job in jobs] == [("DONE", {"asked": 1, "findings": 1})]
    found = Finding.objects.get()
    assert (found.code, found.severity, found.state) == ("PATTERN_PROHIBITED", "ERROR", "OPEN")
    assert (found.source, found.details["rules"][-1]) == ("pattern_verdict 1.1", "P90")
    assert Interface.objects.get().state == in_force.state
    replaced(cast, policy, "1.2", at=cast.now + 20 * DAY)
    found.refresh_from_db()
    assert (found.state, found.settled_at.date()) == ("FIXED", (cast.now + 20 * DAY).date())


def test_second_look_changes_nothing(cast, policy, in_force):
    replaced(cast, policy, **on_patterns(cast))
    before = AuditEvent.objects.count()
    ask_reevaluation(in_force, now=cast.now + 11 * DAY, actor=cast("abe"))
    assert (AuditEvent.objects.count(), Finding.objects.count()) == (before, 1)


def test_what_somebody_showed_to_be_none_is_not_raised_again(cast, policy, in_force):
    replaced(cast, policy, **on_patterns(cast))
    dismiss_finding(Finding.objects.get(), reason="Agreed", now=cast.now + 11 * DAY, actor=cast("pam"))
    ask_reevaluation(in_force, now=cast.now + 12 * DAY, actor=cast("abe"))
    assert [one.state for one in Finding.objects.all()] == ["FALSE_POSITIVE"]


@pytest.mark.parametrize(("verdict", "severity"), [("DISCOURAGED", "WARNING"), ("PROHIBITED", "ERROR")])
def test_verdict_says_how_grave_it_is(cast, policy, in_force, verdict, severity):
    replaced(cast, policy, **on_patterns(cast, verdict))
    assert [(one.code, one.severity) for one in Finding.objects.all()] == [(f"PATTERN_{verdict}", severity)]


def test_pattern_that_becomes_required_and_is_not_chosen_is_one(cast, policy, in_force):
    other = "MANAGED_FILE_TRANSFER"
    assert other not in in_force.patterns
    required = {"P90": {"when": {"tier": "<=4"}, "then": {"pattern": other, "verdict": "REQUIRED"}}}
    lifted = {"P12": None, "P13": None, "P03": None}
    replaced(cast, policy, **required, **lifted)
    assert [(one.code, one.details["pattern"]) for one in Finding.objects.all()] == [("PATTERN_REQUIRED", other)]


def test_applied_change_of_facts_is_judged_in_its_own_transaction(cast, in_force):
    changed = in_force.volume_day + 1
    apply(in_force, {"volume_day": changed}, now=cast.now + DAY, actor=cast.clock)
    found = Finding.objects.get()
    assert (found.code, found.severity) == ("DECISION_OUTDATED", "WARNING")
    assert f"volume day was {changed - 1} and is {changed}" in found.message
    apply(in_force, {"volume_day": changed - 1}, now=cast.now + 2 * DAY, actor=cast.clock)
    found.refresh_from_db()
    assert found.state == "FIXED"


def test_system_that_speaks_otherwise_has_its_interfaces_judged_in_the_background(cast, in_force):
    source = in_force.source
    edit_system(source, name=f"{source.name} two", now=cast.now + DAY, actor=cast.clock)
    assert not Job.objects.exists()
    edit_system(source, speaks=["SCIM"], now=cast.now + DAY, actor=cast.clock)
    assert not Finding.objects.exists()
    make.run_jobs(cast, at=cast.now + DAY)
    assert [one.code for one in Finding.objects.all()] == ["DECISION_OUTDATED"]


def test_resilience_attested_under_a_former_version_is_attested_again(cast, policy, in_force):
    said = {"requirement": "resilience_conforms", "evidence": "https://evidence.example/17", "actor": cast("abe")}
    attest_fact(in_force, **said, now=cast.now + DAY)
    index = in_force.tier
    stricter = dict(policy["resilience"]["rules"][index]["then"]) | {"rto_min": 5}
    replaced(cast, policy, key="resilience", **{f"R{index}": {"then": stricter}})
    found = Finding.objects.get()
    assert (found.code, found.details["attested_under"]) == ("OBLIGATIONS_CHANGED", "1.0")
    assert "rto min was" in found.message
    attest_fact(in_force, **said, now=cast.now + 11 * DAY)
    found.refresh_from_db()
    assert found.state == "FIXED"


def test_proposal_and_what_has_ended_are_not_judged_and_what_was_imported_is(cast, seed_tables):
    proposal = catalog.story_interface(cast, "IF-ONB-005")
    assert ask_reevaluation(proposal, now=cast.now, actor=cast("ada")) == []
    Interface.objects.filter(pk=proposal.pk).update(origin="IMPORTED", state="DISCOVERED")
    codes = {one.code for one in ask_reevaluation(proposal, now=cast.now, actor=cast("ada"))}
    assert codes == {"PATTERN_DISCOURAGED"}
    Interface.objects.filter(pk=proposal.pk).update(state="RETIRED")
    assert not judged().exists()


def test_who_may_have_it_judged_now(cast, in_force):
    with pytest.raises(NotAllowed):
        ask_reevaluation(in_force, now=cast.now, actor=cast("gus"))
    with pytest.raises(NotFound):
        ask_reevaluation(in_force, now=cast.now, actor=cast("eve"))
