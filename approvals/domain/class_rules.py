"""Who drafts and suspends templates, lifts a block, and reads what was found in reviews."""

from __future__ import annotations

from typing import Any

from django.db.models import Q

from governance.domain.rules import has_role, is_clock, reads_everything, register
from governance.models import Membership, Role

from ..models import EmergencyBlock, Review, StandardChangeTemplate
from .emergencies import is_chair
from .rules import through_change

DRAFTERS = (Role.ARCHITECT, Role.DOMAIN_ARCHITECT, Role.DESIGN_AUTHORITY, Role.CHANGE_MANAGER, Role.OPERATOR)


def everyone(actor: Any) -> Q:
    """What may be changed without a vote is no secret."""
    return Q()


def drafts(actor: Any, subject: Any) -> bool:
    return is_clock(actor) or has_role(actor, *DRAFTERS)


def keeps(actor: Any, template: Any) -> bool:
    """Its author, and the change managers who keep the catalogue of standard changes."""
    return is_clock(actor) or has_role(actor, Role.CHANGE_MANAGER) or actor.pk == template.drafted_by_id


def suspends(actor: Any, template: Any) -> bool:
    """Stopping is allowed to more people than starting again."""
    return keeps(actor, template) or has_role(actor, Role.OPERATOR, Role.BOARD_MEMBER, Role.SECURITY_OFFICER)


def sees_blocks(actor: Any) -> Q:
    """One's own teams' blocks; who reads everything, all."""
    if reads_everything(actor):
        return Q()
    return Q(team__in=Membership.objects.filter(user=actor, until__isnull=True).values("team"))


def lifts(actor: Any, block: Any) -> bool:
    """The change manager or the board's chair; the command says which of them when."""
    return has_role(actor, Role.CHANGE_MANAGER) or is_chair(actor)


register(
    StandardChangeTemplate,
    view=everyone,
    draft=drafts,
    revise=keeps,
    submit=keeps,
    suspend=suspends,
    resume=keeps,
    retire=keeps,
)
register(EmergencyBlock, view=sees_blocks, lift=lifts)
register(Review, view=through_change)
