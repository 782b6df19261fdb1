"""Through which door, and in which request, the present work is done; the audit row repeats both."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """``via`` is UI, API, CLI or JOB; ``request_id`` is the one in the logs and the response header."""

    via: str = "JOB"
    request_id: str = ""


_origin: ContextVar[Origin] = ContextVar("origin")


def origin() -> Origin:
    return _origin.get(Origin())


@contextmanager
def working_via(via: str, request_id: str = "") -> Iterator[Origin]:
    """Everything recorded inside the block carries this door and request id."""
    entered = Origin(via, request_id or uuid.uuid4().hex)
    token = _origin.set(entered)
    try:
        yield entered
    finally:
        _origin.reset(token)
