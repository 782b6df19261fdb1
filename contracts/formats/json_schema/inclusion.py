"""Is every payload valid under one document valid under another? Yes (proven), no (shown by a payload), or not known."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from ..base import Document, Unsupported, canonical_bytes
from .compiling import Compiler, opaque_in
from .dialects import BY_NAME
from .outcomes import BudgetSpent, Ending
from .references import References
from .solving import Solver
from .terms import Term, negate
from .validation import fast_validator, reference_validator


@dataclass(frozen=True, slots=True)
class Answer:
    """``answer`` is yes, no or unknown; with no, ``payload`` is valid under the writer's document only."""

    answer: str
    found: bool = False
    payload: Any = None
    unsupported: tuple[Unsupported, ...] = ()
    reason: str = ""


class Pair:
    """Two documents as terms, writer and reader, with one way to open the references of both."""

    def __init__(self, writer: Document, reader: Document) -> None:
        self.compilers = tuple(
            Compiler(References(each.content, BY_NAME[each.dialect]), side)
            for each, side in ((writer, "writer:"), (reader, "reader:"))
        )
        self.writer, self.reader = (compiler.root() for compiler in self.compilers)
        self._opened: dict[Term, Term] = {}

    def expand(self, reference: Term) -> Term:
        """What a reference stands for, whichever document it belongs to."""
        if reference not in self._opened:
            key, positive = reference.args
            opened = next(each.open(key) for each in self.compilers if each.owns(key))
            self._opened[reference] = opened if positive else negate(opened)
        return self._opened[reference]

    def unsupported(self) -> tuple[Unsupported, ...]:
        """Every keyword that was not analysed, wherever it was met."""
        met = {place for term in (self.writer, self.reader, *self._opened.values()) for place in opaque_in(term)}
        return tuple(Unsupported(keyword, pointer) for keyword, pointer in sorted(met))


def included(writer: Document, reader: Document, *, seconds: float = 2.0) -> Answer:
    """Whether everything valid under ``writer`` is valid under ``reader``.

    A "no" always comes with a payload that the fast and the reference validator both accept under the writer's
    document and both refuse under the reader's. What was not decided within the budget is "unknown" (BUDGET).
    """
    if writer.canonical == reader.canonical and writer.dialect == reader.dialect:
        return Answer("yes")
    try:
        pair = Pair(writer, reader)
        outcome = Solver(pair.expand, seconds).solve([pair.writer, negate(pair.reader)])
    except BudgetSpent:
        return Answer("unknown", reason="BUDGET")
    except RecursionError:
        return Answer("unknown", reason="TOO_DEEP")
    if outcome.empty:
        return Answer("yes")
    if outcome.usable and separates(writer, reader, outcome.value):
        return Answer("no", True, outcome.value)
    reason = "UNVERIFIED" if outcome.ending is Ending.FOUND else "NOT_ANALYSED"
    return Answer("unknown", unsupported=pair.unsupported(), reason=reason)


def separates(writer: Document, reader: Document, payload: Any) -> bool:
    """Whether both validators accept the payload under one document and refuse it under the other."""
    try:
        canonical_bytes(payload)
        if not fast_validator(writer).is_valid(payload) or fast_validator(reader).is_valid(payload):
            return False
        return bool(reference_validator(writer).is_valid(payload)) and not reference_validator(reader).is_valid(payload)
    except (ValueError, RecursionError):
        return False


