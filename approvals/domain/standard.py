"""Standard changes: a template grown from what went well, approved by the board like any policy, then asked for."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from catalog.domain.checks import clean
from catalog.models import Interface
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, WrongState
from governance.models import User

from ..models import ChangeItem, ChangeRequest, ChangeType, Operation, Outcome, StandardChangeTemplate
from ..ranges import outside, range_errors
from .items import ItemSpec
from .requests import ask_for_change
from .templates import content_hash

#: So many changes of the type must have gone well before one may go without a vote.
FEWEST_SAMPLES = 3
#: Words that addresses use themselves.
TAKEN = ("new", "of")
REVISABLE = ("title", "allowed", "tiers", "plan", "backout")


def draft_template(
    key: str,
    *,
    title: str,
    samples: Sequence[ChangeRequest],
    allowed: Mapping[str, Any],
    tiers: Sequence[int] | None = None,
    plan: str = "",
    backout: str = "",
    now: dt.datetime,
    actor: User,
) -> StandardChangeTemplate:
    """What may be changed without a vote, as a draft: the type, plan and way back are those of the samples.

    Raises ``Invalid``: SAMPLES for fewer than three successful closed changes of one type, ALLOWED for a range that
    leaves out what a sample changed, or a field that none did.
    """
    require(actor, "draft", StandardChangeTemplate)
    if key in TAKEN:
        raise Invalid(f"'{key}' is an address of its own.", errors={"key": ["Choose another."]})
    check_samples(samples)
    first = max(samples, key=lambda change: change.closed_at or now)
    template = StandardChangeTemplate(
        key=key, title=title, change_type=first.change_type, allowed=dict(allowed), drafted_by=actor,
        tiers=sorted(set(tiers_of(samples) if tiers is None else tiers)),
        plan=plan.strip() or first.plan, backout=backout.strip() or first.backout,
    )  # fmt: skip
    check_allowed(template, samples)
    clean(template)
    template.content_hash = content_hash(template, samples)
    said = {"samples": [change.key for change in samples]}
    with recorded("approvals.template.draft", actor=actor, subject=template, now=now, facts=said):
        template.save(force_insert=True)
        template.samples.set(samples)
    return template


def check_samples(samples: Sequence[ChangeRequest]) -> None:
    """Three or more, each once, closed and successful, of one type, and of objects that were updated."""
    wrong = []
    if len({change.pk for change in samples}) < max(FEWEST_SAMPLES, len(samples)):
        wrong.append(f"At least {FEWEST_SAMPLES} different changes are needed; these are {len(set(samples))}.")
    for change in samples:
        if change.state != "CLOSED" or change.outcome != Outcome.SUCCESSFUL:
            how = change.get_outcome_display() or change.get_state_display()
            wrong.append(f"{change.key} is {how.lower()}, not closed as successful.")
        if any(item.operation != Operation.UPDATE for item in change.items.all()):
            wrong.append(f"{change.key} does more than update what was there.")
    types = Counter(change.change_type for change in samples)
    if len(types) > 1:
        wrong.append(f"They are of different types: {', '.join(sorted(types))}.")
    if wrong:
        raise Invalid("These samples carry no template.", code="SAMPLES", errors={"samples": wrong})


def tiers_of(samples: Sequence[ChangeRequest]) -> set[int]:
    return {item.touched_interface.tier for change in samples for item in items_of(change) if item.touched_interface}


def items_of(change: ChangeRequest) -> list[ChangeItem]:
    return list(change.items.select_related("interface", "endpoint__binding__interface"))


def check_allowed(template: StandardChangeTemplate, samples: Sequence[ChangeRequest]) -> None:
    """The allow-list contains what the samples changed, and only fields that a sample has tried."""
    errors = range_errors(template.allowed)
    if not errors:
        patches = [(change, item.patch) for change in samples for item in items_of(change)]
        for change, patch in patches:
            for name, said in outside(template.allowed, patch):
                errors.setdefault(f"allowed.{name}", []).append(f"{change.key}: {said}")
        tried = {name for _, patch in patches for name in patch}
        errors |= {f"allowed.{name}": ["No sample changed it."] for name in template.allowed if name not in tried}
    unknown = [tier for tier in template.tiers if tier not in range(5)]
    left_out = sorted(tiers_of(samples) - set(template.tiers)) if template.tiers else []
    if unknown or left_out:
        errors["tiers"] = ["Tiers are 0 to 4."] if unknown else [f"The samples touch T{tier} too." for tier in left_out]
    if errors:
        raise Invalid("The allow-list does not follow from the samples.", code="ALLOWED", errors=errors)


def revise_template(
    template: StandardChangeTemplate, *, now: dt.datetime, actor: User, **values: Any
) -> StandardChangeTemplate:
    """Edit a draft, held against its samples again. What the board looks at or has approved is not edited."""
    require(actor, "revise", template)
    if template.state not in ("DRAFT", "SUSPENDED"):
        raise WrongState(f"{template} is {template.get_state_display().lower()}: only a draft is edited.")
    unknown = sorted(set(values) - set(REVISABLE))
    if unknown:
        raise Invalid(f"Not revisable: {', '.join(unknown)}.", errors={name: ["cannot be changed"] for name in unknown})
    samples = list(template.samples.all())
    for name, value in values.items():
        setattr(template, name, value)
    check_allowed(template, samples)
    clean(template, known=True)
    template.content_hash = content_hash(template, samples)
    with recorded("approvals.template.revise", actor=actor, subject=template, now=now):
        kept = {name: getattr(template, name) for name in (*values, "content_hash")}
        StandardChangeTemplate.objects.filter(pk=template.pk).update(**kept, revision=F("revision") + 1)
        template.revision += 1
    return template


def submit_template(
    template: StandardChangeTemplate, *, reason: str = "", now: dt.datetime, actor: User, **values: Any
) -> ChangeRequest:
    """Ask the board to approve it: a change of policy like any other. A suspended one is looked at again."""
    require(actor, "resume" if template.state == "SUSPENDED" else "submit", template)
    if template.state not in ("DRAFT", "SUSPENDED"):
        raise WrongState(f"{template} is {template.get_state_display().lower()} and is not submitted now.")
    keys = ", ".join(sorted(template.samples.values_list("key", flat=True)))
    said = {"plan": f"Offer {template.title} without a vote.", "backout": "Suspend the template.", **values}
    return ask_for_change(
        change_type=ChangeType.POLICY, title=f"Standard change: {template.title}"[:160],
        reason=reason.strip() or f"It went well in {keys}.", items=[ItemSpec(template, Operation.CREATE)],
        now=now, actor=actor, **said,
    )  # fmt: skip


def ask_for_standard_change(
    template: StandardChangeTemplate,
    *,
    interface: Interface,
    patch: Mapping[str, Any],
    window_start: dt.datetime | None = None,
    window_end: dt.datetime | None = None,
    reason: str = "",
    items: Sequence[ItemSpec] = (),
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> ChangeRequest:
    """Ask by a template: authorised at once where policy asks nobody; inside a freeze operations are asked.

    Raises as ``check_fits_template`` and ``ask_for_change`` do; nothing is written then.
    """
    with transaction.atomic():
        return ask_for_change(
            change_class="STANDARD", change_type=template.change_type, template=template,
            title=values.pop("title", "") or f"{template.title}: {interface.name}"[:160],
            reason=reason.strip() or f"{template.title}, by its template.",
            items=items or [ItemSpec(interface, Operation.UPDATE, patch)],
            plan=template.plan, backout=template.backout, window_start=window_start, window_end=window_end,
            now=now, actor=actor, **values,
        )  # fmt: skip


def record_of(template: StandardChangeTemplate) -> dict[str, int]:
    """How its changes have gone: how many were closed, and how many of them failed."""
    outcomes = Counter(template.changes.filter(state="CLOSED").values_list("outcome", flat=True))
    return {"closed": outcomes.total(), "failed": outcomes[Outcome.FAILED_BACKED_OUT]}
