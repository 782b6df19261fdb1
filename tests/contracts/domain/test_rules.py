"""Who may: one expression for lists and single records, and the short question that bulk validation asks."""

import pytest

from contracts.domain.payloads import held_by_key
from contracts.domain.rules import writes
from contracts.models import CompatibilityReport, Contract, ContractVersion
from governance.domain.people import found_team, join_team
from governance.domain.rules import can, visible
from governance.kernel.errors import NotFound

from ..conftest import NOW

SEEING = {"arch": True, "viewer": True, "outsider": False, "auditor": True, "system": True}


@pytest.fixture
def actors(hospital, cast):
    return {name: cast("gus") if name == "auditor" else getattr(hospital, name) for name in SEEING}


@pytest.mark.parametrize("name", SEEING)
def test_lists_and_single_records_agree(published, actors, name):
    contract, actor = published.contract, actors[name]
    for record in (contract, published, published.report):
        listed = visible(type(record).objects.all(), actor).filter(pk=record.pk).exists()
        assert (listed, can(actor, "view", record)) == (SEEING[name], SEEING[name])


@pytest.mark.parametrize("name", SEEING)
@pytest.mark.parametrize("version", [None, "1.4.0"])
def test_who_sees_the_contract_may_hold_payloads_against_it(published, actors, name, version):
    if SEEING[name]:
        held = held_by_key("IF-SUR-003", version=version, actor=actors[name])
        assert (held.contract, held.version, held.sha256) == ("IF-SUR-003", "1.4.0", published.document.sha256)
    else:
        with pytest.raises(NotFound):
            held_by_key("IF-SUR-003", version=version, actor=actors[name])


def test_a_stranger_cannot_hold_payloads_against_the_contract(published, actors):
    assert held_by_key("IF-SUR-003", actor=actors["viewer"]).version == "1.4.0"
    for key in ("IF-SUR-003", "IF-NO-999"):
        with pytest.raises(NotFound):
            held_by_key(key, actor=actors["outsider"])


def test_the_stewarding_team_writes(contract, hospital):
    stewards = found_team("stewards-of-it", name="Stewards", now=NOW, actor=hospital.system)
    join_team(stewards, user=hospital.viewer, now=NOW, actor=hospital.system)
    assert writes(hospital.viewer, contract) is False
    contract.steward = stewards
    assert writes(hospital.viewer, contract) is True


def test_every_model_has_a_rule():
    from governance.domain.rules import registered

    assert {Contract, ContractVersion, CompatibilityReport} <= set(registered())
