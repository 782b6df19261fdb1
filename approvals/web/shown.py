"""A change's time, stages and evidence, arranged for reading."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from ..domain.calendar import freezes_for
from ..lifecycle import STAGES
from ..models import CalendarEntry, ChangeRequest


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
    present = STAGES.index(ended.get(change.state, change.state))
    words = []
    for position, stage in enumerate(STAGES):
        if position < present or change.state == "CLOSED":
            words.append((stage, "done"))
        else:
            words.append((stage, "now" if position == present and change.state not in ended else "ahead"))
    return words


def evidence_of(change: ChangeRequest) -> list[tuple[str, str]]:
    """What table T4 demands, each with its link or nothing, and what was given beyond that."""
    demanded = list(change.policy.get("evidence", []))
    further = [kind for kind in change.evidence if kind not in demanded]
    return [(kind, change.evidence.get(kind, "")) for kind in (*demanded, *further)]


def freezes_of(change: ChangeRequest, time: TimeLeft) -> list[CalendarEntry]:
    """The freezes that touch the window, or the first hours in which it could be done."""
    if change.state in ("CLOSED", "CANCELLED", "REVIEW"):
        return []
    ends = change.window_end or time.opens + dt.timedelta(hours=4)
    touched: list[Any] = [item.touched_interface for item in change.items.all() if item.touched_interface]
    return list(freezes_for(touched, start=time.opens, end=max(ends, time.opens + dt.timedelta(seconds=1))))
