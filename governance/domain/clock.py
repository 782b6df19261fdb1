"""What the clock leaves behind, so that ``/readyz`` can tell whether it still ticks."""

from __future__ import annotations

import datetime as dt

from ..models import PartHeartbeat

STALE_AFTER = dt.timedelta(seconds=30)


def record_part(part: str, *, now: dt.datetime) -> None:
    """``part`` (``worker``, ``beat``) works at ``now``."""
    PartHeartbeat.objects.update_or_create(part=part, defaults={"beat_at": now})


def live_parts(*, now: dt.datetime) -> dict[str, bool]:
    """Whether each part has shown itself lately; a part never seen is not live."""
    seen = dict(PartHeartbeat.objects.values_list("part", "beat_at"))
    return {part: part in seen and now - seen[part] < STALE_AFTER for part in ("worker", "beat")}
