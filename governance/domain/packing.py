"""Audit packs: a part of the record as one signed file that proves itself, far from here and with Python alone.

``governance/formats/verify_pack.py`` is the other half: it says what a pack must be, and it travels inside of it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import io
import json
import os
import re
import tempfile
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from typing import IO, Any

from django.db.models import QuerySet

from ..formats import verify_pack
from ..formats.verify_pack import digest_of, id_of, linked
from ..kernel.errors import Conflict, Invalid
from ..models import AuditEvent, AuditSeal, User
from .audit import content_of, plain, recorded
from .auditing import audit_trail
from .rules import require
from .seals import as_line, raw_of, seal, sealing_key

QUARTER = re.compile(r"^(\d{4})-Q([1-4])$")
READ_AT_ONCE = 2000
KEPT_IN_MEMORY = 16 * 1024 * 1024


@dataclass(frozen=True)
class PackScope:
    """What a pack is of: ``kind`` is change, interface or quarter, ``key`` names it, ``label`` says it to people."""

    kind: str
    key: str
    label: str

    @property
    def file_name(self) -> str:
        return f"audit-{self.key}.zip"


@dataclass
class Pack:
    """The finished archive, open at its beginning; who takes it closes it. ``sha256`` is of the whole file, in hex."""

    name: str
    file: IO[bytes]
    events: int
    sha256: str


@dataclass
class Archive:
    """A ZIP being written, that remembers each file's size and SHA-256 for the manifest."""

    zip: zipfile.ZipFile
    made_at: dt.datetime
    files: dict[str, dict[str, Any]] = field(default_factory=dict)

    @contextmanager
    def writing(self, name: str) -> Iterator[Listed]:
        info = zipfile.ZipInfo(name, date_time=self.made_at.timetuple()[:6])
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        with self.zip.open(info, "w", force_zip64=True) as out:
            listed = Listed(out)
            yield listed
        self.files[name] = {"sha256": listed.hash.hexdigest(), "bytes": listed.size}

    def write(self, name: str, content: bytes) -> None:
        with self.writing(name) as out:
            out.write(content)


class Listed:
    """Writes through, and counts and hashes what passes."""

    def __init__(self, out: IO[bytes]) -> None:
        self.out, self.hash, self.size = out, hashlib.sha256(), 0

    def write(self, content: bytes) -> None:
        self.hash.update(content)
        self.size += len(content)
        self.out.write(content)


def export_audit_pack(
    scope: PackScope,
    events: QuerySet[AuditEvent],
    *,
    records: Mapping[str, Any] | None = None,
    files: Iterable[tuple[str, bytes]] = (),
    now: dt.datetime,
    actor: User,
) -> Pack:
    """Write ``events`` with the proof that they stand in the sealed chain, the ``records`` as JSON, and the ``files``.

    Raises ``NotAllowed`` for all but auditors and platform administrators, ``Invalid`` (NOTHING_RECORDED) where nothing
    is recorded, ``Conflict`` (CHAIN_BROKEN) where the chain itself does not hold: no pack is made of it.
    """
    require(actor, "export", AuditEvent)
    first, last = events.order_by("seq").first(), events.order_by("seq").last()
    if first is None or last is None:
        raise Invalid(f"Nothing is recorded of {scope.label}.", code="NOTHING_RECORDED")
    sealed = seal_from(last.seq, now=now)
    with ExitStack() as stack, recorded("governance.audit.export", actor=actor, subject=sealed, now=now) as entry:
        archive_file = stack.enter_context(tempfile.TemporaryFile())
        with zipfile.ZipFile(archive_file, "w") as zipped:
            archive = Archive(zipped, now.astimezone(dt.UTC))
            count = write_events(archive, events)
            write_links(archive, first, sealed)
            for name, record in (records or {}).items():
                archive.write(f"records/{name}.json", as_json(record))
            for name, content in files:
                archive.write(f"evidence/{name}", content)
            write_story(archive, scope, events)
            archive.write("verify_pack.py", own_verifier())
            archive.write("README.txt", read_me(scope).encode())
            write_manifest(archive, scope, first=first, sealed=sealed, count=count, made_by=str(actor))
        sha256 = digest_of_file(archive_file)
        entry.facts |= {"scope": asdict(scope), "events": count, "sha256": sha256}
        if archive_file.seek(0, os.SEEK_END) <= KEPT_IN_MEMORY:
            return Pack(scope.file_name, io.BytesIO(read_whole(archive_file)), count, sha256)
        archive_file.seek(0)
        stack.pop_all()
    return Pack(scope.file_name, archive_file, count, sha256)


def seal_from(seq: int, *, now: dt.datetime) -> AuditSeal:
    """The first seal at or after this link; the chain's end is sealed where there is none yet."""
    standing = AuditSeal.objects.filter(seq__gte=seq).order_by("seq")
    found = standing.first() or seal(now=now) or standing.first()
    if found is None:
        raise Conflict("The chain ends before what it holds: prove it first.", code="CHAIN_BROKEN")
    return found


def write_events(archive: Archive, events: QuerySet[AuditEvent]) -> int:
    count = 0
    with archive.writing(verify_pack.EVENTS) as out:
        for event in events.order_by("seq").iterator(chunk_size=READ_AT_ONCE):
            row = {**content_of(event), "previous_hash": event.previous_hash, "hash": event.hash}
            out.write(json.dumps(row, ensure_ascii=False, sort_keys=True).encode() + b"\n")
            count += 1
    return count


def write_links(archive: Archive, first: AuditEvent, sealed: AuditSeal) -> None:
    """The digest of every link from the first event to the seal: enough to walk the chain, nothing of what it says."""
    between = AuditEvent.objects.filter(seq__gte=first.seq, seq__lte=sealed.seq).order_by("seq")
    previous = first.previous_hash
    with archive.writing(verify_pack.LINKS) as out:
        for event in between.iterator(chunk_size=READ_AT_ONCE):
            digest = digest_of(content_of(event))
            previous = linked(previous, digest)
            if previous != event.hash:
                raise Conflict(
                    f"The audit chain does not hold at row {event.seq}: no pack is made of it. Run audit_verify.",
                    code="CHAIN_BROKEN",
                )
            out.write(f"{event.seq} {digest}\n".encode())
    if previous != sealed.hash:
        raise Conflict(f"The audit chain does not lead to the seal at {sealed.seq}.", code="CHAIN_BROKEN")


def write_manifest(
    archive: Archive, scope: PackScope, *, first: AuditEvent, sealed: AuditSeal, count: int, made_by: str
) -> None:
    key = sealing_key()
    manifest = as_json(
        {
            "format": verify_pack.FORMAT,
            "scope": asdict(scope),
            "made_at": plain(archive.made_at),
            "made_by": made_by,
            "events": count,
            "chain": {"first_seq": first.seq, "previous_hash": first.previous_hash},
            "seal": as_line(sealed),
            "public_key": own_key()["public_key"],
            "files": archive.files.copy(),
        }
    )
    archive.write(verify_pack.MANIFEST, manifest)
    archive.write(verify_pack.SIGNATURE, key.sign(verify_pack.manifest_statement(manifest)).hex().encode())


def write_story(archive: Archive, scope: PackScope, events: QuerySet[AuditEvent]) -> None:
    """The same events for people: one paragraph each, oldest first."""
    with archive.writing("story.txt") as out:
        out.write(f"{scope.label}\n\n".encode())
        for event in events.order_by("seq").iterator(chunk_size=READ_AT_ONCE):
            out.write(told(event).encode())


def told(event: AuditEvent) -> str:
    behalf = f" for {event.on_behalf_of_label}" if event.on_behalf_of_label else ""
    mandate = f", under {event.mandate}" if event.mandate else ""
    at = event.at.astimezone(dt.UTC)
    lines = [
        f"{event.seq}. {at:%Y-%m-%d %H:%M:%SZ} {event.actor_label}{behalf} ({event.via}){mandate}",
        f"   {event.action}: {event.subject_label}",
        *([f"   Reason: {event.reason}"] if event.reason else []),
    ]
    for name in sorted({**event.before, **event.after}):
        before, after = (json.dumps(side.get(name), ensure_ascii=False) for side in (event.before, event.after))
        lines.append(f"   {name}: {after}" if name not in event.before else f"   {name}: {before} -> {after}")
    return "\n".join(lines) + "\n\n"


def read_me(scope: PackScope) -> str:
    return f"""Audit pack: {scope.label}

Verify it with Python 3.9 or later, without a network and without Interlock:

    python verify_pack.py {scope.file_name} --key-id {own_key()["key_id"]}

Take verify_pack.py and the key's id from a place that you trust (the installation's audit page shows both),
not from this archive: who forges a pack can forge what stands in it.

story.txt        what happened, for people
events.ndjson    the same events, complete, one JSON object a line
records/         the records as they stood when the pack was made
evidence/        files that were attached, named by their SHA-256
links.txt        the digest of each link of the audit chain from the first event to the seal
manifest.json    every file with its SHA-256, the seal and the public key; manifest.sig is its Ed25519 signature
"""


def own_verifier() -> bytes:
    with open(verify_pack.__file__, "rb") as source:
        return source.read()


def own_key() -> dict[str, str]:
    """The public half of this installation's sealing key, and the id by which an auditor compares it with a pack's."""
    public = raw_of(sealing_key().public_key())
    return {"key_id": id_of(public), "algorithm": "Ed25519", "public_key": public.hex()}


def as_json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, indent=2).encode() + b"\n"


def digest_of_file(file: IO[bytes]) -> str:
    file.seek(0)
    return hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[arg-type]


def read_whole(file: IO[bytes]) -> bytes:
    file.seek(0)
    return file.read()


def rows_as_values(rows: QuerySet[Any]) -> list[dict[str, Any]]:
    """Stored rows as JSON values, without what their model keeps out of the audit."""
    excluded = {"password", *getattr(rows.model, "audit_excluded", ())}
    names = [column.attname for column in rows.model._meta.concrete_fields if column.attname not in excluded]
    return [{name: plain(value) for name, value in row.items()} for row in rows.values(*names)]


def quarter_bounds(quarter: str) -> tuple[dt.datetime, dt.datetime]:
    """From the first instant of a quarter of the year to the first after it, UTC. Raises ``Invalid`` for no quarter."""
    read = QUARTER.match(quarter)
    if read is None or not 1 <= int(read[1]) <= 9998:
        raise Invalid("There is no such quarter.", errors={"quarter": ["such as 2026-Q2"]})
    year, number = int(read[1]), int(read[2])
    start = dt.datetime(year, 3 * number - 2, 1, tzinfo=dt.UTC)
    end = dt.datetime(year + number // 4, 3 * number % 12 + 1, 1, tzinfo=dt.UTC)
    return start, end


def quarter_of(at: dt.datetime) -> str:
    return f"{at.year}-Q{(at.month + 2) // 3}"


def recorded_quarters(*, actor: User) -> list[str]:
    """The quarters in which something was recorded, newest first."""
    trail = audit_trail(actor=actor)
    first, last = (trail.order_by(order).values_list("at", flat=True).first() for order in ("at", "-at"))
    found, at = [], first
    while at and last and at <= last:
        found.append(quarter_of(at))
        at = quarter_bounds(found[-1])[1]
    return found[::-1]


def export_quarter(quarter: str, *, now: dt.datetime, actor: User) -> Pack:
    """Everything that was recorded in a quarter. Raises as ``export_audit_pack``, ``Invalid`` for no quarter."""
    start, end = quarter_bounds(quarter)
    events = audit_trail(actor=actor).filter(at__gte=start, at__lt=end)
    scope = PackScope("quarter", quarter, f"everything recorded in {quarter}")
    return export_audit_pack(scope, events, now=now, actor=actor)
