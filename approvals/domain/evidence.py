"""What people give as evidence: a file, a link or a statement; each is part of the revision that is voted on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from django.db.models import F

from governance.domain.audit import Entry, recorded
from governance.domain.files import attach_file, check_size
from governance.domain.rules import require
from governance.kernel.errors import Conflict, NotFound, WrongState
from governance.models import User

from ..lifecycle import REVISABLE_STATES
from ..models import ChangeClass, ChangeRequest, Operation
from .missing import votes_made_stale
from .pieces import (
    MOST_PIECES,
    Piece,
    file_piece,
    known_kind,
    link_piece,
    statement_piece,
)
from .requests import advance, next_number, note_authors, renew
from .requirements import plan_change
from .revisions import revision_hash

Evidence = dict[str, list[Piece]]
#: An emergency that is authorised, and a finding with a verdict, take evidence beside what is voted on until closed.
LATE_STATES = ("IMPLEMENTING", "REVIEW")
LATE_CLASSES = (ChangeClass.EMERGENCY, ChangeClass.UNAUTHORIZED)


def attach_evidence(
    change: ChangeRequest, *, kind: str, content: bytes, name: str, now: dt.datetime, actor: User
) -> ChangeRequest:
    """Give a file, kept by its hash. With the last missing piece the voters of a normal change are asked.

    Raises ``Invalid`` (EVIDENCE_COMPUTED, EVIDENCE_KIND, FILE_EMPTY, FILE_TYPE), ``TooLarge`` (FILE_TOO_LARGE),
    ``Conflict`` (EVIDENCE_TWICE, EVIDENCE_MANY) and ``WrongState``; with votes cast, as ``revise_change`` does.
    """
    require(actor, "attach_evidence", change)
    known_kind(kind)
    check_open(change)
    check_size(len(content))
    with recorded("approvals.change.attach_evidence", actor=actor, subject=change, now=now) as entry:
        kept = attach_file(content, name=name, now=now, actor=actor)
        piece = file_piece(kept, len(content), now=now, by=actor)
        give(change, kind, piece, entry=entry, now=now, actor=actor)
    return change


def link_evidence(
    change: ChangeRequest, *, kind: str, url: str, sha256: str = "", now: dt.datetime, actor: User
) -> ChangeRequest:
    """Give a link, with the hash of the document that it leads to as declared. Raises as ``attach_evidence`` does."""
    require(actor, "link_evidence", change)
    known_kind(kind)
    check_open(change)
    piece = link_piece(url, sha256=sha256, now=now, by=actor)
    with recorded("approvals.change.link_evidence", actor=actor, subject=change, now=now) as entry:
        give(change, kind, piece, entry=entry, now=now, actor=actor)
    return change


def state_evidence(change: ChangeRequest, *, kind: str, text: str, now: dt.datetime, actor: User) -> ChangeRequest:
    """Give one's word, for the kinds that are one. Raises as ``attach_evidence`` does."""
    require(actor, "state_evidence", change)
    sort = known_kind(kind)
    check_open(change)
    piece = statement_piece(sort, text, now=now, by=actor)
    with recorded("approvals.change.state_evidence", actor=actor, subject=change, now=now) as entry:
        give(change, kind, piece, entry=entry, now=now, actor=actor)
    return change


def withdraw_evidence(
    change: ChangeRequest, *, piece: str, reason: str = "", now: dt.datetime, actor: User
) -> ChangeRequest:
    """Take a piece back; of what came after the vote nothing is taken back. A file stays kept, for the audit."""
    require(actor, "withdraw_evidence", change)
    check_open(change)
    kind, gone = piece_of_change(change, piece)
    if is_late(change):
        raise WrongState(f"{change.key} was voted on with it: evidence is only added now.", code="EVIDENCE_FIXED")
    with recorded("approvals.change.withdraw_evidence", actor=actor, subject=change, now=now, reason=reason) as entry:
        entry.facts |= said_of(kind, gone)

        def without(evidence: Evidence) -> Evidence:
            left = {key: [one for one in ones if one["id"] != gone["id"]] for key, ones in evidence.items()}
            return {key: ones for key, ones in left.items() if ones}

        write(change, without, entry=entry, now=now, actor=actor)
    return change


def piece_of_change(change: ChangeRequest, piece: str) -> tuple[str, Piece]:
    """The kind and the piece with this id. Raises ``NotFound``."""
    for kind, pieces in change.evidence.items():
        for one in pieces:
            if one["id"] == piece:
                return kind, one
    raise NotFound(f"{change.key} has no such piece of evidence now.")


def said_of(kind: str, piece: Piece) -> dict[str, str]:
    return {"kind": kind, "form": piece["form"], "sha256": piece["sha256"]}


def is_late(change: ChangeRequest) -> bool:
    return change.state in LATE_STATES and change.change_class in LATE_CLASSES


def takes_evidence(change: ChangeRequest) -> bool:
    """As long as the change may be revised; an emergency and a finding until they are closed."""
    if change.state == "SCHEDULED" and any(item.operation == Operation.CREATE for item in change.items.all()):
        return False
    return change.state in (*REVISABLE_STATES, "DETECTED") or is_late(change)


def check_open(change: ChangeRequest) -> None:
    """Raises ``WrongState`` (EVIDENCE_FIXED) once what was given is what was decided on."""
    if not takes_evidence(change):
        said = f"{change.key} is {change.state}: what was given as evidence stays as it is."
        raise WrongState(said, code="EVIDENCE_FIXED")


def give(change: ChangeRequest, kind: str, piece: Piece, *, entry: Entry, now: dt.datetime, actor: User) -> None:
    entry.facts |= said_of(kind, piece)

    def with_piece(evidence: Evidence) -> Evidence:
        held = evidence.get(kind, [])
        if any(same(one, piece) for one in held):
            raise Conflict("This very piece is given already.", code="EVIDENCE_TWICE")
        if len(held) >= MOST_PIECES:
            said = f"At most {MOST_PIECES} pieces are kept of one kind: withdraw one."
            raise Conflict(said, code="EVIDENCE_MANY")
        return {**evidence, kind: [*held, piece | ({"late": True} if is_late(change) else {})]}

    write(change, with_piece, entry=entry, now=now, actor=actor)


def same(one: Piece, other: Piece) -> bool:
    return all(one.get(name) == other.get(name) for name in ("form", "sha256", "url", "name"))


def write(
    change: ChangeRequest, become: Callable[[Evidence], Evidence], *, entry: Entry, now: dt.datetime, actor: User
) -> None:
    """Touch the row first, so that of two who give at once the second sees what the first gave, and loses nothing.

    Where votes are or were asked this is a new revision, as any other is.
    """
    seen = change.state
    if not ChangeRequest.objects.filter(pk=change.pk, state=seen).update(touched_at=now, revision=F("revision") + 1):
        raise WrongState(f"{change.key} moved on since you saw it. Reload it and look again.")
    change.refresh_from_db()
    check_open(change)
    change.evidence = become(change.evidence)
    note_authors(change, actor)
    if is_late(change):
        ChangeRequest.objects.filter(pk=change.pk).update(evidence=change.evidence)
        return
    items = list(change.items.all())
    if change.state in ("AUTHORIZE", "SCHEDULED"):
        entry.facts |= votes_made_stale(change)
        next_number(change)
        renew(change, items, plan_change(change, items, now=now), names=["evidence"], now=now, actor=actor)
        return
    change.revision_hash = revision_hash(change, items, policy=change.policy)
    kept = {"evidence": change.evidence, "revision_hash": change.revision_hash}
    if change.state == "ASSESS":
        kept["revised_at"] = change.revised_at = now
    ChangeRequest.objects.filter(pk=change.pk).update(**kept)
    if change.state == "ASSESS":
        advance(change, items, now=now, actor=actor)
