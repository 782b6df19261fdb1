"""What every contract format answers, and in which words.

A format turns bytes into a parsed document, gives it a canonical form (the identity of a contract version), validates
payloads against it, and says whether everything valid under one document is valid under another. Verdicts fail
closed: what was not analysed is ``unknown``, never ``compatible``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from typing import Any, Protocol

from governance.kernel.findings import Severity


class Level(StrEnum):
    """How much a change asks of those who rely on the contract, in SemVer's words."""

    NONE = "NONE"
    PATCH = "PATCH"
    MINOR = "MINOR"
    MAJOR = "MAJOR"
    UNKNOWN = "UNKNOWN"


class Verdict(StrEnum):
    """``warning`` passes and is shown; ``unknown`` never passes."""

    COMPATIBLE = "compatible"
    WARNING = "warning"
    BREAKING = "breaking"
    UNKNOWN = "unknown"


class Mode(StrEnum):
    """BACKWARD: the new version can read what was written under the old one; FORWARD: the reverse; FULL: both."""

    BACKWARD = "BACKWARD"
    FORWARD = "FORWARD"
    FULL = "FULL"
    BACKWARD_TRANSITIVE = "BACKWARD_TRANSITIVE"
    FORWARD_TRANSITIVE = "FORWARD_TRANSITIVE"
    FULL_TRANSITIVE = "FULL_TRANSITIVE"
    NONE = "NONE"

    @property
    def transitive(self) -> bool:
        return self.value.endswith("_TRANSITIVE")

    @property
    def directions(self) -> tuple[str, ...]:
        """NONE enforces nothing but is still read as BACKWARD, so that its report says something."""
        name = self.value.removesuffix("_TRANSITIVE")
        return ("backward", "forward") if name == "FULL" else ("forward",) if name == "FORWARD" else ("backward",)


class Direction(StrEnum):
    """Whether a change allows fewer payloads, more, some of each, or that could not be determined."""

    TIGHTENS = "tightens"
    LOOSENS = "loosens"
    BOTH = "both"
    UNDETERMINED = "undetermined"
    NEITHER = "neither"


class Hurts(StrEnum):
    """Who has to act: a producer whose payloads are now refused, a consumer who now meets new ones."""

    PRODUCER = "producer"
    CONSUMER = "consumer"
    BOTH = "both"
    NOBODY = "nobody"


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two documents, with where it is in each and a fingerprint that a waiver can name."""

    rule: str
    severity: Severity
    direction: Direction
    pointer_old: str | None
    pointer_new: str | None
    hurts: Hurts
    message: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class Unsupported:
    """A keyword the comparison did not analyse, and where it stands."""

    keyword: str
    pointer: str


@dataclass(frozen=True, slots=True)
class Counterexample:
    """A payload valid under one document and refused under the other; both validators agreed before it was kept."""

    payload: Any
    valid_under: str
    refused_under: str


@dataclass(frozen=True, slots=True)
class Comparison:
    """Whether every payload valid under the writer's document is valid under the reader's."""

    verdict: Verdict
    level: Level
    changes: tuple[Change, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    counterexample: Counterexample | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class PayloadError:
    """Where a payload breaks which rule; never the payload's own value."""

    pointer: str
    keyword: str
    message: str


@dataclass(frozen=True, slots=True)
class PayloadResult:
    """Whether one payload keeps the contract, and if not, why not."""

    valid: bool
    errors: tuple[PayloadError, ...] = ()


@dataclass(frozen=True, slots=True)
class Document:
    """A parsed contract document with its canonical bytes; equal canonical bytes mean an equal contract."""

    format: str
    content: Any
    canonical: bytes
    sha256: str
    dialect: str = ""


@dataclass(frozen=True, slots=True)
class Checked:
    """One of the comparisons behind a report."""

    version: str
    direction: str
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Report:
    """The answer to "may this candidate follow these versions in this mode?"."""

    verdict: Verdict
    level: Level
    mode: Mode
    enforced: bool
    checked: tuple[Checked, ...] = ()
    changes: tuple[Change, ...] = ()
    unsupported: tuple[Unsupported, ...] = ()
    counterexample: Counterexample | None = None
    reason: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)

    @property
    def passes(self) -> bool:
        """What is not enforced always passes; otherwise only ``compatible`` and ``warning`` do."""
        return not self.enforced or self.verdict in (Verdict.COMPATIBLE, Verdict.WARNING)

    def as_dict(self) -> dict[str, Any]:
        """Plain values in a fixed order: the same input gives the same bytes."""
        return asdict(self)


class ContractFormat(Protocol):
    """What a format module offers; the guide "Adding a format" walks through it."""

    @property
    def name(self) -> str:
        """The key by which a contract names its format."""

    def parse(self, data: bytes) -> Document:
        """Read and check a document; refuse with a typed error that names the place."""

    def validate(self, document: Document, payload: Any) -> PayloadResult:
        """Hold one decoded payload against the document."""

    def compare(
        self, old: Document, new: Document, *, direction: str = "backward", budget_seconds: float = 2.0
    ) -> Comparison:
        """Backward: is everything valid under ``old`` valid under ``new``? Forward: the reverse.

        Changes and their pointers always read from ``old`` to ``new``.
        """


def canonical_bytes(value: Any) -> bytes:
    """Deterministic JSON: keys sorted, no spaces, UTF-8, integral floats written as integers (1.0 and 1e0 as 1).

    Raises ``UnicodeEncodeError`` for text that UTF-8 cannot carry (a lone surrogate).
    """
    text = json.dumps(_normal(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def _normal(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, dict):
        return {key: _normal(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_normal(item) for item in value]
    return value


def fingerprint(rule: str, pointer_old: str | None, pointer_new: str | None, *fragments: Any) -> str:
    """16 hex digits that stay the same for the same change, whoever compares and whenever."""
    return hashlib.sha256(canonical_bytes([rule, pointer_old, pointer_new, *fragments])).hexdigest()[:16]


def worst(verdicts: Sequence[Verdict]) -> Verdict:
    """One proven break decides; otherwise what is unknown stays unknown."""
    for verdict in (Verdict.BREAKING, Verdict.UNKNOWN, Verdict.WARNING):
        if verdict in verdicts:
            return verdict
    return Verdict.COMPATIBLE
