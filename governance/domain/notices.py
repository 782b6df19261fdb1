"""What a person should know, and that the person has seen it."""

from __future__ import annotations

import datetime as dt

from ..models import Notice, User
from .rules import require


def read_notice(notice: Notice, *, now: dt.datetime, actor: User) -> Notice:
    """Take it from the list of what is new. Marked again, it keeps the time of the first reading.

    Raises ``NotFound`` for anybody but its recipient.
    """
    require(actor, "read", notice)
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=now)
    notice.refresh_from_db(fields=["read_at"])
    return notice
