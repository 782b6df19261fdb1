"""Who answers for an interface."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db.models import Q

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, WrongState
from governance.kernel.mandate import Mandate
from governance.models import Team, User

from ..lifecycle import OPEN_STATES
from ..models import Interface, OwnerAssignment, OwnerKind
from .checks import clean

#: Without these three an interface may neither be submitted nor be ACTIVE.
REQUIRED_KINDS = (OwnerKind.BUSINESS_OWNER, OwnerKind.TECHNICAL_OWNER, OwnerKind.SUPPORT)

#: What a change may ask of ownership, by the word that it uses.
OWNER_FIELDS = {str(kind).lower(): kind for kind in OwnerKind}
TEAM, PERSON = "team:", "person:"


def assign_owner(
    interface: Interface,
    *,
    kind: str,
    team: Team | None = None,
    person: User | None = None,
    now: dt.datetime,
    actor: User,
) -> OwnerAssignment:
    """Name a team or a person for one kind of ownership; the former assignment ends at ``now``.

    Free while the interface is a proposal; from IN_REVIEW on owners change through a change request.
    """  # fmt: skip
    require(actor, "assign_owner", interface)
    if interface.state not in OPEN_STATES:
        raise WrongState(
            f"{interface.key} is {interface.state}: its owners change through a change request. Ask for one that sets "
            f"{kind.lower()}."
        )
    assignment = OwnerAssignment(interface=interface, kind=kind, team=team, person=person, since=now)
    with recorded("catalog.interface.assign_owner", actor=actor, subject=assignment, now=now):
        interface.owners.current().filter(kind=kind).update(until=now)
        clean(assignment)
        assignment.save(force_insert=True)
    return assignment


def missing_owners(interface: Interface) -> list[str]:
    """The required kinds that nobody active answers for."""
    current = interface.owners.current().filter(kind__in=REQUIRED_KINDS).select_related("team", "person")
    alive = {assignment.kind for assignment in current if answers(assignment)}
    return [str(kind) for kind in REQUIRED_KINDS if kind not in alive]


def answers(assignment: OwnerAssignment) -> bool:
    """Does the ownership resolve to at least one active person?"""
    if assignment.person:
        return assignment.person.is_active and assignment.person.is_person
    return people_of(assignment.team).exists() if assignment.team else False


def people_of(team: Team):
    return User.objects.filter(
        memberships__team=team, memberships__until__isnull=True, is_active=True, kind="PERSON"
    ).distinct()


def owner_people(interface: Interface, kind: str) -> list[User]:
    """The active people behind one kind of ownership; empty when nobody answers."""
    assignment = interface.owners.current().filter(kind=kind).select_related("team", "person").first()
    if assignment is None:
        return []
    if assignment.person:
        return [assignment.person] if answers(assignment) else []
    return list(people_of(assignment.team)) if assignment.team else []


def owner_values(interface: Interface, names: Iterable[str]) -> dict[str, Any]:
    """Who answers now, for those of ``names`` that are kinds of ownership: ``team:KEY``, ``person:NAME``, or null."""
    asked = {name: OWNER_FIELDS[name] for name in names if name in OWNER_FIELDS}
    if not asked:
        return {}
    current = interface.owners.current().filter(kind__in=asked.values()).select_related("team", "person")
    known = {one.kind: f"{TEAM}{one.team.key}" for one in current if one.team}
    known |= {one.kind: f"{PERSON}{one.person.username}" for one in current if one.person}
    return {name: known.get(kind) for name, kind in asked.items()}


def owner_named(name: str, said: Any) -> Team | User:
    """The team or active person that a change names. Raises ``Invalid`` beside the field."""
    word = said if isinstance(said, str) else ""
    found: Team | User | None = None
    if word.startswith(TEAM):
        found = Team.objects.filter(key=word.removeprefix(TEAM)).first()
    elif word.startswith(PERSON):
        people = User.objects.filter(username=word.removeprefix(PERSON), kind="PERSON", is_active=True)
        found = people.first()
    if found is None:
        here = "Name a team as team:KEY or a person who is still here as person:USERNAME."
        raise Invalid(f"Nobody can be {name.replace('_', ' ')} as '{said}'.", errors={name: [here]})
    return found


def replace_owner(
    interface: Interface, kind: str, said: str, *, mandate: Mandate, now: dt.datetime, actor: User
) -> None:
    """The new owner of one kind, inside the command that redeemed the mandate."""
    owner = owner_named(kind.lower(), said)
    who = {"team": owner} if isinstance(owner, Team) else {"person": owner}
    assignment = OwnerAssignment(interface=interface, kind=kind, since=now, **who)
    with recorded("catalog.interface.replace_owner", actor=actor, subject=assignment, mandate=mandate, now=now):
        interface.owners.current().filter(kind=kind).update(until=now)
        assignment.save(force_insert=True)


def people_answering(interfaces: Iterable[Any], kind: str, *, teams: Iterable[Any] = ()) -> list[User]:
    """The active people behind one kind of ownership of any of the interfaces (ids), and those in ``teams`` (ids).

    Two queries, however many interfaces there are.
    """
    current = OwnerAssignment.objects.current().filter(interface__in=list(interfaces), kind=kind)
    owners = list(current.values_list("team", "person").distinct())
    named = {person for _, person in owners if person}
    inside = {*teams, *(team for team, _ in owners if team)}
    member = Q(memberships__team__in=inside, memberships__until__isnull=True)
    here = User.objects.filter(is_active=True, kind="PERSON")
    return list(here.filter(member | Q(pk__in=named)).distinct().order_by("username"))
