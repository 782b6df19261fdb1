"""The board's seats, and in whose place a person may act at an instant."""

from __future__ import annotations

import datetime as dt

from ..kernel.errors import Invalid
from ..models import Board, BoardSeat, Delegation, Role, User
from .audit import recorded
from .people import administers, everyone
from .rules import has_role, is_clock, register, require

MAX_DELEGATION = dt.timedelta(days=30)


def runs_board(actor: User, subject: object) -> bool:
    return administers(actor, subject) or has_role(actor, Role.CHANGE_MANAGER)


def own_delegation(actor: User, delegation: Delegation) -> bool:
    return is_clock(actor) or actor.pk == delegation.giver_id


register(Board, view=everyone, found=administers, appoint=runs_board)
register(BoardSeat, view=everyone)
register(Delegation, view=everyone, delegate=own_delegation)


def found_board(key: str, *, name: str, now: dt.datetime, actor: User) -> Board:
    require(actor, "found", Board)
    board = Board(key=key, name=name)
    with recorded("governance.board.found", actor=actor, subject=board, now=now):
        board.save(force_insert=True)
    return board


def appoint_seat(
    board: Board,
    *,
    constituency: str,
    member: User,
    alternate: User | None = None,
    now: dt.datetime,
    actor: User,
) -> BoardSeat:
    """``member`` sits for ``constituency`` from ``now``; the former seat's term ends."""
    require(actor, "appoint", board)
    for person in filter(None, (member, alternate)):
        if not person.is_person:
            raise Invalid(f"{person} is a machine and cannot sit on the board.", errors={"member": ["a person"]})
    seat = BoardSeat(board=board, constituency=constituency, member=member, alternate=alternate, since=now)
    with recorded("governance.board.appoint", actor=actor, subject=seat, now=now):
        board.seats.filter(constituency=constituency, until__isnull=True).update(until=now)
        seat.save(force_insert=True)
    return seat


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
    """``taker`` acts for ``giver``: 30 days at most, one hop, no cycle, and only to someone of the same clearance."""
    delegation = Delegation(giver=giver, taker=taker, starts_at=starts_at, ends_at=ends_at, reason=reason, scope=scope)
    require(actor, "delegate", delegation)
    check_delegation(delegation)
    with recorded("governance.delegation.delegate", actor=actor, subject=delegation, now=now, reason=reason):
        delegation.save(force_insert=True)
    return delegation


def check_delegation(delegation: Delegation) -> None:
    giver, taker = delegation.giver, delegation.taker
    if giver == taker:
        raise Invalid("A delegation to oneself does nothing.", errors={"taker": ["another person"]})
    if not timedelta_ok(delegation):
        raise Invalid("A delegation lasts at most 30 days.", errors={"ends_at": ["at most 30 days after its start"]})
    overlapping = Delegation.objects.filter(starts_at__lt=delegation.ends_at, ends_at__gt=delegation.starts_at)
    if overlapping.filter(giver=taker).exists() or overlapping.filter(taker=giver).exists():
        raise Invalid(
            "A delegation cannot be handed on: one hop only.",
            errors={"taker": ["has delegated, or you act for another"]},
        )
    if (
        not taker.is_person
        or not taker.is_active
        or not has_role(taker, Role.BOARD_MEMBER, Role.INTERFACE_OWNER, Role.DESIGN_AUTHORITY)
    ):
        raise Invalid(
            f"{taker} has not the clearance to act for {giver}.",
            errors={"taker": ["a person of the same clearance"]},
        )


def timedelta_ok(delegation: Delegation) -> bool:
    return dt.timedelta(0) < delegation.ends_at - delegation.starts_at <= MAX_DELEGATION


def principals_of(actor: User, *, now: dt.datetime, scope: str = "") -> list[User]:
    """Those for whom ``actor`` may act at ``now`` by delegation, resolved at the moment of asking."""
    live = Delegation.objects.filter(taker=actor, starts_at__lte=now, ends_at__gt=now, scope__in=["", scope])
    return [delegation.giver for delegation in live.select_related("giver")]
