"""In which roles a person may speak now, in their own right or in another's place: read once, asked of many needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from catalog.models import OwnerAssignment, OwnerKind
from governance.models import BoardSeat, Delegation, Membership, Role, TeamRole, User

from ..models import ApprovalRequirement, ChangeRequest

CONSUMER_OWNER, INTERFACE_OWNER = "EACH_CONSUMER_OWNER", "INTERFACE_OWNER"
RECUSED = "RECUSED"


def lent_for(scope: str, role: str) -> bool:
    """Does a delegation of ``scope`` lend this role? Who lends ownership lends acknowledgements too."""
    return scope in ("", role) or (scope == INTERFACE_OWNER and role == CONSUMER_OWNER)


@dataclass(frozen=True)
class Standing:
    """In which role a person may vote, and in whose place; ``None`` for oneself."""

    role: str
    on_behalf_of: User | None = None


@dataclass(frozen=True)
class Holdings:
    """What one person holds: seats and team roles, the interfaces they answer for as business owner, their teams."""

    roles: frozenset[str]
    owned: frozenset[Any] = frozenset()
    teams: frozenset[Any] = frozenset()


@dataclass(frozen=True)
class Claim:
    """What may be held up for a vote, and in whose place. ``scope`` narrows a delegation to one role.

    ``seat``: as the seat's alternate, whom the board appointed, and not as somebody whom the member chose.
    """

    held: Holdings
    on_behalf_of: User | None = None
    scope: str = ""
    seat: bool = False

    def barred_by(self, excluded: Mapping[Any, str]) -> bool:
        """Who stands in for an excluded person is excluded with them.

        Stepping aside is personal: it takes the member's delegates with it, and the seat's alternate stays.
        """
        code = excluded.get(self.on_behalf_of.pk) if self.on_behalf_of else None
        return code is not None and not (self.seat and code == RECUSED)

    def fills(self, need: ApprovalRequirement, role: str, *, change: ChangeRequest) -> bool:
        """Does this claim hold ``role`` for this need? Owners are owners of the very interface or consumer."""
        if role not in need.roles or not lent_for(self.scope, role):
            return False
        if role == INTERFACE_OWNER:
            items = change.items.all()
            owned = any(item.touched_interface_id in self.held.owned for item in items)
            return owned or any(item.system and item.system.owner_team_id in self.held.teams for item in items)
        if role == CONSUMER_OWNER:
            return need.subscription is not None and need.subscription.consumer.owner_team_id in self.held.teams
        return role in self.held.roles


def claims_of(person: User, *, now: dt.datetime) -> list[Claim]:
    """Their own claim first, then the seats for which they are the alternate, then what was delegated to them."""
    if not (person.is_person and person.is_active):
        return []
    lent = Delegation.objects.filter(taker=person, starts_at__lte=now, ends_at__gt=now).select_related("giver")
    delegations = [one for one in lent if one.giver.is_active and one.giver.is_person]
    people = [person, *(one.giver for one in delegations)]
    held = holdings_of(people, now=now)
    substitutes = BoardSeat.objects.in_term(now).filter(alternate=person).select_related("member")
    return [
        Claim(held[person.pk]),
        *(Claim(Holdings(frozenset({seat.constituency})), on_behalf_of=seat.member, seat=True) for seat in substitutes),
        *(
            Claim(held[one.giver_id], on_behalf_of=one.giver, scope=one.scope)
            for one in delegations
            if Role.CHANGE_MANAGER not in held[one.giver_id].roles
        ),
    ]


def holdings_of(people: Iterable[User], *, now: dt.datetime) -> dict[Any, Holdings]:
    """By person id, in four queries however many people there are."""
    ids = {person.pk for person in people}
    member_of: dict[Any, set[Any]] = {pk: set() for pk in ids}
    for user, team in Membership.objects.filter(user__in=ids, until__isnull=True).values_list("user", "team"):
        member_of[user].add(team)
    every_team = {team for teams in member_of.values() for team in teams}
    team_roles = list(TeamRole.objects.filter(team__in=every_team).values_list("team", "role"))
    seats = list(BoardSeat.objects.in_term(now).filter(member__in=ids).values_list("member", "constituency"))
    owners = OwnerAssignment.objects.current().filter(kind=OwnerKind.BUSINESS_OWNER)
    owned = list(owners.filter(Q(person__in=ids) | Q(team__in=every_team)).values_list("person", "team", "interface"))
    return {
        pk: Holdings(
            roles=frozenset(
                [role for team, role in team_roles if team in teams] + [seat for who, seat in seats if who == pk]
            ),
            owned=frozenset(interface for who, team, interface in owned if who == pk or team in teams),
            teams=frozenset(teams),
        )
        for pk, teams in member_of.items()
    }


def standing_in(
    claims: Iterable[Claim],
    need: ApprovalRequirement,
    *,
    change: ChangeRequest,
    excluded: Mapping[Any, Any],
    role: str = "",
) -> Standing | None:
    """The first claim and role that fill the need, of those that no exclusion bars."""
    for claim in claims:
        if claim.barred_by(excluded):
            continue
        for name in [role] if role else need.roles:
            if claim.fills(need, name, change=change):
                return Standing(name, claim.on_behalf_of)
    return None
