"""The interface's life: registered by an architect, brought into force by an approved change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F

from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, StaleRevision, WrongState
from governance.kernel.findings import Finding, refuse_unless_clear
from governance.kernel.mandate import Mandate
from governance.models import User

from ..lifecycle import INTERFACE, OPEN_STATES
from ..models import DataClass, Environment, Interface
from ..patterns import PATTERN_LABELS
from .checks import clean, words_outside
from .decisions import decision_covers
from .facts import PROPOSED_FIELDS, proposed_values, with_proposed
from .merging import merged
from .owners import OWNER_FIELDS, missing_owners, owner_values, replace_owner
from .reevaluating import reevaluate_interface

EDITABLE = tuple(name.removesuffix("_id") for name in PROPOSED_FIELDS)


def register_interface(*, now: dt.datetime, actor: User, **values: Any) -> Interface:
    """A new interface, PROPOSED: in nobody's way until a change brings it into force.

    Raises ``Invalid`` with every field's error and ``NotAllowed`` outside the architect's domains.
    """
    interface = Interface(proposed_by=actor, **values)
    if interface.provider_id is None:
        raise Invalid("An interface has a provider.", errors={"provider": ["Choose the system that owns it."]})
    require(actor, "propose_interface", interface.provider)
    check_interface(interface)
    with recorded("catalog.interface.register", actor=actor, subject=interface, now=now):
        interface.save(force_insert=True)
    return interface


def revise_interface(
    interface: Interface, *, revision: int | None = None, now: dt.datetime, actor: User, **values: Any
) -> Interface:
    """Edit a proposal. From IN_REVIEW on its facts change only through the change request that carries it.

    ``revision`` is the one that the editor saw; ``StaleRevision`` when someone else was faster.
    """
    require(actor, "edit", interface)
    if interface.state not in OPEN_STATES:
        raise WrongState(
            f"{interface.key} is {interface.state}: propose the edit in a change request, it is applied once approved.",
            details={"state": interface.state},
        )
    check_editable(values)
    seen = interface.revision if revision is None else revision
    for name, value in values.items():
        setattr(interface, name, value)
    check_interface(interface)
    with recorded("catalog.interface.revise", actor=actor, subject=interface, now=now):
        write_values(interface, {name: getattr(interface, name) for name in values}, revision=seen, now=now)
        reevaluate_interface(interface, now=now, actor=actor)
    return interface


def check_editable(values: Mapping[str, Any]) -> None:
    unknown = sorted(set(values) - set(EDITABLE))
    if unknown:
        raise Invalid(
            f"Not editable here: {', '.join(unknown)}.", errors={name: ["cannot be changed"] for name in unknown}
        )


def write_values(interface: Interface, values: Mapping[str, Any], *, revision: int, now: dt.datetime) -> None:
    """Compare-and-swap on the revision; ``StaleRevision`` when it moved on."""
    changed = Interface.objects.filter(pk=interface.pk, revision=revision).update(
        **values, revision=F("revision") + 1, updated_at=now
    )
    if not changed:
        raise StaleRevision(f"{interface.key} was changed by someone else since revision {revision}. Reload it.")
    interface.revision = revision + 1


def check_interface(interface: Interface, *, known: bool = False) -> None:
    """``known``: a copy of a stored row, whose own key is not a duplicate."""
    steps_said = []
    if interface.interaction == "PROCESS" and interface.steps < 2:
        steps_said = ["A process has two steps or more."]
    elif interface.interaction != "PROCESS" and interface.steps > 1:
        steps_said = ["Only a process has several steps."]
    clean(
        interface,
        extra={
            "patterns": words_outside(interface.patterns, PATTERN_LABELS),
            "data_classes": words_outside(interface.data_classes, DataClass),
            "environments": words_outside(interface.environments, Environment),
            "steps": steps_said,
        },
        known=known,
    )


def check_proposed(interface: Interface, patch: Mapping[str, Any]) -> None:
    """Would the interface still be sound with ``patch``? Raises ``Invalid`` beside each field otherwise."""
    check_interface(with_proposed(interface, patch), known=True)


def submission_findings(interface: Interface) -> list[Finding]:
    """What is still missing before the board may be asked."""
    findings = [
        Finding(
            "OWNER_MISSING",
            f"{kind.replace('_', ' ').capitalize()} is not named, or is no active person.",
            where="owners",
        )
        for kind in missing_owners(interface)
    ]
    if not interface.patterns:
        findings.append(Finding("NO_PATTERN", "Choose the pattern, or patterns, it will use.", where="patterns"))
    if not interface.data_classes:
        findings.append(Finding("NO_DATA_CLASS", "Say which classes of data it carries.", where="data_classes"))
    return findings


def submit_interface(interface: Interface, *, now: dt.datetime, actor: User) -> Interface:
    """Hand it to review; called by the change request that carries it, in the same transaction."""
    require(actor, "submit", interface)
    refuse_unless_clear(submission_findings(interface), message=f"{interface.key} is not ready to be submitted.")
    with recorded("catalog.interface.submit", actor=actor, subject=interface, now=now):
        INTERFACE.move(interface, "submit")
    return interface


def withdraw_interface(interface: Interface, *, reason: str = "", now: dt.datetime, actor: User) -> Interface:
    """Take a proposal back."""
    require(actor, "withdraw", interface)
    with recorded("catalog.interface.withdraw", actor=actor, subject=interface, now=now, reason=reason):
        INTERFACE.move(interface, "withdraw")
    return interface


def reopen_interface(interface: Interface, *, now: dt.datetime, actor: User) -> Interface:
    """Back to PROPOSED, after a rejection or when its change is taken back."""
    require(actor, "reopen", interface)
    with recorded("catalog.interface.reopen", actor=actor, subject=interface, now=now):
        INTERFACE.move(interface, "reopen")
    return interface


def approve_interface(
    interface: Interface, *, proposed: Mapping[str, Any], mandate: Mandate, now: dt.datetime, actor: User
) -> Interface:
    """The board agreed. Needs a decision record made on exactly what is proposed, and the change's mandate."""
    require(actor, "approve", interface)
    if not decision_covers(interface, proposed=proposed):
        raise WrongState(
            f"No decision covers {interface.key} as it is now proposed: its facts or patterns changed. "
            "Let the decider look again.",
            code="DECISION_STALE",
        )
    mandate.redeem(subject=interface, action="approve")
    with recorded("catalog.interface.approve", actor=actor, subject=interface, mandate=mandate, now=now):
        INTERFACE.move(interface, "approve")
    return interface


def reject_interface(
    interface: Interface, *, reason: str, mandate: Mandate, now: dt.datetime, actor: User
) -> Interface:
    """The board said no."""
    require(actor, "reject", interface)
    mandate.redeem(subject=interface, action="reject")
    with recorded("catalog.interface.reject", actor=actor, subject=interface, mandate=mandate, now=now, reason=reason):
        INTERFACE.move(interface, "reject")
    return interface


def apply_interface_patch(
    interface: Interface,
    *,
    base: Mapping[str, Any],
    patch: Mapping[str, Any],
    mandate: Mandate,
    now: dt.datetime,
    actor: User,
) -> Interface:
    """Apply an approved patch, three ways: what is stored, what the change was based on, what it wants.

    A field that someone else changed meanwhile is a ``Conflict`` naming all three values; nothing is overwritten.
    """
    require(actor, "apply", interface)
    mandate.redeem(subject=interface, action="apply")
    current = Interface.objects.get(pk=interface.pk)
    stored = proposed_values(current) | owner_values(current, patch)
    wanted = merged(current.key, stored, base=base, patch=patch)
    owners = {name: wanted.pop(name) for name in OWNER_FIELDS if name in wanted}
    for name, value in wanted.items():
        setattr(current, name, value)
    with recorded("catalog.interface.apply", actor=actor, subject=current, mandate=mandate, now=now):
        check_interface(current)
        if wanted:
            write_values(current, wanted, revision=current.revision, now=now)
        for name, owner in owners.items():
            replace_owner(current, OWNER_FIELDS[name], owner, mandate=mandate, now=now, actor=actor)
        if current.state == "APPROVED":
            INTERFACE.move(current, "bring_into_force")
        reevaluate_interface(current, now=now, actor=actor)
    interface.refresh_from_db()
    return interface
