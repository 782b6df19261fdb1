"""The only place that makes mandates: from a change that the board authorised, for one subject and one action."""

from __future__ import annotations

from governance.kernel.errors import NotAllowed
from governance.kernel.mandate import Mandate

from ..models import ChangeItem, ChangeRequest


def mandate_for(change: ChangeRequest, item: ChangeItem, *, action: str) -> Mandate:
    """Raises ``NotAllowed`` when the present revision is not the one that was authorised."""
    if not change.authorised_hash or change.authorised_hash != change.revision_hash:
        raise NotAllowed(f"{change.key} is not authorised in its present revision.", code="MANDATE")
    subject = item.subject
    return Mandate(
        change=change.key,
        subject_type=subject._meta.label_lower,
        subject_id=str(subject.pk),
        action=action,
        revision_hash=change.revision_hash,
        authorised_hash=change.authorised_hash,
    )


def refusal_mandate(change: ChangeRequest, item: ChangeItem) -> Mandate:
    """The board's no is as much its word as its yes; it authorises nothing but the rejection."""
    return Mandate(
        change.key,
        item.subject._meta.label_lower,
        str(item.subject.pk),
        "reject",
        change.revision_hash,
        change.revision_hash,
    )
