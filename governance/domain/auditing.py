"""Who may read the audit and who may prove it."""

from __future__ import annotations

from typing import Any

from django.db.models import Q, QuerySet

from ..models import AuditEvent, AuditHead, AuditSeal, Notice, Role, User
from . import seals
from .rules import has_role, is_clock, register, require, visible
from .seals import Verification


def audits(actor: User, subject: object) -> bool:
    return is_clock(actor) or has_role(actor, Role.AUDITOR, Role.PLATFORM_ADMIN)


def audited_rows(actor: User) -> Q:
    return Q() if audits(actor, AuditEvent) else Q(pk__in=[])


def own_notices(actor: User) -> Q:
    return Q(recipient=actor)


def is_recipient(actor: User, notice: Any) -> bool:
    return bool(notice.recipient_id == actor.pk)


def resends(actor: User, notice: Any) -> bool:
    return is_recipient(actor, notice) or has_role(actor, Role.PLATFORM_ADMIN)


register(AuditEvent, view=audited_rows, read=audits, verify=audits, export=audits)
register(Notice, view=own_notices, read=is_recipient, resend=resends)


def audit_trail(*, actor: User) -> QuerySet[AuditEvent]:
    """Every recorded step, for the auditor and the platform administrator. Raises ``NotAllowed`` for all others."""
    require(actor, "read", AuditEvent)
    return visible(AuditEvent.objects.all(), actor)


def events_about(subject_type: str, subject_id: str, *, actor: User) -> QuerySet[AuditEvent]:
    """Everything that was ever done to one record, oldest first; the record itself may be gone."""
    return audit_trail(actor=actor).filter(subject_type=subject_type, subject_id=subject_id)


def audited_kinds() -> QuerySet[Any, str]:
    """The kinds of record of which something is recorded."""
    return AuditEvent.objects.order_by("subject_type").values_list("subject_type", flat=True).distinct()


def end_of_chain() -> tuple[AuditHead | None, AuditSeal | None]:
    """The chain's last link, and the last seal over it."""
    return AuditHead.objects.first(), AuditSeal.objects.order_by("seq").last()


def verify_audit(*, actor: User) -> Verification:
    """Prove the chain and its seals now; the first broken row is named."""
    require(actor, "verify", AuditEvent)
    return seals.verify()
