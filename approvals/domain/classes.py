"""What each class of change asks for before it may begin: a template, an incident and no unratified emergency."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from catalog.models import Interface, OwnerAssignment, OwnerKind
from contracts.models import ContractVersion
from governance.kernel.errors import Invalid, NotAllowed
from governance.models import Membership, Team, User

from ..models import ChangeClass, ChangeItem, ChangeRequest, EmergencyBlock
from .templates import check_fits_template

#: Evidence that an emergency is never without.
INCIDENT = "incident_ref"


def check_class(change: ChangeRequest) -> None:
    """May a change of this class be opened? Raises ``Invalid`` (TEMPLATE_MISSING) and ``NotAllowed``."""
    if change.change_class == ChangeClass.STANDARD and change.template is None:
        said = "A standard change is asked for by its template: choose one."
        raise Invalid(said, code="TEMPLATE_MISSING", errors={"template": ["is required"]})
    if change.change_class == ChangeClass.UNAUTHORIZED:
        raise Invalid("Nobody asks for an unauthorised change: report what was found.", errors={"change_class": ["-"]})
    if change.change_class == ChangeClass.EMERGENCY:
        check_not_blocked(change)


def check_class_ready(change: ChangeRequest, items: Sequence[ChangeItem]) -> None:
    """Is it complete as what it claims to be? Asked at each submission and revision."""
    if change.change_class == ChangeClass.STANDARD:
        check_fits_template(change, items)
    if change.change_class == ChangeClass.EMERGENCY:
        check_not_blocked(change)
        if not change.evidence.get(INCIDENT):
            said = "An emergency names its incident."
            raise Invalid(said, code="INCIDENT_MISSING", errors={INCIDENT: ["Name the incident, such as INC-4711."]})


def check_not_blocked(change: ChangeRequest) -> None:
    """A team that left an emergency unratified opens no further ones."""
    blocks = EmergencyBlock.objects.filter(team=change.team, lifted_at=None).select_related("because")
    block = blocks.first() if change.team else None
    if block:
        raise NotAllowed(
            f"{change.team} opens no emergencies: {block.because.key} was not ratified in time. "
            "The change manager lifts the block once it is; the board's chair may before.",
            code="EMERGENCY_BLOCKED",
            details={"change": block.because.key, "team": change.team.key if change.team else ""},
        )


def team_of(subjects: Sequence[Any], person: User) -> Team | None:
    """Whose record a change counts in: the technical owner's team, else the team of who answers for it."""
    for subject in subjects:
        interface = interface_of(subject)
        owners = OwnerAssignment.objects.current().filter(interface=interface, kind=OwnerKind.TECHNICAL_OWNER)
        owner = owners.select_related("team").first() if interface else None
        if owner:
            return owner.team or first_team(owner.person)
    return first_team(person)


def interface_of(subject: Any) -> Interface | None:
    if isinstance(subject, ContractVersion):
        return subject.contract.interface
    found = subject if isinstance(subject, Interface) else getattr(subject, "interface", None)
    return found if isinstance(found, Interface) else None


def first_team(person: User | None) -> Team | None:
    memberships = Membership.objects.filter(user=person, until__isnull=True).select_related("team")
    found = memberships.order_by("since", "team__key").first() if person else None
    return found.team if found else None
