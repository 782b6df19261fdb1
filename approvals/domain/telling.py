"""Notices of this app: who should know of what has become of a change, with the page that shows it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

from django.urls import reverse

from governance.domain.notices import give_notices
from governance.models import BoardSeat, Role, User

from ..models import ChangeRequest


def tell(people: Iterable[User], kind: str, message: str, *, url: str, now: dt.datetime) -> None:
    """One notice for each active person, each once, with its mail as they wish."""
    give_notices(people, kind, message, url=url, now=now)


def page_of(change: ChangeRequest) -> str:
    return reverse("approvals:change", kwargs={"key": change.key})


def holders_of(*roles: str) -> list[User]:
    """Everyone active whose team carries one of the roles now."""
    carried = {"memberships__until__isnull": True, "memberships__team__roles__role__in": roles}
    return list(User.objects.filter(is_active=True, kind="PERSON", **carried).distinct())


def change_managers() -> list[User]:
    return holders_of(Role.CHANGE_MANAGER)


def board_people(*, now: dt.datetime, constituency: str = "") -> list[User]:
    """The members who sit on the board now, or for one constituency, with their alternates."""
    seats = BoardSeat.objects.in_term(now).select_related("member", "alternate")
    if constituency:
        seats = seats.filter(constituency=constituency)
    return [person for seat in seats for person in (seat.member, seat.alternate) if person]
