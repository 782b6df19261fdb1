"""The question that fills an agenda: which changes that wait for votes belong on it, and which need no discussion."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import F, Prefetch, Q, QuerySet

from catalog.models import DomainKey
from governance.domain.rules import visible
from governance.kernel.errors import Invalid
from governance.models import Constituency, User

from ..models import DECIDING, ApprovalRequirement, ChangeClass, ChangeRequest, Choice, Vote

#: The most that one filling puts on an agenda.
MOST = 50
NUMBERS = {"risk_min": (1, 25), "lead_left_h": (0, 10_000), "no_discussion_up_to": (0, 25)}
LISTS = {"classes": tuple(ChangeClass.values), "domains": tuple(DomainKey.values)}
WAITING = ("UNSATISFIED", "ERROR")


def checked_filter(asked: Mapping[str, Any]) -> dict[str, Any]:
    """The question as it is stored, without what asks nothing. Raises ``Invalid`` beside the part that is wrong.

    ``risk_min`` 1 to 25; ``classes`` and ``domains`` lists of codes; ``lead_left_h``: the lead time ends within so many
    hours; ``undecided_by``: a constituency whose word is missing; ``stale``: a revision asks again who had voted;
    ``no_discussion_up_to``: what has at most this risk and no whole-board vote goes without discussion.
    """
    kept, wrong = {}, {}
    for name, value in asked.items():
        if value in (None, "", [], False):
            continue
        sentence = fault_of(name, value)
        if sentence:
            wrong[f"filter.{name}"] = [sentence]
        kept[name] = sorted(set(value)) if name in LISTS and not sentence else value
    if wrong:
        raise Invalid("The filter asks for something that there is not.", errors=wrong)
    return kept


def fault_of(name: str, value: Any) -> str:
    if name in NUMBERS:
        low, high = NUMBERS[name]
        right = isinstance(value, int) and not isinstance(value, bool) and low <= value <= high
        return "" if right else f"a whole number from {low} to {high}"
    if name in LISTS:
        right = isinstance(value, list) and all(one in LISTS[name] for one in value)
        return "" if right else f"of {', '.join(LISTS[name])}"
    if name == "undecided_by":
        return "" if value in Constituency.values else f"one of {', '.join(Constituency.values)}"
    if name == "stale":
        return "" if value is True else "true or false"
    return "unknown field"


def changes_for(asked: Mapping[str, Any], *, at: dt.datetime, reader: User) -> list[ChangeRequest]:
    """What waits for votes and fits, the earliest window first, then the highest risk."""
    found: QuerySet[ChangeRequest] = visible(ChangeRequest.objects.taking_votes(), reader)
    if "risk_min" in asked:
        found = found.filter(risk_score__gte=asked["risk_min"])
    if "classes" in asked:
        found = found.filter(change_class__in=asked["classes"])
    if "domains" in asked:
        found = found.filter(pk__in=touching_domains(asked["domains"]).values("pk"))
    ordered = with_votes(found).order_by(F("window_start").asc(nulls_last=True), "-risk_score", "submitted_at", "key")
    return [one for one in ordered if fits(one, asked, at=at)][:MOST]


def touching_domains(keys: list[str]) -> QuerySet[ChangeRequest]:
    direct = Q(items__interface__provider__domain__key__in=keys)
    contract = Q(items__contract_version__contract__interface__provider__domain__key__in=keys)
    return ChangeRequest.objects.filter(direct | contract)


def with_votes(changes: QuerySet[ChangeRequest]) -> QuerySet[ChangeRequest]:
    present = ApprovalRequirement.objects.filter(number=F("change__number"))
    return changes.prefetch_related(
        Prefetch("requirements", present), Prefetch("votes", Vote.objects.select_related("voter"), to_attr="spoken")
    )


def fits(change: ChangeRequest, asked: Mapping[str, Any], *, at: dt.datetime) -> bool:
    """The parts of the question that columns do not answer."""
    if "lead_left_h" in asked:
        ends = change.lead_ends_at if change.revised_at else at
        if ends - at > dt.timedelta(hours=asked["lead_left_h"]):
            return False
    if "undecided_by" in asked and not waits_for(change, asked["undecided_by"]):
        return False
    return "stale" not in asked or has_stale_votes(change)


def has_stale_votes(change: ChangeRequest) -> bool:
    """Somebody decided on an earlier revision and has not spoken on the present one."""
    heard = {vote.voter_id for vote in spoken_on(change) if decides(vote, change)}
    return any(vote.choice in DECIDING and vote.voter_id not in heard for vote in spoken_on(change))


def waits_for(change: ChangeRequest, constituency: str) -> bool:
    """Its word is asked, and has not been given on the present revision."""
    asked = any(constituency in need.roles and need.status in WAITING for need in change.requirements.all())
    return asked and not any(vote.role == constituency and decides(vote, change) for vote in spoken_on(change))


def spoken_on(change: ChangeRequest) -> list[Vote]:
    return list(change.spoken)  # type: ignore[attr-defined]  # with_votes puts it there


def decides(vote: Vote, change: ChangeRequest) -> bool:
    return vote.choice in DECIDING and vote.revision_hash == change.revision_hash


def needs_no_discussion(change: ChangeRequest, asked: Mapping[str, Any]) -> bool:
    """Small, not for the whole board, and nobody has said no or asked about it."""
    if change.risk_score > asked.get("no_discussion_up_to", 0):
        return False
    if any(need.mode == "GROUP" for need in change.requirements.all()):
        return False
    doubts = (Choice.REJECT, Choice.REQUEST_INFO)
    return not any(vote.choice in doubts and vote.revision_hash == change.revision_hash for vote in spoken_on(change))


def filter_words(asked: Mapping[str, Any]) -> list[str]:
    """The question as people read it, part by part; one sentence for none."""
    said = {
        "risk_min": "risk {} or more",
        "classes": "class {}",
        "domains": "domain {}",
        "lead_left_h": "lead time over within {} h",
        "undecided_by": "not decided by {}",
        "stale": "with stale votes",
        "no_discussion_up_to": "without discussion up to risk {}",
    }
    words = []
    for name, sentence in said.items():
        if name in asked:
            value = asked[name]
            shown = ", ".join(value) if isinstance(value, list) else str(value)
            words.append(sentence.format(shown.replace("_", " ").lower() if name != "domains" else shown))
    return words or ["everything that waits for votes"]
