"""What a draft table would say of the facts that other apps own: each app states its part here, once, at start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from ..dmn import CompiledTable
from ..models import DecisionTable
from .jobs import Progress
from .tables import Decided, active_table, compiled, decided_by

Ask = Callable[[str, Mapping[str, Any]], Decided]
#: So many rows are kept with a report, the gravest first; the counts are over all.
MOST_ROWS = 5000


@dataclass(frozen=True)
class Difference:
    """One thing that is said otherwise: what (``aspect``), before and after, by which rules, and why.

    ``grave`` names what follows: NON_CONFORMING (conformed before), CONFORMING (did not), or nothing.
    """

    aspect: str
    before: str
    after: str
    rules: list[str] = field(default_factory=list)
    why: list[str] = field(default_factory=list)
    label: str = ""
    grave: str = ""


@dataclass
class Seen:
    """One record that was asked about, and what is said otherwise of it; ``type`` and ``id`` name the record.

    Without a ``type`` it stands for a kind of request, and everybody may read it.
    """

    type: str
    id: str
    key: str
    name: str
    url: str = ""
    note: str = ""
    differences: list[Difference] = field(default_factory=list)

    @property
    def is_grave(self) -> bool:
        return any(one.grave == "NON_CONFORMING" for one in self.differences)

    @property
    def aspects(self) -> set[str]:
        """The aspects in which it differs, and what follows."""
        return {one.aspect for one in self.differences} | {one.grave for one in self.differences if one.grave}


class Versions:
    """Asks named versions of the tables, each read and compiled once; a draft may stand in for its key's version."""

    def __init__(self, draft: DecisionTable | None = None) -> None:
        self.draft = draft
        self._read: dict[tuple[str, str], tuple[DecisionTable, CompiledTable, str]] = {}

    def ask_now(self) -> Ask:
        """The versions in force. Raises ``NotFound`` where there is none."""
        return lambda key, facts: self._answer((key, ""), facts)

    def ask_then(self, sources: Mapping[str, Mapping[str, str]]) -> Ask:
        """The versions that ``sources`` name (key to version and hash); the one in force for what they do not name."""
        return lambda key, facts: self._answer((key, sources.get(key, {}).get("version", "")), facts)

    def with_draft(self, ask: Ask) -> Ask:
        """As ``ask``, but the draft speaks for its key."""
        if self.draft is None:
            return ask
        mine, version = self.draft.key, self.draft.version
        return lambda key, facts: self._answer((key, version), facts) if key == mine else ask(key, facts)

    def _answer(self, named: tuple[str, str], facts: Mapping[str, Any]) -> Decided:
        if named not in self._read:
            table = self._table(*named)
            self._read[named] = (table, *compiled(table))
        table, machine, hashed = self._read[named]
        return decided_by(table, machine, hashed, facts)

    def _table(self, key: str, version: str) -> DecisionTable:
        if self.draft is not None and (key, version) == (self.draft.key, self.draft.version):
            return self.draft
        found = DecisionTable.objects.filter(key=key, version=version).first() if version else None
        return found or active_table(key)


@dataclass(frozen=True)
class Question:
    """What an app is asked: the draft, and the period of a simulation or the day on which the draft would begin."""

    draft: DecisionTable
    versions: Versions
    since: dt.datetime | None = None
    until: dt.datetime | None = None
    effective_on: dt.date | None = None


@dataclass(frozen=True)
class Measure:
    """An app's part: the tables that concern it, how many records it will ask about, and each of them."""

    keys: frozenset[str]
    count: Callable[[Question], int]
    seen: Callable[[Question], Iterable[Seen]]


_impacts: dict[str, Measure] = {}
_replays: dict[str, Measure] = {}


def register_impact(name: str, measure: Measure) -> None:
    """State how a draft bears on records as they are now."""
    _impacts[name] = measure


def register_replay(name: str, measure: Measure) -> None:
    """State how past requests are asked again."""
    _replays[name] = measure


def impact_measures(key: str) -> list[Measure]:
    return [measure for measure in _impacts.values() if key in measure.keys]


def replay_measures(key: str) -> list[Measure]:
    return [measure for measure in _replays.values() if key in measure.keys]


def measured(measures: Iterable[Measure], question: Question, progress: Progress | None = None) -> list[Seen]:
    """Everything that was asked about, each record once with all that is said otherwise of it."""
    chosen = list(measures)
    total = sum(measure.count(question) for measure in chosen) if progress else 0
    found: dict[tuple[str, str], Seen] = {}
    for position, one in enumerate(every(chosen, question), start=1):
        present = found.setdefault((one.type, one.id), one)
        if present is not one:
            present.differences += one.differences
        if progress:
            progress(min(position, max(total - 1, 0)), total)
    return list(found.values())


def every(measures: list[Measure], question: Question) -> Iterator[Seen]:
    for measure in measures:
        yield from measure.seen(question)


def report_of(seen: list[Seen]) -> dict[str, Any]:
    """Counts over all, and the rows that differ, the gravest first, as plain JSON."""
    changed = sorted((one for one in seen if one.differences), key=lambda one: (not one.is_grave, one.key, one.id))
    counts: dict[str, int] = {"asked": len(seen), "changed": len(changed)}
    for one in changed:
        for aspect in sorted(one.aspects):
            counts[aspect] = counts.get(aspect, 0) + 1
    return {
        "counts": counts,
        "rows": [asdict(one) for one in changed[:MOST_ROWS]],
        "left_off": max(0, len(changed) - MOST_ROWS),
    }
