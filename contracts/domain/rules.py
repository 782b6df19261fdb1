"""Who may see and do what with contracts: whoever sees the interface reads and checks, its own people write."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q

from catalog.domain.rules import SEE, owns_or_edits, through_interface, under_mandate
from catalog.models import Domain, Interface
from governance.domain.rules import granted, register
from governance.models import Membership, User

from ..models import CompatibilityReport, Contract, ContractVersion


def writes(actor: Any, contract: Contract) -> bool:
    """Architects of the provider's domain, owners and the stewarding team; a pipeline through its team's grant."""
    return owns_or_edits(actor, contract.interface) or stewards(actor, contract)


def stewards(actor: Any, contract: Contract) -> bool:
    return (
        contract.steward_id is not None
        and Membership.objects.filter(team=contract.steward_id, user=actor, until__isnull=True).exists()
    )


def writes_version(actor: Any, version: ContractVersion) -> bool:
    return writes(actor, version.contract)


def attaches(actor: Any, interface: Interface) -> bool:
    """May ``actor`` open the interface's contract, when it has none?"""
    return owns_or_edits(actor, interface)


def seen_by_grant(actor: UUID) -> Exists:
    """The commonest reason of the view rule as one column: a grant on the domain that provides the interface."""
    granting = granted(User(pk=actor), SEE, Domain)
    return Exists(granting.filter(pk=OuterRef("interface__provider__domain")))


def through_contract(actor: Any) -> Q:
    return Q(contract__in=Contract.objects.filter(through_interface(actor)).values("pk"))


def through_version(actor: Any) -> Q:
    return Q(version__in=ContractVersion.objects.filter(through_contract(actor)).values("pk"))


register(Contract, view=through_interface, edit=writes, draft_version=writes, post_version=writes)
register(
    ContractVersion,
    view=through_contract,
    revise=writes_version,
    submit=writes_version,
    reopen=writes_version,
    approve=under_mandate,
    reject=under_mandate,
    publish=under_mandate,
)
register(CompatibilityReport, view=through_version)
