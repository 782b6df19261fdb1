"""A change's time and stages, arranged for reading."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from catalog.models import MessageStandard

from ..lifecycle import STAGES, STAGES_OF
from ..models import ChangeRequest


@dataclass(frozen=True)
class TimeLeft:
    """When a change may be carried out, and how far that is, as sums that a reader can check."""

    change: ChangeRequest
    now: dt.datetime

    @property
    def runs_from(self) -> dt.datetime:
        return self.change.revised_at or self.now

    @property
    def earliest(self) -> dt.datetime:
        return self.runs_from + dt.timedelta(hours=self.change.lead_hours)

    @property
    def lead_left(self) -> int:
        """Hours of the lead time that are still to go, rounded up."""
        return max(0, -int((self.now - self.earliest).total_seconds() // 3600))

    @property
    def window_given(self) -> int | None:
        """Hours between the submission and the window's opening."""
        opens = self.change.window_start
        return round((opens - self.runs_from).total_seconds() / 3600) if opens else None

    @property
    def fits(self) -> bool:
        return self.change.window_start is None or self.change.window_start >= self.earliest

    @property
    def opens(self) -> dt.datetime:
        return max(self.earliest, self.change.window_start) if self.change.window_start else self.earliest

    @property
    def missed(self) -> bool:
        ends = self.change.window_end
        return bool(ends and ends <= self.now and self.change.state in ("ASSESS", "AUTHORIZE", "SCHEDULED"))


def stages_of(change: ChangeRequest) -> list[tuple[str, str]]:
    """Each stage of the way with ``done``, ``now`` or ``ahead``; off the way there is no stage that is now."""
    ended = {"REJECTED": "AUTHORIZE", "CANCELLED": "DRAFT"}
    way = STAGES_OF[change.change_class]
    at = ended.get(change.state, change.state)
    way = way if at in way else STAGES  # a standard change whose voters are asked after all
    present = way.index(at)
    words = []
    for position, stage in enumerate(way):
        if position < present or change.state == "CLOSED":
            words.append((stage, "done"))
        else:
            words.append((stage, "now" if position == present and change.state not in ended else "ahead"))
    return words


#: How people name the fields of an interface, and the unit of what they hold.
FIELDS = {
    "latency_s": ("Age on arrival", "s"),
    "volume_day": ("Messages a day", ""),
    "payload_mb": ("Message size", "MB"),
    "fan_out": ("Declared consumers", ""),
    "msg_standard": ("Message standard", ""),
    "sunset_on": ("Sunset", ""),
    "data_classes": ("Data classes", ""),
    "tier": ("Tier", ""),
}


def label_of(name: str) -> str:
    """A field's name as people say it."""
    return FIELDS.get(name, (name.removesuffix("_id").replace("_", " ").capitalize(), ""))[0]


CODES = ("initiator", "interaction")
#: Codes that are names of their own, shown as the register's forms show them.
NAMED = {"msg_standard": dict(MessageStandard.choices)}
SHOWN_ELSEWHERE = ("provider", "source", "target")


def readable(rows: list[dict[str, Any]], *, creation: bool) -> list[dict[str, Any]]:
    """A change's fields with the names, units and words that people use; of a creation only what says something."""
    shown = []
    for row in rows:
        name = row["field"]
        if creation and (name in (*SHOWN_ELSEWHERE, "name") or row["new"] in (None, "", False, [])):
            continue
        label, unit = FIELDS.get(name, (name.replace("_", " ").capitalize(), ""))
        listed = {f"{side}_list": listed_words(row[side], name) for side in ("old", "new")}
        named = {side: NAMED[name].get(row[side], row[side]) for side in ("old", "new")} if name in NAMED else {}
        was = row["old"] is not None or not creation
        shown.append({**row, **listed, **named, "label": label, "unit": unit, "was": was})
    return shown


def listed_words(value: Any, name: str) -> list[Any] | None:
    """Codes to be shown word by word; None for a value that is shown as it is."""
    if isinstance(value, list):
        return [] if name == "message_types" and not value else value
    return [value] if name in CODES and value else None
