"""A change request's way to the board: opened, submitted, revised, taken back."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from catalog.domain.adopting import check_may_adopt
from catalog.domain.checks import clean
from catalog.domain.decisions import assess_interface, decide_pattern
from catalog.models import DecisionRecord
from governance.domain.audit import recorded
from governance.domain.rules import require
from governance.kernel.errors import Invalid, StaleRevision, WrongState
from governance.models import User, UserKind

from ..lifecycle import CHANGE, REVISABLE_STATES
from ..models import (
    ChangeAuthor,
    ChangeClass,
    ChangeItem,
    ChangeRequest,
    ChangeSeries,
    RequirementStatus,
)
from .adopted import decide_on_adopted, is_adopted
from .calling import call_voters
from .classes import check_class, check_class_ready, team_of
from .computing import computed_evidence
from .decided import undecided
from .eligibility import check_not_an_author
from .items import (
    ItemSpec,
    check_items_say_something,
    check_not_in_another_change,
    check_specs,
    item_from,
    load_items,
    patch_items,
    rebase_items,
    refresh_items,
)
from .kinds import by_kind, kind_of
from .missing import votes_made_stale
from .pieces import missing_evidence, missing_sentence, pieces_said
from .requirements import ChangePlan, current_requirements, plan_change, write_requirements
from .revisions import revision_hash
from .risk import raise_risk
from .templates import template_used
from .voting import authorise_change

REVISABLE = ("title", "reason", "plan", "backout", "likelihood", "impact", "evidence", "window_start", "window_end")


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
    change already, ``NotAllowed`` (EMERGENCY_BLOCKED) for an emergency of a team that left one unratified.
    """  # fmt: skip
    check_specs(items)
    require_may_open(items, actor)
    answers = responsible or answering_person(actor)
    change = ChangeRequest(
        key="CR-0000-0000", change_class=change_class, change_type=change_type, title=title, reason=reason,
        requester=actor, responsible=answers, implementer=implementer, revision_hash="-", **values,
    )  # fmt: skip
    change.evidence = pieces_said(change.evidence, now=now, by=actor)
    change.team = change.team or team_of([spec.subject for spec in items], answers)
    check_class(change)
    check_change(change)
    said = {"items": [f"{spec.operation} {spec.subject}" for spec in items]}
    with recorded("approvals.change.open", actor=actor, subject=change, now=now, facts=said):
        change.key = next_change_key(now)
        check_not_in_another_change([spec.subject for spec in items], besides=change)
        specs = [kind_of(spec.subject).planned(spec, now=now, actor=actor) for spec in items]
        rows = [item_from(change, position, spec) for position, spec in enumerate(specs, start=1)]
        change.revision_hash = revision_hash(change, rows, policy={})
        raise_risk(change, rows, now=now)
        change.save(force_insert=True)
        ChangeItem.objects.bulk_create(rows)
        note_authors(change, actor, answers)
    return change


def ask_for_change(*, now: dt.datetime, actor: User, **values: Any) -> ChangeRequest:
    """Open and submit in one go: either the board is asked, or nothing was written. Raises as both do."""
    with transaction.atomic():
        change = open_change(now=now, actor=actor, **values)
        return submit_change(change, now=now, actor=actor)


def check_change(change: ChangeRequest) -> None:
    alone = ["Say when the window opens, too."] if change.window_end and not change.window_start else []
    clean(change, extra={"window_end": alone})


def require_may_open(specs: Sequence[ItemSpec], actor: User) -> None:
    """Each sort of object says who may ask for its change."""
    found = [spec.subject for spec in specs if is_adopted(spec)]
    check_may_adopt(found, actor)
    for spec in specs:
        if not is_adopted(spec):
            kind_of(spec.subject).require_may_open(spec, actor)


def answering_person(actor: User) -> User:
    """A machine does not answer for anything: the person who is responsible for it does."""
    return actor.service_account.responsible if actor.kind == UserKind.SERVICE else actor


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
    items = load_items(change)
    CHANGE.check(change, "submit")
    with recorded("approvals.change.submit", actor=actor, subject=change, now=now):
        refresh_items(items)
        check_items_say_something(items)
        check_class_ready(change, items)
        planned = plan_change(change, items, now=now)
        check_window(change, planned.plan.lead_hours, since=now)
        for kind, some in by_kind(items):
            kind.submit(change, some, now=now, actor=actor)
        CHANGE.move(change, "submit", submitted_at=now, revised_at=now)
        if change.change_class == ChangeClass.NORMAL:
            CHANGE.move(change, "assess")
        settle_revision(change, items, planned, now=now)
        advance(change, items, now=now, actor=actor)
    return change


def errors_of_ask(
    *, change_type: str, lead_hours: int, now: dt.datetime, actor: User, **values: Any
) -> dict[str, list[str]]:
    """What asking with these values would be refused for, field by field; nothing is written."""
    change = ChangeRequest(
        key="CR-0000-0000", change_type=change_type, requester=actor, responsible=answering_person(actor),
        revision_hash="-", **values,
    )  # fmt: skip
    said, change.evidence = change.evidence, {}
    errors: dict[str, list[str]] = {}
    checks = (check_change, lambda row: check_window(row, lead_hours, since=now))
    for check in (*checks, lambda row: pieces_said(said, now=now, by=actor)):
        try:
            check(change)
        except Invalid as refused:
            errors |= refused.errors
    return errors


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
    change.policy = planned.policy | template_used(change)
    change.lead_hours = planned.plan.lead_hours
    change.computed_evidence = computed_evidence(change, items, planned, now=now)
    change.revision_hash = revision_hash(change, items, policy=change.policy)
    raise_risk(change, items, now=now)
    kept = ("policy", "lead_hours", "computed_evidence", "revision_hash", "risk_raised", "risk_score")
    ChangeRequest.objects.filter(pk=change.pk).update(
        **{name: getattr(change, name) for name in kept}, authorised_hash="", revision=F("revision") + 1
    )
    change.authorised_hash, change.revision = "", change.revision + 1
    write_requirements(change, planned, now=now)


def advance(change: ChangeRequest, items: Sequence[ChangeItem], *, now: dt.datetime, actor: User) -> None:
    """ASSESS to AUTHORIZE: every decision covers what is proposed, the evidence is there, every need can be satisfied.

    Only a normal change is assessed. A standard one of which nobody is asked is authorised by its template.
    """
    needs = current_requirements(change)
    if change.change_class == ChangeClass.NORMAL:
        stuck = needs.filter(status=RequirementStatus.ERROR).exists()
        if not (stuck or missing_evidence(change) or window_missed(change) or undecided(items)):
            CHANGE.move(change, "ask", assessed_at=now)
            call_voters(change, now=now)
        return
    asked = change.change_class != ChangeClass.STANDARD or needs.exists()
    if asked or change.state == "ASSESS":
        CHANGE.move(change, "ask", assessed_at=now)
        call_voters(change, now=now)
    if not asked:
        authorise_change(change, now=now, actor=actor)


def reassess_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """Compute anew what a change in ASSESS needs, after someone named a missing owner or filled a seat."""
    require(actor, "revise", change)
    stuck = current_requirements(change).filter(status=RequirementStatus.ERROR)
    if change.state != "ASSESS" and not (change.state == "AUTHORIZE" and stuck.exists()):
        raise WrongState(f"{change.key} is {change.state}; only a change in ASSESS is assessed.")
    items = list(change.items.all())
    with recorded("approvals.change.reassess", actor=actor, subject=change, now=now):
        next_number(change)
        settle_revision(change, items, plan_change(change, items, now=now), now=now)
        if change.state == "AUTHORIZE":
            CHANGE.move(change, "assess")
        advance(change, items, now=now, actor=actor)
    return change


def decide_on_change(change: ChangeRequest, *, rationale: str, now: dt.datetime, actor: User) -> list[DecisionRecord]:
    """The decider looks at what a change proposes; with the last missing decision the voters are asked."""
    require(actor, "decide", change)
    items = load_items(change)
    if change.state != "ASSESS":
        raise WrongState(f"{change.key} is {change.state}; decisions are made while it is assessed.")
    open_items = undecided(items)
    if not open_items:
        raise WrongState(f"{change.key} waits for no decision: {waiting_sentence(change)}")
    made = []
    with recorded("approvals.change.decide", actor=actor, subject=change, now=now, reason=rationale):
        for interface, item in open_items:
            if is_adopted(item):
                continue
            forum = assess_interface(interface, proposed=item.patch).forum
            if forum != "SELF_SERVICE":
                check_not_an_author(change, actor)
            record = decide_pattern(interface, rationale=rationale, proposed=item.patch, now=now, actor=actor)
            made.append(record)
        adopted = [(interface, item) for interface, item in open_items if is_adopted(item)]
        made += decide_on_adopted(change, adopted, rationale=rationale, now=now, actor=actor)
        advance(change, items, now=now, actor=actor)
    return made


def waiting_sentence(change: ChangeRequest) -> str:
    """What keeps a change in ASSESS, in words."""
    notes = [
        f"{need.label}: {need.note}" for need in current_requirements(change) if need.status == RequirementStatus.ERROR
    ]
    said = [*notes, missing_sentence(missing_evidence(change)), window_missed(change)]
    return " ".join(filter(None, said)) or "every decision covers what is proposed."


def window_missed(change: ChangeRequest) -> str:
    """Evidence that came late has moved the lead time's end behind the window's opening: the sum, or nothing."""
    try:
        check_window(change, change.lead_hours, since=change.revised_at or change.created_at)
    except Invalid as refused:
        return refused.message
    return ""


def revise_change(
    change: ChangeRequest,
    *,
    patches: Mapping[int, Mapping[str, Any]] | None = None,
    take: Mapping[int, Sequence[str]] | None = None,
    now: dt.datetime,
    actor: User,
    **values: Any,
) -> ChangeRequest:
    """A new revision: every vote on the former becomes stale, the lead time starts again, the tables are asked anew.

    ``patches`` maps an item's position to the fields that it shall now set. ``take``, if given, bases it on what is
    stored now: of the fields that moved meanwhile it takes the stored value where they are named, by position, and
    insists on the others. Raises as ``submit_change`` does.
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
    if "evidence" in values:
        values["evidence"] = change.evidence | pieces_said(values["evidence"], now=now, by=actor)
    for name, value in values.items():
        setattr(change, name, value)
    check_change(change)
    with recorded("approvals.change.revise", actor=actor, subject=change, now=now) as entry:
        entry.facts |= votes_made_stale(change)
        next_number(change)
        entry.facts |= patch_items(items, patches or {}) | rebase_items(items, take)
        note_authors(change, actor)
        planned = plan_change(change, items, now=now)
        if change.state == "DRAFT":
            write_draft(change, items, planned, values, now=now)
            return change
        renew(change, items, planned, names=values, now=now, actor=actor)
    return change


def write_draft(
    change: ChangeRequest, items: Sequence[ChangeItem], planned: ChangePlan, values: Any = (), *, now: dt.datetime
) -> None:
    """A draft as it now is: nobody is asked about it yet, so no vote becomes stale."""
    change.revision_hash = revision_hash(change, items, policy=planned.policy)
    raise_risk(change, items, now=now)
    save_values(change, [*values, "risk_raised", "risk_score"])


def renew(
    change: ChangeRequest,
    items: Sequence[ChangeItem],
    planned: ChangePlan,
    *,
    names: Any,
    now: dt.datetime,
    actor: User,
) -> None:
    """The revision is assessed like a new one: checked, hashed, its lead time from now on. Inside a recorded block."""
    check_class_ready(change, items)
    check_window(change, planned.plan.lead_hours, since=now)
    if change.state != "ASSESS":
        CHANGE.move(change, "assess")
    change.revised_at, change.assessed_at, change.authorised_at, change.implement_at = now, None, None, None
    save_values(change, [*names, "revised_at", "assessed_at", "authorised_at", "implement_at"])
    settle_revision(change, items, planned, now=now)
    advance(change, items, now=now, actor=actor)


def next_number(change: ChangeRequest) -> None:
    """The next revision of the change: compare and swap, so that of two revisers at once one must look again."""
    seen = ChangeRequest.objects.filter(pk=change.pk, number=change.number, state=change.state)
    if not seen.update(number=change.number + 1, revision=F("revision") + 1):
        raise StaleRevision(f"{change.key} was revised or moved by someone else since you saw it. Reload it.")
    change.number, change.revision = change.number + 1, change.revision + 1


def save_values(change: ChangeRequest, names: Any) -> None:
    kept = {name: getattr(change, name) for name in (*names, "revision_hash")}
    ChangeRequest.objects.filter(pk=change.pk).update(**kept)


def cancel_change(change: ChangeRequest, *, reason: str, now: dt.datetime, actor: User) -> ChangeRequest:
    """Take it back, with a reason; its subjects return to where they were."""
    require(actor, "cancel", change)
    with recorded("approvals.change.cancel", actor=actor, subject=change, now=now, reason=reason):
        CHANGE.move(change, "cancel", closed_at=now)
        for kind, items in by_kind(list(change.items.all())):
            kind.send_back(change, items, reason=reason, now=now, actor=actor)
    return change


def reopen_change(change: ChangeRequest, *, now: dt.datetime, actor: User) -> ChangeRequest:
    """A rejected change becomes a draft again, to be improved and submitted anew."""
    require(actor, "reopen", change)
    items = list(change.items.all())
    with recorded("approvals.change.reopen", actor=actor, subject=change, now=now):
        check_not_in_another_change([item.subject for item in items], besides=change)
        CHANGE.move(change, "reopen", number=change.number + 1)
        for kind, some in by_kind(items):
            kind.reopen(change, some, now=now, actor=actor)
    return change
