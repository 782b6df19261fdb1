"""A draft's rules as a grid of cells that can be written in: what stands in each, what is wrong, what is allowed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ..dmn.editing import allowed_words, output_from, output_text
from ..dmn.hits import identity
from ..dmn.unary import ANY_TEXT
from ..dmn.values import KINDS

PAGE = 50


@dataclass(frozen=True)
class Column:
    """One column of the grid: ``side`` is when or then, ``at`` its place on that side."""

    side: str
    at: int
    document: Mapping[str, Any]

    @property
    def name(self) -> str:
        return str(self.document["name"])

    @property
    def label(self) -> str:
        return str(self.document.get("label") or self.name)

    @property
    def key(self) -> str:
        return f"{self.side[0]}{self.at}"

    @property
    def kind(self) -> str:
        return str(self.document.get("type") or "any")

    @property
    def allowed(self) -> str:
        return allowed_words(self.document, condition=self.side == "when")

    @property
    def suggestions(self) -> list[str]:
        """What a cell may say, as it is typed."""
        values = list(self.document.get("values") or ())
        if self.kind == "boolean":
            values = [True, False]
        if self.side == "then":
            return [output_text(value) for value in values]
        if self.kind == "list":
            return [f"contains({identity(value)})" for value in values]
        return [ANY_TEXT, *(identity(value) for value in values)] if values else []

    def text(self, rule: Mapping[str, Any]) -> str:
        if self.side == "when":
            return str(rule["when"].get(self.name, ANY_TEXT))
        return output_text(rule["then"].get(self.name))

    def value(self, text: str) -> Any:
        """What the text means, as a rule keeps it."""
        return (text.strip() or ANY_TEXT) if self.side == "when" else output_from(self.document, text)


@dataclass(frozen=True)
class Cell:
    """One cell as it is drawn: ``id`` names it on the page."""

    id: str
    column: Column
    text: str


@dataclass(frozen=True)
class Row:
    """One rule as it is drawn; ``place`` counts from 1."""

    place: int
    id: str
    note: str
    cells: Sequence[Cell]


@dataclass(frozen=True)
class Grid:
    """One page of a draft's rules."""

    columns: Sequence[Column]
    rows: Sequence[Row]
    total: int
    number: int
    focus: str = ""

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // PAGE))

    @property
    def before(self) -> int:
        return self.number - 1

    @property
    def after(self) -> int:
        return self.number + 1 if self.number < self.pages else 0


def columns_of(document: Mapping[str, Any]) -> list[Column]:
    """Conditions first, then conclusions."""
    return [
        Column(side, at, column)
        for side, named in (("when", "inputs"), ("then", "outputs"))
        for at, column in enumerate(document[named])
    ]


def column_named(document: Mapping[str, Any], side: str, name: str) -> Column | None:
    return next((one for one in columns_of(document) if (one.side, one.name) == (side, name)), None)


def grid_of(document: Mapping[str, Any], *, number: int = 1, focus: str = "") -> Grid:
    """The page ``number`` of the rules, or the one that holds the rule ``focus``."""
    rules = document["rules"]
    ids = [rule["id"] for rule in rules]
    if focus in ids:
        number = ids.index(focus) // PAGE + 1
    number = min(max(1, number), max(1, -(-len(rules) // PAGE)))
    columns = columns_of(document)
    first = (number - 1) * PAGE
    rows = [
        Row(
            place, rule["id"], rule.get("note") or "",
            [Cell(f"c{place}-{column.key}", column, column.text(rule)) for column in columns],
        )
        for place, rule in enumerate(rules[first : first + PAGE], start=first + 1)
    ]  # fmt: skip
    return Grid(columns, rows, len(rules), number, focus)


def column_rows(document: Mapping[str, Any], side: str, *, blank: int = 2) -> list[dict[str, Any]]:
    """The columns of one side as the columns' form shows them, with ``blank`` ones to be filled."""
    rows = [
        {
            "was": column["name"], "name": column["name"], "label": column.get("label", ""),
            "type": column.get("type", ""), "values": "\n".join(output_text(one) for one in column.get("values") or ()),
            "range": column.get("range") or "", "whole": bool(column.get("whole")),
            "optional": bool(column.get("optional")), "default": output_text(column.get("default")),
            "decides": "\n".join(output_text(one) for one in column.get("decides") or ()),
        }
        for column in document[side]
    ]  # fmt: skip
    return rows + [{**dict.fromkeys(("was", *FIELDS), ""), "type": "string"} for _ in range(blank)]


def columns_from(given: Mapping[str, str], side: str, stored: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """The columns that the form was sent with, in the order of their ``order`` fields; a name left empty is none.

    What the form does not show of a stored column (its note, a list of values longer than it was given) stays.
    """
    by_name = {column["name"]: column for column in stored}
    made: list[tuple[float, dict[str, Any]]] = []
    for at in range(200):
        if f"{side}.{at}.name" not in given:
            break
        row = {name: given.get(f"{side}.{at}.{name}", "").strip() for name in (*FIELDS, "was", "order", "remove")}
        if row["name"] and not row["remove"]:
            made.append((order_of(row["order"], at), column_from(row, side, by_name.get(row["was"], {}))))
    return [column for _, column in sorted(made, key=lambda pair: pair[0])]


FIELDS = ("name", "label", "type", "values", "range", "whole", "optional", "default", "decides")
TYPES = [("", "any"), *((kind, kind) for kind in KINDS)]


def order_of(text: str, at: int) -> float:
    try:
        return float(text[:12])
    except ValueError:
        return at + 1


def column_from(row: Mapping[str, str], side: str, stored: Mapping[str, Any]) -> dict[str, Any]:
    """One column's document; a field left empty is not said."""
    kept = {name: value for name, value in stored.items() if name not in FIELDS}
    typed = {"type": row["type"]} if row["type"] else {}
    element = {} if row["type"] == "list" else typed
    said: dict[str, Any] = {"name": row["name"], "label": row["label"], **typed}
    for name in ("values", "decides") if side == "outputs" else ("values",):
        said[name] = [output_from(element, line) for line in row[name].splitlines() if line.strip()]
    if side == "inputs":
        said |= {"range": row["range"], "whole": bool(row["whole"]), "optional": bool(row["optional"])}
    elif row["default"]:
        said["default"] = output_from(typed, row["default"])
    said = {name: value for name, value in said.items() if value not in ("", [], False) or name == "default"}
    return {**kept, **said, **({"was": row["was"]} if row["was"] else {})}
