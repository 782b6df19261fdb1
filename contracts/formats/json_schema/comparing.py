"""May this document follow that one? The verdict from inclusion, the explanation from the differences."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from governance.kernel.findings import Severity

from ..base import (
    Change,
    Comparison,
    Counterexample,
    Direction,
    Document,
    Hurts,
    Level,
    Verdict,
    canonical_bytes,
    fingerprint,
)
from .dialects import ANNOTATIONS, BY_NAME, pointer, subschemas
from .differing import MOST_CHANGES, Differ, Difference
from .inclusion import Answer, Pair, included
from .outcomes import BudgetSpent
from .solving import Solver
from .validation import reference_is_linear, reference_validator

_VERDICTS = {"yes": Verdict.COMPATIBLE, "no": Verdict.BREAKING, "unknown": Verdict.UNKNOWN,
             "lines": Verdict.WARNING, "formats": Verdict.WARNING}  # fmt: skip
_HURTS = {
    Direction.TIGHTENS: Hurts.PRODUCER, Direction.LOOSENS: Hurts.CONSUMER, Direction.BOTH: Hurts.BOTH,
    Direction.UNDETERMINED: Hurts.BOTH, Direction.NEITHER: Hurts.NOBODY,
}  # fmt: skip


def compare(old: Document, new: Document, *, direction: str = "backward", budget_seconds: float = 2.0) -> Comparison:
    """Backward: is everything valid under ``old`` valid under ``new``? Forward: the reverse.

    Breaking means that a payload separates the two, and it is attached. Compatible means a proof, or equal content.
    Warning means that only some receivers refuse something: those that assert ``format`` though it is an annotation
    (FORMATS), or those who meet a line break in a text (LINE_BREAKS). Anything else is unknown, with the keywords that
    were not analysed or the reason (BUDGET, TOO_DEEP, UNVERIFIED, NOT_ANALYSED).
    """
    backward = direction == "backward"
    writer, reader = (old, new) if backward else (new, old)
    answer = _answer(writer, reader, budget_seconds)
    verdict = _VERDICTS[answer.answer]
    changes = [_judged(each, verdict, backward) for each in _differences(old, new, budget_seconds / 2)]
    if answer.found and not any(change.severity is Severity.ERROR for change in changes):
        changes.append(_located(reader, answer, backward))
    names = ("old", "new") if backward else ("new", "old")
    example = Counterexample(answer.payload, *names) if answer.found else None
    return Comparison(verdict, level_of(verdict, old, new), tuple(changes), answer.unsupported, example, answer.reason)


def _answer(writer: Document, reader: Document, seconds: float) -> Answer:
    answer = included(writer, reader, seconds=seconds)
    if answer.answer == "yes" and any(b'"format"' in each.canonical for each in (writer, reader)):
        asserted = included(writer, reader, seconds=seconds, formats=True)
        if asserted.found:
            return replace(asserted, answer="formats", reason="FORMATS")
    return answer


def _differences(old: Document, new: Document, seconds: float) -> list[Difference]:
    if old.canonical == new.canonical and old.dialect == new.dialect:
        return []
    found: list[Difference] = []
    try:
        pair = Pair(old, new)
        for difference in Differ(pair, Solver(pair.expand, seconds)).walk():
            found.append(difference)
            if len(found) >= MOST_CHANGES:
                break
    except (BudgetSpent, RecursionError):
        pass
    return found


def _judged(difference: Difference, verdict: Verdict, backward: bool) -> Change:
    breaks = (Direction.TIGHTENS if backward else Direction.LOOSENS, Direction.BOTH)
    severity = Severity.INFO
    if verdict is Verdict.BREAKING and difference.direction in breaks:
        severity = Severity.ERROR
    elif verdict is not Verdict.COMPATIBLE and difference.direction is Direction.UNDETERMINED:
        severity = Severity.WARNING
    return Change(
        difference.rule, severity, difference.direction, difference.pointer_old, difference.pointer_new,
        _HURTS[difference.direction], difference.message,
        fingerprint(difference.rule, difference.pointer_old, difference.pointer_new, difference.old, difference.new),
    )  # fmt: skip


def _located(reader: Document, answer: Answer, backward: bool) -> Change:
    """A break that no single changed keyword explains: name the rule that refuses the counterexample."""
    severity = Severity.ERROR if answer.answer == "no" else Severity.WARNING
    validator = reference_validator(reader, formats=True)
    error = next(iter(validator.iter_errors(answer.payload)), None) if reference_is_linear(reader) else None
    where = pointer(*(str(key) for key in error.absolute_schema_path)) if error is not None else ""
    keyword = str(error.validator) if error is not None else "schema"
    in_old, in_new = (None, where) if backward else (where, None)
    direction = Direction.TIGHTENS if backward else Direction.LOOSENS
    sentence = f'A payload that one document allows is refused by the rule "{keyword}" of the other.'
    return Change(
        "inclusion.broken", severity, direction, in_old, in_new, _HURTS[direction], sentence,
        fingerprint("inclusion.broken", in_old, in_new, keyword),
    )  # fmt: skip


def level_of(verdict: Verdict, old: Document, new: Document) -> Level:
    """How large a bump the change from ``old`` to ``new`` needs, given the verdict."""
    if verdict is Verdict.UNKNOWN:
        return Level.UNKNOWN
    if verdict is Verdict.BREAKING:
        return Level.MAJOR
    if old.canonical == new.canonical:
        return Level.NONE
    bare = [canonical_bytes(_bare(each.content, each)) for each in (old, new)]
    return Level.PATCH if bare[0] == bare[1] and old.dialect == new.dialect else Level.MINOR


def _bare(schema: Any, document: Document) -> Any:
    """The schema without what only describes it."""
    if not isinstance(schema, dict):
        return schema
    made = {key: value for key, value in schema.items() if key not in ANNOTATIONS}
    for keys, inner in subschemas(schema, BY_NAME[document.dialect]):
        keyword = keys[0]
        if len(keys) == 1:
            made[keyword] = _bare(inner, document)
        else:
            _replace(made, schema, keys, _bare(inner, document))
    return made


def _replace(made: dict[str, Any], schema: dict[str, Any], keys: tuple[str, ...], inner: Any) -> None:
    keyword, key = keys
    if isinstance(schema[keyword], list):
        made[keyword] = list(made[keyword])
        made[keyword][int(key)] = inner
    else:
        made[keyword] = {**made[keyword], key: inner}
