"""Hit policies: which output follows from the rules whose conditions hold. Source: DMN 1.5, chapter 8.2.11.

Every policy answers from a default row, where the table declares one, when no rule holds.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from governance.kernel.errors import Invalid

Row = dict[str, Any]


class TableNotUnique(Invalid):
    """Two rules of a U table hold for the same facts: the table contradicts its own promise."""

    code = "TABLE_NOT_UNIQUE"


class TableNotAgreed(Invalid):
    """Rules of an A table hold for the same facts and say different things."""

    code = "TABLE_NOT_AGREED"


@dataclass(frozen=True, slots=True)
class Conclusion:
    """What one rule says: its output row, and its rank by the ordered output values (lower comes first).

    ``flat`` says that no value of the row is a list or an object.
    """

    rule: str
    output: Row
    rank: tuple[int, ...]
    flat: bool

    def row(self) -> Row:
        """A row of the caller's own: changing it changes no table."""
        return dict(self.output) if self.flat else _own(self.output)


Policy = Callable[[Sequence[Conclusion], Row | None], Any]


def identity(value: Any) -> str:
    """Equal values have equal identities: 1 is 1.0, and neither is true or "1"."""
    whole = _whole(value)
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def _unique(hits: Sequence[Conclusion], default: Row | None) -> Row | None:
    if len(hits) > 1:
        rules = _names(hits)
        raise TableNotUnique(
            f"The table allows one answer, and the rules {', '.join(rules)} hold together: narrow them.",
            details={"rules": rules},
        )
    return _first(hits, default)


def _any(hits: Sequence[Conclusion], default: Row | None) -> Row | None:
    if len({identity(hit.output) for hit in hits}) > 1:
        rules = _names(hits)
        raise TableNotAgreed(
            f"The rules {', '.join(rules)} hold together and must say the same, but their outputs differ.",
            details={"rules": rules},
        )
    return _first(hits, default)


def _first(hits: Sequence[Conclusion], default: Row | None) -> Row | None:
    return hits[0].row() if hits else _copied(default)


def _priority(hits: Sequence[Conclusion], default: Row | None) -> Row | None:
    return min(hits, key=_rank).row() if hits else _copied(default)


def _collect(hits: Sequence[Conclusion], default: Row | None) -> list[Row]:
    if not hits and default is not None:
        return [_own(default)]
    return [hit.row() for hit in hits]


def _output_order(hits: Sequence[Conclusion], default: Row | None) -> list[Row]:
    return _collect(sorted(hits, key=_rank), default)


def _aggregated(combine: Callable[[Iterable[Any]], Any]) -> Policy:
    def aggregate(hits: Sequence[Conclusion], default: Row | None) -> Row | None:
        if not hits:
            return _copied(default)
        name = next(iter(hits[0].output))
        return {name: combine(hit.output[name] for hit in hits)}

    return aggregate


def exact_sum(numbers: Iterable[int | float]) -> int | float:
    """The sum as written in decimals, so that 0.1 and 0.2 make 0.3; whole numbers stay whole."""
    parts = list(numbers)
    if all(isinstance(part, int) for part in parts):
        return sum(parts)
    return float(sum(Fraction(repr(part)) for part in parts))


def _names(hits: Sequence[Conclusion]) -> list[str]:
    return [hit.rule for hit in hits]


def _rank(hit: Conclusion) -> tuple[int, ...]:
    return hit.rank


def _copied(default: Row | None) -> Row | None:
    return None if default is None else _own(default)


def _own(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _own(item) for key, item in value.items()}
    return [_own(item) for item in value] if isinstance(value, list) else value


def _whole(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    if isinstance(value, Mapping):
        return {key: _whole(item) for key, item in value.items()}
    return [_whole(item) for item in value] if isinstance(value, list | tuple) else value


POLICIES: Mapping[str, Policy] = {
    "U": _unique,
    "A": _any,
    "P": _priority,
    "F": _first,
    "C": _collect,
    "R": _collect,
    "O": _output_order,
    "C+": _aggregated(exact_sum),
    "C<": _aggregated(min),
    "C>": _aggregated(max),
}
"""``C#`` is not here: it counts the rules and needs none of their outputs (``CompiledTable.evaluate``)."""

HIT_POLICIES = (*POLICIES, "C#")
ORDERED = frozenset({"P", "O"})
NUMERIC = frozenset({"C+", "C<", "C>"})
AGGREGATING = NUMERIC | {"C#"}
