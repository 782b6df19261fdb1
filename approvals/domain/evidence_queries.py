"""A change's evidence as it is read: each kind with how it stands, who gave what and when, and what was computed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from governance.domain.files import content_of
from governance.kernel.errors import NotFound
from governance.models import Attachment

from ..evidence import Form, Kind, kind_of
from ..models import ChangeRequest
from .evidence import piece_of_change
from .pieces import Piece, is_provided
from .requirements import plan_change


@dataclass(frozen=True)
class Proof:
    """One kind of evidence of one change. ``computed`` is its content with hash and time, empty where it is given."""

    kind: Kind
    demanded: bool
    provided: bool
    rules: list[str]
    pieces: list[dict[str, Any]] = field(default_factory=list)
    computed: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """COMPUTED, GIVEN; of what is demanded and not there MISSING, or FAILED where it was computed and is not so."""
        if self.provided:
            return "COMPUTED" if self.kind.computed else "GIVEN"
        if self.computed:
            return "FAILED" if self.demanded else "COMPUTED"
        return "MISSING"


def evidence_of(change: ChangeRequest, *, now: dt.datetime) -> list[Proof]:
    """What policy demands first, in its order, then what else was given or computed; of a draft what it will."""
    demanded = demanded_of(change, now=now)
    further = [key for key in (*change.evidence, *change.computed_evidence) if key not in demanded]
    return [proof_of(change, key, demanded) for key in dict.fromkeys((*demanded, *further))]


def demanded_of(change: ChangeRequest, *, now: dt.datetime) -> dict[str, list[str]]:
    """The kinds that policy demands, each with the rules that do."""
    if change.state == "DRAFT":
        return plan_change(change, list(change.items.all()), now=now).evidence_rules
    rules = change.policy.get("evidence_rules", {})
    return {key: rules.get(key, []) for key in change.policy.get("evidence", [])}


def proof_of(change: ChangeRequest, key: str, demanded: dict[str, list[str]]) -> Proof:
    pieces = [piece | {"at": dt.datetime.fromisoformat(piece["at"])} for piece in change.evidence.get(key, [])]
    computed = dict(change.computed_evidence.get(key, {}))
    if computed:
        computed["at"] = dt.datetime.fromisoformat(computed["at"])
    return Proof(kind_of(key), key in demanded, is_provided(change, key), demanded.get(key, []), pieces, computed)


def file_of(change: ChangeRequest, piece: str) -> tuple[Attachment, bytes]:
    """The file of a piece, for whoever may read the change. Raises ``NotFound``, ``Invalid`` (FILE_CHANGED)."""
    _, found = piece_of_change(change, piece)
    if found["form"] != Form.FILE:
        raise NotFound(f"That piece of {change.key}'s evidence is no file.")
    attachment = Attachment.objects.select_related("file").get(pk=found["attachment"])
    return attachment, content_of(attachment)


def files_of(changes: Any) -> Iterator[tuple[str, bytes]]:
    """Every file that is evidence of these changes, once each, named by its SHA-256; one at a time."""
    pieces: list[Piece] = [
        one for evidence in changes.values_list("evidence", flat=True) for held in evidence.values() for one in held
    ]
    kept = {one["sha256"]: one["attachment"] for one in pieces if one["form"] == Form.FILE}
    for sha256, attachment in sorted(kept.items()):
        yield sha256, content_of(Attachment.objects.select_related("file").get(pk=attachment))
