"""Version numbers as promises: what a bump declares, and whether it declares enough (semver.org, 2.0.0)."""

from __future__ import annotations

import re

from governance.kernel.errors import Invalid

from .base import Level

_PART = r"(0|[1-9]\d*)"
_VERSION = re.compile(rf"{_PART}\.{_PART}\.{_PART}", re.ASCII)
_RANK = {Level.NONE: 0, Level.PATCH: 1, Level.MINOR: 2, Level.MAJOR: 3}


def parse_version(version: str) -> tuple[int, int, int]:
    """Major, minor, patch. Raises ``Invalid`` (BAD_VERSION): a released contract has no pre-release or build part."""
    match = _VERSION.fullmatch(version) if len(version) <= 40 else None
    if match is None:
        raise Invalid('A contract version is three numbers such as "1.4.0", without leading zeros.', code="BAD_VERSION")
    major, minor, patch = (int(part) for part in match.groups())
    return major, minor, patch


def suggest_version(current: str, level: Level) -> str:
    """The next number that declares ``level``; an UNKNOWN level is treated as MAJOR, because it may be."""
    major, minor, patch = parse_version(current)
    if level in (Level.MAJOR, Level.UNKNOWN):
        return f"{major + 1}.0.0"
    if level == Level.MINOR:
        return f"{major}.{minor + 1}.0"
    return f"{major}.{minor}.{patch + (level == Level.PATCH)}"


def declared_bump(old: str, new: str) -> Level:
    """What going from ``old`` to ``new`` declares. Raises ``Invalid`` (VERSION_NOT_NEWER) when it goes back."""
    before, after = parse_version(old), parse_version(new)
    if after < before:
        raise Invalid(f"Version {new} is not newer than {old}.", code="VERSION_NOT_NEWER")
    for level, was, becomes in zip((Level.MAJOR, Level.MINOR, Level.PATCH), before, after, strict=True):
        if was != becomes:
            return level
    return Level.NONE


def bump_is_enough(declared: Level, level: Level) -> bool:
    """Whether the declared bump covers the computed level; nothing covers UNKNOWN."""
    return level in _RANK and declared in _RANK and _RANK[declared] >= _RANK[level]
