"""People, teams and machines: who comes, who goes, and what a machine may do."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets

from django.contrib.auth.models import Group
from django.db import models

from ..kernel.errors import Invalid, NotAuthenticated
from ..models import Membership, Role, Scope, ServiceAccount, ServiceToken, Team, TeamRole, User, UserKind
from .audit import recorded
from .prepared import Prepared, columns_of, record_from
from .rules import grant, has_role, is_clock, register, require

MAX_TOKEN_LIFE = dt.timedelta(days=366)


def administers(actor: User, subject: object) -> bool:
    return is_clock(actor) or has_role(actor, Role.PLATFORM_ADMIN)


def everyone(actor: User) -> models.Q:
    return models.Q()


register(User, view=everyone, register=administers, deactivate=administers)
register(Team, view=everyone, found=administers, join=administers, leave=administers, grant=administers)
register(ServiceAccount, view=everyone, open=administers, issue_token=administers, revoke_token=administers)


def clock_user() -> User:
    """The actor of clock-driven work; made by the first migration."""
    return User.objects.get(kind=UserKind.CLOCK, username="system")


def register_person(
    username: str,
    *,
    name: str,
    email: str = "",
    title: str = "",
    password: str | None = None,
    now: dt.datetime,
    actor: User,
) -> User:
    """A person who may sign in (with ``password``, or through the hospital's identity provider)."""
    require(actor, "register", User)
    person = User(username=username, display_name=name, email=email, title=title, date_joined=now)
    person.set_password(password)
    with recorded("governance.user.register", actor=actor, subject=person, now=now):
        person.save(force_insert=True)
    return person


def deactivate_person(person: User, *, now: dt.datetime, actor: User) -> User:
    """The person leaves: cannot sign in, vote or own any more; the history stays."""
    require(actor, "deactivate", person)
    with recorded("governance.user.deactivate", actor=actor, subject=person, now=now):
        User.objects.filter(pk=person.pk).update(is_active=False)
        for membership in person.memberships.filter(until__isnull=True).select_related("team"):
            leave_team(membership.team, user=person, now=now, actor=actor)
    person.is_active = False
    return person


def found_team(
    key: str, *, name: str, roles: tuple[str, ...] = (), email: str = "", now: dt.datetime, actor: User
) -> Team:
    """A team with its roles; guardian's grants go to the group it owns."""
    require(actor, "found", Team)
    unknown = sorted(set(roles) - set(Role.values))
    if unknown:
        raise Invalid(f"There is no role {', '.join(unknown)}.", errors={"roles": [f"one of {', '.join(Role.values)}"]})
    team = Team(key=key, name=name, email=email)
    with recorded("governance.team.found", actor=actor, subject=team, now=now, facts={"roles": sorted(roles)}):
        team.group = Group.objects.create(name=f"team:{key}")
        team.save(force_insert=True)
        TeamRole.objects.bulk_create(TeamRole(team=team, role=role) for role in roles)
    return team


def join_team(team: Team, *, user: User, now: dt.datetime, actor: User) -> Membership:
    """``user`` acts with the team's rights from ``now`` on; joining twice changes nothing."""
    require(actor, "join", team)
    present = team.memberships.filter(user=user, until__isnull=True).first()
    if present:
        return present
    membership = Membership(team=team, user=user, since=now)
    with recorded("governance.team.join", actor=actor, subject=membership, now=now):
        membership.save(force_insert=True)
        user.groups.add(team.group)
    return membership


def leave_team(team: Team, *, user: User, now: dt.datetime, actor: User) -> None:
    """``user`` loses the team's rights at ``now``."""
    require(actor, "leave", team)
    for membership in team.memberships.filter(user=user, until__isnull=True):
        with recorded("governance.team.leave", actor=actor, subject=membership, now=now):
            Membership.objects.filter(pk=membership.pk).update(until=now)
            user.groups.remove(team.group)


def grant_container(
    team: Team, *, container: models.Model, permissions: tuple[str, ...], now: dt.datetime, actor: User
) -> None:
    """The team may do ``permissions`` (``app.codename``) with everything inside ``container``."""
    require(actor, "grant", team)
    facts = {"container": str(container), "permissions": list(permissions)}
    with recorded("governance.team.grant", actor=actor, subject=team, now=now, facts=facts):
        for permission in permissions:
            grant(team, permission, container)


def open_service_account(
    username: str, *, name: str, purpose: str, responsible: User, now: dt.datetime, actor: User
) -> ServiceAccount:
    """A machine identity that cannot sign in; ``responsible`` answers for what it posts."""
    require(actor, "open", ServiceAccount)
    if not responsible.is_person or not responsible.is_active:
        raise Invalid(
            "A service account needs an active person who answers for it.",
            errors={"responsible": ["an active person"]},
        )
    machine = User(username=username, display_name=name, kind=UserKind.SERVICE, date_joined=now)
    machine.set_unusable_password()
    account = ServiceAccount(user=machine, purpose=purpose, responsible=responsible)
    with recorded("governance.service_account.open", actor=actor, subject=account, now=now):
        machine.save(force_insert=True)
        account.save(force_insert=True)
    return account


def issue_token(
    account: ServiceAccount,
    *,
    name: str,
    scopes: tuple[str, ...],
    expires_at: dt.datetime,
    now: dt.datetime,
    actor: User,
    secret: str | None = None,
) -> tuple[ServiceToken, str]:
    """A new token and its secret, which is shown this once: only its SHA-256 is kept.

    ``secret`` may be given by an operator who provisions from a vault. Raises ``Invalid`` for unknown scopes and for
    a life of more than 366 days.
    """
    require(actor, "issue_token", account)
    unknown = sorted(set(scopes) - set(Scope.values))
    if unknown or not scopes:
        raise Invalid("A token needs known scopes.", errors={"scopes": [f"choose from {', '.join(Scope.values)}"]})
    if not now < expires_at <= now + MAX_TOKEN_LIFE:
        raise Invalid("A token must expire.", errors={"expires_at": ["within 366 days from now"]})
    secret = secret or f"ilk_{secrets.token_urlsafe(32)}"
    token = ServiceToken(
        account=account,
        name=name,
        prefix=secret[:12],
        digest=token_digest(secret),
        scopes=sorted(scopes),
        expires_at=expires_at,
    )
    with recorded("governance.service_token.issue", actor=actor, subject=token, now=now):
        token.save(force_insert=True)
    return token, secret


def revoke_token(token: ServiceToken, *, now: dt.datetime, actor: User) -> None:
    require(actor, "revoke_token", token.account)
    with recorded("governance.service_token.revoke", actor=actor, subject=token, now=now):
        ServiceToken.objects.filter(pk=token.pk, revoked_at__isnull=True).update(revoked_at=now)


def token_digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def with_its_user(digest: str) -> models.QuerySet:
    """The token with that digest, its account and its user: all of their columns in one row."""
    account, user = columns_of(ServiceAccount, "account__"), columns_of(User, "account__user__")
    return ServiceToken.objects.filter(digest=digest).order_by().values_list(*columns_of(ServiceToken), *account, *user)


TOKEN_BEHIND = Prepared(with_its_user, digest=str)


def token_behind(secret: str) -> ServiceToken | None:
    row = TOKEN_BEHIND.first(digest=token_digest(secret))
    if row is None:
        return None
    own, accounts = len(columns_of(ServiceToken)), len(columns_of(ServiceAccount))
    token = record_from(ServiceToken, row[:own])
    token.account = record_from(ServiceAccount, row[own : own + accounts])
    token.account.user = record_from(User, row[own + accounts :])
    return token


def authenticate_token(secret: str, *, now: dt.datetime) -> ServiceToken:
    """The live token behind ``secret``; else ``NotAuthenticated``: TOKEN_UNKNOWN, TOKEN_EXPIRED or TOKEN_REVOKED."""
    token = token_behind(secret)
    if token is None or not token.account.user.is_active:
        raise NotAuthenticated("This token is not known here.", code="TOKEN_UNKNOWN")
    if token.revoked_at is not None:
        raise NotAuthenticated("This token was revoked. Ask for a new one.", code="TOKEN_REVOKED")
    if token.expires_at <= now:
        raise NotAuthenticated(
            f"This token expired at {token.expires_at:%Y-%m-%d %H:%MZ}. Ask for a new one.",
            code="TOKEN_EXPIRED",
        )
    return token
