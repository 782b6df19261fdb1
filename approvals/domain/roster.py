"""Who may speak on the changes of one page, read at once however many changes the page holds."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django.db.models import F

from catalog.models import OwnerAssignment, OwnerKind
from governance.models import BoardSeat, Constituency, Delegation, Membership, User

from ..models import ApprovalRequirement, ChangeRequest
from .electors import Electors
from .standing import CONSUMER_OWNER, INTERFACE_OWNER


class Roster:
    """Seats, delegations, roles, owners and teams that the changes ask for, each in one query.

    The changes are read with their items and their present requirements.
    """

    def __init__(self, changes: Sequence[ChangeRequest], *, now: dt.datetime) -> None:
        self.changes, self.now = changes, now

    def electors(self, change: ChangeRequest) -> Electors:
        return FromRoster(change, self)

    @cached_property
    def plain(self) -> Electors:
        """What is the same for every change: seats, delegations, the change managers."""
        return Electors(self.changes[0], now=self.now)

    @cached_property
    def members(self) -> dict[Any, list[User]]:
        """The active people of each team that owns an interface touched or a consumer asked."""
        needs = [need for change in self.changes for need in change.requirements.all()]
        teams = {need.subscription.consumer.owner_team_id for need in needs if need.subscription}
        teams |= {one.team_id for found in self.assigned.values() for one in found}
        teams |= {item.system.owner_team_id for one in self.changes for item in one.items.all() if item.system}
        return self.grouped(Membership.objects.filter(team__in=teams - {None}), "team_id")

    @cached_property
    def assigned(self) -> dict[Any, list[OwnerAssignment]]:
        """The business owners now of each interface touched."""
        touched = {item.touched_interface_id for change in self.changes for item in change.items.all()}
        current = OwnerAssignment.objects.current().filter(
            kind=OwnerKind.BUSINESS_OWNER, interface__in=touched - {None}
        )
        found: dict[Any, list[OwnerAssignment]] = {}
        for one in current.select_related("person"):
            found.setdefault(one.interface_id, []).append(one)
        return found

    @cached_property
    def by_role(self) -> dict[str, list[User]]:
        """The people of the teams that carry a role asked for, besides seats and owners."""
        asked = {role for change in self.changes for need in change.requirements.all() for role in need.roles}
        asked -= {*Constituency.values, CONSUMER_OWNER, INTERFACE_OWNER}
        found: dict[str, list[User]] = {}
        held = Membership.objects.filter(until__isnull=True, team__roles__role__in=asked)
        for one in held.select_related("user").annotate(role=F("team__roles__role")):
            found.setdefault(one.role, []).append(one.user)
        return found

    def grouped(self, memberships: Any, by: str) -> dict[Any, list[User]]:
        found: dict[Any, list[User]] = {}
        for one in memberships.filter(until__isnull=True).select_related("user"):
            found.setdefault(getattr(one, by), []).append(one.user)
        return found


class FromRoster(Electors):
    """The electors of one change, whose people the page's roster has read already."""

    def __init__(self, change: ChangeRequest, roster: Roster) -> None:
        super().__init__(change, now=roster.now)
        self.roster = roster

    @cached_property
    def managers(self) -> set[Any]:
        return self.roster.plain.managers

    @cached_property
    def seats(self) -> list[BoardSeat]:
        return self.roster.plain.seats

    @cached_property
    def lent(self) -> list[Delegation]:
        return self.roster.plain.lent

    @cached_property
    def owners(self) -> list[User]:
        roster, found = self.roster, []
        for item in self.change.items.all():
            for one in roster.assigned.get(item.touched_interface_id, []):
                found += [one.person] if one.person else roster.members.get(one.team_id, [])
            if item.system:
                found += roster.members.get(item.system.owner_team_id, [])
        return sorted(dict.fromkeys(found), key=lambda person: person.username)

    def holders(self, need: ApprovalRequirement, role: str) -> list[User]:
        if role in Constituency.values or role == INTERFACE_OWNER:
            return super().holders(need, role)
        if role == CONSUMER_OWNER:
            team = need.subscription.consumer.owner_team_id if need.subscription else None
            found = self.roster.members.get(team, [])
        else:
            found = self.roster.by_role.get(role, [])
        return [person for person in dict.fromkeys(found) if person.is_active and person.is_person]
