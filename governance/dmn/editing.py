"""A table's document, edited: every function answers a new document and leaves the given one as it was."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from governance.kernel.errors import Invalid, NotFound

from .hits import NUMERIC, ORDERED
from .reading import compile_table
from .unary import ANY_TEXT
from .values import KINDS, shortened

Document = dict[str, Any]
_NUMBER = re.compile(r"-?\d{1,15}(\.\d{1,10})?", re.ASCII)
_IDS = re.compile(r"(.*?)(\d+)", re.DOTALL)


def with_rule_added(document: Mapping[str, Any], rule: Mapping[str, Any], *, after: str | None = None) -> Document:
    """The rule behind ``after``, or at the end. Raises ``NotFound`` for an unknown ``after``."""
    new = copy.deepcopy(dict(document))
    at = len(new["rules"]) if after is None else place_of(new, after) + 1
    made = {"id": "", "when": {}, "then": {}, "note": "", **copy.deepcopy(dict(rule))}
    made["id"] = made["id"] or next_rule_id(document)
    made["when"] = asked(made["when"]) if isinstance(made["when"], Mapping) else made["when"]
    if document["hit"] in NUMERIC and not made["then"]:
        made["then"] = {column["name"]: 0 for column in new["outputs"]}
    new["rules"].insert(at, made)
    return new


def with_rule_edited(document: Mapping[str, Any], rule: str, values: Mapping[str, Any]) -> Document:
    """The rule with other cells (``when``, ``then``: by name, the others stay), ``note`` or ``id``.

    A cell that asks nothing, and an output of None, are taken out. Raises ``NotFound`` for an unknown rule.
    """
    new = copy.deepcopy(dict(document))
    found = new["rules"][place_of(new, rule)]
    found["when"] = asked({**found["when"], **values.get("when", {})})
    then = {**found["then"], **values.get("then", {})}
    found["then"] = {name: value for name, value in then.items() if value is not None}
    for name in ("note", "id"):
        if name in values:
            found[name] = values[name]
    return new


def without_rule(document: Mapping[str, Any], rule: str) -> Document:
    new = copy.deepcopy(dict(document))
    del new["rules"][place_of(new, rule)]
    return new


def with_rule_moved(document: Mapping[str, Any], rule: str, *, to: int) -> Document:
    """The rule at place ``to``, counted from 1; beyond the last it becomes the last."""
    new = copy.deepcopy(dict(document))
    moved = new["rules"].pop(place_of(new, rule))
    new["rules"].insert(max(0, to - 1), moved)
    return new


def with_columns(
    document: Mapping[str, Any],
    *,
    hit: str | None = None,
    inputs: Sequence[Mapping[str, Any]] | None = None,
    outputs: Sequence[Mapping[str, Any]] | None = None,
) -> Document:
    """Other columns or another hit policy. A column's ``was`` is its former name: cells, cases and gaps follow it.

    Cells of a column that is gone go with it.
    """
    new = copy.deepcopy(dict(document))
    new["hit"] = hit or new["hit"]
    for side, part, columns in (("inputs", "when", inputs), ("outputs", "then", outputs)):
        if columns is None:
            continue
        names = {str(column.get("was") or column.get("name")): column.get("name") for column in columns}
        new[side] = [{key: value for key, value in column.items() if key != "was"} for column in columns]
        for rule in new["rules"]:
            rule[part] = {names[name]: value for name, value in rule[part].items() if name in names}
        if side == "inputs":
            _follow(new, names)
    return new


def _follow(document: Document, names: Mapping[str, Any]) -> None:
    """Cases keep the facts of inputs that are still asked; a gap accepted on an input that is gone is open again."""
    for case in document.get("cases", ()):
        case["facts"] = {names[name]: value for name, value in case["facts"].items() if name in names}
    if "accepted_gaps" in document:
        document["accepted_gaps"] = [
            {**gap, "region": {names[name]: cell for name, cell in gap["region"].items()}}
            for gap in document["accepted_gaps"]
            if set(gap["region"]) <= set(names)
        ]


def place_of(document: Mapping[str, Any], rule: str) -> int:
    for at, one in enumerate(document["rules"]):
        if one["id"] == rule:
            return at
    raise NotFound(f"The table has no rule {shortened(rule)}.")


def asked(cells: Mapping[str, str]) -> dict[str, str]:
    """Only the cells that ask something."""
    return {
        name: text.strip() if isinstance(text, str) else text
        for name, text in cells.items()
        if not isinstance(text, str) or text.strip() not in ("", ANY_TEXT)
    }


def next_rule_id(document: Mapping[str, Any]) -> str:
    """The id that follows the highest numbered one: P27 after P26."""
    ids = {str(rule["id"]) for rule in document["rules"]}
    numbered = [found for found in map(_IDS.fullmatch, ids) if found]
    if not numbered:
        return next(f"R{number}" for number in range(1, len(ids) + 2) if f"R{number}" not in ids)
    last = max(numbered, key=lambda found: int(found.group(2)))
    head, digits = last.groups()
    return f"{head}{int(digits) + 1:0{len(digits)}d}"


def cell_problems(column: Mapping[str, Any], text: str) -> list[str]:
    """What is wrong with the text of one condition under its column, each as a sentence; empty when nothing is."""
    name = column["name"]
    rule = {"id": "r", "when": {name: text}, "then": {}}
    return _problems({"inputs": [column], "outputs": [{"name": "o"}], "rules": [rule]}, f"rules/r/when/{name}")


def output_problems(column: Mapping[str, Any], value: Any, *, hit: str = "U") -> list[str]:
    """The same for one conclusion."""
    name = column["name"]
    ranked = hit in ORDERED and bool(column.get("values"))
    rule = {"id": "r", "when": {}, "then": {name: value}}
    shape = {"inputs": [], "outputs": [column], "rules": [rule]}
    return _problems(shape, f"rules/r/then/{name}", hit if ranked or hit in NUMERIC else "U")


def _problems(shape: Mapping[str, Any], place: str, hit: str = "U") -> list[str]:
    try:
        compile_table({"key": "cell", "hit": hit, **shape})
    except Invalid as refused:
        return refused.errors.get(place, [])
    return []


def output_from(column: Mapping[str, Any], text: str) -> Any:
    """A conclusion as a person types it, as the column's declared type has it; empty text is None.

    A list is parted by commas or is JSON. What is not of the type stays text, and ``output_problems`` says so.
    """
    text, kind = text.strip(), column.get("type")
    if not text:
        return None
    if kind == "string":
        return text
    if kind in ("boolean", None) and text.lower() in ("true", "yes", "false", "no"):
        return text.lower() in ("true", "yes")
    if kind in ("number", None) and _NUMBER.fullmatch(text):
        return float(text) if "." in text else int(text)
    if text[0] in '[{"':
        try:
            return json.loads(text)
        except ValueError:
            return text
    return [part.strip() for part in text.split(",") if part.strip()] if kind == "list" else text


def output_text(value: Any) -> str:
    """A conclusion as ``output_from`` reads it again."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and all(isinstance(item, str) and item and "," not in item for item in value) and value:
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def allowed_words(column: Mapping[str, Any], *, condition: bool) -> str:
    """What may stand in a column's cells, in one sentence."""
    values = column.get("values")
    write = json.dumps if condition else output_text
    quoted = ", ".join(write(value) for value in values or ())
    if values:
        many = "contains(…) or contains any(…) of " if condition and column.get("type") == "list" else ""
        return f"Allowed: {many}{shortened(quoted, 300)}{', or - for anything' if condition else ''}."
    said = KINDS.get(str(column.get("type")), "any value")
    if column.get("range"):
        said = f"{said} that is {column['range']}"
    if column.get("whole"):
        said = f"{said}, whole"
    if not condition:
        return f"Allowed: {said}."
    example = EXAMPLES.get(str(column.get("type")), '5, <=5, [1..5] or "text"')
    return f"Allowed: {said}; such as {example}, or - for anything."


EXAMPLES = {"number": "5, <=5 or [1..5]", "string": '"text"', "boolean": "true or false", "list": 'contains("A")'}
