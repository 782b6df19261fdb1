"""The formats there are, and the one question that a pipeline asks of them."""

from __future__ import annotations

from collections.abc import Sequence

from governance.kernel.errors import NotFound

from .base import (
    Change,
    Checked,
    Comparison,
    ContractFormat,
    Document,
    Level,
    Mode,
    Report,
    Unsupported,
    Verdict,
    worst,
)
from .json_schema import JSON_SCHEMA
from .opaque import OPAQUE_FORMATS
from .semver import parse_version

_ALL: tuple[ContractFormat, ...] = (JSON_SCHEMA, *OPAQUE_FORMATS)
FORMATS = {each.name: each for each in _ALL}
_RANK = (Level.NONE, Level.PATCH, Level.MINOR, Level.MAJOR)


def format_named(name: str) -> ContractFormat:
    """The format of this name. Raises ``NotFound`` (UNKNOWN_FORMAT)."""
    if name not in FORMATS:
        raise NotFound(f"There is no contract format of that name; known are {', '.join(FORMATS)}.",
                       code="UNKNOWN_FORMAT")  # fmt: skip
    return FORMATS[name]


def compare_versions(
    format_name: str,
    candidate: Document,
    earlier: Sequence[tuple[str, Document]],
    mode: Mode,
    *,
    budget_seconds: float = 2.0,
) -> Report:
    """May the candidate follow these versions? Plain modes look at the highest number, transitive ones at all.

    NONE is compared as BACKWARD and reported as not enforced. A first version is compatible with level NONE. Level,
    changes, counterexample and reason are those of the worst comparison; with the latest version on a tie.
    """
    checker, enforced = format_named(format_name), mode is not Mode.NONE
    newest_first = sorted(earlier, key=lambda each: parse_version(each[0]), reverse=True)
    against = newest_first if mode.transitive else newest_first[:1]
    found = [
        (version, direction, checker.compare(document, candidate, direction=direction, budget_seconds=budget_seconds))
        for version, document in against
        for direction in mode.directions
    ]
    if not found:
        return Report(Verdict.COMPATIBLE, Level.NONE, mode, enforced)
    verdict = worst([comparison.verdict for _, _, comparison in found])
    decisive = next(comparison for _, _, comparison in found if comparison.verdict is verdict)
    example = decisive.counterexample
    return Report(
        verdict, _level([comparison.level for _, _, comparison in found], verdict), mode, enforced,
        tuple(Checked(version, direction, comparison.verdict) for version, direction, comparison in found),
        _changes([comparison for _, _, comparison in found]), _unsupported([each for _, _, each in found]),
        example, decisive.reason,
    )  # fmt: skip


def _level(levels: list[Level], verdict: Verdict) -> Level:
    """A proven break is MAJOR whatever else is unknown."""
    if verdict is Verdict.BREAKING:
        return Level.MAJOR
    return Level.UNKNOWN if Level.UNKNOWN in levels else max(levels, key=_RANK.index)


def _changes(comparisons: list[Comparison]) -> tuple[Change, ...]:
    """Each change once, in its most severe reading, in the order in which it was met."""
    order = ("INFO", "WARNING", "ERROR")
    found: dict[str, Change] = {}
    for comparison in comparisons:
        for change in comparison.changes:
            known = found.get(change.fingerprint)
            if known is None or order.index(change.severity) > order.index(known.severity):
                found[change.fingerprint] = change
    return tuple(found.values())


def _unsupported(comparisons: list[Comparison]) -> tuple[Unsupported, ...]:
    return tuple(dict.fromkeys(each for comparison in comparisons for each in comparison.unsupported))
