"""An interface moves on only when what makes the move safe is in place; no statement means no."""

import datetime as dt

import pytest

from catalog.domain import connections, readiness
from catalog.models import Interface
from governance.kernel.errors import Invalid, NotReady
from tests.factories import catalog as make

STATED_BY_OTHERS = ("contract_published", "change_implemented")
STATED_BY_OWNERS = ("resilience_conforms", "runbook", "escalation", "controls_evidenced", "drill_planned")


@pytest.fixture
def tested(cast, seed_tables, now):
    """IF-SUR-001 in test, with owners and bound in TEST and PROD, and nothing stated yet for production."""
    interface = make.owned(cast, make.story_interface(cast))
    for environment in ("TEST", "PROD"):
        binding = connections.bind(interface, environment=environment, now=now, actor=cast("ada"))
        connections.add_endpoint(
            binding, role="TARGET", transport="HTTPS", address="https://hub.example.org", now=now, actor=cast("ada")
        )
    Interface.objects.filter(pk=interface.pk).update(state="IN_TEST")
    return Interface.objects.get(pk=interface.pk)


def state(cast, interface, now, *requirements):
    for requirement in requirements:
        readiness.state_fact(
            interface, requirement=requirement, satisfied=True, reason="seen", source="test", now=now, actor=cast.clock
        )


def missing(interface, now):
    return sorted(finding.where for finding in readiness.readiness_findings(interface, "activate", now=now))


def test_activation_names_everything_that_is_missing(cast, tested, now):
    assert missing(tested, now) == sorted([*STATED_BY_OTHERS, *STATED_BY_OWNERS])
    with pytest.raises(NotReady) as refused:
        readiness.activate_interface(tested, now=now, actor=cast("ada"))
    assert sorted(refused.value.errors) == missing(tested, now)
    assert Interface.objects.get(pk=tested.pk).state == "IN_TEST"


def test_activation_when_all_is_stated_takes_its_production_live(cast, tested, now):
    state(cast, tested, now, *STATED_BY_OTHERS)
    for requirement in STATED_BY_OWNERS:
        readiness.attest_fact(tested, requirement=requirement, evidence="wiki/1", now=now, actor=cast("abe"))
    readiness.activate_interface(tested, now=now, actor=cast("ada"))
    assert Interface.objects.get(pk=tested.pk).state == "ACTIVE"
    assert dict(tested.bindings.values_list("environment", "state")) == {"PROD": "LIVE", "TEST": "PLANNED"}


def test_a_statement_holds_until_its_day(cast, tested, now):
    state(cast, tested, now, *STATED_BY_OTHERS, *STATED_BY_OWNERS[:-1])
    readiness.attest_fact(
        tested, requirement="drill_planned", evidence="plan", valid_until=now + dt.timedelta(days=1), now=now,
        actor=cast("abe"),
    )  # fmt: skip
    assert missing(tested, now) == []
    assert missing(tested, now + dt.timedelta(days=1)) == ["drill_planned"]


@pytest.mark.parametrize(("requirement", "evidence"), [("contract_published", "I say so"), ("runbook", "  ")])
def test_owners_state_only_what_nobody_can_compute_and_with_evidence(cast, tested, now, requirement, evidence):
    with pytest.raises(Invalid):
        readiness.attest_fact(tested, requirement=requirement, evidence=evidence, now=now, actor=cast("abe"))


def test_test_begins_with_an_approved_contract_and_connects_its_bindings(cast, tested, now):
    Interface.objects.filter(pk=tested.pk).update(state="IN_BUILD")
    tested.refresh_from_db()
    with pytest.raises(NotReady):
        readiness.start_test(tested, now=now, actor=cast("ada"))
    state(cast, tested, now, "contract_approved")
    readiness.start_test(tested, now=now, actor=cast("ada"))
    assert dict(tested.bindings.values_list("environment", "state")) == {"PROD": "PLANNED", "TEST": "IN_TEST"}
