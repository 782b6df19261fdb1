"""Composing a draft out of several objects; nobody is asked about it yet, so nobody's vote becomes stale."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from catalog.domain.decisions import assess_interface
from catalog.domain.interfaces import submission_findings
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import DomainError, Invalid, NotFound, WrongState
from governance.models import User

from ..models import ChangeItem, ChangeRequest, Operation
from .decided import undecided
from .items import ItemSpec, check_not_in_another_change, check_specs, conflicts_of, item_from, told
from .kinds import kind_of, kind_of_item
from .requests import next_number, note_authors, require_may_open, write_draft
from .requirements import ChangePlan, plan_change


def add_items(change: ChangeRequest, specs: Sequence[ItemSpec], *, now: dt.datetime, actor: User) -> list[ChangeItem]:
    """Further objects for a draft. Raises ``WrongState`` past DRAFT, ``Conflict`` (CHANGE_OPEN), ``Invalid``."""
    require(actor, "revise", change)
    check_draft(change)
    present = list(change.items.all())
    check_specs(specs)
    twice = {item.subject.pk for item in present} & {spec.subject.pk for spec in specs}
    if twice:
        raise Invalid("A change names each object once.", errors={"items": [f"It is in {change.key} already."]})
    require_may_open(specs, actor)
    said = {"items": [f"{spec.operation} {spec.subject}" for spec in specs]}
    with recorded("approvals.change.add_items", actor=actor, subject=change, now=now, facts=said):
        next_number(change)
        check_not_in_another_change([spec.subject for spec in specs], besides=change)
        first = max((item.position for item in present), default=0) + 1
        planned = [kind_of(spec.subject).planned(spec, now=now, actor=actor) for spec in specs]
        added = [item_from(change, position, spec) for position, spec in enumerate(planned, start=first)]
        ChangeItem.objects.bulk_create(added)
        note_authors(change, actor)
        items = [*present, *added]
        write_draft(change, items, plan_change(change, items, now=now), now=now)
    return added


def remove_item(change: ChangeRequest, position: int, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """Take an object out of a draft. Raises ``Invalid`` for the last one: cancel the draft instead."""
    require(actor, "revise", change)
    check_draft(change)
    present = list(change.items.all())
    item = item_at(change, present, position)
    if len(present) == 1:
        raise Invalid("A change changes something: cancel it instead.", errors={"items": ["It is the last object."]})
    said = {"items": [f"{item.operation} {item.subject}"]}
    with recorded("approvals.change.remove_item", actor=actor, subject=change, now=now, facts=said):
        next_number(change)
        ChangeItem.objects.filter(pk=item.pk).delete()
        note_authors(change, actor)
        items = [one for one in present if one.pk != item.pk]
        write_draft(change, items, plan_change(change, items, now=now), now=now)
    return change


def check_draft(change: ChangeRequest) -> None:
    if change.state != "DRAFT":
        said = f"{change.key} is {change.state}: its objects are those that were submitted. Take it back, or revise it."
        raise WrongState(said, details={"state": change.state})


def item_at(change: ChangeRequest, items: Sequence[ChangeItem], position: int) -> ChangeItem:
    for item in items:
        if item.position == position:
            return item
    raise NotFound(f"{change.key} has no object at position {position}.")


@dataclass(frozen=True)
class Lacking:
    """What stands between a draft and its submission: what, of which object, and where that is put right."""

    code: str
    message: str
    position: int
    where: str = ""


@dataclass
class Foresight:
    """What a draft would need if it were submitted now, and what it still lacks."""

    planned: ChangePlan | None
    lacking: list[Lacking] = field(default_factory=list)

    @property
    def asks(self) -> list[dict[str, Any]]:
        """Whom the table asks and by which rules, with the rules' reasons."""
        return asks_of(self.planned) if self.planned else []


def asks_of(planned: ChangePlan) -> list[dict[str, Any]]:
    notes = planned.decided.notes
    return [
        {
            "label": f"Board, {spec.minimum} of {len(spec.roles)}" if spec.mode == "GROUP" else spec.roles[0],
            "roles": list(spec.roles),
            "veto": list(spec.veto),
            "because": [{"rule": rule, "note": notes.get(rule, "")} for rule in spec.rules],
        }
        for spec in planned.plan.requirements
    ]


def foresee(
    change: ChangeRequest, *, patches: Mapping[int, Mapping[str, Any]] | None = None, now: dt.datetime
) -> Foresight:
    """What the draft will need and why, with ``patches`` that are only typed so far; nothing is written."""
    items, lacking = list(change.items.all()), list[Lacking]()
    for item in items:
        kind, typed = kind_of_item(item), (patches or {}).get(item.position)
        try:
            item.patch = {**item.patch, **kind.checked(item.subject, typed)} if typed else item.patch
        except DomainError as refused:
            wrong = refused.errors or {"": [refused.message]}
            lacking += [
                Lacking(refused.code, said, item.position, name) for name, all_ in wrong.items() for said in all_
            ]
    missing = {item.pk: interface for interface, item in undecided(items)}
    for item in items:
        lacking += lacking_of(item, missing.get(item.pk))
    try:
        planned = plan_change(change, items, now=now)
    except DomainError as refused:
        return Foresight(None, [*lacking, Lacking(refused.code, refused.message, 0)])
    return Foresight(planned, lacking)


def lacking_of(item: ChangeItem, undecided_interface: Any) -> list[Lacking]:
    """What one object lacks: an empty wish, fields that moved, what a proposal must say, a decision on its pattern."""
    kind, found = kind_of_item(item), list[Lacking]()
    if item.operation == Operation.UPDATE and kind.fields and not item.patch:
        found.append(Lacking("NOTHING_ASKED", "Say what shall change, or remove it.", item.position, "items"))
    for name, moved in conflicts_of(item).items():
        shown = told(kind, name, moved["base"], moved["stored"])
        words = f"{name.removesuffix('_id')} was {shown['before']} and is {shown['after']} now."
        found.append(Lacking("CONFLICT", words, item.position, name))
    if item.operation == Operation.CREATE and item.interface and item.interface.state == "PROPOSED":
        found += [
            Lacking(one.code, one.message, item.position, one.where) for one in submission_findings(item.interface)
        ]
    if undecided_interface:
        assessed = assess_interface(undecided_interface, proposed=item.patch)
        who = assessed.decider.replace("_", " ").lower()
        said = f"No decision on the pattern covers this yet; it is made by {who}."
        found.append(Lacking("DECISION_MISSING", said, item.position, "decision"))
    return found
