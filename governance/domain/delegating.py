"""Absence: votes lent to another, for 30 days at most, one hop, no cycle, and never above the taker's clearance."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Q, QuerySet

from ..kernel.errors import Invalid, WrongState
from ..models import BoardSeat, Constituency, Delegation, Membership, Role, TeamRole, User
from .audit import recorded
from .people import everyone
from .rules import has_role, is_clock, register, require, roles_of

MAX_DELEGATION = dt.timedelta(days=30)
#: Roles that decide something on a change, besides the board's seats; ownership hangs on INTERFACE_OWNER.
VOTING_ROLES = (Role.INTERFACE_OWNER, Role.DESIGN_AUTHORITY, Role.EMERGENCY_APPROVER, Role.SECURITY_OFFICER)
#: Who may read all that the board reads and may decide: not those who only read, and not who schedules.
CLEARED_FOR_BOARD = frozenset(
    {Role.BOARD_MEMBER, Role.DESIGN_AUTHORITY, Role.EMERGENCY_APPROVER, Role.SECURITY_OFFICER, Role.OPERATOR}
)
CLEARED = {Role.INTERFACE_OWNER: frozenset({Role.INTERFACE_OWNER})}


def own_delegation(actor: User, delegation: Delegation) -> bool:
    return is_clock(actor) or actor.pk == delegation.giver_id


def part_of(actor: User, delegation: Delegation) -> bool:
    return is_clock(actor) or actor.pk in (delegation.giver_id, delegation.taker_id)


register(Delegation, view=everyone, delegate=own_delegation, end=part_of)


def delegate(
    giver: User,
    *,
    taker: User,
    starts_at: dt.datetime,
    ends_at: dt.datetime,
    reason: str,
    scope: str = "",
    now: dt.datetime,
    actor: User,
) -> Delegation:
    """``taker`` acts for ``giver``; it is resolved when a vote is cast, so that it counts from and to the minute.

    ``scope`` is one seat or role of the giver's, empty for all of them. Same clearance: for a seat or a role of the
    board the taker reads what the board reads and may decide; for ownership the taker is an interface owner. Raises
    ``Invalid`` beside the field that is to blame.
    """
    delegation = Delegation(
        giver=giver, taker=taker, starts_at=starts_at, ends_at=ends_at, reason=reason.strip(), scope=scope
    )
    require(actor, "delegate", delegation)
    check_delegation(delegation, now=now)
    with recorded(
        "governance.delegation.delegate", actor=actor, subject=delegation, now=now, reason=reason, on_behalf_of=None
    ):
        delegation.save(force_insert=True)
    return delegation


def end_delegation(delegation: Delegation, *, now: dt.datetime, actor: User) -> None:
    """Back early, or the other cannot: it ends now. One that has not begun is taken back whole."""
    require(actor, "end", delegation)
    if delegation.ends_at <= now:
        raise WrongState("This delegation is over already.")
    with recorded("governance.delegation.end", actor=actor, subject=delegation, now=now):
        if delegation.starts_at < now:
            Delegation.objects.filter(pk=delegation.pk).update(ends_at=now)
            delegation.ends_at = now
        else:
            Delegation.objects.filter(pk=delegation.pk).delete()


def check_delegation(delegation: Delegation, *, now: dt.datetime) -> None:
    giver, taker = delegation.giver, delegation.taker
    if giver == taker:
        raise Invalid("A delegation to oneself does nothing.", errors={"taker": ["another person"]})
    if not dt.timedelta(0) < delegation.ends_at - delegation.starts_at <= MAX_DELEGATION:
        raise Invalid("A delegation lasts at most 30 days.", errors={"ends_at": ["at most 30 days after its start"]})
    if delegation.ends_at <= now:
        raise Invalid("A delegation lies ahead.", errors={"ends_at": ["later than now"]})
    if not delegation.reason:
        raise Invalid("Say why.", errors={"reason": ["It is shown beside both names."]})
    overlapping = Delegation.objects.filter(starts_at__lt=delegation.ends_at, ends_at__gt=delegation.starts_at)
    if overlapping.filter(giver=taker).exists() or overlapping.filter(taker=giver).exists():
        raise Invalid(
            "A delegation cannot be handed on: one hop only.",
            errors={"taker": ["has delegated, or you act for another"]},
        )
    check_clearance(delegation, now=now)


def check_clearance(delegation: Delegation, *, now: dt.datetime) -> None:
    giver, taker = delegation.giver, delegation.taker
    held = votes_of_person(giver, now=now)
    if not held:
        raise Invalid(f"{giver} holds no vote to lend.", errors={"scope": ["no seat and no role that votes"]})
    if delegation.scope and delegation.scope not in held:
        raise Invalid(f"{giver} does not hold {delegation.scope}.", errors={"scope": [f"one of {', '.join(held)}"]})
    lacking = [name for name in ([delegation.scope] if delegation.scope else held) if not is_cleared(taker, name)]
    if lacking:
        also = " Lend one of your roles alone." if not delegation.scope and len(lacking) < len(held) else ""
        raise Invalid(
            f"{taker} has not the clearance to act for {giver} as {', '.join(lacking)}.{also}",
            errors={"taker": ["a person of the same clearance"]},
        )


def votes_of_person(person: User, *, now: dt.datetime) -> list[str]:
    """The seats and roles in which somebody decides on changes, and which they may lend."""
    seats = BoardSeat.objects.in_term(now).filter(member=person).values_list("constituency", flat=True)
    return [*sorted(set(seats)), *(role for role in VOTING_ROLES if role in roles_of(person))]


def is_cleared(person: User, name: str) -> bool:
    """May this person decide in that seat or role for another?"""
    if not (person.is_person and person.is_active) or has_role(person, Role.CHANGE_MANAGER):
        return False
    needed = CLEARED.get(Role(name), CLEARED_FOR_BOARD) if name in Role.values else CLEARED_FOR_BOARD
    return has_role(person, *needed)


def cleared_people(giver: User) -> QuerySet[User]:
    """Whom ``giver`` could ask: active people who hold a role that is enough for something."""
    enough = CLEARED_FOR_BOARD | CLEARED[Role.INTERFACE_OWNER]
    held = TeamRole.objects.filter(role__in=enough).values("team")
    managers = TeamRole.objects.filter(role=Role.CHANGE_MANAGER).values("team")
    present = Membership.objects.filter(until__isnull=True)
    able = User.objects.filter(pk__in=present.filter(team__in=held).values("user"), is_active=True, kind="PERSON")
    others = able.exclude(pk=giver.pk).exclude(pk__in=present.filter(team__in=managers).values("user"))
    return others.order_by("display_name", "username")


def delegations_of(person: User) -> Any:
    """What somebody lent and was lent, the latest first."""
    mine = Delegation.objects.filter(Q(giver=person) | Q(taker=person))
    return mine.select_related("giver", "taker").order_by("-ends_at", "-starts_at")


def principals_of(actor: User, *, now: dt.datetime, scope: str = "") -> list[User]:
    """Those for whom ``actor`` may act at ``now`` by delegation, resolved at the moment of asking."""
    live = Delegation.objects.filter(taker=actor, starts_at__lte=now, ends_at__gt=now, scope__in=["", scope])
    return [delegation.giver for delegation in live.select_related("giver")]


def stand_ins_for(person: User, *, now: dt.datetime) -> dict[str, list[User]]:
    """Who may act for ``person`` now, by seat or role ("" for whatever they hold): alternates and delegates."""
    found: dict[str, list[User]] = {}
    for seat in BoardSeat.objects.in_term(now).filter(member=person, alternate__isnull=False):
        if seat.alternate and seat.alternate.is_active:
            found.setdefault(seat.constituency, []).append(seat.alternate)
    lent = Delegation.objects.filter(giver=person, starts_at__lte=now, ends_at__gt=now)
    for one in lent.select_related("taker"):
        found.setdefault(one.scope, []).append(one.taker)
    return found


SCOPES = (*Constituency.choices, *((role.value, role.label) for role in VOTING_ROLES))
