"""Small tables for tests: one input per letter, written as briefly as a test wants to read them."""

from typing import Any

from governance.dmn import CompiledTable, compile_table


def document(
    rules: list[tuple[dict[str, str], Any]],
    *,
    hit: str = "U",
    inputs: list[dict] | None = None,
    outputs: list[dict] | None = None,
) -> dict:
    """Rules are (when, then); a ``then`` that is not a dict is the value of the only output, ``out``."""
    names = dict.fromkeys(name for when, _ in rules for name in when)
    return {
        "key": "sample",
        "version": "1.0",
        "hit": hit,
        "inputs": [{"name": name} for name in names] if inputs is None else inputs,
        "outputs": outputs or [{"name": "out"}],
        "rules": [
            {"id": f"R{at}", "when": when, "then": then if isinstance(then, dict) else {"out": then}}
            for at, (when, then) in enumerate(rules, start=1)
        ],
    }


def table(rules: list[tuple[dict[str, str], Any]], **columns: Any) -> CompiledTable:
    return compile_table(document(rules, **columns))


def holds(cell: str, *value: Any) -> bool:
    """Whether a one-cell table hits; without a value the fact is absent."""
    facts = {"x": value[0]} if value else {}
    return table([({"x": cell}, 1)]).evaluate(facts).rules == ("R1",)


def within(text: str, value: Any) -> bool:
    """Whether a fact lies in a region's text, by the engine itself: cells joined by ``and``, those by ``or``."""
    return any(all(holds(cell, value) for cell in either.split(" and ")) for either in text.split(" or "))
