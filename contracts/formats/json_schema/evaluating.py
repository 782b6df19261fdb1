"""Whether one value satisfies a term: yes, no, or not known (``None``) where an unanalysed keyword decides."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .expressions import found_in, passes
from .terms import Constraint, Term, exact, type_of, value_key

Expand = Callable[[Term], Term]


def holds(term: Term, value: Any, expand: Expand) -> bool | None:
    """Three-valued truth of a term for a value; ``expand`` opens references."""
    op, args = term.op, term.args
    if op in ("true", "false"):
        return op == "true"
    if op == "and":
        return _all(holds(part, value, expand) for part in args[0])
    if op == "or":
        return _any(holds(part, value, expand) for part in args[0])
    if op == "type":
        return type_of(value) in args[0]
    if op == "enum":
        return (value_key(value) in args[0]) is args[1]
    if op == "ref":
        return holds(expand(term), value, expand)
    if op == "opaque":
        return None
    kind, constraint, positive = args
    if type_of(value) != kind:
        return bool(positive)
    verdict = constraint_holds(constraint, value, expand)
    return verdict if verdict is None else verdict is positive


def constraint_holds(constraint: Constraint, value: Any, expand: Expand) -> bool | None:
    """Whether a value of the right type keeps one constraint."""
    name, *args = constraint
    if name in _SIMPLE:
        return bool(_SIMPLE[name](value, *args))
    if name == "item":
        return holds(args[1], value[args[0]], expand) if len(value) > args[0] else True
    if name == "items":
        return _all(holds(args[1], item, expand) for item in value[args[0] :])
    if name == "contains":
        return _contains(value, args[0], args[1], args[2], expand)
    if name == "names":
        return _all(holds(args[0], key, expand) for key in value)
    if name == "prop":
        return holds(args[1], value[args[0]], expand) if args[0] in value else True
    return _all(holds(args[1], item, expand) for key, item in value.items() if selects(args[0], key))


def selects(selector: tuple[Any, ...], name: str) -> bool:
    """Whether a property name is meant: ("pat", pattern) or ("rest", names, patterns)."""
    if selector[0] == "pat":
        return found_in(selector[1], name)
    return name not in selector[1] and not any(found_in(pattern, name) for pattern in selector[2])


def _unique(value: list[Any]) -> bool:
    return len({value_key(item) for item in value}) == len(value)


_SIMPLE: dict[str, Callable[..., bool]] = {
    "min": lambda value, bound, strict: exact(value) > bound or (not strict and exact(value) == bound),
    "max": lambda value, bound, strict: exact(value) < bound or (not strict and exact(value) == bound),
    "mult": lambda value, step: (exact(value) / step).denominator == 1,
    "minlen": lambda value, bound: len(value) >= bound,
    "maxlen": lambda value, bound: len(value) <= bound,
    "pattern": lambda value, pattern: found_in(pattern, value),
    "check": lambda value, keyword, named: passes(keyword, named, value),
    "minitems": lambda value, bound: len(value) >= bound,
    "maxitems": lambda value, bound: len(value) <= bound,
    "unique": lambda value: _unique(value),
    "req": lambda value, name: name in value,
    "minprops": lambda value, bound: len(value) >= bound,
    "maxprops": lambda value, bound: len(value) <= bound,
}


def _contains(value: list[Any], term: Term, low: int, high: int | None, expand: Expand) -> bool | None:
    verdicts = [holds(term, item, expand) for item in value]
    sure, possible = verdicts.count(True), len(verdicts) - verdicts.count(False)
    if possible < low or (high is not None and sure > high):
        return False
    return True if sure >= low and (high is None or possible <= high) else None


def _all(verdicts: Iterable[bool | None]) -> bool | None:
    known: bool | None = True
    for verdict in verdicts:
        if verdict is False:
            return False
        known = None if verdict is None else known
    return known


def _any(verdicts: Iterable[bool | None]) -> bool | None:
    verdict = _all(None if found is None else not found for found in verdicts)
    return None if verdict is None else not verdict
