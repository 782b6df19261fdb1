"""What pages and answers ask of templates, reviews and blocks; every one starts from what the actor may see."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet

from catalog.models import Interface
from governance.domain.rules import visible, visible_or_404
from governance.kernel.errors import NotFound
from governance.models import User

from ..models import ChangeRequest, EmergencyBlock, Outcome, Review, StandardChangeTemplate
from ..ranges import range_words


def templates_of(actor: User) -> QuerySet[StandardChangeTemplate]:
    return visible(StandardChangeTemplate.objects.select_related("drafted_by"), actor)


def template_named(actor: User, key: str) -> StandardChangeTemplate:
    return visible_or_404(StandardChangeTemplate.objects.select_related("drafted_by"), actor, key=key)


def templates_for(actor: User, interface: Interface) -> list[StandardChangeTemplate]:
    """The active templates that this interface's tier lets through."""
    active = templates_of(actor).filter(state="ACTIVE")
    return [one for one in active if not one.tiers or interface.tier in one.tiers]


def allowed_words(template: StandardChangeTemplate) -> list[tuple[str, str]]:
    """Each field that may be set, with its range as people read it."""
    return [(name, range_words(said)) for name, said in template.allowed.items()]


def samples_among(actor: User, keys: list[str]) -> list[ChangeRequest]:
    """The changes of these keys that the actor may see, in that order; one that is not there is a 404."""
    return [visible_or_404(ChangeRequest.objects.all(), actor, key=key) for key in dict.fromkeys(keys)]


def samples_of(actor: User, template: StandardChangeTemplate) -> list[ChangeRequest]:
    return list(visible(ChangeRequest.objects.filter(sample_of=template), actor).order_by("key"))


def changes_by(actor: User, template: StandardChangeTemplate, *, limit: int = 20) -> list[ChangeRequest]:
    """Its last changes that the actor may see, the newest first."""
    return list(visible(template.changes.all(), actor).select_related("requester").order_by("-key")[:limit])


def possible_samples(actor: User, *, limit: int = 200) -> list[ChangeRequest]:
    """What went well lately and only updated what was there: from these a template grows."""
    good = ChangeRequest.objects.filter(state="CLOSED", outcome=Outcome.SUCCESSFUL).exclude(items__operation="CREATE")
    return list(visible(good, actor).order_by("-closed_at")[:limit])


def blocks_of(actor: User) -> QuerySet[EmergencyBlock]:
    return visible(EmergencyBlock.objects.select_related("team", "because", "lifted_by"), actor).order_by("-since")


def block_at(actor: User, pk: Any) -> EmergencyBlock:
    return visible_or_404(EmergencyBlock.objects.select_related("team", "because"), actor, pk=pk)


def open_blocks_of(change: ChangeRequest) -> QuerySet[EmergencyBlock]:
    """The blocks that this change is the cause of, and that stand."""
    return EmergencyBlock.objects.filter(because=change, lifted_at=None).select_related("team", "because")


def review_of(change: ChangeRequest) -> Review | None:
    return Review.objects.filter(change=change).select_related("reviewed_by").first()


def review_named(change: ChangeRequest) -> Review:
    """Raises ``NotFound`` while there is none."""
    found = review_of(change)
    if found is None:
        raise NotFound(f"{change.key} was not reviewed yet.")
    return found
