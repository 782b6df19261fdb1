"""Is every payload valid under one document valid under another? Yes (proven), no (shown), or not known."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ..base import Document, Unsupported, canonical_bytes
from .compiling import Compiler, opaque_in
from .dialects import BY_NAME
from .outcomes import BudgetSpent, Ending
from .references import References
from .solving import Solver
from .terms import Term, negate
from .validation import fast_validator, reference_is_linear, reference_validator


@dataclass(frozen=True, slots=True)
class Answer:
    """``answer`` is yes, no, lines or unknown; with no and lines, ``payload`` is valid for the writer only."""

    answer: str
    found: bool = False
    payload: Any = None
    unsupported: tuple[Unsupported, ...] = ()
    reason: str = ""


class Pair:
    """Two documents as terms, writer and reader, with one way to open the references of both."""

    def __init__(self, writer: Document, reader: Document, *, formats: bool = False) -> None:
        self.compilers = tuple(
            Compiler(References(each.content, BY_NAME[each.dialect]), side, formats)
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


def included(writer: Document, reader: Document, *, seconds: float = 2.0, formats: bool = False) -> Answer:
    """Whether everything valid under ``writer`` is valid under ``reader``.

    A "no" always comes with a payload that the fast and the reference validator both accept under the writer's
    document and both refuse under the reader's. "lines" is a no for which every such payload needs a text with a line
    break (``.`` in a pattern does not match one). What was not decided is "unknown": BUDGET, TOO_DEEP, UNVERIFIED,
    NOT_ANALYSED. ``format`` is asserted until draft-07, and in the later drafts when ``formats`` asks for it.
    """
    if writer.canonical == reader.canonical and writer.dialect == reader.dialect:
        return Answer("yes")
    try:
        pair = Pair(writer, reader, formats=formats)
        question = [pair.writer, negate(pair.reader)]
        outcome = Solver(pair.expand, seconds).solve(question)
        if outcome.empty:
            return Answer("yes")
        if outcome.usable and separates(writer, reader, outcome.value, formats=formats):
            return _plainer(writer, reader, outcome.value, pair, Solver(pair.expand, seconds, line_breaks=False))
    except BudgetSpent:
        return Answer("unknown", reason="BUDGET")
    except RecursionError:
        return Answer("unknown", reason="TOO_DEEP")
    reason = "UNVERIFIED" if outcome.ending is Ending.FOUND else "NOT_ANALYSED"
    return Answer("unknown", unsupported=pair.unsupported(), reason=reason)


def _plainer(writer: Document, reader: Document, payload: Any, pair: Pair, solver: Solver) -> Answer:
    """Without a line break in it, if that is possible."""
    if b"\\n" not in canonical_bytes(payload):
        return Answer("no", True, payload)
    try:
        other = solver.solve([pair.writer, negate(pair.reader)])
    except BudgetSpent:
        return Answer("no", True, payload)
    if other.empty:
        return Answer("lines", True, payload, reason="LINE_BREAKS")
    return Answer("no", True, other.value if separates(writer, reader, other.value) else payload)


def _verdicts(document: Document, payload: Any, formats: bool) -> tuple[bool, bool]:
    """What the fast and the reference validator say, with ``format`` asserted where the draft lets it be."""
    asserted = formats or BY_NAME[document.dialect].year <= 7
    fast = bool(fast_validator(document, formats=asserted).is_valid(payload))
    if not reference_is_linear(document):
        return fast, fast
    return fast, bool(reference_validator(document, formats=asserted).is_valid(payload))


def separates(writer: Document, reader: Document, payload: Any, *, formats: bool = False) -> bool:
    """Whether both validators accept the payload under one document and refuse it under the other."""
    try:
        canonical_bytes(payload)
        accepted, refused = _verdicts(writer, payload, formats), _verdicts(reader, payload, formats)
    except (ValueError, RecursionError):
        return False
    return accepted == (True, True) and refused == (False, False)
