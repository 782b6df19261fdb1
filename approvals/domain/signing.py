"""Signatures (21 CFR 11.50, 11.70, 11.200): name, meaning and time under a word, bound to the record it was given on.

A decision on what patients or their data hang on is signed: the voter proves themselves again in the same request,
and the row keeps a keyed hash (HMAC-SHA256) over everything that was said. The key is derived from the sealing key,
which the database never sees: who can write the database can neither sign nor move a signature to another record.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import json
from collections.abc import Iterator
from typing import Any

from governance.domain.audit import plain
from governance.domain.seals import derived_key
from governance.models import User

from ..models import DECIDING, ChangeRequest, Choice, Override, Vote

PURPOSE = "signature"
SIGNED_TIERS = (0, 1)
MEANS = {Choice.APPROVE: "approves", Choice.REJECT: "rejects"}


def needs_signature(change: ChangeRequest) -> bool:
    """Does a decision on it touch life safety, urgent care (tiers 0 and 1) or protected health information?"""
    facts = change.policy.get("facts", {})
    return facts.get("tier") in SIGNED_TIERS or bool(facts.get("phi"))


def must_be_signed(vote: Vote) -> bool:
    return vote.choice in DECIDING and needs_signature(vote.change)


def meaning_of(vote: Vote) -> str:
    """What the signature says: approves CR-2026-0042 revision 2 as SECURITY."""
    consumer = vote.requirement.subscription.consumer.key.upper() if vote.requirement.subscription else ""
    seat = f"{vote.role} of {consumer}" if consumer else vote.role
    instead = f" for {vote.on_behalf_of}" if vote.on_behalf_of else ""
    verb = MEANS.get(Choice(vote.choice), vote.choice)
    return f"{verb} {vote.change.key} revision {vote.change.number} as {seat}{instead}"[:200]


def meaning_of_override(override: Override) -> str:
    need = override.requirement
    instead = f" for {override.on_behalf_of}" if override.on_behalf_of else ""
    said = f"overrides {need.label} of {need.change.key} revision {need.number}"
    return f"{said} for the seat {override.constituency}{instead}"[:200]


def sign(record: Vote | Override, *, signer: User, method: str, now: dt.datetime) -> None:
    """Put ``signer``'s name under a vote or override that is about to be stored; ``method`` is how they proved it."""
    record.signed_name, record.signed_at, record.sign_method = str(signer)[:160], now, method
    record.meaning = meaning_of(record) if isinstance(record, Vote) else meaning_of_override(record)
    record.signature = keyed_hash(material_of(record))


def material_of(record: Vote | Override) -> dict[str, Any]:
    """All that the signature binds: whatever of it is changed or moved elsewhere, the hash does not match."""
    said = {
        "id": str(record.pk),
        "kind": record._meta.label_lower,
        "requirement": str(record.requirement_id),
        "revision": record.revision_hash,
        "on_behalf_of": str(record.on_behalf_of_id or ""),
        "name": record.signed_name,
        "meaning": record.meaning,
        "method": record.sign_method,
        "at": plain(record.signed_at),
    }
    if isinstance(record, Vote):
        return said | {
            "change": record.change.key, "choice": record.choice, "comment": record.comment, "role": record.role,
            "signer": str(record.voter_id),
        }  # fmt: skip
    return said | {
        "change": record.requirement.change.key, "reason": record.reason, "role": record.constituency,
        "signer": str(record.person_id),
    }  # fmt: skip


def keyed_hash(material: dict[str, Any], *, key: bytes | None = None) -> str:
    said = json.dumps(material, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key or derived_key(PURPOSE), said.encode(), hashlib.sha256).hexdigest()


def verify_signature(record: Vote | Override, *, key: bytes | None = None) -> bool:
    """Does the signature belong to this very record, as it now stands? False where there is none."""
    if not record.signature:
        return False
    return hmac.compare_digest(record.signature, keyed_hash(material_of(record), key=key))


def signature_problems() -> Iterator[str]:
    """For ``manage.py audit_verify``: every signed record whose signature does not match, in one pass."""
    key = derived_key(PURPOSE)
    votes = Vote.objects.exclude(signature="", signed_at=None).select_related("change")
    for vote in votes.order_by("pk").iterator(chunk_size=2000):
        if not verify_signature(vote, key=key):
            yield f"the signature of {vote.signed_name} on {vote.change.key} does not match its vote {vote.pk}"
    for override in Override.objects.select_related("requirement__change").order_by("pk").iterator(chunk_size=2000):
        if not verify_signature(override, key=key):
            where = override.requirement.change.key
            yield f"the signature of {override.signed_name} on {where} does not match its override {override.pk}"
