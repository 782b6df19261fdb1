"""Who may: the one place that asks guardian, and the one shape of a permission rule.

Each app registers, per model, one expression for ``view`` (a Q, so that lists and single objects agree) and one
predicate per verb. Rights come from teams: a role that a team carries, or a grant of the team's group on a container.
Business authority (decision rights, separation of duties, quorum) is computed inside commands, not here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.db.models import Model, Q, QuerySet
from guardian.shortcuts import assign_perm, get_objects_for_user, remove_perm

from ..kernel.errors import NotAllowed, NotFound
from ..models import Role, Team, TeamRole, UserKind

M = TypeVar("M", bound=Model)
READ_ALL = {
    Role.AUDITOR,
    Role.BOARD_MEMBER,
    Role.CHANGE_MANAGER,
    Role.DESIGN_AUTHORITY,
    Role.EMERGENCY_APPROVER,
    Role.EXECUTIVE,
    Role.OPERATOR,
    Role.SECURITY_OFFICER,
}


@dataclass
class Rules:
    """One model's rules: which rows an actor sees, and who may do which verb to one of them."""

    view: Callable[[Any], Q]
    verbs: dict[str, Callable[[Any, Any], bool]] = field(default_factory=dict)


_registry: dict[type[Model], Rules] = {}


def register(model: type[Model], *, view: Callable[[Any], Q], **verbs: Callable[[Any, Any], bool]) -> None:
    """State an app's rules for one of its models, once, at start."""
    _registry[model] = Rules(view, verbs)


def registered() -> dict[type[Model], Rules]:
    return dict(_registry)


def visible(queryset: QuerySet[M], actor: Any) -> QuerySet[M]:
    """Only the rows that ``actor`` may know of."""
    if not getattr(actor, "is_authenticated", False):
        return queryset.none()
    return queryset.filter(_registry[queryset.model].view(actor))


def can(actor: Any, verb: str, subject: Model | type[Model]) -> bool:
    """May ``actor`` do ``verb`` to ``subject`` (a record, or a model for verbs that make one)?"""
    if not getattr(actor, "is_authenticated", False) or not actor.is_active:
        return False
    model = subject if isinstance(subject, type) else type(subject)
    if verb == "view":
        return isinstance(subject, type) or visible(model._default_manager.filter(pk=subject.pk), actor).exists()
    return _registry[model].verbs[verb](actor, subject)


def require(actor: Any, verb: str, subject: Model | type[Model]) -> None:
    """Refuse what ``actor`` may not do: ``NotFound`` for what it may not see, ``NotAllowed`` for the rest."""
    if can(actor, verb, subject):
        return
    if isinstance(subject, Model) and not subject._state.adding and not can(actor, "view", subject):
        raise NotFound(f"There is no such {subject._meta.verbose_name}, or you may not see it.")
    what = subject._meta.verbose_name
    raise NotAllowed(f"You may not {verb.replace('_', ' ')} this {what}. Ask a team that owns it.")


def visible_or_404(queryset: QuerySet[M], actor: Any, **lookup: Any) -> M:
    """The one visible row that ``lookup`` names, or ``NotFound``."""
    found = visible(queryset, actor).filter(**lookup).first()
    if found is None:
        named = ", ".join(str(value) for value in lookup.values())
        raise NotFound(f"There is no {queryset.model._meta.verbose_name} '{named}', or you may not see it.")
    return found


def roles_of(actor: Any) -> frozenset[str]:
    """The roles of all teams that the actor is in now; asked once per loaded user."""
    cached: frozenset[str] | None = getattr(actor, "_roles", None)
    if cached is None:
        cached = frozenset(
            TeamRole.objects.filter(team__memberships__user=actor, team__memberships__until__isnull=True).values_list(
                "role", flat=True
            )
        )
        actor._roles = cached
    return cached


def has_role(actor: Any, *roles: str) -> bool:
    return not roles_of(actor).isdisjoint(roles)


def reads_everything(actor: Any) -> bool:
    return is_clock(actor) or not roles_of(actor).isdisjoint(READ_ALL)


def is_clock(actor: Any) -> bool:
    return getattr(actor, "kind", None) == UserKind.CLOCK


def granted(actor: Any, permission: str, container: type[M]) -> QuerySet[M]:
    """The containers on which the actor's teams hold ``permission`` (``app.codename``)."""
    return get_objects_for_user(
        actor, permission, klass=container, use_groups=True, with_superuser=False, accept_global_perms=False
    )


def grant(team: Team, permission: str, container: Model) -> None:
    assign_perm(permission, team.group, container)


def withdraw(team: Team, permission: str, container: Model) -> None:
    remove_perm(permission, team.group, container)
