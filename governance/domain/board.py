"""The board: its foundation and its seats. Who acts in whose place is in ``delegating.py``."""

from __future__ import annotations

import datetime as dt

from ..kernel.errors import Invalid
from ..models import Board, BoardSeat, Role, User
from .audit import recorded
from .people import administers, everyone
from .rules import has_role, register, require


def runs_board(actor: User, subject: object) -> bool:
    return administers(actor, subject) or has_role(actor, Role.CHANGE_MANAGER)


register(Board, view=everyone, found=administers, appoint=runs_board)
register(BoardSeat, view=everyone)


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
