"""An expired waiver blocks: no ordinary change of its interface until what it tolerated is mended or granted anew."""

from __future__ import annotations

from collections.abc import Sequence

from catalog.models import Interface
from governance.kernel.errors import NotReady

from ..models import ChangeClass, ChangeItem, ChangeRequest, ChangeType, Waiver, WaiverKind
from .granting import tolerated_words
from .waiver_queries import blocking_waivers

BLOCKED_CLASSES = (ChangeClass.NORMAL, ChangeClass.STANDARD)


def check_no_expired_waiver(change: ChangeRequest) -> None:
    """Raises ``NotReady`` (WAIVER_EXPIRED). What mends it, asks for it anew or retires the interface goes ahead."""
    if change.change_class not in BLOCKED_CLASSES or change.change_type == ChangeType.RETIRE:
        return
    items = list(change.items.all())
    touched = [item.touched_interface for item in items if item.touched_interface]
    for waiver in blocking_waivers(touched):
        if not any(settles(item, waiver) for item in items):
            raise NotReady(
                blocked_words(waiver),
                code="WAIVER_EXPIRED",
                details={"waiver": waiver.key, "interface": waiver.interface.key},
            )


def settles(item: ChangeItem, waiver: Waiver) -> bool:
    """Would carrying it out end what the waiver tolerated, or have the board tolerate it anew?"""
    if item.waiver:
        return (item.waiver.interface_id, item.waiver.covers) == (waiver.interface_id, waiver.covers)
    patterns = item.patch.get("patterns") if item.interface_id == waiver.interface_id else None
    return waiver.kind == WaiverKind.DEVIATION and patterns is not None and waiver.covers not in patterns


def blocked_words(waiver: Waiver) -> str:
    ended = f"{waiver.expires_at:%Y-%m-%d}" if waiver.expires_at else "its day"
    return (
        f"{waiver.key} expired on {ended} ({tolerated_words(waiver)}): mend it, or ask the board anew. "
        "Until then only emergencies are carried out here."
    )


def blocking_of(interfaces: Sequence[Interface]) -> list[tuple[Waiver, str]]:
    """Each waiver that blocks, with its sentence."""
    return [(waiver, blocked_words(waiver)) for waiver in blocking_waivers(interfaces)]
