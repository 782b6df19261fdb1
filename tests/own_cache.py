"""A cache of each test's own: workers share one Redis, and a flush by one would empty it under the others' feet."""

from __future__ import annotations

from uuid import uuid4

_before = [uuid4().hex]


def cache_key(key: str, key_prefix: str, version: int) -> str:
    """What the cache writes for a key (Django's KEY_FUNCTION)."""
    return f"{_before[0]}:{key_prefix}:{version}:{key}"


def start_empty() -> None:
    """From now on nothing is found that was kept before."""
    _before[0] = uuid4().hex
