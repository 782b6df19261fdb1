"""Who may read the audit and who may prove it."""

from __future__ import annotations

from django.db.models import Q, QuerySet

from ..models import AuditEvent, Notice, Role, User
from . import seals
from .rules import has_role, is_clock, register, require, visible
from .seals import Verification


def audits(actor: User, subject: object) -> bool:
    return is_clock(actor) or has_role(actor, Role.AUDITOR, Role.PLATFORM_ADMIN)


def audited_rows(actor: User) -> Q:
    return Q() if audits(actor, AuditEvent) else Q(pk__in=[])


def own_notices(actor: User) -> Q:
    return Q(recipient=actor)


register(AuditEvent, view=audited_rows, read=audits, verify=audits)
register(Notice, view=own_notices)


def audit_trail(*, actor: User) -> QuerySet[AuditEvent]:
    """Every recorded step, for the auditor and the platform administrator. Raises ``NotAllowed`` for all others."""
    require(actor, "read", AuditEvent)
    return visible(AuditEvent.objects.all(), actor)


def verify_audit(*, actor: User) -> Verification:
    """Prove the chain and its seals now; the first broken row is named."""
    require(actor, "verify", AuditEvent)
    return seals.verify()
