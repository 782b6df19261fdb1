"""Minutes that write themselves when a meeting is closed, fixed by their hash and signed by the chair.

What was said is read from the records that people made during the meeting: who came and went, what was decided by whose
votes, what was noted. The hash is SHA-256 over the minutes as canonical JSON; the chair's signature binds it (21 CFR
11.70), so that neither the minutes nor the signature can be changed or moved without showing.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from governance.domain.audit import plain, recorded
from governance.domain.credentials import Credential, prove_oneself
from governance.domain.rules import require
from governance.domain.seals import derived_key
from governance.kernel.errors import Conflict, WrongState
from governance.models import BoardSeat, Constituency, User

from ..lifecycle import AGENDA_ITEM, MEETING
from ..models import AgendaItem, Attendance, ChangeRequest, Meeting, Override, Vote
from .attendance import sat_for
from .meetings import take_turn
from .outcomes import decision_words, is_decided, tally_of, vetoes_among
from .requirements import current_requirements
from .signing import PURPOSE, keyed_hash
from .voting import live_votes

NOT_REACHED = "Not reached"


def close_meeting(meeting: Meeting, *, now: dt.datetime, actor: User) -> Meeting:
    """It is over: who is still there leaves, what was not reached is deferred, and the minutes are written.

    Raises ``WrongState`` while something is being discussed.
    """
    require(actor, "close", meeting)
    with recorded("approvals.meeting.close", actor=actor, subject=meeting, now=now):
        take_turn(meeting, ("RUNNING",))
        for item in meeting.agenda.filter(state__in=["WAITING", "CURRENT"]).select_related("change"):
            if item.state == "CURRENT":
                raise WrongState(f"{item.change.key} is being discussed: finish or defer it, then close the meeting.")
            settle_unreached(item, now=now, actor=actor)
        Attendance.objects.filter(meeting=meeting, left_at=None).update(left_at=now)
        meeting.closed_at = now
        written = minutes_of(meeting)
        MEETING.move(meeting, "close", closed_at=now, minutes=written, minutes_hash=hash_of(written))
    return meeting


def settle_unreached(item: AgendaItem, *, now: dt.datetime, actor: User) -> None:
    """What its voters have decided meanwhile is decided; the rest is deferred."""
    change = item.change
    with recorded("approvals.agenda_item.settle", actor=actor, subject=item, now=now):
        if is_decided(change):
            AGENDA_ITEM.move(item, "decide", ended_at=now, decision=decision_words(change))
        else:
            AGENDA_ITEM.move(item, "defer", decision=NOT_REACHED)


def person(user: User | None) -> dict[str, str] | None:
    return {"username": user.username, "name": str(user)} if user else None


def minutes_of(meeting: Meeting) -> dict[str, Any]:
    """Everything that the minutes say, as JSON: times in UTC ISO 8601, spans in seconds."""
    at = meeting.opened_at or meeting.starts_at
    seats = list(BoardSeat.objects.in_term(at).filter(board=meeting.board_id).select_related("member"))
    sat = list(meeting.attendances.in_order())
    agenda = list(meeting.agenda.select_related("change").order_by("position", "pk"))
    return {
        "board": meeting.board.name,
        "meeting": str(meeting.pk),
        "title": meeting.title,
        "planned_for": plain(meeting.starts_at),
        "opened_at": plain(meeting.opened_at),
        "closed_at": plain(meeting.closed_at),
        "chair": person(meeting.chair),
        "seats": {"of": len(seats), "came": len({one.constituency for one in sat if one.constituency})},
        "attendance": [attendance_said(one, seats) for one in sat],
        "agenda": [item_said(one, meeting) for one in agenda],
        "deferred": [one.change.key for one in agenda if one.state == "DEFERRED"],
    }


def attendance_said(one: Attendance, seats: list[BoardSeat]) -> dict[str, Any]:
    return {
        "person": person(one.person),
        "constituency": one.constituency,
        "in_place_of": person(sat_for(one, seats)),
        "came_at": plain(one.came_at),
        "left_at": plain(one.left_at),
    }


def item_said(item: AgendaItem, meeting: Meeting) -> dict[str, Any]:
    """One change: what was decided, by whose votes, and what else was said on it."""
    change, votes = item.change, live_votes(item.change)
    tally = tally_of(votes)
    ended = item.ended_at or item.began_at or meeting.closed_at or meeting.starts_at
    return {
        "position": item.position,
        "change": change.key,
        "title": change.title,
        "revision": change.number,
        "revision_hash": change.revision_hash,
        "state": item.state,
        "change_state": change.state,
        "decision": item.decision,
        "discussed": not item.consent,
        "began_at": plain(item.began_at),
        "ended_at": plain(item.ended_at),
        "timebox_s": item.timebox_s,
        "spent_s": item.elapsed_s(ended),
        "over_s": item.over_s(ended),
        "tally": {"approve": tally.approve, "reject": tally.reject, "said": str(tally) if tally else ""},
        "votes": [vote_said(vote, meeting) for vote in in_order(votes)],
        "vetoes": vetoes_among(votes, current_requirements(change)),
        "recusals": recusals_said(change),
        "overrides": overrides_said(change),
        "notes": item.notes,
    }


def in_order(votes: list[Vote]) -> list[Vote]:
    """The board's constituencies first, then the other roles."""
    return sorted(votes, key=lambda vote: (vote.role not in Constituency.values, vote.role, vote.at))


def vote_said(vote: Vote, meeting: Meeting) -> dict[str, Any]:
    return {
        "role": vote.role,
        "voter": person(vote.voter),
        "in_place_of": person(vote.on_behalf_of),
        "choice": vote.choice,
        "comment": vote.comment,
        "at": plain(vote.at),
        "in_meeting": bool(meeting.opened_at and vote.at >= meeting.opened_at),
        "signed_name": vote.signed_name,
        "signature": vote.signature,
    }


def recusals_said(change: ChangeRequest) -> list[dict[str, Any]]:
    rows = change.recusals.select_related("person").order_by("at")
    return [{"person": person(one.person), "reason": one.reason, "at": plain(one.at)} for one in rows]


def overrides_said(change: ChangeRequest) -> list[dict[str, Any]]:
    present = Override.objects.filter(requirement__change=change, requirement__number=change.number)
    rows = present.select_related("person", "on_behalf_of", "requirement__subscription__consumer").order_by("at")
    return [
        {
            "requirement": one.requirement.label, "constituency": one.constituency, "person": person(one.person),
            "in_place_of": person(one.on_behalf_of), "reason": one.reason, "at": plain(one.at),
        }
        for one in rows
    ]  # fmt: skip


def hash_of(minutes: dict[str, Any]) -> str:
    """SHA-256 of the minutes as canonical JSON: sorted keys, no spaces, UTF-8."""
    said = json.dumps(minutes, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(said.encode()).hexdigest()


def sign_minutes(
    meeting: Meeting, *, minutes_hash: str, signature: Credential | None, now: dt.datetime, actor: User
) -> Meeting:
    """The chair puts their name under the minutes that they have read; afterwards nothing moves.

    Raises ``NotAllowed`` for everybody else and as ``prove_oneself`` does, ``NotReady`` (SIGNATURE_REQUIRED),
    ``Conflict`` (MINUTES_BROKEN, MINUTES_OTHER when other minutes were read) and ``WrongState``.
    """
    require(actor, "sign", meeting)
    MEETING.check(meeting, "sign")
    check_minutes(meeting, minutes_hash)
    method = prove_oneself(actor, signature)
    with recorded("approvals.meeting.sign", actor=actor, subject=meeting, now=now):
        take_turn(meeting, ("CLOSED",))
        check_minutes(meeting, minutes_hash)
        meeting.signed_by, meeting.signed_name = actor, str(actor)[:160]
        meeting.signed_at, meeting.sign_method = now, method
        MEETING.move(
            meeting, "sign", signed_by=actor, signed_name=meeting.signed_name, signed_at=now, sign_method=method,
            signature=keyed_hash(material_of(meeting)),
        )  # fmt: skip
    return meeting


def check_minutes(meeting: Meeting, seen: str) -> None:
    if hash_of(meeting.minutes) != meeting.minutes_hash:
        said = "The minutes are not those that were written when the meeting was closed. They cannot be signed."
        raise Conflict(said, code="MINUTES_BROKEN")
    if seen != meeting.minutes_hash:
        raise Conflict("These are not the minutes that you have read. Read them, then sign.", code="MINUTES_OTHER")


def meaning_of(meeting: Meeting) -> str:
    """What the chair's signature says."""
    return f"signs the minutes of {meeting.title} as its chair"


def material_of(meeting: Meeting) -> dict[str, Any]:
    """All that the signature binds."""
    return {
        "id": str(meeting.pk),
        "kind": meeting._meta.label_lower,
        "minutes": meeting.minutes_hash,
        "name": meeting.signed_name,
        "meaning": meaning_of(meeting),
        "method": meeting.sign_method,
        "at": plain(meeting.signed_at),
        "signer": str(meeting.signed_by_id),
    }


def minutes_hold(meeting: Meeting) -> bool:
    """Are these the minutes that were written? False also where there are none."""
    return bool(meeting.minutes_hash) and hash_of(meeting.minutes) == meeting.minutes_hash


def signature_holds(meeting: Meeting, *, key: bytes | None = None) -> bool:
    """Does the chair's signature belong to these very minutes? False where there is none."""
    if not meeting.signature:
        return False
    return hmac.compare_digest(meeting.signature, keyed_hash(material_of(meeting), key=key))


def minutes_problems() -> Iterator[str]:
    """For ``manage.py audit_verify``: every meeting whose minutes or signature do not hold."""
    key = derived_key(PURPOSE)
    for meeting in Meeting.objects.filter(state__in=["CLOSED", "SIGNED"]).order_by("pk").iterator(chunk_size=500):
        if not minutes_hold(meeting):
            yield f"the minutes of {meeting} ({meeting.pk}) are not those that were written"
        signed = meeting.state == "SIGNED" or meeting.signed_at or meeting.signature
        if signed and not signature_holds(meeting, key=key):
            yield f"the signature of {meeting.signed_name} under the minutes of {meeting} ({meeting.pk}) does not match"
