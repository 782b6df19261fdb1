"""What was found to contradict the record, without anybody having asked: opened as a change, and judged."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from catalog.domain.facts import proposed_values
from catalog.domain.owners import REQUIRED_KINDS, owner_people
from catalog.models import Interface
from governance.domain.audit import plain, recorded
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, WrongState
from governance.models import Constituency, User

from ..business_days import add_business_days
from ..lifecycle import CHANGE
from ..models import ChangeClass, ChangeItem, ChangeRequest, ChangeType, Operation
from .classes import team_of
from .emergencies import REVIEW_DAYS, zone_of
from .items import ItemSpec, item_from
from .requests import answering_person, next_change_key, next_number, note_authors, settle_revision
from .requirements import plan_change, waits_for_verdict
from .revisions import revision_hash
from .risk import raise_risk
from .telling import board_people, page_of, tell
from .verdicts import VERDICTS

ASKED = ("source", "field", "observed")


def open_unauthorized_change(
    interface: Interface,
    *,
    found: Mapping[str, Any],
    change_type: str = ChangeType.MODIFY,
    reason: str = "",
    now: dt.datetime,
    actor: User,
) -> ChangeRequest:
    """Somebody changed the interface and nobody was asked: ``found`` says where, which field, and what was observed.

    ``found`` is ``{source, field, observed}`` and may say ``recorded`` and ``at``. The owner and clinical IT are told
    and asked for a verdict. Raises ``Invalid`` (NO_CONTRADICTION) when the record says the same, ``Conflict``
    (CHANGE_OPEN) when it was reported already.
    """  # fmt: skip
    require(actor, "open_unauthorized", ChangeRequest)
    said = checked_finding(interface, found, now=now)
    check_not_reported(interface, said)
    title = f"Found on {interface.key}: {said['field'].removesuffix('_id').replace('_', ' ')} differs"[:160]
    change = ChangeRequest(
        key="CR-0000-0000", change_class=ChangeClass.UNAUTHORIZED, change_type=change_type, title=title,
        reason=reason.strip() or f"{said['source']} shows what the record does not.", state="DETECTED", found=said,
        requester=actor, responsible=answering_person(actor), team=team_of([interface], actor),
        revision_hash="-", submitted_at=now, revised_at=now,
    )  # fmt: skip
    with recorded("approvals.change.open_unauthorized", actor=actor, subject=change, now=now, facts={"found": said}):
        change.key = next_change_key(now)
        spec = ItemSpec(interface, Operation.UPDATE, {said["field"]: said["observed"]})
        items = [item_from(change, 1, spec)]
        change.revision_hash = revision_hash(change, items, policy={})
        raise_risk(change, items, now=now)
        change.save(force_insert=True)
        ChangeItem.objects.bulk_create(items)
        note_authors(change, actor)
        due = add_business_days(now, REVIEW_DAYS, zone_of(change))
        ChangeRequest.objects.filter(pk=change.pk).update(review_by=due)
        change.review_by = due
        settle_revision(change, items, plan_change(change, items, now=now), now=now)
        tell_those_concerned(change, interface, now=now)
    return change


def checked_finding(interface: Interface, found: Mapping[str, Any], *, now: dt.datetime) -> dict[str, Any]:
    """The finding as it is kept: what the record says is read from the record, not believed."""
    missing = {name: ["is required"] for name in ASKED if found.get(name) in (None, "")}
    unknown = {name: ["unknown field"] for name in found if name not in (*ASKED, "recorded", "at")}
    if missing or unknown:
        raise Invalid("Say what was found, where, and on which field.", errors=missing | unknown)
    stored = proposed_values(interface)
    if found["field"] not in stored:
        raise Invalid(f"{found['field']} is not in the record.", errors={"field": ["not a field of an interface"]})
    recorded_value = stored[found["field"]]
    if found.get("recorded", recorded_value) != recorded_value:
        said = f"The record says {recorded_value} by now: look again."
        raise Conflict(said, details={"stored": recorded_value, "recorded": found["recorded"]})
    if found["observed"] == recorded_value:
        said = f"The record of {interface.key} says the same: {recorded_value}."
        raise Invalid(said, code="NO_CONTRADICTION", errors={"observed": ["equals the record"]})
    at = plain(found.get("at") or now)
    return {name: found[name] for name in ASKED} | {"recorded": recorded_value, "at": at}


def check_not_reported(interface: Interface, found: Mapping[str, Any]) -> None:
    """An import that runs every night reports a contradiction once, until somebody has judged it."""
    mine = ChangeRequest.objects.filter(change_class=ChangeClass.UNAUTHORIZED, items__interface=interface)
    same = ("field", "observed")
    for other in mine.exclude(state="CLOSED"):
        if all(other.found.get(name) == found[name] for name in same):
            raise Conflict(f"{other.key} says so already.", code="CHANGE_OPEN", details={"change": other.key})


def tell_those_concerned(change: ChangeRequest, interface: Interface, *, now: dt.datetime) -> None:
    owners = [person for kind in REQUIRED_KINDS for person in owner_people(interface, kind)]
    clinical = board_people(now=now, constituency=Constituency.CLINICAL_IT)
    said = f"{change.key}: {change.title}, and nobody asked for it. Review it by {change.review_by:%Y-%m-%d}."
    tell([*owners, *clinical], "unauthorized.found", said, url=page_of(change), now=now)


def propose_verdict(
    change: ChangeRequest, *, verdict: str, what_happened: str, now: dt.datetime, actor: User
) -> ChangeRequest:
    """What shall become of it: those who are asked vote on this verdict, and their yes carries it out.

    A new verdict after a no is a new revision, and everyone is asked again.
    """
    require(actor, "propose_verdict", change)
    wrong = {} if verdict in VERDICTS else {"verdict": [f"One of {', '.join(VERDICTS)}."]}
    wrong |= {} if what_happened.strip() else {"what_happened": ["Say what happened."]}
    if wrong:
        raise Invalid("A verdict says what shall become of it, and why.", errors=wrong)
    if not waits_for_verdict(change):
        raise WrongState(f"{change.key} is {change.state} and waits for no verdict.")
    items = list(change.items.all())
    with recorded("approvals.change.propose_verdict", actor=actor, subject=change, now=now, reason=what_happened):
        next_number(change)
        change.found = {**change.found, "verdict": verdict, "what_happened": what_happened.strip()}
        ChangeRequest.objects.filter(pk=change.pk).update(found=change.found, revised_at=now)
        note_authors(change, actor)
        settle_revision(change, items, plan_change(change, items, now=now), now=now)
        if change.state == "DETECTED":
            CHANGE.move(change, "review", assessed_at=now)
    return change
