"""Standard changes' templates: what fits one, and how one comes into force, is suspended and sent back."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from django.urls import reverse

from catalog.domain.decisions import assess_interface
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotReady, WrongState
from governance.kernel.mandate import Mandate
from governance.models import User

from ..lifecycle import TEMPLATE
from ..models import ChangeItem, ChangeRequest, Operation, Outcome, StandardChangeTemplate
from ..ranges import outside, range_words
from .requirements import DEVIATIONS_BY_WEIGHT, assess_item
from .telling import change_managers, tell

#: A failure among so many of its last closed changes suspends a template.
WATCHED = 20


def content_hash(template: StandardChangeTemplate, samples: Sequence[ChangeRequest]) -> str:
    """Over everything that the board approves of a template."""
    material = {
        "key": template.key,
        "title": template.title,
        "type": template.change_type,
        "allowed": template.allowed,
        "tiers": template.tiers,
        "plan": template.plan,
        "backout": template.backout,
        "samples": sorted(change.key for change in samples),
    }
    return hashlib.sha256(json.dumps(material, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def template_used(change: ChangeRequest) -> dict[str, Any]:
    """What is kept with a standard change's policy: the template that is its approval, and what it said."""
    if change.template is None:
        return {}
    return {"template": {"key": change.template.key, "hash": change.template.content_hash}}


def check_fits_template(change: ChangeRequest, items: Sequence[ChangeItem]) -> None:
    """Is this the very kind of change that was approved in advance?

    Raises ``WrongState`` (TEMPLATE_NOT_ACTIVE), ``Invalid`` (TEMPLATE_MISMATCH for another type or tier,
    OUTSIDE_TEMPLATE naming each field and its range) and ``NotReady`` (STANDARD_CHECKS).
    """
    template = change.template
    if template is None:
        raise Invalid("A standard change has a template.", code="TEMPLATE_MISSING", errors={"template": ["required"]})
    check_active(template)
    if template.change_type != change.change_type or any(one.operation != Operation.UPDATE for one in items):
        said = f"{template} allows updates as {template.get_change_type_display().lower()} only."
        raise Invalid(said, code="TEMPLATE_MISMATCH", errors={"template": [said]})
    for item in items:
        check_tier(template, item)
    check_ranges(template, items)
    failed = [check["check"] for check in automated_checks(items) if not check["passed"]]
    if failed:
        said = f"{change.key} is no standard change: {'; '.join(failed)} does not hold. Ask for a normal one."
        raise NotReady(said, code="STANDARD_CHECKS", errors={"items": failed})


def check_active(template: StandardChangeTemplate) -> None:
    if template.state != "ACTIVE":
        because = f" ({template.suspended_reason})" if template.state == "SUSPENDED" else ""
        raise WrongState(
            f"{template} is {template.get_state_display().lower()}{because}: ask for a normal change.",
            code="TEMPLATE_NOT_ACTIVE",
            details={"template": template.key, "state": template.state},
        )


def check_tier(template: StandardChangeTemplate, item: ChangeItem) -> None:
    interface = item.touched_interface
    if template.tiers and interface and interface.tier not in template.tiers:
        allowed = ", ".join(f"T{tier}" for tier in template.tiers)
        said = f"{interface.key} is T{interface.tier} and {template} was approved for {allowed}."
        raise Invalid(said, code="TEMPLATE_MISMATCH", errors={"interface": [said]})


def check_ranges(template: StandardChangeTemplate, items: Sequence[ChangeItem]) -> None:
    found = [(name, said, item.patch[name]) for item in items for name, said in outside(template.allowed, item.patch)]
    if not found:
        return
    errors: dict[str, list[str]] = {}
    for name, said, _ in found:
        errors.setdefault(name, []).append(said)
    listed = [
        {"field": name, "value": value, "range": range_words(template.allowed.get(name, {"values": ["nothing"]}))}
        for name, _, value in found
    ]
    raise Invalid(
        f"{template} does not cover this: {' '.join(said for _, said, _ in found)} Ask for a normal change.",
        code="OUTSIDE_TEMPLATE",
        errors=errors,
        details={"template": template.key, "outside": listed},
    )


def automated_checks(items: Sequence[ChangeItem]) -> list[dict[str, Any]]:
    """What a machine can see of each object that a standard change touches, and whether it holds."""
    said = []
    for item in items:
        interface = item.touched_interface
        if interface is None:
            continue
        before, after = assess_interface(interface).deviation, assess_item(item).deviation
        weigh = DEVIATIONS_BY_WEIGHT.index
        same = all(item.base.get(name) == after for name, after in item.patch.items() if name == "tier")
        said += [
            {"check": f"policy's word on {interface.key} gets no worse", "passed": weigh(after) >= weigh(before)},
            {"check": f"{interface.key} keeps its tier", "passed": same},
            {"check": f"{interface.key} is in force", "passed": interface.state in IN_FORCE},
        ]
    return said


IN_FORCE = ("IN_BUILD", "IN_TEST", "ACTIVE", "SUSPENDED", "DEPRECATED")


def check_template_holds(change: ChangeRequest) -> None:
    """A template that was suspended or changed since no longer stands for the board's word. Raises ``WrongState``."""
    if change.template is None:
        return
    check_active(change.template)
    if change.template.content_hash != change.policy.get("template", {}).get("hash"):
        raise WrongState(f"{change.template} was changed since {change.key} was asked for.", code="TEMPLATE_NOT_ACTIVE")


def review_template(template: StandardChangeTemplate, *, now: dt.datetime, actor: User) -> None:
    """Hand it to the board, with the change that carries it; a suspended one comes back the same way."""
    if template.state == "IN_REVIEW":
        return
    with recorded("approvals.template.review", actor=actor, subject=template, now=now):
        TEMPLATE.move(template, "resume" if template.state == "SUSPENDED" else "submit")


def publish_template(template: StandardChangeTemplate, *, mandate: Mandate, now: dt.datetime, actor: User) -> None:
    """From now on its changes need no vote: the board's word on it is theirs."""
    mandate.redeem(subject=template, action="apply")
    with recorded("approvals.template.publish", actor=actor, subject=template, mandate=mandate, now=now):
        TEMPLATE.move(template, "approve", approved_at=now, suspended_at=None, suspended_reason="")


def send_back_template(template: StandardChangeTemplate, *, reason: str, now: dt.datetime, actor: User) -> None:
    """The board said no, or the change that carried it was taken back: a draft again."""
    with recorded("approvals.template.send_back", actor=actor, subject=template, now=now, reason=reason):
        TEMPLATE.move(template, "reject")


def suspend_template(template: StandardChangeTemplate, *, reason: str, now: dt.datetime, actor: User) -> None:
    """No further change by it until the board has looked again; its owner and the change managers are told."""
    require(actor, "suspend", template)
    if not reason.strip():
        raise Invalid("Say why it is suspended.", errors={"reason": ["is required"]})
    stop_template(template, reason=reason, now=now, actor=actor)


def stop_template(template: StandardChangeTemplate, *, reason: str, now: dt.datetime, actor: User) -> None:
    said = reason.strip()[:300]
    with recorded("approvals.template.suspend", actor=actor, subject=template, now=now, reason=said):
        TEMPLATE.move(template, "suspend", suspended_at=now, suspended_reason=said)
        url = reverse("approvals:template", kwargs={"key": template.key})
        people = [template.drafted_by, *change_managers()]
        tell(people, "template.suspended", f"{template} is suspended: {said}", url=url, now=now)


def retire_template(template: StandardChangeTemplate, *, now: dt.datetime, actor: User) -> StandardChangeTemplate:
    """No longer offered, for good."""
    require(actor, "retire", template)
    if template.changes.filter(state__in=["AUTHORIZE", "SCHEDULED"]).exists():
        raise Conflict(f"Changes by {template} are still on their way: let them end, or cancel them.")
    with recorded("approvals.template.retire", actor=actor, subject=template, now=now):
        TEMPLATE.move(template, "retire")
    return template


def suspend_after_failure(change: ChangeRequest, *, now: dt.datetime, actor: User) -> None:
    """One failure among the template's last twenty closed changes since its approval is one too many."""
    template = change.template
    if template is None or template.state != "ACTIVE" or template.approved_at is None:
        return
    closed = template.changes.filter(state="CLOSED", closed_at__gte=template.approved_at).order_by("-closed_at")
    failed = [one.key for one in closed[:WATCHED] if one.outcome == Outcome.FAILED_BACKED_OUT]
    if failed:
        reason = f"{', '.join(failed)} failed, among its last {min(WATCHED, closed.count())} changes"
        stop_template(template, reason=reason, now=now, actor=actor)
