"""Seals: signatures over the chain, with a key that the database never sees, kept also outside the database.

A chain recomputed underneath is self-consistent; only a seal shows it. A tail that was cut off leaves no trace in
the database; only an exported seal beyond the end shows it. Signatures are Ed25519 (RFC 8032).
"""

from __future__ import annotations

import datetime as dt
import json
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.db import transaction

from ..formats.verify_pack import id_of, seal_statement
from ..models import AuditEvent, AuditHead, AuditSeal
from .audit import GENESIS, link_hash, plain


def sealing_key(path: Path | None = None) -> Ed25519PrivateKey:
    """The private key file (PEM, mode 600), made on first use."""
    path = path or settings.AUDIT_SEAL_KEY_FILE
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        made = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        try:
            with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
                out.write(made)
        except FileExistsError:
            pass  # another process made it first; that key is the key
    key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    if not isinstance(key, Ed25519PrivateKey):
        raise TypeError(f"{path} does not hold an Ed25519 key.")
    return key


def derived_key(purpose: str) -> bytes:
    """A secret of 32 bytes for one purpose, from the sealing key, which the database never sees (HKDF, RFC 5869)."""
    raw = sealing_key().private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    return HKDF(hashes.SHA256(), 32, salt=None, info=f"interlock-{purpose}".encode()).derive(raw)


def raw_of(public: Ed25519PublicKey) -> bytes:
    return public.public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def key_id(public: Ed25519PublicKey) -> str:
    """What people compare: the first half of the public key's SHA-256, in hex."""
    return id_of(raw_of(public))


def seal(*, now: dt.datetime) -> AuditSeal | None:
    """Sign the chain's present end, store the seal and append it to the export; None when nothing is new."""
    key = sealing_key()
    with transaction.atomic():
        head = AuditHead.objects.filter(pk=1).first()
        if head is None or head.seq == 0 or AuditSeal.objects.filter(seq=head.seq).exists():
            return None
        signature = key.sign(seal_statement(head.seq, head.hash, plain(now))).hex()
        made = AuditSeal.objects.create(
            seq=head.seq, hash=head.hash, sealed_at=now, key_id=key_id(key.public_key()), signature=signature
        )
    export(made)
    return made


def as_line(made: AuditSeal) -> dict[str, Any]:
    return {
        "seq": made.seq,
        "hash": made.hash,
        "sealed_at": plain(made.sealed_at),
        "key_id": made.key_id,
        "signature": made.signature,
    }


def export(made: AuditSeal, path: Path | None = None) -> None:
    """Append one seal, as a JSON line, to the file that is kept outside the database."""
    path = path or settings.AUDIT_SEAL_EXPORT
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as out:
        out.write(json.dumps(as_line(made)) + "\n")
        out.flush()
        os.fsync(out.fileno())


@dataclass(frozen=True)
class Verification:
    """``ok``, how many rows and seals were proved, and the first thing that is wrong, with its ``seq``."""

    ok: bool
    events: int
    seals: int
    seq: int | None = None
    problem: str = ""


def exported_seals(path: Path) -> Iterator[dict[str, Any]]:
    if path.exists():
        for line in path.read_text().splitlines():
            if line.strip():
                yield json.loads(line)


def verify(*, seals_file: Path | None = None) -> Verification:
    """Prove the chain link by link, then every stored and exported seal; stop at the first broken row."""
    hashes: dict[int, str] = {}
    wanted = [as_line(made) for made in AuditSeal.objects.all()]
    wanted += list(exported_seals(seals_file or settings.AUDIT_SEAL_EXPORT))
    sealed_at_seq = {line["seq"] for line in wanted}
    previous, last = GENESIS, 0
    for event in AuditEvent.objects.order_by("seq").iterator(chunk_size=2000):
        problem = broken_link(event, previous=previous, last=last)
        if problem:
            return Verification(False, last, 0, event.seq, problem)
        previous, last = event.hash, event.seq
        if event.seq in sealed_at_seq:
            hashes[event.seq] = event.hash
    head = AuditHead.objects.filter(pk=1).first()
    if head and (head.seq, head.hash) != (last, previous) and (last or head.seq):
        return Verification(False, last, 0, last + 1, f"the head says the chain ends at {head.seq}, it ends at {last}")
    return verify_seals(wanted, hashes, last)


def broken_link(event: AuditEvent, *, previous: str, last: int) -> str:
    if event.seq != last + 1:
        return f"row {last + 1} is missing"
    if event.previous_hash != previous:
        return "it does not continue the row before it"
    if link_hash(event) != event.hash:
        return "its content does not match its hash"
    return ""


def verify_seals(lines: list[dict[str, Any]], hashes: dict[int, str], last: int) -> Verification:
    if not lines:
        return Verification(True, last, 0)
    public = sealing_key().public_key()
    for line in sorted(lines, key=lambda line: line["seq"]):
        problem = ""
        try:
            signed = seal_statement(line["seq"], line["hash"], line["sealed_at"])
            public.verify(bytes.fromhex(line["signature"]), signed)
        except (InvalidSignature, ValueError):
            problem = "the seal's signature is not ours"
        if not problem and line["seq"] > last:
            problem = f"a seal stands at {line['seq']}, but the chain ends at {last}: its tail was cut"
        if not problem and hashes.get(line["seq"]) != line["hash"]:
            problem = "the chain was recomputed: it no longer matches the seal"
        if problem:
            return Verification(False, last, 0, line["seq"], problem)
    return Verification(True, last, len({line["seq"] for line in lines}))
