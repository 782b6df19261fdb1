"""What a standard change may set: allow-listed fields, each with its range, as a template keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

#: The forms of a range; exactly one of them describes a field.
FORMS = ({"any"}, {"values"}, {"min"}, {"max"}, {"min", "max"})


def range_errors(allowed: Any) -> dict[str, list[str]]:
    """Field by field what is wrong with an allow-list; empty when it can be relied on."""
    if not isinstance(allowed, Mapping) or not allowed:
        return {"allowed": ["Name at least one field, with its range."]}
    return {f"allowed.{name}": [said] for name, one in allowed.items() if (said := range_error(one))}


def range_error(said: Any) -> str:
    """What is wrong with one range, or nothing."""
    if not isinstance(said, Mapping) or set(said) not in FORMS:
        return 'Write {"any": true}, {"values": [...]}, or {"min": 1, "max": 9} with either bound or both.'
    if "any" in said:
        return "" if said["any"] is True else "Only true means any value."
    if "values" in said:
        return "" if isinstance(said["values"], list) and said["values"] else "List the values that may be chosen."
    bounds = [said[name] for name in ("min", "max") if name in said]
    if not all(comparable(one) for one in bounds):
        return "Bounds are numbers, or days such as 2026-07-01."
    if len({isinstance(one, str) for one in bounds}) > 1:
        return "Both bounds are of one kind."
    return "" if bounds == sorted(bounds) else "The lower bound is above the upper one."


def comparable(value: Any) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def outside(allowed: Mapping[str, Any], patch: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """``(field, sentence)`` for everything that the allow-list does not let through, in the fields' order by name."""
    for name, value in sorted(patch.items()):
        if name not in allowed:
            yield name, f"{name} is not among {', '.join(sorted(allowed))}."
        elif not within(allowed[name], value):
            yield name, f"{value} is outside of {range_words(allowed[name])}."


def within(said: Mapping[str, Any], value: Any) -> bool:
    """A list is inside when each of its values is; nothing is inside of no bounds, and a bound refuses other kinds."""
    if "any" in said:
        return True
    if "values" in said:
        return all(one in said["values"] for one in (value if isinstance(value, list) else [value]))
    bounds = list(said.values())
    if not comparable(value) or isinstance(value, str) != isinstance(bounds[0], str):
        return False
    return bool(said.get("min", value) <= value <= said.get("max", value))


def range_words(said: Mapping[str, Any]) -> str:
    """A range as people read it: "1 to 5000", "at least 3", "A, B or C"."""
    if "any" in said:
        return "any value"
    if "values" in said:
        return " or ".join(map(str, said["values"]))
    if "min" in said and "max" in said:
        return f"{said['min']} to {said['max']}"
    return f"at least {said['min']}" if "min" in said else f"at most {said['max']}"
