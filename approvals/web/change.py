"""One change on one page: what, why, what it needs, who said what; and what its reader may do about it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django import forms
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from catalog.domain.decisions import assess_interface, holds_decider_role
from governance.domain.credentials import has_one_time_code
from governance.domain.rules import can
from governance.doors.http import status_of
from governance.doors.pages import render_page
from governance.kernel.errors import DomainError
from governance.models import AuditEvent, User

from ..domain.adopting import summed_up
from ..domain.class_queries import open_blocks_of, review_of
from ..domain.decided import undecided
from ..domain.eligibility import author_ids, excluded_reason
from ..domain.evidence import takes_evidence
from ..domain.evidence_queries import evidence_of
from ..domain.items import conflicts_of
from ..domain.missing import stale_voters
from ..domain.overriding import OPEN_TO_OVERRIDE, seats_held
from ..domain.pieces import giveable, missing_evidence, missing_sentence
from ..domain.queries import (
    change_page,
    differences,
    impact_of_change,
    needs_of,
    story_of,
    votes_of,
)
from ..domain.requests import window_missed
from ..domain.requirements import takes_votes, waits_for_verdict
from ..domain.reverting import may_be_undone
from ..domain.reviewing import is_refused, may_be_reviewed
from ..domain.signing import needs_signature, verify_signature
from ..evidence import kind_of
from ..lifecycle import REVISABLE_STATES
from ..models import ChangeItem, ChangeRequest
from .asking import blockers_of
from .class_forms import ReviewForm, VerdictForm
from .forms import AskForm, BallotForm, DecideForm, FactsForm, OverrideForm, ask_initial, base_of
from .shown import TimeLeft, readable, stages_of
from .windows import conflicts_shown

CANCELLABLE = ("DRAFT", "ASSESS", "AUTHORIZE", "SCHEDULED", "REJECTED")


@login_required
@require_safe
def change(request: HttpRequest, key: str) -> HttpResponse:
    return show(request, change_page(request.user, key))


def show(
    request: HttpRequest,
    row: ChangeRequest,
    *,
    refusal: DomainError | None = None,
    bound: dict[str, forms.Form] | None = None,
) -> HttpResponse:
    """The page as the record now is; ``refusal`` is said on top and ``bound`` forms keep what was typed."""
    now, actor = timezone.now(), request.user
    time = TimeLeft(row, now)
    needs = needs_of(row, actor, now=now)
    for need in needs:
        need["who"] = list(dict.fromkeys(name for seat in need["seats"] for name in seat.who))
        need["heard"] = len([seat for seat in need["seats"] if seat.standing == "APPROVED"])
    votes = votes_of(row)
    context = {
        "change": row,
        "time": time,
        "stages": stages_of(row),
        "needs": needs,
        "yours": yours(needs, votes, row, actor),
        "spoken": votes_instead(needs, votes, actor),
        "excluded": excluded_reason(row, actor),
        "votes": signed_votes(votes),
        "signing": signing_of(row, actor),
        **voters_of(row, actor, now=now),
        **items_shown(row, request),
        **class_of(row),
        "impact": impact_of_change(row, limit=MANY),
        **evidence_shown(row, now=now),
        "conflicts": conflicts_shown(row, request, now),
        "events": list(story_of(row)),
        "decision": decision_of(row, actor),
        "refusal": refusal,
        "blockers": blockers_of(list(row.items.all())) if row.state == "DRAFT" else [],
        "may": allowed(row, actor, time),
        **forms_of(row, bound or {}),
    }
    return render_page(request, "approvals/change.html", context=context, status=status_of(refusal) if refusal else 200)


#: So many objects are shown at a time; of more a summary comes first.
MANY = 20


def items_shown(row: ChangeRequest, request: HttpRequest) -> dict[str, Any]:
    """The objects field by field, a page of them where there are many, with how many there are of which sort."""
    every = list(row.items.all())
    pages = Paginator(every, MANY)
    page = pages.get_page(request.GET.get("items"))
    return {
        "items": [(one, rows_of(one, request.user)) for one in page],
        "items_page": page if pages.num_pages > 1 else None,
        "summed_up": summed_up(every) if pages.num_pages > 1 else [],
        "moved_beneath": any(conflicts_of(one) for one in page),
    }


def rows_of(item: ChangeItem, actor: User) -> list[dict[str, Any]]:
    return readable(differences(item, actor), creation=item.operation == "CREATE")


def yours(needs: list[dict[str, Any]], votes: list[Any], row: ChangeRequest, actor: User) -> list[dict[str, Any]]:
    """The needs that the reader may answer and has not; empty once they have decided in that role."""
    if not takes_votes(row):
        return []
    mine = [vote for vote in votes if vote.voter_id == actor.pk and not vote.stale and vote.choice in DECIDED]
    answered = {vote.requirement_id for vote in mine}
    if any(vote.requirement.subscription_id is None for vote in mine):
        return []
    open_needs = [need for need in needs if need["standing"] and need["requirement"].status == "UNSATISFIED"]
    return [
        need
        for need in open_needs
        if need["requirement"].pk not in answered and need["standing"].role not in {vote.role for vote in need["votes"]}
    ]


def votes_instead(needs: list[dict[str, Any]], votes: list[Any], actor: User) -> list[Any]:
    """The votes that count and leave the reader nothing to say: their own, in their place, or in the role they hold."""
    held = {(need["requirement"].pk, need["standing"].role) for need in needs if need["standing"]}
    counting = [vote for vote in votes if not vote.stale and vote.choice in DECIDED]
    own = [vote for vote in counting if actor.pk in (vote.voter_id, vote.on_behalf_of_id)]
    return own or [vote for vote in counting if (vote.requirement_id, vote.role) in held]


def signed_votes(votes: list[Any]) -> list[Any]:
    """The votes, each with whether its signature belongs to it; nothing where none was given."""
    for vote in votes:
        vote.signature_holds = verify_signature(vote) if vote.signature or vote.signed_at else None
    return votes


def voters_of(row: ChangeRequest, actor: User, *, now: dt.datetime) -> dict[str, Any]:
    """Whom the present revision asks again, who has stepped aside, and for whom the reader may pass a need over."""
    return {
        "stale_voters": stale_voters(row) if row.number > 1 and row.state in ("ASSESS", "AUTHORIZE") else [],
        "recusals": list(row.recusals.select_related("person")),
        "overrides": seats_to_override(row, actor, now=now),
    }


def class_of(row: ChangeRequest) -> dict[str, Any]:
    """What is particular about its class, and what its review found."""
    return {
        "review": review_of(row),
        "refused": row.change_class == "EMERGENCY" and is_refused(row),
        "blocks": list(open_blocks_of(row)),
    }


def evidence_shown(row: ChangeRequest, *, now: dt.datetime) -> dict[str, Any]:
    """Each kind of evidence, how much of what policy demands is missing, and what keeps the change in assessment."""
    proofs = evidence_of(row, now=now)
    demanded = [proof for proof in proofs if proof.demanded]
    assessed = row.state == "ASSESS"
    waits = [missing_sentence(missing_evidence(row)), window_missed(row)] if assessed else []
    held = {proof.kind.key for proof in proofs}
    return {
        "evidence": proofs,
        "demanded": demanded,
        "not_given": [proof for proof in demanded if not proof.provided],
        "further_kinds": [kind_of(key) for key in giveable() if key not in held],
        "waits_for": " ".join(filter(None, waits)),
    }


def signing_of(row: ChangeRequest, actor: User) -> dict[str, Any] | None:
    """What the reader signs with, where policy asks for a signature under a decision."""
    return {"one_time_code": has_one_time_code(actor)} if needs_signature(row) else None


def seats_to_override(row: ChangeRequest, actor: User, *, now: dt.datetime) -> list[str]:
    """For which seats of the board the reader could sign that a requirement be passed over."""
    if row.state not in OPEN_TO_OVERRIDE or excluded_reason(row, actor):
        return []
    return [seat for seat, _ in seats_held(row, actor, now=now)]


DECIDED = ("APPROVE", "REJECT")


def decision_of(row: ChangeRequest, actor: User) -> dict[str, Any] | None:
    """While a decision is missing: on what, by whom, and whether the reader is the one."""
    if row.state != "ASSESS":
        return None
    waiting = undecided(list(row.items.all()))
    if not waiting:
        return None
    interface, item = waiting[0]
    assessed = assess_interface(interface, proposed=item.patch)
    wrote = assessed.forum != "SELF_SERVICE" and actor.pk in author_ids(row)
    holds = holds_decider_role(actor, assessed.decider, interface)
    return {"interface": interface, "assessed": assessed, "yours": holds and not wrote, "wrote": holds and wrote}


def allowed(row: ChangeRequest, actor: User, time: TimeLeft) -> dict[str, bool]:
    """Which buttons the reader sees; the commands decide once more."""
    revises = can(actor, "revise", row)
    creates = any(item.operation == "CREATE" for item in row.items.all())
    carries_out = row.state in ("SCHEDULED", "IMPLEMENTING") and can(actor, "implement", row)
    return {
        "export": can(actor, "export", AuditEvent),
        "submit": revises and row.state == "DRAFT",
        "revise": revises and row.state in REVISABLE_STATES and not (row.state == "SCHEDULED" and creates),
        "reassess": revises and row.state == "ASSESS",
        "give_evidence": takes_evidence(row) and can(actor, "attach_evidence", row),
        "cancel": revises and row.state in CANCELLABLE,
        "reopen": revises and row.state == "REJECTED",
        "implement": carries_out and time.now >= time.opens and not time.missed,
        "carries_out": carries_out,
        "close": may_be_reviewed(row) and can(actor, "close", row),
        "propose_verdict": waits_for_verdict(row) and can(actor, "propose_verdict", row),
        "revert": revises and may_be_undone(row),
    }


def forms_of(row: ChangeRequest, bound: dict[str, forms.Form]) -> dict[str, Any]:
    touched = next((item for item in row.items.all() if item.interface), None)
    facts = FactsForm(base=base_of(touched.interface, touched)) if touched and touched.interface else None
    ask = AskForm(initial=ask_initial(row))
    return {
        "ballot": bound.get("ballot") or BallotForm(),
        "override_form": bound.get("override") or OverrideForm(),
        "decide_form": bound.get("decide") or DecideForm(),
        "close_form": bound.get("close") or ReviewForm(),
        "verdict_form": bound.get("verdict") or VerdictForm(),
        "ask_form": bound.get("ask") or ask,
        "facts_form": bound.get("facts") or facts,
        "interface": next((item.touched_interface for item in row.items.all() if item.touched_interface), None),
        "evidence_form": bound.get("evidence"),
        "open_form": next(iter(bound), ""),
    }
