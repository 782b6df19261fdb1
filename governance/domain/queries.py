"""What pages ask of people, tables and notices; every one starts from what the actor may see."""

from __future__ import annotations

import datetime as dt
from typing import Any
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from ..kernel.errors import NotFound
from ..models import (
    Board,
    BoardSeat,
    DecisionTable,
    Delegation,
    Job,
    MailState,
    Membership,
    Notice,
    Role,
    Team,
    User,
    WebhookDelivery,
    WebhookEndpoint,
)
from .rules import has_role, visible, visible_or_404


def unread_notices(actor: User) -> QuerySet[Notice]:
    """What the actor should know and has not marked as read, newest first."""
    return visible(Notice.objects.all(), actor).unread()  # type: ignore[attr-defined]


def notice_named(actor: User, named: str) -> Notice:
    """The actor's own notice of this id. Raises ``NotFound`` for another's and for what is no id."""
    try:
        return visible_or_404(Notice.objects.all(), actor, pk=UUID(named))
    except ValueError:
        raise NotFound("There is no such notice, or it is not yours.") from None


def delegation_named(actor: User, pk: Any) -> Delegation:
    """One delegation with its two people. Raises ``NotFound``."""
    return visible_or_404(Delegation.objects.select_related("giver", "taker"), actor, pk=pk)


def boards_of(actor: User, *, now: dt.datetime) -> QuerySet[Board]:
    """The boards, each with its seats in term (``in_term``)."""
    seats = BoardSeat.objects.in_term(now).select_related("member", "alternate").order_by("constituency")
    return visible(Board.objects.all(), actor).prefetch_related(Prefetch("seats", seats, "in_term")).order_by("name")


def teams_of(actor: User) -> QuerySet[Team]:
    """The teams, each with its roles and those who are in it now (``present``)."""
    members = Membership.objects.filter(until__isnull=True).select_related("user").order_by("user__username")
    teams = visible(Team.objects.all(), actor)
    return teams.prefetch_related("roles", Prefetch("memberships", members, "present"))


def delegations_of(actor: User, *, now: dt.datetime) -> QuerySet[Delegation]:
    """Who acts for whom, now or later; what is over is left to the audit."""
    lent = visible(Delegation.objects.all(), actor).filter(ends_at__gt=now)
    return lent.select_related("giver", "taker").order_by("ends_at")


def tables_of(actor: User) -> QuerySet[DecisionTable]:
    """Every version of every table, with the number of its rules (``rule_count``)."""
    return visible(DecisionTable.objects.annotate(rule_count=Count("rules")), actor)


def versions_of_table(actor: User, key: str) -> QuerySet[DecisionTable]:
    """One table's versions, newest first."""
    return visible(DecisionTable.objects.filter(key=key), actor).order_by("-effective_from", "-created_at")


def table_version(actor: User, key: str, version: str = "") -> DecisionTable:
    """The version that is named, else the one in force, else the newest. Raises ``NotFound``."""
    versions = versions_of_table(actor, key)
    if version:
        found = versions.filter(version=version).first()
    else:
        found = versions.filter(state="ACTIVE").first() or versions.first()
    if found is None:
        named = f"{key} {version}".strip()
        raise NotFound(f"There is no decision table '{named}', or you may not see it.")
    return found


def due_tables(now: dt.datetime) -> int:
    """How many versions should be in force by now and are not yet: what the clock has left."""
    return DecisionTable.objects.due(now).count()


def jobs_of(actor: User) -> QuerySet[Job]:
    """The jobs that the actor may see, with who asked for each."""
    return visible(Job.objects.select_related("requested_by"), actor)


def job_named(actor: User, pk: Any) -> Job:
    """One job. Raises ``NotFound``."""
    return visible_or_404(Job.objects.select_related("requested_by"), actor, pk=pk)


def dead_mail(actor: User) -> QuerySet[Notice]:
    """The mail that no server took: one's own, and everybody's for an administrator; the newest first."""
    given_up = Notice.objects.filter(mail=MailState.DEAD).select_related("recipient").order_by("-at", "-pk")
    return given_up if has_role(actor, Role.PLATFORM_ADMIN) else given_up.filter(recipient=actor)


def dead_mail_named(actor: User, named: str) -> Notice:
    """One of them by its id. Raises ``NotFound``."""
    try:
        found = dead_mail(actor).filter(pk=UUID(named)).first()
    except ValueError:
        found = None
    if found is None:
        raise NotFound("There is no such mail that was given up, or it is not yours.")
    return found


def teams_by_name() -> QuerySet[Team]:
    """Every team, to choose one."""
    return Team.objects.order_by("name")


def webhooks_of(actor: User) -> QuerySet[WebhookEndpoint]:
    """The endpoints that the actor may see, with how many deliveries wait (``due``) and were given up (``dead``)."""
    counted = {
        name: Count("deliveries", filter=Q(deliveries__state=state))
        for name, state in (("due", "DUE"), ("dead", "DEAD"))
    }
    return visible(WebhookEndpoint.objects.select_related("team").annotate(**counted), actor)


def webhook_named(actor: User, pk: Any) -> WebhookEndpoint:
    """One of them. Raises ``NotFound``."""
    return visible_or_404(WebhookEndpoint.objects.select_related("team"), actor, pk=pk)


def delivery_named(actor: User, pk: Any) -> WebhookDelivery:
    """One delivery with its endpoint. Raises ``NotFound``."""
    return visible_or_404(WebhookDelivery.objects.select_related("endpoint__team"), actor, pk=pk)
