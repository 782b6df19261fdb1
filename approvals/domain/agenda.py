"""The agenda of a meeting: filled by its filter, put in order, discussed item by item, each once per agenda."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.db.models import Max

from governance.domain.audit import recorded
from governance.domain.credentials import Credential
from governance.domain.rules import require
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotReady, StaleRevision, WrongState
from governance.models import User

from ..lifecycle import AGENDA_ITEM, OPEN_STATES
from ..models import AgendaItem, ApprovalRequirement, ChangeRequest, Meeting, Vote
from .agenda_filter import changes_for, checked_filter, needs_no_discussion
from .attendance import is_present
from .meetings import OPEN, page_of, take_turn
from .outcomes import decision_words, is_decided
from .telling import tell
from .voting import cast_vote

TIMEBOX_S = 600
LONGEST_S = 14_400


def fill_agenda(
    meeting: Meeting, *, filter: Mapping[str, Any] | None = None, now: dt.datetime, actor: User
) -> list[AgendaItem]:
    """Put what the stored filter finds at the agenda's end; what is on it already stays where it is.

    ``filter`` replaces the stored one. Answers with the new items. Raises ``Invalid`` and ``WrongState``.
    """
    require(actor, "run", meeting)
    asked = checked_filter(meeting.filter if filter is None else filter)
    with recorded("approvals.meeting.fill", actor=actor, subject=meeting, now=now):
        take_turn(meeting, OPEN)
        Meeting.objects.filter(pk=meeting.pk).update(filter=asked)
        meeting.filter = asked
        known = set(meeting.agenda.values_list("change", flat=True))
        found = [one for one in changes_for(asked, at=now, reader=actor) if one.pk not in known]
        return [
            put_on_agenda(
                meeting, change, timebox_s=0 if needs_no_discussion(change, asked) else TIMEBOX_S, now=now, actor=actor
            )
            for change in found
        ]


def add_to_agenda(
    meeting: Meeting, *, change: ChangeRequest, timebox_s: int = TIMEBOX_S, now: dt.datetime, actor: User
) -> AgendaItem:
    """One change by its key, at the agenda's end. Raises ``Conflict`` (DUPLICATE) for one that is on it already."""
    require(actor, "run", meeting)
    require(actor, "view", change)
    check_timebox(timebox_s)
    if change.state not in OPEN_STATES:
        raise WrongState(f"{change.key} is {change.state}: there is nothing to decide on it now.")
    with recorded("approvals.meeting.add", actor=actor, subject=meeting, now=now):
        take_turn(meeting, OPEN)
        if meeting.agenda.filter(change=change).exists():
            raise Conflict(f"{change.key} is on this agenda already.", code="DUPLICATE")
        return put_on_agenda(meeting, change, timebox_s=timebox_s, now=now, actor=actor)


def put_on_agenda(
    meeting: Meeting, change: ChangeRequest, *, timebox_s: int, now: dt.datetime, actor: User
) -> AgendaItem:
    last = meeting.agenda.aggregate(last=Max("position"))["last"] or 0
    item = AgendaItem(meeting=meeting, change=change, position=last + 1, timebox_s=timebox_s)
    with recorded("approvals.agenda_item.add", actor=actor, subject=item, now=now):
        item.save(force_insert=True)
    return item


def check_timebox(seconds: int) -> None:
    if seconds and not 30 <= seconds <= LONGEST_S:
        said = f"0 for no discussion, or 30 to {LONGEST_S} seconds"
        raise Invalid("This timebox is too short or too long.", errors={"timebox_s": [said]})


def move_item(
    item: AgendaItem, *, position: int | None = None, step: int = 0, now: dt.datetime, actor: User
) -> AgendaItem:
    """To a place counted from 1, or by one step up (-1) or down (+1) past the next that waits as it does."""
    meeting = item.meeting
    require(actor, "run", meeting)
    with recorded("approvals.agenda_item.move", actor=actor, subject=item, now=now):
        take_turn(meeting, OPEN)
        rows = list(meeting.agenda.order_by("position", "pk"))
        mine = next(row for row in rows if row.pk == item.pk)
        check_waits(mine)
        place = position if position is not None else place_beside(rows, mine, step)
        rows.remove(mine)
        rows.insert(min(max(place, 1), len(rows) + 1) - 1, mine)
        for place, row in enumerate(rows, start=1):
            AgendaItem.objects.filter(pk=row.pk).exclude(position=place).update(position=place)
        item.refresh_from_db()
    return item


def place_beside(rows: list[AgendaItem], mine: AgendaItem, step: int) -> int:
    alike = [row for row in rows if row.state == "WAITING" and row.consent == mine.consent]
    beside = alike.index(mine) + step
    return rows.index(alike[beside] if 0 <= beside < len(alike) else mine) + 1


def check_waits(item: AgendaItem) -> None:
    if item.state != "WAITING":
        raise WrongState(f"{item} is {item.state}; only what waits can be arranged.", details={"state": item.state})


def promote_item(item: AgendaItem, *, timebox_s: int = TIMEBOX_S, now: dt.datetime, actor: User) -> AgendaItem:
    """It shall be talked about: any member of the board may ask that."""
    require(actor, "promote", item.meeting)
    if not timebox_s:
        raise Invalid("Give it some time.", errors={"timebox_s": ["30 seconds or more"]})
    return set_timebox(item, timebox_s, verb="promote", now=now, actor=actor)


def demote_item(item: AgendaItem, *, now: dt.datetime, actor: User) -> AgendaItem:
    """It needs no discussion: it goes by everybody's own vote."""
    require(actor, "run", item.meeting)
    return set_timebox(item, 0, verb="demote", now=now, actor=actor)


def set_timebox(item: AgendaItem, seconds: int, *, verb: str, now: dt.datetime, actor: User) -> AgendaItem:
    check_timebox(seconds)
    with recorded(f"approvals.agenda_item.{verb}", actor=actor, subject=item, now=now):
        take_turn(item.meeting, OPEN)
        item.refresh_from_db(fields=["state", "timebox_s", "revision"])
        check_waits(item)
        if item.consent == (seconds == 0):
            raise WrongState(f"{item} {'needs no discussion' if item.consent else 'is to be discussed'} already.")
        AgendaItem.objects.filter(pk=item.pk).update(timebox_s=seconds)
        item.timebox_s = seconds
    return item


def current_item(meeting: Meeting) -> AgendaItem | None:
    return meeting.agenda.filter(state="CURRENT").select_related("change").first()


def check_seen(current: AgendaItem | None, seen: str) -> None:
    """``seen`` is the key of the change that was being discussed when the page was read, empty for none."""
    now_at = current.change.key if current else ""
    if seen != now_at:
        where = f"{now_at} is being discussed now" if now_at else "nothing is being discussed now"
        raise Conflict(
            f"The meeting has moved on: {where}. Look at it before you go on.", code="MEETING_MOVED",
            details={"current": now_at},
        )  # fmt: skip


def begin_item(item: AgendaItem, *, seen: str = "", now: dt.datetime, actor: User) -> AgendaItem:
    """Its time runs from now. Raises ``Conflict`` (MEETING_MOVED, ITEM_CURRENT) and ``WrongState``."""
    meeting = item.meeting
    require(actor, "run", meeting)
    with recorded("approvals.agenda_item.begin", actor=actor, subject=item, now=now):
        take_turn(meeting, ("RUNNING",))
        current = current_item(meeting)
        check_seen(current, seen)
        if current:
            raise Conflict(f"{current.change.key} is being discussed: finish or defer it first.", code="ITEM_CURRENT")
        start(item, now=now)
    return item


def start(item: AgendaItem, *, now: dt.datetime) -> None:
    item.refresh_from_db(fields=["state", "timebox_s", "revision"])
    if item.consent:
        raise WrongState(f"{item} needs no discussion; promote it to discuss it.")
    AGENDA_ITEM.move(item, "begin", began_at=now, ended_at=None)
    following = waiting_items(item.meeting).first()
    if following:
        said = f"Next in {item.meeting.title}: {following.change}"
        people = (following.change.requester, following.change.responsible)
        tell(people, "meeting.next", said, url=page_of(item.meeting), now=now)


def waiting_items(meeting: Meeting) -> Any:
    """What waits for discussion, in order."""
    waiting = meeting.agenda.filter(state="WAITING").exclude(timebox_s=0)
    return waiting.select_related("change__requester", "change__responsible").order_by("position", "pk")


def finish_item(item: AgendaItem, *, now: dt.datetime, actor: User) -> AgendaItem:
    """What the votes have decided is written down. Raises ``NotReady`` (UNDECIDED) while voters are still asked."""
    require(actor, "run", item.meeting)
    with recorded("approvals.agenda_item.decide", actor=actor, subject=item, now=now):
        take_turn(item.meeting, ("RUNNING",))
        item.refresh_from_db(fields=["state", "timebox_s", "revision", "began_at"])
        if item.state == "WAITING" and not item.consent:
            raise WrongState(f"{item} was not begun yet.")
        write_decision(item, now=now)
    return item


def write_decision(item: AgendaItem, *, now: dt.datetime) -> None:
    change = ChangeRequest.objects.get(pk=item.change_id)
    if not is_decided(change):
        said = f"{change.key} is not decided yet: its voters vote, or it is deferred."
        raise NotReady(said, code="UNDECIDED")
    AGENDA_ITEM.move(item, "decide", ended_at=now, decision=decision_words(change))


def next_item(meeting: Meeting, *, seen: str, now: dt.datetime, actor: User) -> AgendaItem | None:
    """Finish what is being discussed and begin what comes next; ``None`` when nothing is left to discuss.

    Of two who press at once one wins, and the other reads where the meeting is (MEETING_MOVED). Raises ``NotReady``
    (UNDECIDED) and ``WrongState`` when there is nothing to finish or to begin.
    """
    require(actor, "run", meeting)
    with recorded("approvals.meeting.next", actor=actor, subject=meeting, now=now):
        take_turn(meeting, ("RUNNING",))
        current = current_item(meeting)
        check_seen(current, seen)
        if current:
            current.meeting = meeting
            with recorded("approvals.agenda_item.decide", actor=actor, subject=current, now=now):
                write_decision(current, now=now)
        following: AgendaItem | None = waiting_items(meeting).first()
        if following:
            following.meeting = meeting
            with recorded("approvals.agenda_item.begin", actor=actor, subject=following, now=now):
                start(following, now=now)
        elif not current:
            raise WrongState("Nothing is left to discuss.")
    return following


def defer_item(item: AgendaItem, *, reason: str, to_next: bool = False, now: dt.datetime, actor: User) -> AgendaItem:
    """Not today. With ``to_next`` it goes on the agenda of the board's next meeting.

    Raises ``Conflict`` (NO_NEXT_MEETING) when none is planned, and ``WrongState``.
    """
    meeting = item.meeting
    require(actor, "run", meeting)
    if not reason.strip():
        raise Invalid("Say why it is deferred.", errors={"reason": ["It stands in the minutes."]})
    with recorded("approvals.agenda_item.defer", actor=actor, subject=item, now=now, reason=reason):
        take_turn(meeting, OPEN)
        item.refresh_from_db(fields=["state", "revision", "began_at"])
        following = next_meeting(meeting) if to_next else None
        where = f"Deferred to {following.title}" if following else "Deferred"
        ended = now if item.state == "CURRENT" else None
        AGENDA_ITEM.move(item, "defer", ended_at=ended, decision=f"{where}: {reason.strip()}"[:200])
        if following:
            take_turn(following, ("PLANNED",))
            if not following.agenda.filter(change=item.change_id).exists():
                timebox = item.timebox_s or TIMEBOX_S
                put_on_agenda(following, item.change, timebox_s=timebox, now=now, actor=actor)
    return item


def next_meeting(meeting: Meeting) -> Meeting:
    later = Meeting.objects.filter(board=meeting.board_id, state="PLANNED", starts_at__gt=meeting.starts_at)
    found = later.exclude(pk=meeting.pk).order_by("starts_at").first()
    if found is None:
        said = "No later meeting of this board is planned. Plan one first, or defer without one."
        raise Conflict(said, code="NO_NEXT_MEETING")
    return found


def restore_item(item: AgendaItem, *, now: dt.datetime, actor: User) -> AgendaItem:
    """Back on this agenda, to wait for its turn."""
    require(actor, "run", item.meeting)
    with recorded("approvals.agenda_item.restore", actor=actor, subject=item, now=now):
        take_turn(item.meeting, OPEN)
        item.refresh_from_db(fields=["state", "revision"])
        AGENDA_ITEM.move(item, "restore", decision="", began_at=None, ended_at=None)
    return item


def write_notes(item: AgendaItem, *, notes: str, revision: int, now: dt.datetime, actor: User) -> AgendaItem:
    """What was said. ``revision`` is the item's as the writer has read it, so that nobody's notes are lost unseen.

    Raises ``StaleRevision``, and ``WrongState`` once the meeting is closed.
    """
    require(actor, "run", item.meeting)
    with recorded("approvals.agenda_item.note", actor=actor, subject=item, now=now):
        take_turn(item.meeting, OPEN)
        item.refresh_from_db(fields=["notes", "revision"])
        if item.revision != revision:
            said = "Somebody has changed this item since you read it. Read its notes, then write yours again."
            raise StaleRevision(said, details={"given": revision, "current": item.revision})
        AgendaItem.objects.filter(pk=item.pk).update(notes=notes.strip(), revision=revision + 1)
        item.notes, item.revision = notes.strip(), revision + 1
    return item


def vote_in_meeting(
    item: AgendaItem,
    *,
    choice: str,
    revision_hash: str,
    comment: str = "",
    requirement: ApprovalRequirement | None = None,
    signature: Credential | None = None,
    now: dt.datetime,
    actor: User,
) -> Vote:
    """A vote as everywhere, by somebody who is in the room, on what is being discussed or needs no discussion.

    Raises ``NotAllowed`` (NOT_PRESENT) and ``WrongState``, and all that ``cast_vote`` raises.
    """
    meeting = item.meeting
    if meeting.state != "RUNNING" or not (item.state == "CURRENT" or (item.state == "WAITING" and item.consent)):
        raise WrongState(f"{item.change.key} is not open for votes in this meeting now.")
    if not is_present(meeting, actor):
        raise NotAllowed("You are not noted as present. Say that you are here, then vote.", code="NOT_PRESENT")
    vote = cast_vote(
        item.change, choice=choice, revision_hash=revision_hash, comment=comment, requirement=requirement,
        signature=signature, now=now, actor=actor,
    )  # fmt: skip
    note_vote(item, now=now, actor=actor)
    return vote


def note_vote(item: AgendaItem, *, now: dt.datetime, actor: User) -> None:
    """Those who look on are to see it; what needs no discussion is decided by its last needed vote.

    The vote stands already, so that nothing here refuses: closing the meeting writes down what was missed.
    """
    with recorded("approvals.meeting.vote", actor=actor, subject=item.meeting, now=now):
        try:
            take_turn(item.meeting, ("RUNNING",))
        except WrongState:
            return
        item.refresh_from_db(fields=["state", "timebox_s", "revision"])
        if item.state == "WAITING" and item.consent and is_decided(ChangeRequest.objects.get(pk=item.change_id)):
            with recorded("approvals.agenda_item.decide", actor=actor, subject=item, now=now):
                write_decision(item, now=now)
