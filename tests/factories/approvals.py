"""Change requests for tests, brought to where a test needs them by the commands that people use."""

from __future__ import annotations

import datetime as dt
from typing import Any

from approvals.domain.evidence import link_evidence
from approvals.domain.evidence_queries import evidence_of
from approvals.domain.implementing import implement_change
from approvals.domain.requests import ItemSpec, open_change, submit_change
from approvals.domain.voting import cast_vote
from approvals.models import ChangeRequest, Vote
from catalog.domain.decisions import assess_interface, decide_pattern
from catalog.models import Interface
from governance.domain.credentials import Credential
from tests.cast import PASSWORD, Cast
from tests.factories import catalog

HOUR = dt.timedelta(hours=1)
#: What the cast signs with, where policy asks for a signature.
SIGNATURE = Credential("PASSWORD", PASSWORD)
#: Whom the cast has for each role that table T4 asks of a story interface.
VOTERS = {
    "INTERFACE_OWNER": "abe",
    "CLINICAL_IT": "bo",
    "ERP": "cy",
    "SECURITY": "di",
    "DATA_GOVERNANCE": "ed",
    "OPERATIONS": "fay",
    "DESIGN_AUTHORITY": "jo",
}
#: A document for each kind of evidence that policy may demand of a normal change and that people give.
EVIDENCE = {
    kind: f"https://evidence.lakeshore.example/{kind}"
    for kind in (
        "test_evidence", "backout_plan", "downtime_procedure", "resilience_test", "migration_plan",
        "parallel_run_plan", "phi_minimum_necessary", "encryption_control", "baa_on_file", "reconciliation_test",
        "segregation_of_duties_check", "waiver_request", "option_comparison", "cost_of_ownership", "exit_plan",
        "steward_agreement", "archive_location", "blackout_justification", "remediation_date",
    )
}  # fmt: skip


def decided_interface(cast: Cast, key: str = "IF-SUR-001", **values: Any) -> Interface:
    """A story interface with owners, its pattern decided by whom the tables name (not where the board decides)."""
    cast.board()
    for name in (*VOTERS.values(), "kai"):
        cast(name)
    interface = catalog.owned(cast, catalog.story_interface(cast, key, **values))
    assessed = assess_interface(interface)
    if assessed.forum != "BOARD_MEETING":
        decider = cast("jo" if assessed.decider == "DESIGN_AUTHORITY" else "kai")
        decide_pattern(interface, rationale="Fits the policy", now=cast.now, actor=decider)
    return interface


def new_interface_change(cast: Cast, key: str = "IF-SUR-001", *, actor: str = "ada", **values: Any) -> ChangeRequest:
    """A draft change that shall bring the story interface into force."""
    interface = values.pop("interface", None) or decided_interface(cast, key)
    said = {"title": interface.name, "reason": "Cases are charged by hand today.", "evidence": EVIDENCE, **values}
    return open_change(
        change_type="NEW_INTERFACE", items=[ItemSpec(interface, "CREATE")], now=cast.now, actor=cast(actor), **said
    )


def evidence(cast: Cast, change: ChangeRequest, *, actor: str = "ada", now: dt.datetime | None = None) -> ChangeRequest:
    """Every piece that policy demands, that is missing and that people give, as links."""
    at = now or cast.now
    for proof in evidence_of(change, now=at):
        if not (proof.provided or proof.kind.computed):
            url = f"https://evidence.lakeshore.example/{proof.kind.key}"
            link_evidence(change, kind=proof.kind.key, url=url, now=at, actor=cast(actor))
    return change


def asked_change(cast: Cast, key: str = "IF-SUR-001", **values: Any) -> ChangeRequest:
    """The same, submitted by ada: its voters are asked."""
    return submit_change(new_interface_change(cast, key, **values), now=cast.now, actor=cast("ada"))


def asked_change_of(cast: Cast, interface: Interface, **values: Any) -> ChangeRequest:
    """A submitted change that shall bring this owned proposal of ada's into force; its pattern is decided."""
    for name in (*VOTERS.values(), "kai"):
        cast(name)
    decider = "jo" if assess_interface(interface).decider == "DESIGN_AUTHORITY" else "kai"
    decide_pattern(interface, rationale="Fits the policy", now=cast.now, actor=cast(decider))
    change = new_interface_change(cast, interface=interface)
    return submit_change(change, now=cast.now, actor=cast("ada"))


def vote(
    cast: Cast,
    change: ChangeRequest,
    name: str,
    choice: str = "APPROVE",
    *,
    now: dt.datetime | None = None,
    **said: Any,
) -> Vote:
    """What ``name`` says on the revision that is stored now."""
    fresh = ChangeRequest.objects.get(pk=change.pk)
    said = {"revision_hash": fresh.revision_hash, "comment": "Not like this." if choice == "REJECT" else "", **said}
    said.setdefault("signature", SIGNATURE)
    given = cast_vote(fresh, choice=choice, now=now or cast.now + HOUR, actor=cast(name), **said)
    change.refresh_from_db()
    return given


def vote_all(cast: Cast, change: ChangeRequest, *, besides: tuple[str, ...] = ()) -> None:
    """Everyone who is asked approves, except ``besides``."""
    asked = {role for need in change.requirements.filter(number=change.number) for role in need.roles}
    for role, name in VOTERS.items():
        if role in asked and name not in besides:
            vote(cast, change, name)


def scheduled_change(cast: Cast, key: str = "IF-SUR-001", **values: Any) -> ChangeRequest:
    change = asked_change(cast, key, **values)
    vote_all(cast, change)
    return change


def implemented_change(cast: Cast, key: str = "IF-SUR-001", **values: Any) -> ChangeRequest:
    change = scheduled_change(cast, key, **values)
    assert change.implement_at
    return implement_change(change, now=change.implement_at, actor=cast.clock)


def interface_in_force(cast: Cast, key: str = "IF-SUR-001") -> Interface:
    """A story interface that an implemented change has brought into force."""
    change = implemented_change(cast, key)
    return Interface.objects.get(pk=change.items.get().interface_id)
