"""May this be released? Joins contract, votes, acknowledgements, lead time, window and freezes into typed reasons."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import asdict, dataclass, field
from typing import Any

from catalog.models import Environment, Interface
from contracts.models import ContractVersion
from governance.domain.rules import visible_or_404
from governance.kernel.errors import Invalid
from governance.models import User

from ..evidence import Kind
from ..models import ChangeItem, ChangeRequest, RequirementStatus
from .blocking import BLOCKED_CLASSES, blocking_of
from .calendar import freezes_for
from .pieces import asked_by, missing_evidence
from .requirements import current_requirements


@dataclass(frozen=True)
class Reason:
    """``code`` for machines, ``name`` for the list of what is missing. ``blocks``: the answer is no; else unknown."""

    code: str
    name: str
    message: str
    blocks: bool = True


@dataclass
class GateAnswer:
    """``deployable``: True, False, or None for "cannot be said", which never passes."""

    interface: str
    version: str
    environment: str
    change: str = ""
    reasons: list[Reason] = field(default_factory=list)

    @property
    def deployable(self) -> bool | None:
        if any(reason.blocks for reason in self.reasons):
            return False
        return None if self.reasons else True

    @property
    def missing(self) -> list[str]:
        return [reason.name for reason in self.reasons]

    def as_dict(self) -> dict[str, Any]:
        return {
            "deployable": self.deployable,
            "interface": self.interface,
            "version": self.version,
            "environment": self.environment,
            "change": self.change,
            "missing": self.missing,
            "reasons": [asdict(reason) for reason in self.reasons],
        }


def ask_gate(
    interface_key: str, *, version: str = "", environment: str = "PROD", now: dt.datetime, actor: User
) -> GateAnswer:
    """Raises ``NotFound`` for an interface that the actor may not see, ``Invalid`` for an unknown environment."""
    if environment not in Environment.values:
        raise Invalid("No such environment.", errors={"environment": [f"One of {', '.join(Environment.values)}."]})
    interface = visible_or_404(Interface.objects.with_parties(), actor, key=interface_key)
    answer = GateAnswer(interface.key, version, environment)
    released = version_asked(answer, interface, version)
    change = change_asked(interface, released)
    carried = change is not None and released is not None and change.items.filter(contract_version=released).exists()
    if released:
        answer.reasons += contract_reasons(released, environment, carried=carried)
    if change:
        answer.change = change.key
        answer.reasons += change_reasons(change, now=now)
    elif interface.state not in ("IN_BUILD", "IN_TEST", "ACTIVE", "DEPRECATED"):
        said = f"{interface.key} is {interface.state}: no approved change has brought it into force."
        answer.reasons.append(Reason("NOT_IN_FORCE", f"interface {interface.state}", said))
    if change is None or change.change_class in BLOCKED_CLASSES:
        answer.reasons += waiver_reasons(interface)
    if environment == Environment.PROD:
        answer.reasons += freeze_reasons(interface, now=now)
    return answer


def version_asked(answer: GateAnswer, interface: Interface, version: str) -> ContractVersion | None:
    versions = ContractVersion.objects.filter(contract__interface=interface).select_related("contract")
    found = versions.filter(version=version).first() if version else versions.published().first()
    if version and found is None:
        said = f"{interface.key} has no contract version {version} here: post it first."
        answer.reasons.append(Reason("VERSION_UNKNOWN", f"version {version}", said, blocks=False))
    elif found is None:
        said = f"{interface.key} has no published contract: what it promises is not known."
        answer.reasons.append(Reason("NO_CONTRACT", "contract", said))
    elif not version:
        answer.version = found.version
    return found


def contract_reasons(version: ContractVersion, environment: str, *, carried: bool) -> list[Reason]:
    """Contracts' own part: production needs a published version, other environments an approved one.

    While an open change carries the version, what that change still needs says why the state is not there yet.
    """
    good = {"PUBLISHED", "DEPRECATED"} | (set() if environment == Environment.PROD else {"APPROVED"})
    reasons = []
    if version.level == "UNKNOWN":
        said = f"{version} was not fully analysed, so its compatibility is not known."
        reasons.append(Reason("NOT_ANALYSED", "analysis", said, blocks=False))
    if version.state not in good and not carried:
        said = f"{version} is {version.state}; {environment} needs {' or '.join(sorted(good))}."
        reasons.append(Reason("CONTRACT_STATE", f"contract {version.state}", said))
    return reasons


def change_asked(interface: Interface, version: ContractVersion | None) -> ChangeRequest | None:
    """The open change that carries the version, or else the one that shall bring the interface into force."""
    carried = ChangeItem.objects.filter(
        change__state__in=["DRAFT", "SUBMITTED", "ASSESS", "AUTHORIZE", "SCHEDULED", "REJECTED"]
    )
    item = carried.filter(contract_version=version).select_related("change").first() if version else None
    item = (
        item
        or carried.filter(interface=interface, operation="CREATE")
        .select_related("change")
        .order_by("-created_at")
        .first()
    )
    return item.change if item else None


def change_reasons(change: ChangeRequest, *, now: dt.datetime) -> list[Reason]:
    if change.state in ("DRAFT", "REJECTED"):
        return [Reason("CHANGE_STATE", f"change {change.key} {change.state}", f"{change.key} is {change.state}.")]
    reasons = [vote_reason(need) for need in current_requirements(change) if waits(need)]
    if change.state == "ASSESS":
        reasons += [evidence_reason(change, kind) for kind in missing_evidence(change)]
    if change.state == "ASSESS" and not reasons:
        reasons.append(Reason("CHANGE_STATE", f"change {change.key} ASSESS", f"{change.key} is still assessed."))
    earliest = change.lead_ends_at
    if now < earliest:
        left = math.ceil((earliest - now).total_seconds() / 3600)
        said = f"The lead time of {change.lead_hours} h ends {earliest:%Y-%m-%d %H:%MZ}."
        reasons.append(Reason("LEAD_TIME", f"lead_time {left} h", said))
    if change.window_start and now < change.window_start:
        opens = f"{change.window_start:%Y-%m-%d %H:%MZ}"
        reasons.append(Reason("WINDOW", f"window {opens}", f"The window of {change.key} opens {opens}."))
    if not reasons:
        reasons.append(
            Reason("NOT_IMPLEMENTED", f"implementation {change.key}", f"{change.key} is not implemented yet.")
        )
    return reasons


def waits(need: Any) -> bool:
    return need.status in (RequirementStatus.UNSATISFIED, RequirementStatus.ERROR)


def vote_reason(need: Any) -> Reason:
    if need.subscription_id:
        return Reason("CONSUMER_ACK", need.label, f"{need.subscription.consumer} has not acknowledged the change.")
    by_rules = ", ".join(need.rules)
    return Reason("VOTE", f"vote {need.label}", f"{need.label} has not approved yet (asked by {by_rules}).")


def waiver_reasons(interface: Interface) -> list[Reason]:
    """What was tolerated for a time that is over."""
    return [Reason("WAIVER_EXPIRED", f"waiver {waiver.key}", said) for waiver, said in blocking_of([interface])]


def evidence_reason(change: ChangeRequest, kind: Kind) -> Reason:
    by_rules = ", ".join(asked_by(change, kind.key))
    how = "does not hold" if kind.computed else "is not given yet"
    return Reason("EVIDENCE", f"evidence {kind.key}", f"{kind.label} {how} (asked by {by_rules}).")


def freeze_reasons(interface: Interface, *, now: dt.datetime) -> list[Reason]:
    frozen = freezes_for([interface], start=now, end=now + dt.timedelta(seconds=1))
    return [
        Reason(
            "FREEZE",
            f"freeze {entry.ends_at:%Y-%m-%d}",
            f"{entry.name} freezes releases until {entry.ends_at:%Y-%m-%d %H:%MZ}.",
        )
        for entry in frozen
    ]
