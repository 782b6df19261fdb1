"""Story 1's interface IF-SUR-003 with its people and its pipeline, made through the domain commands."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace

import pytest

from catalog.domain.connections import subscribe
from catalog.domain.interfaces import register_interface
from catalog.domain.places import found_domain
from catalog.domain.systems import register_system
from contracts.domain.contracts import open_contract
from contracts.domain.versions import approve_version, draft_version, publish_version, submit_version
from governance.domain.people import (
    clock_user,
    found_team,
    grant_container,
    issue_token,
    join_team,
    open_service_account,
    register_person,
)
from governance.kernel.mandate import Mandate
from governance.models import Scope

NOW = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.UTC)
STORIES = Path(__file__).resolve().parents[2] / "demo" / "stories"
SEES, WRITES = ("catalog.see_interfaces",), ("catalog.see_interfaces", "catalog.propose_interfaces")


def document(name: str) -> bytes:
    """One of the story's ImplantUsed documents, such as ``1_4_0``."""
    return (STORIES / f"implant_used_{name}.json").read_bytes()


def mandate(subject, action):
    """What an authorised change hands over."""
    return Mandate("CR-2026-0042", subject._meta.label_lower, str(subject.pk), action, "r1", "r1")


def settled(version, actor):
    """DRAFT to PUBLISHED, as the board would let it."""
    submit_version(version, now=NOW, actor=actor)
    approve_version(version, mandate=mandate(version, "approve"), now=NOW, actor=actor)
    return publish_version(version, mandate=mandate(version, "apply"), now=NOW, actor=actor)


@pytest.fixture
def hospital(db):
    """Two domains; ``arch`` writes in CLINICAL, ``viewer`` sees it, ``outsider`` sees nothing."""
    system = clock_user()
    said = {"now": NOW, "actor": system}
    clinical = found_domain("CLINICAL", name="Clinical", **said)
    erp = found_domain("ERP", name="ERP", **said)
    teams = {name: found_team(name, name=name.title(), roles=("VIEWER",), **said) for name in ("surgery", "readers")}
    grant_container(teams["surgery"], container=clinical, permissions=WRITES, **said)
    grant_container(teams["readers"], container=clinical, permissions=SEES, **said)
    people = {name: register_person(name, name=name.title(), **said) for name in ("arch", "viewer", "outsider")}
    join_team(teams["surgery"], user=people["arch"], **said)
    join_team(teams["readers"], user=people["viewer"], **said)
    orsys = register_system(key="or-system", name="OR system", kind="OR_SYSTEM", domain=clinical, **said)
    supply = register_system(key="erp-scm", name="Supply chain", kind="ERP_SCM", domain=erp, **said)
    interface = register_interface(
        key="IF-SUR-003", name="Implant used", provider=orsys, source=orsys, target=supply, tier=1, latency_s=300,
        interaction="NOTIFICATION", msg_standard="JSON", volume_day=400, now=NOW, actor=people["arch"],
    )  # fmt: skip
    subscribe(interface, consumer=supply, purpose="Restock and charge", now=NOW, actor=people["arch"])
    return SimpleNamespace(interface=interface, system=system, teams=teams, **people)


@pytest.fixture
def contract(hospital):
    return open_contract(hospital.interface, format="json_schema", now=NOW, actor=hospital.arch)


@pytest.fixture
def published(contract, hospital):
    """ImplantUsed 1.4.0, which consumers rely on."""
    version = draft_version(contract, version="1.4.0", text=document("1_4_0"), now=NOW, actor=hospital.arch)
    return settled(version, hospital.arch)


@pytest.fixture
def pipeline(hospital):
    """A service account of the surgery team, and the secret of its token by the scopes asked for."""
    account = open_service_account(
        "ci-surgery", name="CI surgery", purpose="Builds", responsible=hospital.arch, now=NOW, actor=hospital.system
    )
    join_team(hospital.teams["surgery"], user=account.user, now=NOW, actor=hospital.system)

    def secret(*scopes, lasting=dt.timedelta(days=365)):
        _, given = issue_token(
            account,
            name="ci",
            scopes=scopes or (Scope.CONTRACTS_CHECK, Scope.CONTRACTS_WRITE, Scope.GATE_READ),
            expires_at=dt.datetime.now(dt.UTC) + lasting,
            now=dt.datetime.now(dt.UTC) - dt.timedelta(days=1),
            actor=hospital.system,
        )
        return given

    return SimpleNamespace(account=account, user=account.user, secret=secret)
