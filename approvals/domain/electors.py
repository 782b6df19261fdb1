"""Who may speak for each role of a change at this moment: seats, alternates, owners, delegates; and who is missing."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from catalog.domain.owners import people_answering, people_of
from catalog.models import OwnerKind
from governance.models import BoardSeat, Constituency, Delegation, Membership, Role, User

from ..models import ApprovalRequirement, ChangeRequest
from .eligibility import excluded_ids, exclusion_sentence
from .standing import CONSUMER_OWNER, INTERFACE_OWNER, RECUSED, lent_for

NOBODY = "Nobody who may vote fills this role now: name someone."


@dataclass(frozen=True)
class Elector:
    """Someone who may vote now, in whose place, and whether as the seat's alternate or as a delegate."""

    person: User
    on_behalf_of: User | None = None
    seat: bool = False

    def __str__(self) -> str:
        return f"{self.person} (for {self.on_behalf_of})" if self.on_behalf_of else str(self.person)


class Electors:
    """Everyone who may vote on one change at one instant, read once however many needs ask."""

    def __init__(self, change: ChangeRequest, *, now: dt.datetime) -> None:
        self.change, self.now = change, now

    @cached_property
    def excluded(self) -> dict[Any, str]:
        return excluded_ids(self.change)

    @cached_property
    def managers(self) -> set[Any]:
        held = Membership.objects.filter(until__isnull=True, team__roles__role=Role.CHANGE_MANAGER)
        return set(held.values_list("user", flat=True))

    @cached_property
    def seats(self) -> list[BoardSeat]:
        return list(BoardSeat.objects.in_term(self.now).select_related("member", "alternate"))

    @cached_property
    def lent(self) -> list[Delegation]:
        live = Delegation.objects.filter(starts_at__lte=self.now, ends_at__gt=self.now)
        return list(live.select_related("giver", "taker"))

    @cached_property
    def owners(self) -> list[User]:
        """Who answers for any interface that is touched, and whose team owns a system that is changed."""
        items = list(self.change.items.all())
        touched = {item.touched_interface_id for item in items if item.touched_interface_id}
        teams = {item.system.owner_team_id for item in items if item.system and item.system.owner_team_id}
        return people_answering(touched, OwnerKind.BUSINESS_OWNER, teams=teams)

    def holders(self, need: ApprovalRequirement, role: str) -> list[User]:
        """The people who hold ``role`` for this need in their own right."""
        if role in Constituency.values:
            found = [seat.member for seat in self.seats if seat.constituency == role]
        elif role == CONSUMER_OWNER:
            team = need.subscription.consumer.owner_team if need.subscription else None
            found = list(people_of(team)) if team else []
        elif role == INTERFACE_OWNER:
            found = self.owners
        else:
            held = User.objects.filter(memberships__until__isnull=True, memberships__team__roles__role=role)
            found = list(held.distinct())
        return [person for person in dict.fromkeys(found) if person.is_active and person.is_person]

    def able(self, need: ApprovalRequirement, role: str) -> list[Elector]:
        """Who may speak in ``role`` now: its holders, a seat's alternate, the present delegates of the holders."""
        own = self.holders(need, role)
        found = [
            *(Elector(person) for person in own),
            *(
                Elector(seat.alternate, seat.member, seat=True)
                for seat in self.seats
                if seat.alternate and seat.constituency == role
            ),
            *(Elector(one.taker, one.giver) for one in self.lent if one.giver in own and lent_for(one.scope, role)),
        ]
        able = [one for one in found if one.person.is_active and one.person.is_person and not self.barred(one)]
        return list({one.person.pk: one for one in reversed(able)}.values())[::-1]

    def barred(self, one: Elector) -> bool:
        """Excluded themselves, or acting for someone who is; the alternate of one who stepped aside is not."""
        if self.code_of(one.person):
            return True
        instead = self.code_of(one.on_behalf_of) if one.on_behalf_of else ""
        return bool(instead) and not (one.seat and instead in (RECUSED, "SOD_MANAGER"))

    def code_of(self, person: User) -> str:
        return self.excluded.get(person.pk, "") or ("SOD_MANAGER" if person.pk in self.managers else "")

    def why_nobody(self, need: ApprovalRequirement, role: str) -> str:
        """For a role in which nobody may speak: what stands against each who holds it."""
        own = self.holders(need, role)
        said = [exclusion_sentence(self.change, one, code) for one in own if (code := self.code_of(one))]
        return " ".join(said) or ("The seat is vacant." if role in Constituency.values else "Nobody holds this role.")

    def shortfall(self, need: ApprovalRequirement) -> str:
        """Why the need cannot be met by those who may vote now, in a sentence; empty when it can.

        Of a group every constituency speaks once, so enough of them must have somebody who may speak.
        """
        if need.mode != "GROUP":
            able = {one.person.pk for role in need.roles for one in self.able(need, role)}
            few = f"{len(able)} of the {need.minimum} who are needed may vote now: name someone."
            return "" if len(able) >= max(1, need.minimum) else few if able else NOBODY
        manned = [role for role in need.roles if self.able(need, role)]
        if len(manned) >= need.minimum:
            return ""
        vacant = ", ".join(role for role in need.roles if role not in manned)
        return f"{need.minimum} seats are needed and {len(manned)} may vote; name someone for {vacant}."


def electorate(need: ApprovalRequirement, *, now: dt.datetime) -> list[User]:
    """Everyone who could satisfy the requirement now."""
    electors = Electors(need.change, now=now)
    return list(dict.fromkeys(one.person for role in need.roles for one in electors.able(need, role)))
