"""A change request's way to the board: opened, submitted, revised, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.db.models import F

from catalog.domain import interfaces
from catalog.domain.checks import clean
from catalog.domain.decisions import assess_interface, decide_pattern, decision_covers
from catalog.domain.facts import proposed_values
from catalog.models import DecisionRecord, Interface
from contracts.domain.versions import submit_version
from contracts.models import ContractVersion
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, WrongState
from governance.models import DecisionTable, User

from ..lifecycle import CHANGE, OPEN_STATES, REVISABLE_STATES
from ..models import ChangeAuthor, ChangeItem, ChangeRequest, ChangeSeries, Operation, RequirementStatus
from .requirements import ChangePlan, current_requirements, plan_change, write_requirements
from .revisions import revision_hash

REVISABLE = ("title", "reason", "plan", "backout", "likelihood", "impact", "evidence", "window_start", "window_end")


@dataclass(frozen=True)
class ItemSpec:
    """One object to change: the subject, what is done to it, and the new values of its fields."""

    subject: Interface | ContractVersion | DecisionTable
    operation: str
    patch: Mapping[str, Any] = field(default_factory=dict)


def open_change(
    *,
    change_type: str,
    title: str,
    reason: str,
    items: Sequence[ItemSpec],
    now: dt.datetime,
    actor: User,
    change_class: str = "NORMAL",
    responsible: User | None = None,
    implementer: User | None = None,
    **values: Any,
) -> ChangeRequest:
    """A draft that nobody is asked about yet. A machine must name the person who answers for it.

    Raises ``Invalid`` with every field's error, ``Conflict`` (CHANGE_OPEN) when an item's subject is in another open
    change already.
    """  # fmt: skip
    if not items:
        raise Invalid("A change changes something.", errors={"items": ["Name at least one object."]})
    for spec in items:
        require(actor, "submit", spec.subject if isinstance(spec.subject, Interface) else subject_interface(spec))
    check_not_in_another_change(items)
    answers = responsible or (actor if actor.is_person or actor.kind == "CLOCK" else machine_responsible(actor))
    change = ChangeRequest(
        key="CR-0000-0000", change_class=change_class, change_type=change_type, title=title, reason=reason,
        requester=actor, responsible=answers, implementer=implementer, revision_hash="-", **values,
    )  # fmt: skip
    clean(change)
    with recorded("approvals.change.open", actor=actor, subject=change, now=now):
        change.key = next_change_key(now)
        rows = [item_from(change, position, spec) for position, spec in enumerate(items, start=1)]
        change.revision_hash = revision_hash(change, rows, policy={})
        change.save(force_insert=True)
        ChangeItem.objects.bulk_create(rows)
        note_authors(change, actor, answers)
    return change


def subject_interface(spec: ItemSpec) -> Any:
    if isinstance(spec.subject, ContractVersion):
        return spec.subject.contract.interface
    return ChangeRequest(key="-")


def machine_responsible(machine: User) -> User:
    return machine.service_account.responsible


def check_not_in_another_change(items: Sequence[ItemSpec]) -> None:
    for spec in items:
        column = column_of(spec.subject)
        others = ChangeItem.objects.filter(**{column: spec.subject}, change__state__in=["DRAFT", *OPEN_STATES])
        other = others.exclude(change__state="REVIEW").select_related("change").first()
        if other:
            raise Conflict(f"{spec.subject} is in {other.change.key} already: revise that one.", code="CHANGE_OPEN")


def column_of(subject: Any) -> str:
    return {Interface: "interface", ContractVersion: "contract_version", DecisionTable: "decision_table"}[type(subject)]


def item_from(change: ChangeRequest, position: int, spec: ItemSpec) -> ChangeItem:
    base = proposed_values(spec.subject) if isinstance(spec.subject, Interface) else {}
    unknown = sorted(set(spec.patch) - set(base))
    if unknown:
        raise Invalid(f"{', '.join(unknown)} cannot be changed.", errors={name: ["not a field"] for name in unknown})
    wanted = {**base, **spec.patch} if spec.operation == Operation.CREATE else dict(spec.patch)
    return ChangeItem(
        change=change, position=position, operation=spec.operation, base_revision=spec.subject.revision,
        base={name: base[name] for name in wanted}, patch=wanted, **{column_of(spec.subject): spec.subject},
    )  # fmt: skip


def next_change_key(now: dt.datetime) -> str:
    """CR-2026-0042: the series' row is touched first, so that two changes never get the same number."""
    ChangeSeries.objects.get_or_create(year=now.year)
    ChangeSeries.objects.filter(year=now.year).update(last=F("last") + 1)
    return f"CR-{now.year}-{ChangeSeries.objects.get(year=now.year).last:04d}"


def note_authors(change: ChangeRequest, *people: User) -> None:
    for person in dict.fromkeys(people):
        ChangeAuthor.objects.get_or_create(change=change, user=person, number=change.number)


def submit_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """Ask: computes what the tables demand, checks the window, hands the subjects to review, and asks the voters.

    Raises ``NotReady`` for an unfinished subject or a missing decision, ``Invalid`` (WINDOW_TOO_EARLY) with the
    arithmetic.
    """
    require(actor, "submit", change)
    items = list(change.items.all())
    CHANGE.check(change, "submit")
    planned = plan_change(change, items, now=now)
    check_window(change, planned.plan.lead_hours, since=now)
    with recorded("approvals.change.submit", actor=actor, subject=change, now=now):
        submit_subjects(items, now=now, actor=actor)
        CHANGE.move(change, "submit", submitted_at=now, revised_at=now)
        CHANGE.move(change, "assess")
        settle_revision(change, items, planned, now=now)
        advance(change, items, now=now)
    return change


def submit_subjects(items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
    for item in items:
        if item.operation == Operation.CREATE and item.interface:
            check_decided(item.interface, item.patch)
            interfaces.submit_interface(item.interface, now=now, actor=actor)
        elif item.contract_version and item.contract_version.state == "DRAFT":
            submit_version(item.contract_version, now=now, actor=actor)


def check_decided(interface: Interface, patch: Mapping[str, Any]) -> None:
    """The pattern is decided before the board is asked, except where the board's meeting is the decision."""
    assessed = assess_interface(interface, proposed=patch)
    if assessed.forum != "BOARD_MEETING" and not decision_covers(interface, proposed=patch):
        raise WrongState(
            f"{interface.key} has no pattern decision on its present facts yet. It is decided by "
            f"{assessed.decider.replace('_', ' ').lower()} ({assessed.forum.replace('_', ' ').lower()}).",
            code="DECISION_MISSING",
        )


def check_window(change: ChangeRequest, lead_hours: int, *, since: dt.datetime) -> None:
    """A window that opens before the lead time has passed is refused, with the arithmetic."""
    if change.window_start is None:
        return
    earliest = since + dt.timedelta(hours=lead_hours)
    if change.window_start < earliest:
        given = (change.window_start - since).total_seconds() / 3600
        raise Invalid(
            f"The window opens {given:.0f} h after submission and the lead time is {lead_hours} h "
            f"({given:.0f} h < {lead_hours} h): the earliest start is {earliest:%Y-%m-%d %H:%MZ}.",
            code="WINDOW_TOO_EARLY",
            errors={"window_start": [f"at {earliest:%Y-%m-%d %H:%MZ} or later ({given:.0f} h < {lead_hours} h)"]},
            details={"lead_hours": lead_hours, "given_hours": round(given, 2), "earliest": earliest.isoformat()},
        )


def settle_revision(
    change: ChangeRequest, items: Sequence[ChangeItem], planned: ChangePlan, *, now: dt.datetime
) -> None:
    """Fix this revision: its hash, its lead time, the policy it was judged under, and what it needs."""
    change.policy, change.lead_hours = planned.policy, planned.plan.lead_hours
    change.revision_hash = revision_hash(change, items, policy=change.policy)
    ChangeRequest.objects.filter(pk=change.pk).update(
        policy=change.policy, lead_hours=change.lead_hours, revision_hash=change.revision_hash, authorised_hash=""
    )
    change.authorised_hash = ""
    write_requirements(change, planned, now=now)


def advance(change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime) -> None:
    """ASSESS to AUTHORIZE as soon as every decision covers what is proposed and someone can satisfy every need."""
    undecided = [
        item for item in items
        if item.operation == Operation.CREATE and item.interface
        and assess_interface(item.interface, proposed=item.patch).forum != "BOARD_MEETING"
        and not decision_covers(item.interface, proposed=item.patch)
    ]  # fmt: skip
    unsound = current_requirements(change).filter(status=RequirementStatus.ERROR).exists()
    if not undecided and not unsound:
        CHANGE.move(change, "ask", assessed_at=now)


def reassess_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """Compute anew what a change in ASSESS needs, after someone named a missing owner or filled a seat."""
    require(actor, "revise", change)
    if change.state != "ASSESS":
        raise WrongState(f"{change.key} is {change.state}; only a change in ASSESS is assessed.")
    items = list(change.items.all())
    with recorded("approvals.change.reassess", actor=actor, subject=change, now=now):
        change.number += 1
        ChangeRequest.objects.filter(pk=change.pk).update(number=change.number)
        settle_revision(change, items, plan_change(change, items, now=now), now=now)
        advance(change, items, now=now)
    return change


def decide_on_change(change: ChangeRequest, *, rationale: str, now: dt.datetime, actor: User) -> list[DecisionRecord]:
    """The decider looks at what a change proposes; with the last missing decision the voters are asked."""
    require(actor, "decide", change)
    items = list(change.items.all())
    if change.state != "ASSESS":
        raise WrongState(f"{change.key} is {change.state}; decisions are made while it is assessed.")
    made = []
    with recorded("approvals.change.decide", actor=actor, subject=change, now=now, reason=rationale):
        for item in items:
            if item.operation == Operation.CREATE and item.interface:
                record = decide_pattern(item.interface, rationale=rationale, proposed=item.patch, now=now, actor=actor)
                made.append(record)
        advance(change, items, now=now)
    return made


def revise_change(
    change: ChangeRequest,
    *,
    patches: Mapping[int, Mapping[str, Any]] | None = None,
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> ChangeRequest:
    """A new revision: every vote on the former becomes stale, the lead time starts again, the tables are asked anew.

    ``patches`` maps an item's position to the fields that it shall now set. Raises as ``submit_change`` does.
    """  # fmt: skip
    require(actor, "revise", change)
    unknown = sorted(set(values) - set(REVISABLE))
    if unknown:
        raise Invalid(f"Not revisable: {', '.join(unknown)}.", errors={name: ["cannot be changed"] for name in unknown})
    if change.state not in REVISABLE_STATES or (
        change.state == "SCHEDULED" and change.items.filter(operation="CREATE")
    ):
        raise WrongState(f"{change.key} is {change.state} and can no longer be revised. Open a new change.")
    items = list(change.items.all())
    for name, value in values.items():
        setattr(change, name, value)
    change.number += 1
    clean(change)
    with recorded("approvals.change.revise", actor=actor, subject=change, now=now):
        patch_items(items, patches or {})
        note_authors(change, actor)
        if change.state == "DRAFT":
            planned = plan_change(change, items, now=now)
            change.revision_hash = revision_hash(change, items, policy=planned.policy)
            save_values(change, values)
        else:
            planned = plan_change(change, items, now=now)
            check_window(change, planned.plan.lead_hours, since=now)
            if change.state != "ASSESS":
                CHANGE.move(change, "assess")
            change.revised_at, change.assessed_at, change.authorised_at, change.implement_at = now, None, None, None
            save_values(change, [*values, "revised_at", "assessed_at", "authorised_at", "implement_at"])
            settle_revision(change, items, planned, now=now)
            advance(change, items, now=now)
    return change


def save_values(change: ChangeRequest, names: Any) -> None:
    kept = {name: getattr(change, name) for name in (*names, "number", "revision_hash")}
    ChangeRequest.objects.filter(pk=change.pk).update(**kept)


def patch_items(items: Sequence[ChangeItem], patches: Mapping[int, Mapping[str, Any]]) -> None:
    by_position = {item.position: item for item in items}
    for position, patch in patches.items():
        item = by_position.get(position)
        if item is None or item.interface is None:
            raise Invalid(f"There is no interface at position {position}.", errors={"items": [f"1 to {len(items)}"]})
        values = proposed_values(item.interface)
        unknown = sorted(set(patch) - set(values))
        if unknown:
            raise Invalid(
                f"{', '.join(unknown)} cannot be changed.", errors={name: ["not a field"] for name in unknown}
            )
        interfaces.check_proposed(item.interface, {**item.patch, **patch})
        item.patch = {**item.patch, **patch}
        item.base = {**{name: values[name] for name in patch}, **item.base}
        ChangeItem.objects.filter(pk=item.pk).update(patch=item.patch, base=item.base, revision=F("revision") + 1)


def cancel_change(change: ChangeRequest, *, reason: str, now: dt.datetime, actor: User) -> ChangeRequest:
    """Take it back, with a reason; its subjects return to where they were."""
    require(actor, "cancel", change)
    with recorded("approvals.change.cancel", actor=actor, subject=change, now=now, reason=reason):
        CHANGE.move(change, "cancel", closed_at=now)
        for item in change.items.all():
            if (
                item.operation == Operation.CREATE
                and item.interface
                and item.interface.state in ("IN_REVIEW", "REJECTED")
            ):
                interfaces.reopen_interface(item.interface, now=now, actor=actor)
    return change


def reopen_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """A rejected change becomes a draft again, to be improved and submitted anew."""
    require(actor, "reopen", change)
    with recorded("approvals.change.reopen", actor=actor, subject=change, now=now):
        CHANGE.move(change, "reopen", number=change.number + 1)
        for item in change.items.all():
            if item.operation == Operation.CREATE and item.interface and item.interface.state == "REJECTED":
                interfaces.reopen_interface(item.interface, now=now, actor=actor)
    return change
