"""Files that people attach: kept once by their hash, told by their bytes and not by their name, never changed."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
from pathlib import PurePosixPath

from django.conf import settings

from ..kernel.errors import Invalid, TooLarge
from ..models import Attachment, StoredFile, User
from .audit import recorded

#: How a file of each type begins; the office formats are archives that name what they hold.
SIGNATURES = {b"%PDF-": "application/pdf", b"\x89PNG\r\n\x1a\n": "image/png", b"\xff\xd8\xff": "image/jpeg"}
OFFICE = "application/vnd.openxmlformats-officedocument."
ARCHIVES = {
    b"word/document.xml": f"{OFFICE}wordprocessingml.document",
    b"xl/workbook.xml": f"{OFFICE}spreadsheetml.sheet",
}
TEXTS = {
    ".csv": "text/csv",
    ".json": "application/json",
    ".log": "text/plain",
    ".md": "text/markdown",
    ".txt": "text/plain",
    ".xml": "application/xml",
}
UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\ufeff\"]")


def attach_file(content: bytes, *, name: str, now: dt.datetime, actor: User) -> Attachment:
    """Keep a file. The caller has asked whether ``actor`` may, and says what it is attached to.

    Raises ``TooLarge`` (FILE_TOO_LARGE) above EVIDENCE_MAX_BYTES and ``Invalid`` (FILE_EMPTY, FILE_TYPE).
    """
    check_size(len(content))
    called = file_name(name)
    kind = media_type_of(content, called)
    if kind not in settings.EVIDENCE_MEDIA_TYPES:
        known = ", ".join(sorted(settings.EVIDENCE_MEDIA_TYPES))
        raise Invalid(
            f"{called} is {kind or 'of a type that is not known'}. Attach one of: {known}.",
            code="FILE_TYPE",
            errors={"file": ["not of a type that is kept"]},
            details={"allowed": sorted(settings.EVIDENCE_MEDIA_TYPES)},
        )
    digest = hashlib.sha256(content).hexdigest()
    attachment = Attachment(file_id=digest, name=called, content_type=kind, attached_by=actor)
    said = {"sha256": digest, "size": len(content)}
    with recorded("governance.file.attach", actor=actor, subject=attachment, now=now, facts=said):
        StoredFile.objects.get_or_create(
            sha256=digest, defaults={"size": len(content), "content": content, "stored_at": now}
        )
        attachment.save(force_insert=True)
    return attachment


def check_size(size: int) -> None:
    """To be asked before the bytes are read. Raises ``TooLarge`` and, for nothing at all, ``Invalid``."""
    most = settings.EVIDENCE_MAX_BYTES
    if size > most:
        said = f"The file has {size:,} bytes; at most {most:,} are kept."
        raise TooLarge(said, code="FILE_TOO_LARGE", errors={"file": [said]}, details={"max_bytes": most})
    if size == 0:
        raise Invalid("The file is empty.", code="FILE_EMPTY", errors={"file": ["is empty"]})


def file_name(name: str) -> str:
    """The last part of what the file was called, without what a header or a page cannot carry."""
    last = PurePosixPath(UNPRINTABLE.sub("", name.replace("\\", "/"))).name.strip(". ")
    stem, dot, suffix = last.rpartition(".")
    return (f"{stem[: 150 - len(suffix)]}{dot}{suffix}" if dot and len(suffix) < 20 else last[:150]) or "file"


def media_type_of(content: bytes, name: str) -> str:
    """What the bytes are; of texts the name's ending says more. Empty for what is not known."""
    for begins, kind in SIGNATURES.items():
        if content.startswith(begins):
            return kind
    if content.startswith(b"PK\x03\x04"):
        return next((kind for holds, kind in ARCHIVES.items() if holds in content), "application/zip")
    kind = TEXTS.get(PurePosixPath(name.lower()).suffix, "")
    return kind if kind and is_text(content, kind) else ""


def is_text(content: bytes, kind: str) -> bool:
    try:
        text = content.decode("utf-8")
        if kind == "application/json":
            json.loads(text)
    except (ValueError, RecursionError):
        return False
    return "\x00" not in text


def content_of(attachment: Attachment) -> bytes:
    """The bytes as they were attached. Raises ``Invalid`` (FILE_CHANGED) when they are not what their hash says."""
    content = bytes(attachment.file.content)
    if hashlib.sha256(content).hexdigest() != attachment.file_id:
        raise Invalid(f"{attachment} is not what was attached: its bytes do not match its hash.", code="FILE_CHANGED")
    return content
