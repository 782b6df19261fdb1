"""Pieces of evidence: how each is kept with its hash, and which kinds that policy demands are still missing."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import uuid
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from governance.domain.audit import plain
from governance.domain.tables import APPROVAL, active_table
from governance.kernel.errors import Invalid, NotReady
from governance.models import Attachment, User

from ..evidence import KINDS, Form, Kind, Source, kind_of
from ..models import ChangeClass, ChangeRequest, Choice

Piece = dict[str, Any]
SHA256 = re.compile(r"[0-9a-f]{64}")
LONGEST_LINK, LONGEST_STATEMENT, MOST_PIECES = 500, 2000, 20


def known_kind(key: str) -> Kind:
    """A kind that may be given. Raises ``Invalid`` (EVIDENCE_KIND, EVIDENCE_COMPUTED)."""
    kind = kind_of(key)
    if kind.computed:
        said = f"{kind.label} is computed from the record and cannot be given."
        raise Invalid(said, code="EVIDENCE_COMPUTED", errors={"kind": ["computed"]})
    if key not in KINDS and key not in kinds_of_table():
        said = "Policy demands no such kind of evidence."
        raise Invalid(said, code="EVIDENCE_KIND", errors={"kind": ["unknown"]}, details={"known": giveable()})
    return kind


def kinds_of_table() -> set[str]:
    """Every kind that a rule of the approval table in force demands."""
    rules = active_table(APPROVAL).rules.values_list("then", flat=True)
    return {kind for then in rules for kind in then.get("evidence") or []}


def giveable() -> list[str]:
    return sorted(key for key, kind in KINDS.items() if not kind.computed)


def piece_of(form: Form, sha256: str, *, now: dt.datetime, by: User, **said: Any) -> Piece:
    made = {"id": str(uuid.uuid4()), "form": form.value, "sha256": sha256, "by": by.username, "by_name": str(by)}
    return {**made, "at": plain(now), **said}


def file_piece(attachment: Attachment, size: int, *, now: dt.datetime, by: User) -> Piece:
    return piece_of(
        Form.FILE, attachment.file_id, now=now, by=by, attachment=str(attachment.pk), name=attachment.name,
        content_type=attachment.content_type, size=size,
    )  # fmt: skip


def link_piece(url: str, *, sha256: str = "", now: dt.datetime, by: User) -> Piece:
    """A link with the hash of the document as declared, else of the link's own text. Raises ``Invalid``."""
    url, sha256 = url.strip(), sha256.strip().lower()
    try:
        parts = urlsplit(url)
        sound = parts.scheme == "https" and bool(parts.hostname) and not parts.username and not parts.password
    except ValueError:
        sound = False
    if not sound or len(url) > LONGEST_LINK or not url.isprintable() or " " in url:
        said = f"A link begins with https:// and has at most {LONGEST_LINK} characters, and no sign-in in it."
        raise Invalid(said, code="EVIDENCE_LINK", errors={"url": [said]})
    if sha256 and not SHA256.fullmatch(sha256):
        said = "A SHA-256 is 64 hexadecimal digits."
        raise Invalid(said, code="EVIDENCE_LINK", errors={"sha256": [said]})
    said_of = {"url": url, "hash_of": "DOCUMENT" if sha256 else "LINK"}
    return piece_of(Form.LINK, sha256 or text_hash(url), now=now, by=by, **said_of)


def statement_piece(kind: Kind, text: str, *, now: dt.datetime, by: User) -> Piece:
    """Somebody's word, where that is what policy asks for. Raises ``Invalid`` (EVIDENCE_STATEMENT)."""
    text = text.strip()
    if kind.source is not Source.STATED:
        said = f"{kind.label} is given as a file or as a link that begins with https://."
        raise Invalid(said, code="EVIDENCE_STATEMENT", errors={"text": [said]})
    if not text or len(text) > LONGEST_STATEMENT:
        raise Invalid("Say it in words.", errors={"text": [f"1 to {LONGEST_STATEMENT} characters"]})
    return piece_of(Form.STATEMENT, text_hash(text), now=now, by=by, text=text)


def text_hash(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def pieces_said(given: Any, *, now: dt.datetime, by: User) -> dict[str, list[Piece]]:
    """What is given in words when a change is opened or revised: ``{kind: link}``, of some kinds a statement.

    Raises ``Invalid`` with a sentence for every kind that is not sound.
    """
    if not isinstance(given, Mapping):
        raise Invalid("Give evidence by its kind.", errors={"evidence": ["a link or statement by kind"]})
    made: dict[str, list[Piece]] = {}
    refused: dict[str, Invalid] = {}
    for key, text in given.items():
        try:
            made[key] = [said_piece(str(key), text, now=now, by=by)]
        except Invalid as refusal:
            refused[str(key)] = refusal
    if refused:
        code = next(iter(refused.values())).code
        sentences = [f"{key}: {refusal.message}" for key, refusal in refused.items()]
        raise Invalid("Look at the evidence.", code=code, errors={"evidence": sentences})
    return made


def said_piece(key: str, text: Any, *, now: dt.datetime, by: User) -> Piece:
    kind = known_kind(key)
    if not isinstance(text, str):
        raise Invalid("Give a link as text.", errors={"url": ["as text"]})
    if kind.source is Source.STATED and not text.strip().startswith("https://"):
        return statement_piece(kind, text, now=now, by=by)
    return link_piece(text, now=now, by=by)


def missing_evidence(change: ChangeRequest) -> list[Kind]:
    """What policy demands and nobody has given, or what was computed and does not hold."""
    return [kind_of(key) for key in change.policy.get("evidence", []) if not is_provided(change, key)]


def is_provided(change: ChangeRequest, key: str) -> bool:
    if kind_of(key).computed:
        return bool(change.computed_evidence.get(key, {}).get("holds"))
    return bool(change.evidence.get(key))


def missing_sentence(kinds: Sequence[Kind]) -> str:
    """What is missing, in words; empty when nothing is."""
    given = [kind.label for kind in kinds if not kind.computed]
    computed = [kind.label for kind in kinds if kind.computed]
    parts = [f"Evidence is not given yet: {', '.join(given)}."] if given else []
    return " ".join([*parts, *([f"Computed evidence does not hold: {', '.join(computed)}."] if computed else [])])


def asked_by(change: ChangeRequest, key: str) -> list[str]:
    """The rules that demand this kind of the present revision."""
    return list(change.policy.get("evidence_rules", {}).get(key, []))


def evidence_material(change: ChangeRequest) -> dict[str, Any]:
    """What the revision's hash covers of its evidence: each piece's hash and place, and each computed hash.

    What came after an emergency was authorised is not part of what was authorised.
    """
    given = {kind: [one for one in pieces if not one.get("late")] for kind, pieces in change.evidence.items()}
    return {
        "given": {
            kind: sorted([one["form"], one["sha256"], one.get("url", ""), one.get("name", "")] for one in pieces)
            for kind, pieces in given.items()
            if pieces
        },
        "computed": {kind: one["sha256"] for kind, one in change.computed_evidence.items()},
    }


def check_evidence_due(change: ChangeRequest, choice: str = Choice.APPROVE) -> None:
    """An emergency's evidence is due when it is ratified and reviewed. Raises ``NotReady`` (EVIDENCE_MISSING)."""
    missing = missing_evidence(change) if change.change_class == ChangeClass.EMERGENCY else []
    if missing and change.state == "REVIEW" and choice == Choice.APPROVE:
        raise NotReady(
            f"{change.key} is not complete. {missing_sentence(missing)}",
            code="EVIDENCE_MISSING",
            details={"missing": [kind.key for kind in missing]},
        )
