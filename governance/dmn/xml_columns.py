"""The columns of a DMN decision table: its input and output clauses as the inputs and outputs of a document."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Protocol

from .checks import UNRANGED
from .unary import CellSyntax, parse_cell
from .values import shortened
from .xml_tree import Node
from .xml_types import Typed, Types
from .xml_values import read_value, read_values

EXTENSION = "urn:interlock:decision-table"
"""The namespace of what DMN has no place for: a table's key and version, and these fields of its columns."""

OWN_FIELDS = ("range", "whole", "optional", "decides", "default")

_PATH = re.compile(r"[^\W\d]\w*(?: \w+)*(?:\.[^\W\d]\w*(?: \w+)*)*")
_RESERVED = frozenset(
    (
        "if", "then", "else", "for", "return", "in", "some", "every", "satisfies", "and", "or", "not", "between",
        "instance", "function", "null", "true", "false",
    )
)  # fmt: skip
"""The words by which FEEL computes; a name that the file does not declare holds none of them."""


class Reporter(Protocol):
    """Where what is wrong with a column, or left out of it, is said."""

    def error(self, place: str, words: str, sentence: str, node: Node) -> None: ...

    def left_out(self, place: str, words: str, sentence: str, node: Node) -> None: ...


@dataclass(frozen=True, slots=True)
class Column:
    """An input or output as the document declares it."""

    name: str
    document: dict[str, Any]


class Model:
    """What the columns of a file's tables refer to: its types, and the names of its data and decisions."""

    def __init__(self, definitions: Node) -> None:
        self.exporter = definitions.get("exporter")
        self.types = Types(definitions)
        self.data = {node.get("name"): node for node in definitions.all("inputData")}
        self.decisions = {node.get("name") for node in definitions.all("decision")}
        self.spoken = {" ".join(name.split()): name for name in (*self.decisions, *self.data)}

    def name_of(self, text: str) -> str | None:
        """The name that an expression consists of: one that the file declares, or a name or path by its form."""
        if text in self.data:
            return text
        plain = " ".join(text.split())
        if plain in self.spoken:
            return self.spoken[plain]
        plain = re.sub(r"\s*\.\s*", ".", plain)
        words = re.split(r"[ .]", plain)
        return plain if _PATH.fullmatch(plain) and not _RESERVED & set(words) else None

    def typed(self, reference: str, name: str) -> Typed:
        """The type that a clause states, or else that of the data it asks for."""
        if reference and reference != "Any":
            return self.types.typed(reference)
        whole, *path = [name] if name in self.data else name.split(".")
        variable = self.data[whole].first("variable") if whole in self.data else None
        stated = variable.get("typeRef") if variable else ""
        return self.types.along(stated, path) if path else self.types.typed(stated)


def input_column(at: int, clause: Node, model: Model, report: Reporter) -> Column:
    """An input clause: the fact it asks for, its type, and the values that are allowed."""
    words, place = f"input {at}", f"inputs/{at}"
    expression = clause.first("inputExpression")
    text = (expression.text_at("text") if expression else None) or ""
    name = model.name_of(text) if text.strip() else None
    if expression is None or name is None:
        said = f"`{shortened(text.strip())}` is no name or path of names" if text.strip() else "it asks for nothing"
        sentence = f"{said}. Give what is computed a name of its own, and ask for that."
        report.error(place, words, sentence, expression or clause)
        return Column(text.strip(), {"name": text.strip()})
    if name in model.decisions and name not in model.data:
        sentence = f"'{shortened(name)}' is another decision's answer; here it is a fact that the caller states."
        report.left_out(place, words, sentence, clause)
    typed = model.typed(expression.get("typeRef"), name)
    stated = (clause.text_at("inputValues", "text") or "").strip()
    declared = _declared(name, clause, typed, stated, place, words, report)
    return Column(name, declared)


def output_column(
    at: int, clause: Node, model: Model, report: Reporter, named: str = "", reference: str = ""
) -> Column:
    """An output clause; ``named`` and ``reference`` are name and type where it states none itself."""
    words, place = f"output {at}", f"outputs/{at}"
    name = clause.get("name") or named
    if not name:
        report.error(place, words, "each of several outputs needs a name.", clause)
    typed = model.types.typed(clause.get("typeRef") or reference)
    stated = (clause.text_at("outputValues", "text") or "").strip()
    declared = _declared(name, clause, typed, stated, place, words, report)
    default = (clause.text_at("defaultOutputEntry", "text") or "").strip()
    if default:
        try:
            declared["default"] = read_value(default)
        except CellSyntax as problem:
            report.error(f"{place}/default", words, f"its default: {problem}", clause)
    return Column(name, declared)


def _declared(
    name: str, clause: Node, typed: Typed, stated: str, place: str, words: str, report: Reporter
) -> dict[str, Any]:
    declared: dict[str, Any] = {"name": name}
    if clause.get("label"):
        declared["label"] = clause.get("label")
    described = clause.text_at("description")
    if described:
        declared["note"] = described
    if not typed.known:
        report.left_out(f"{place}/type", words, "its type is none that is known here; any value is taken.", clause)
    if typed.kind:
        declared["type"] = typed.kind
    allowed = stated or typed.allowed
    values = read_values(allowed) if allowed not in ("", "-") else []
    if values:
        declared["values"] = values
    elif values is None and clause.name == "input" and _is_range(allowed, typed.kind):
        declared["range"] = allowed
    elif values is None:
        sentence = f"`{shortened(allowed)}` does not list values one by one; any value is taken."
        report.left_out(f"{place}/values", words, sentence, clause)
    return declared | _extended(clause, f"{place}/", words, report)


def _is_range(text: str, kind: str | None) -> bool:
    """Whether an input of this type can be told so which facts there are."""
    try:
        tests = parse_cell(text)
    except CellSyntax:
        return False
    return kind is not None and kind not in UNRANGED and all(test.kind == kind for test in tests.tests)


def _extended(clause: Node, place: str, words: str, report: Reporter) -> dict[str, Any]:
    """What only our own files say of a column, in attributes of our namespace."""
    found: dict[str, Any] = {}
    for name in OWN_FIELDS:
        text = clause.get(f"{EXTENSION} {name}")
        if text:
            try:
                found[name] = text if name == "range" else read_value(text)
            except CellSyntax as problem:
                report.error(f"{place}{name}", words, f"its {name}: {problem}", clause)
    return found
