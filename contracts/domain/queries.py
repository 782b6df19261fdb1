"""What pages and answers ask of contracts; every one starts from what the actor may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Exists, OuterRef, Prefetch, QuerySet, Subquery

from catalog.models import Interface, Subscription
from governance.domain.rules import visible, visible_or_404
from governance.models import User

from ..models import Contract, ContractVersion
from .documents import text_of
from .lines import Line, Row, compared, pretty_lines


def contracts_of(actor: User) -> QuerySet[Contract]:
    """The contracts that ``actor`` may see, with what a list shows, at a constant number of queries."""
    return visible(with_newest(Contract.objects.all()), actor)


def with_newest(contracts: QuerySet[Contract]) -> QuerySet[Contract]:
    """Each contract with its published and its newest version, read in the same query."""
    published = ContractVersion.objects.published().filter(contract=OuterRef("pk")).values("version")[:1]
    newest = ContractVersion.objects.filter(contract=OuterRef("pk")).newest_first()
    return contracts.select_related("interface__provider__domain", "steward").annotate(
        published_version=Subquery(published),
        newest_version=Subquery(newest.values("version")[:1]),
        newest_state=Subquery(newest.values("state")[:1]),
        version_count=Count("versions", distinct=True),
    )


def contract_named(actor: User, key: str) -> Contract:
    """One contract. Raises ``NotFound``."""
    return visible_or_404(Contract.objects.with_parties(), actor, key=key)


def contract_page(actor: User, key: str) -> Contract:
    """One contract with its versions, newest first, and its interface's consumers. Raises ``NotFound``."""
    versions = ContractVersion.objects.newest_first().select_related("declared_by", "document", "report")
    consumers = Subscription.objects.filter(until__isnull=True).select_related("consumer__domain")
    return visible_or_404(
        Contract.objects.with_parties().prefetch_related(
            Prefetch("versions", versions.defer("document__canonical", "report__content"), to_attr="all_versions"),
            Prefetch("interface__subscriptions", consumers, to_attr="consumers"),
        ),
        actor,
        key=key,
    )


def versions_of(contract: Contract) -> QuerySet[ContractVersion]:
    """A contract's versions, newest first; the caller has shown that it may see the contract."""
    rows = contract.versions.select_related("contract", "declared_by", "document", "report")
    return rows.defer("document__canonical", "report__content").newest_first()


def version_of(actor: User, key: str, version: str) -> ContractVersion:
    """One version with its document and report. Raises ``NotFound``."""
    rows = ContractVersion.objects.select_related(
        "contract__interface__provider__domain", "contract__steward", "declared_by", "document", "report"
    )
    return visible_or_404(rows, actor, contract__key=key, version=version)


def marked_first(versions: QuerySet[ContractVersion]) -> QuerySet[ContractVersion]:
    """With ``is_first``: the contract has no version before it, so there is nothing it could change."""
    earlier = ContractVersion.objects.filter(contract=OuterRef("contract"), created_at__lt=OuterRef("created_at"))
    return versions.annotate(is_first=~Exists(earlier))


def contract_on(interface: Interface) -> Contract | None:
    """What the interface promises already; the caller has shown that it may see the interface."""
    return Contract.objects.filter(interface=interface).first()


def versions_due(actor: User, *, states: tuple[str, ...] = ("DRAFT", "IN_REVIEW", "APPROVED")) -> QuerySet:
    """Versions on their way, those that waited longest first: what a home page reminds of."""
    rows = visible(ContractVersion.objects.filter(state__in=states), actor)
    return rows.select_related("contract__interface", "declared_by").order_by("updated_at")


@dataclass(frozen=True, slots=True)
class VersionDiff:
    """Two versions side by side: rows of lines, with what the comparison says beside the line it speaks of."""

    old: ContractVersion
    new: ContractVersion
    rows: list[Row]
    elsewhere: list[Mapping[str, Any]] = field(default_factory=list)
    too_long: bool = False


def diff_of(old: ContractVersion, new: ContractVersion) -> VersionDiff:
    """Line by line, with the findings of the new version's report when it was compared with the old one."""
    report = getattr(new, "report", None)
    result = report.result if report else {"checked": [], "changes": []}
    told = result["changes"] if old.version in {each["version"] for each in result["checked"]} else []
    rows, elsewhere, too_long = compared(text_of(old.document), text_of(new.document), told)
    return VersionDiff(old, new, rows, elsewhere, too_long)


def document_lines(version: ContractVersion) -> list[Line]:
    """The document, pretty printed, each line with the JSON Pointer of what stands on it."""
    return pretty_lines(text_of(version.document))
