"""The audit: a change and its record are one block.

``recorded`` opens a transaction, remembers what the subject was, and when the *outermost* block ends, chains and
inserts the rows of every block inside it. The chain's head is the last lock taken and is held for an append only.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import models, transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from ..formats.verify_pack import digest_of, linked
from ..kernel.mandate import Mandate
from ..models import AuditEvent, AuditHead, User
from .context import origin
from .events import announce

GENESIS = "0" * 64
CONTENT_FIELDS = [f.attname for f in AuditEvent._meta.concrete_fields if f.attname not in ("hash", "previous_hash")]


@dataclass
class Entry:
    """One block's record while the block is open. A command may set ``reason`` or replace ``subject``."""

    action: str
    actor: User
    subject: models.Model
    at: dt.datetime
    mandate: str = ""
    reason: str = ""
    on_behalf_of: User | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


_open: ContextVar[list[Entry] | None] = ContextVar("open_audit_entries", default=None)


@contextmanager
def recorded(
    action: str,
    *,
    actor: User,
    subject: models.Model,
    mandate: Mandate | None = None,
    reason: str = "",
    on_behalf_of: User | None = None,
    now: dt.datetime | None = None,
    facts: Mapping[str, Any] | None = None,
) -> Iterator[Entry]:
    """Do something and record it: all or nothing.

    ``subject`` may be new (its uuid is known before it is stored). ``facts`` are further statements for the record
    that are not columns of the subject. Blocks nest; rows are appended in the order in which blocks began, and
    those of an inner block that failed are dropped with its savepoint.
    """
    outer = _open.get()
    at = now or (outer[0].at if outer else timezone.now())
    entry = Entry(
        action,
        actor,
        subject,
        at,
        mandate.change if mandate else "",
        reason,
        on_behalf_of,
        facts=dict(facts or {}),
    )
    collected: list[Entry] = [entry]
    with transaction.atomic():
        entry.before = snapshot(subject)
        note_birth(subject, at)
        token = _open.set(collected)
        try:
            yield entry
        finally:
            _open.reset(token)
        entry.after = snapshot(entry.subject)
        note_time(entry)
        if outer is None:
            announce(collected)
            append(collected)
        else:
            outer.extend(collected)


@contextmanager
def recorded_each(
    action: str,
    *,
    now: dt.datetime,
    actor: User,
    subjects: Sequence[models.Model],
    change: str = "",
    reason: str = "",
) -> Iterator[None]:
    """One block for many records of one model: each has its row, at a constant number of queries.

    ``change`` names the change whose mandates were redeemed for them.
    """
    outer = _open.get()
    entries = [Entry(action, actor, one, now, change, reason) for one in subjects]
    collected = list(entries)
    with transaction.atomic():
        before = snapshots(subjects)
        for one in subjects:
            note_birth(one, now)
        token = _open.set(collected)
        try:
            yield
        finally:
            _open.reset(token)
        after = snapshots(subjects)
        for entry in entries:
            entry.before, entry.after = before.get(entry.subject.pk, {}), after.get(entry.subject.pk, {})
        moved = [entry.subject for entry in entries if entry.before and entry.before != entry.after]
        for model in {type(one) for one in moved if hasattr(one, "updated_at")}:
            model._base_manager.filter(pk__in=[one.pk for one in moved]).update(updated_at=now)
        append(collected) if outer is None else outer.extend(collected)


def snapshots(subjects: Sequence[models.Model]) -> dict[Any, dict[str, Any]]:
    """The stored rows of records of one model by primary key, each as ``snapshot`` has it."""
    if not subjects:
        return {}
    model = type(subjects[0])
    rows = model._base_manager.filter(pk__in=[one.pk for one in subjects]).values("pk", *audited_names(subjects[0]))
    return {row.pop("pk"): {name: plain(value) for name, value in row.items()} for row in rows}


def note_birth(subject: Any, at: dt.datetime) -> None:
    if subject._state.adding and hasattr(subject, "created_at"):
        subject.created_at = subject.updated_at = at


def note_time(entry: Entry) -> None:
    """A record that was changed says since when, whichever way the command wrote it."""
    subject: Any = entry.subject
    if entry.before and entry.before != entry.after and hasattr(subject, "updated_at"):
        type(subject)._base_manager.filter(pk=subject.pk).update(updated_at=entry.at)
        subject.updated_at = entry.at


def snapshot(subject: models.Model) -> dict[str, Any]:
    """The stored row as JSON values, without what the model excludes in ``audit_excluded``; empty when not stored."""
    row = type(subject)._base_manager.filter(pk=subject.pk).values(*audited_names(subject)).first()
    return {name: plain(value) for name, value in row.items()} if row else {}


def audited_names(subject: models.Model) -> list[str]:
    excluded = {"created_at", "updated_at", "password", "last_login", *getattr(subject, "audit_excluded", ())}
    return [f.attname for f in subject._meta.concrete_fields if f.attname not in excluded]


def plain(value: Any) -> Any:
    """A JSON value for a column's value: times in UTC ISO 8601, everything unknown as text."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.UTC).isoformat(timespec="microseconds")
    if value is None or isinstance(value, str | int | float | bool | list | dict):
        return value
    return str(value)


def append(entries: list[Entry]) -> list[AuditEvent]:
    """Chain and insert, inside the caller's transaction. The head row's update is the lock that orders appends."""
    if not AuditHead.objects.filter(pk=1).update(seq=F("seq") + len(entries)):
        AuditHead.objects.get_or_create(pk=1)
        AuditHead.objects.filter(pk=1).update(seq=F("seq") + len(entries))
    head = AuditHead.objects.annotate(clock=Now()).get(pk=1)
    previous, rows = head.hash, []
    for seq, entry in enumerate(entries, start=head.seq - len(entries) + 1):
        event = event_from(entry, seq=seq, recorded_at=head.clock, previous_hash=previous)
        event.hash = previous = link_hash(event)
        rows.append(event)
    AuditEvent.objects.bulk_create(rows)
    AuditHead.objects.filter(pk=1).update(hash=previous)
    return rows


def event_from(entry: Entry, *, seq: int, recorded_at: dt.datetime, previous_hash: str) -> AuditEvent:
    before, after = differing(entry.before, entry.after)
    came_through, behalf = origin(), entry.on_behalf_of
    return AuditEvent(
        seq=seq,
        at=entry.at,
        recorded_at=recorded_at,
        actor_id=str(entry.actor.pk),
        actor_label=str(entry.actor)[:160],
        on_behalf_of_id=str(behalf.pk) if behalf else "",
        on_behalf_of_label=str(behalf)[:160] if behalf else "",
        via=came_through.via,
        request_id=came_through.request_id,
        action=entry.action,
        subject_type=entry.subject._meta.label_lower,
        subject_id=str(entry.subject.pk),
        subject_label=str(entry.subject)[:200],
        before=before,
        after={**after, **entry.facts},
        reason=entry.reason,
        mandate=entry.mandate,
        previous_hash=previous_hash,
    )


def differing(before: dict[str, Any], after: dict[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Only the columns whose value changed; all of them for a row that came or went."""
    changed = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    return (
        {name: before[name] for name in changed if name in before},
        {name: after[name] for name in changed if name in after},
    )


def content_of(event: AuditEvent) -> dict[str, Any]:
    """Every stored column but the two hashes, as JSON values: what a link's digest is taken of."""
    return {name: plain(getattr(event, name)) for name in CONTENT_FIELDS}


def link_hash(event: AuditEvent) -> str:
    """SHA-256 over the previous link's hash and the digest of this one's content.

    The digest stands between, so that a pack can prove some rows of the chain without showing the others.
    """
    return linked(event.previous_hash, digest_of(content_of(event)))


def history_of(subject: models.Model) -> QuerySet[AuditEvent]:
    """Every recorded step of one record, oldest first."""
    return AuditEvent.objects.filter(subject_type=subject._meta.label_lower, subject_id=str(subject.pk))
