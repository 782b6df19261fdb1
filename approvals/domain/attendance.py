"""Who sits in a meeting, for which constituency and in whose place, and how many of the board's seats are there."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from governance.domain.audit import recorded
from governance.domain.rules import reads_everything, require
from governance.kernel.errors import Conflict, Invalid, WrongState
from governance.models import BoardSeat, User

from ..models import Attendance, Meeting
from .meetings import take_turn
from .overriding import SEATS
from .standing import claims_of
from .telling import board_people


@dataclass(frozen=True)
class Sitter:
    """Somebody who may sit for a constituency now: its member, the alternate, or a delegate."""

    person: User
    constituency: str
    on_behalf_of: User | None = None


@dataclass(frozen=True)
class SeatShown:
    """One seat of the board: who holds it, and who sits for it in the meeting now."""

    seat: BoardSeat
    sitting: tuple[Attendance, ...]

    @property
    def present(self) -> bool:
        return bool(self.sitting)


def seats_of_person(person: User, *, now: dt.datetime) -> list[tuple[str, User | None]]:
    """The constituencies for which ``person`` may sit now, and in whose place; their own first."""
    found: dict[str, User | None] = {}
    for claim in claims_of(person, now=now):
        for seat in sorted(claim.held.roles & SEATS):
            if claim.scope in ("", seat):
                found.setdefault(seat, claim.on_behalf_of)
    return list(found.items())


def come(meeting: Meeting, *, person: User, constituency: str = "", now: dt.datetime, actor: User) -> Attendance:
    """``person`` is in the room from now on; who sits for several constituencies sits for one that is missing yet.

    Everyone says so for themselves, or whoever runs the meeting notes it. Without a seat one is a guest. Raises
    ``Invalid`` for a constituency that is not theirs, ``Conflict`` (DUPLICATE) for who is there already.
    """
    require(actor, "attend" if actor.pk == person.pk else "run", meeting)
    if not (person.is_person and person.is_active):
        raise Invalid(f"{person} is no person who could come.", errors={"person": ["an active person"]})
    held = [seat for seat, _ in seats_of_person(person, now=now)]
    if constituency and constituency not in held:
        said = f"one of {', '.join(held)}" if held else "empty: a guest"
        raise Invalid(f"{person} does not sit for {constituency}.", errors={"constituency": [said]})
    attendance = Attendance(meeting=meeting, person=person, came_at=now)
    with recorded("approvals.attendance.come", actor=actor, subject=attendance, now=now):
        take_turn(meeting, ("RUNNING",))
        present = list(meeting.attendances.filter(left_at=None))
        if any(one.person_id == person.pk for one in present):
            raise Conflict(f"{person} is in the meeting already.", code="DUPLICATE")
        taken = {one.constituency for one in present}
        free = next((seat for seat in held if seat not in taken), held[0] if held else "")
        attendance.constituency = constituency or free
        attendance.save(force_insert=True)
    return attendance


def leave(meeting: Meeting, *, person: User, now: dt.datetime, actor: User) -> Attendance:
    """``person`` has left. Raises ``WrongState`` when they are not there."""
    require(actor, "attend" if actor.pk == person.pk else "run", meeting)
    present = Attendance.objects.filter(meeting=meeting, person=person, left_at=None).first()
    if present is None:
        raise WrongState(f"{person} is not in the meeting.")
    with recorded("approvals.attendance.leave", actor=actor, subject=present, now=now):
        take_turn(meeting, ("RUNNING",))
        if not Attendance.objects.filter(pk=present.pk, left_at=None).update(left_at=now):
            raise WrongState(f"{person} has left already.")
        present.left_at = now
    return present


def is_present(meeting: Meeting, person: User) -> bool:
    return meeting.attendances.filter(person=person, left_at=None).exists()


def seats_shown(meeting: Meeting, attendances: list[Attendance], *, at: dt.datetime) -> list[SeatShown]:
    """Every seat of the board in its term at ``at``, with who sits for it."""
    seats = BoardSeat.objects.in_term(at).filter(board=meeting.board_id).select_related("member", "alternate")
    here: dict[str, list[Attendance]] = {}
    for one in attendances:
        if one.left_at is None:
            here.setdefault(one.constituency, []).append(one)
    ordered = sorted(seats, key=lambda seat: seat.constituency)
    return [SeatShown(seat, tuple(here.get(seat.constituency, ()))) for seat in ordered]


def sat_for(attendance: Attendance, seats: list[BoardSeat]) -> User | None:
    """In whose place somebody sat; ``None`` for the member's own, and for a guest."""
    seat = next((one for one in seats if one.constituency == attendance.constituency), None)
    return seat.member if seat and seat.member_id != attendance.person_id else None


def people_who_may_sit(meeting: Meeting, *, now: dt.datetime) -> list[Sitter]:
    """Members and alternates of the board who are not in the room, each with the seat that they would take."""
    here = set(meeting.attendances.filter(left_at=None).values_list("person", flat=True))
    people = {person.pk: person for person in board_people(now=now) if person.pk not in here and person.is_active}
    found = []
    for person in people.values():
        seats = seats_of_person(person, now=now)
        if seats:
            found.append(Sitter(person, *seats[0]))
    return sorted(found, key=lambda one: (one.constituency, one.on_behalf_of is not None))


def may_attend(meeting: Meeting, person: User) -> bool:
    return person.is_person and (reads_everything(person) or person.pk == meeting.chair_id)
