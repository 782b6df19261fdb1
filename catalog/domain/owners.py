"""Who answers for an interface."""

from __future__ import annotations

import datetime as dt

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import WrongState
from governance.models import Team, User

from ..lifecycle import OPEN_STATES
from ..models import Interface, OwnerAssignment, OwnerKind
from .checks import clean

#: Without these three an interface may neither be submitted nor be ACTIVE.
REQUIRED_KINDS = (OwnerKind.BUSINESS_OWNER, OwnerKind.TECHNICAL_OWNER, OwnerKind.SUPPORT)


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
        raise WrongState(f"{interface.key} is {interface.state}: its owners change through a change request.")
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
