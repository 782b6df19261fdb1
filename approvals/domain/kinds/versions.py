"""Contract versions: promised as they were reviewed; what they say never changes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from contracts.domain.versions import approve_version, publish_version, reject_version, reopen_version, submit_version
from contracts.models import ContractVersion
from governance.domain.rules import require, visible_or_404
from governance.kernel.errors import Invalid
from governance.models import User

from ...models import ChangeItem, ChangeRequest
from ..mandates import mandate_for, refusal_mandate
from .base import ItemSpec, Kind


class VersionKind(Kind):
    column, words, example = "contract_version", "a contract version", "IF-SUR-003@2.0.0"

    def named(self, name: str, *, actor: User) -> ContractVersion:
        key, separator, number = name.partition("@")
        if not separator:
            raise Invalid(f"'{name}' is no version.", errors={"items": ["Name a version as IF-SUR-003@2.0.0."]})
        versions = ContractVersion.objects.select_related("contract__interface", "document")
        return visible_or_404(versions, actor, contract__key=key, version=number)

    def name_of(self, subject: ContractVersion) -> str:
        return f"{subject.contract.key}@{subject.version}"

    def require_may_open(self, spec: ItemSpec, actor: User) -> None:
        interface = spec.subject.contract.interface
        if interface:
            require(actor, "submit", interface)
        else:
            super().require_may_open(spec, actor)

    def content(self, subject: ContractVersion) -> str:
        return subject.document.sha256

    def submit(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            if item.subject.state == "DRAFT":
                submit_version(item.subject, now=now, actor=actor)

    def approve(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            if item.subject.state != "APPROVED":
                mandate = mandate_for(change, item, action="approve")
                approve_version(item.subject, mandate=mandate, now=now, actor=actor)

    def reject(
        self, change: ChangeRequest, items: Sequence[ChangeItem], *, reason: str, now: dt.datetime, actor: User
    ) -> None:
        for item in items:
            if item.subject.state == "IN_REVIEW":
                mandate = refusal_mandate(change, item)
                reject_version(item.subject, reason=reason, mandate=mandate, now=now, actor=actor)

    def reopen(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            if item.subject.state == "REJECTED":
                reopen_version(item.subject, now=now, actor=actor)

    def apply(self, change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
        for item in items:
            mandate = mandate_for(change, item, action="apply")
            publish_version(item.subject, mandate=mandate, now=now, actor=actor)
