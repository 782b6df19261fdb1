"""Who sees, asks for, mends, renews and revokes waivers. Whether one is granted is the vote on its change."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from catalog.domain.rules import owns_or_edits, sees_interfaces
from catalog.models import Interface
from governance.domain.rules import has_role, is_clock, reads_everything, register
from governance.models import Role

from ..models import Waiver


def sees_waivers(actor: Any) -> Q:
    """Those on interfaces that one may see, one's own, and those that one has promised to mend."""
    if reads_everything(actor):
        return Q()
    seen = Interface.objects.filter(sees_interfaces(actor)).values("pk")
    return Q(interface__in=seen) | Q(requested_by=actor) | Q(remediation_owner=actor)


def mends(actor: Any, waiver: Any) -> bool:
    return is_clock(actor) or actor.pk == waiver.remediation_owner_id or owns_or_edits(actor, waiver.interface)


def renews(actor: Any, waiver: Any) -> bool:
    """Security alone, in the board's place and once; the command leaves out who asked and who mends."""
    return has_role(actor, Role.SECURITY_OFFICER)


def revokes(actor: Any, waiver: Any) -> bool:
    return has_role(actor, Role.SECURITY_OFFICER, Role.DESIGN_AUTHORITY, Role.CHANGE_MANAGER)


def watches(actor: Any, waiver: Any) -> bool:
    return is_clock(actor)


register(Waiver, view=sees_waivers, remediate=mends, renew=renews, revoke=revokes, expire=watches)
