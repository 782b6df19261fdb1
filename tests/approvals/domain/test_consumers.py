"""A breaking version asks every consumer's owner; the gate names who is missing; the board's word moves the version."""

import datetime as dt
from pathlib import Path

import pytest

from approvals.domain.gate import ask_gate
from approvals.domain.implementing import implement_change
from approvals.domain.queries import votes_waiting_for
from approvals.domain.requests import ItemSpec, ask_for_change, reopen_change, submit_change
from catalog.domain.connections import subscribe
from contracts.domain.contracts import open_contract
from contracts.domain.versions import draft_version
from contracts.models import ContractVersion
from governance.kernel.errors import Conflict, NotFound
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
STORIES = Path(__file__).resolve().parents[3] / "demo" / "stories"


def version(cast, contract, number):
    text = (STORIES / f"implant_used_{number.replace('.', '_')}.json").read_bytes()
    return draft_version(contract, version=number, text=text, now=cast.now, actor=cast("ada"))


def carried(cast, drafted, *, at=None):
    return ask_for_change(
        change_type="CONTRACT_VERSION", title=f"ImplantUsed {drafted.version}", reason="UDI is required",
        items=[ItemSpec(drafted, "CREATE")], evidence=make.EVIDENCE, now=at or cast.now, actor=cast("ada"),
    )  # fmt: skip


@pytest.fixture
def contract(cast):
    """IF-SUR-003 in force with four consumers, and ImplantUsed 1.4.0 published."""
    interface = make.decided_interface(cast, "IF-SUR-003")
    for key, team in (("erp-inv", "one"), ("rev-cycle", "two"), ("demand-plan", "one"), ("cost-acct", "two")):
        cast("sam"), cast("tess")
        consumer = catalog.system(cast, key, domain="ERP", owner_team=cast.team(f"consumer-{team}"))
        subscribe(interface, consumer=consumer, purpose="Counts implants", now=cast.now, actor=cast.clock)
    change = make.scheduled_change(cast, interface=interface)
    implement_change(change, now=change.implement_at, actor=cast.clock)
    interface.refresh_from_db()
    contract = open_contract(interface, format="json_schema", now=cast.now, actor=cast("ada"))
    first = carried(cast, version(cast, contract, "1.4.0"))
    make.vote_all(cast, first)
    implement_change(first, now=first.implement_at, actor=cast.clock)
    assert ContractVersion.objects.get().state == "PUBLISHED"
    return contract


@pytest.fixture
def breaking(cast, contract):
    return carried(cast, version(cast, contract, "2.0.0"), at=cast.now + 100 * make.HOUR)


def acknowledge(cast, change, name, consumer, choice="APPROVE"):
    need = next(one for one in change.requirements.filter(number=change.number) if one.label.endswith(consumer))
    return make.vote(cast, change, name, choice, requirement=need)


def test_breaking_asks_every_consumer_and_ten_days(breaking):
    assert breaking.policy["rules"] == ["A02", "A03", "A04", "A07"]
    assert breaking.lead_hours == 240
    assert [need.label for need in breaking.requirements.all()] == [
        "INTERFACE_OWNER", "CLINICAL_IT", "OPERATIONS", "DATA_GOVERNANCE",
        "consumer_ack COST-ACCT", "consumer_ack DEMAND-PLAN", "consumer_ack ERP-INV", "consumer_ack REV-CYCLE", "ERP",
    ]  # fmt: skip


def test_the_gate_names_the_one_who_is_missing(cast, breaking):
    """sam owns two consumers and acknowledges for each; tess only for one of hers."""
    assert ask_gate("IF-SUR-003", version="2.0.0", now=breaking.revised_at, actor=cast("ada")).missing == [
        "vote INTERFACE_OWNER", "vote CLINICAL_IT", "vote OPERATIONS", "vote DATA_GOVERNANCE",
        "consumer_ack COST-ACCT", "consumer_ack DEMAND-PLAN", "consumer_ack ERP-INV", "consumer_ack REV-CYCLE",
        "vote ERP", "lead_time 240 h",
    ]  # fmt: skip
    make.vote_all(cast, breaking)
    for name, consumer in (("sam", "ERP-INV"), ("sam", "DEMAND-PLAN"), ("tess", "REV-CYCLE")):
        acknowledge(cast, breaking, name, consumer)
    with pytest.raises(Conflict):
        acknowledge(cast, breaking, "sam", "ERP-INV")
    ready = breaking.revised_at + 240 * make.HOUR
    answer = ask_gate("IF-SUR-003", version="2.0.0", now=ready, actor=cast("ada"))
    assert (answer.deployable, answer.missing) == (False, ["consumer_ack COST-ACCT"])
    assert [one.requirement.label for one in votes_waiting_for(cast("tess"), now=ready)] == ["consumer_ack COST-ACCT"]

    acknowledge(cast, breaking, "tess", "COST-ACCT")
    assert (breaking.state, ContractVersion.objects.get(version="2.0.0").state) == ("SCHEDULED", "APPROVED")
    assert ask_gate("IF-SUR-003", version="2.0.0", now=ready, actor=cast("ada")).missing == [
        f"implementation {breaking.key}"
    ]
    implement_change(breaking, now=ready, actor=cast.clock)
    states = dict(ContractVersion.objects.values_list("version", "state"))
    assert states == {"1.4.0": "DEPRECATED", "2.0.0": "PUBLISHED"}
    former = ContractVersion.objects.get(version="1.4.0")
    assert former.sunset_on >= ready.date() + dt.timedelta(days=180)
    assert ask_gate("IF-SUR-003", version="2.0.0", now=ready, actor=cast("ada")).as_dict()["deployable"] is True


def test_an_objection_rejects_and_the_version_can_be_asked_for_again(cast, breaking):
    acknowledge(cast, breaking, "tess", "COST-ACCT", "REJECT")
    candidate = ContractVersion.objects.get(version="2.0.0")
    assert (breaking.state, candidate.state) == ("REJECTED", "REJECTED")
    reopen_change(breaking, now=cast.now, actor=cast("ada"))
    submit_change(breaking, now=cast.now, actor=cast("ada"))
    assert (breaking.state, ContractVersion.objects.get(version="2.0.0").state) == ("AUTHORIZE", "IN_REVIEW")


def test_the_gate_on_what_is_in_force_and_on_what_it_does_not_know(cast, contract):
    said = {"now": cast.now + 1000 * make.HOUR, "actor": cast("ada")}
    assert ask_gate("IF-SUR-003", **said).as_dict() == {
        "deployable": True, "interface": "IF-SUR-003", "version": "1.4.0", "environment": "PROD", "change": "",
        "missing": [], "reasons": [],
    }  # fmt: skip
    unknown = ask_gate("IF-SUR-003", version="9.9.9", **said)
    assert (unknown.deployable, unknown.missing) == (None, ["version 9.9.9"])
    with pytest.raises(NotFound):
        ask_gate("IF-SUR-003", now=cast.now, actor=cast("eve"))
    catalog.story_interface(cast, "IF-SUR-004")
    assert ask_gate("IF-SUR-004", **said).missing == ["contract", "interface PROPOSED"]


def test_a_planned_modification_does_not_close_the_gate_for_what_is_published(cast, contract):
    ask_for_change(
        change_type="MODIFY", title="More", reason="Growth", evidence=make.EVIDENCE, now=cast.now, actor=cast("ada"),
        items=[ItemSpec(contract.interface, "UPDATE", {"volume_day": 5000})],
    )  # fmt: skip
    assert ask_gate("IF-SUR-003", now=cast.now, actor=cast("ada")).deployable is True
