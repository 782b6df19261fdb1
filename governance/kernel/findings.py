"""Findings: what a check has to say, typed, so that every page and program can show it alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from .errors import NotReady


class Severity(StrEnum):
    """ERROR blocks, WARNING is shown and passes, INFO teaches."""

    ERROR = "ERROR"
    WARNING = "WARNING"
    INFO = "INFO"


@dataclass(frozen=True, slots=True)
class Finding:
    """One statement of a check: a stable ``code``, a sentence, and where it applies (a field or JSON Pointer)."""

    code: str
    message: str
    severity: Severity = Severity.ERROR
    where: str = ""

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)


def blocking(findings: Iterable[Finding]) -> list[Finding]:
    """Those findings that stop a command."""
    return [finding for finding in findings if finding.severity is Severity.ERROR]


def refuse_unless_clear(findings: Iterable[Finding], *, message: str, code: str = "NOT_READY") -> None:
    """Raise ``NotReady`` naming every blocking finding; do nothing when there is none."""
    found = blocking(findings)
    if found:
        errors: dict[str, list[str]] = {}
        for finding in found:
            errors.setdefault(finding.where or "", []).append(finding.message)
        raise NotReady(message, code=code, errors=errors, details={"findings": [f.as_dict() for f in found]})
