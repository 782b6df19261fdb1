"""A table as a DMN 1.5 file that other tools open, and as JSON: the two forms in which it leaves the product.

What a file says is read back as the same document, in the plain form that ``plain`` gives it: cells that ask nothing
are left away, every output is stated, and lists are asked for in one spelling.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from .document import to_document
from .hits import ORDERED
from .reading import compile_table
from .unary import parse_cell
from .values import number_of
from .xml_columns import EXTENSION, OWN_FIELDS
from .xml_import import AGGREGATORS, EXPORTER, POLICIES, VERSIONS
from .xml_values import cell_as_feel, cell_from_feel, read_values, write_value, write_values
from .xml_write import Element, element, leaf, write_xml

MODEL = next(namespace for namespace, version in VERSIONS.items() if version == "1.5")
OURS = "interlock"
"""What the ids that we make up begin with; a rule of such a name bears it as its label."""

_HITS = {letter: policy for policy, letter in POLICIES.items()}
_AGGREGATIONS = {mark: name for name, mark in AGGREGATORS.items() if mark}
_ID = re.compile(r"(?!interlock)[A-Za-z_][A-Za-z0-9_.-]*")
_LISTS = frozenset({"C", "R", "O"})


def plain(document: Mapping[str, Any]) -> dict[str, Any]:
    """The document as an export gives it back; its answers are the same. Raises ``Invalid`` as ``compile_table``."""
    own = to_document(compile_table(document))
    noted = any("note" in rule for rule in own["rules"])
    own["inputs"] = [_column(column) for column in own["inputs"]]
    own["outputs"] = [_column(column) for column in own["outputs"]]
    own["rules"] = [_rule(rule, own, noted) for rule in own["rules"]]
    return own if own.get("version") else {name: value for name, value in own.items() if name != "version"}


def export_json(document: Mapping[str, Any]) -> bytes:
    """The plain document, with its ``cases`` if it has any, as indented JSON in UTF-8, its fields in one order."""
    cases = {"cases": document["cases"]} if document.get("cases") else {}
    return f"{json.dumps(plain(document) | cases, indent=2, ensure_ascii=False)}\n".encode()


def export_dmn(document: Mapping[str, Any], *, title: str = "") -> bytes:
    """The document as a DMN 1.5 model with one decision.

    Raises ``Invalid``: as ``compile_table``, or TABLE_NOT_DMN for what DMN has no place for.
    """
    table = plain(document)
    key, version = str(table["key"]), str(table.get("version", ""))
    types = _Types(table)
    named = ":".join(quote(part, safe="") for part in (key, version) if part)
    inputs = list(enumerate(table["inputs"], 1))
    data = [_input_data(at, column, types) for at, column in inputs]
    required = [
        element("informationRequirement", element("requiredInput", href=f"#{OURS}-data-{at}"), id=f"{OURS}-need-{at}")
        for at, _ in inputs
    ]
    decision = element(
        "decision",
        element("extensionElements", element(f"{OURS}:table", key=key, version=version or None)),
        element("variable", name=key, typeRef=_answer_type(table, types)),
        *required,
        _decision_table(table, types),
        id=f"{OURS}-decision", name=key, label=title or None,
    )  # fmt: skip
    definitions = element(
        "definitions", *types.definitions, *data, decision,
        xmlns=MODEL, xmlns__interlock=EXTENSION, id=f"{OURS}-definitions", name=title or key,
        namespace=f"{EXTENSION}:{named}", exporter=EXPORTER,
    )  # fmt: skip
    return write_xml(definitions)


class _Types:
    """The type of each column: one of FEEL's own, or an item definition where values are allowed or lists asked for."""

    def __init__(self, table: Mapping[str, Any]) -> None:
        self.definitions: list[Element] = []
        self.names: set[str] = set()
        self.inputs = [self.of(column) for column in table["inputs"]]
        self.outputs = [self.of(column) for column in table["outputs"]]

    def of(self, column: Mapping[str, Any]) -> str:
        kind, values = column.get("type"), column.get("values") or []
        listed = kind == "list"
        base = _kind_of(values) if listed else kind or "Any"
        said = _allowed(column)
        if not said and not listed:
            return base
        name = self.free(f"t_{re.sub(r'[^A-Za-z0-9]+', '_', column['name']).strip('_') or 'value'}")
        allowed = element("allowedValues", leaf("text", said)) if said else None
        many = "true" if listed else None
        self.definitions.append(element("itemDefinition", leaf("typeRef", base), allowed, name=name, isCollection=many))
        return name

    def free(self, name: str) -> str:
        names = [name, *(f"{name}_{number}" for number in range(2, len(self.names) + 3))]
        chosen = next(candidate for candidate in names if candidate not in self.names)
        self.names.add(chosen)
        return chosen


def _decision_table(table: Mapping[str, Any], types: _Types) -> Element:
    hit, outputs = table["hit"], table["outputs"]
    noted = any("note" in rule for rule in table["rules"])
    single = len(outputs) == 1
    return element(
        "decisionTable",
        *(_input(at, column, types) for at, column in enumerate(table["inputs"], 1)),
        *(_output(at, column, types, hit, single=single) for at, column in enumerate(outputs, 1)),
        element("annotation", name="Why") if noted else None,
        *(_rule_element(at, rule, table) for at, rule in enumerate(table["rules"], 1)),
        id=f"{OURS}-table", hitPolicy=_HITS[hit[0]], aggregation=_AGGREGATIONS.get(hit[1:]),
        outputLabel=outputs[0]["name"] if single else None,
    )  # fmt: skip


def _input_data(at: int, column: Mapping[str, Any], types: _Types) -> Element:
    variable = element("variable", name=column["name"], typeRef=types.inputs[at - 1])
    return element("inputData", variable, id=f"{OURS}-data-{at}", name=column["name"])


def _input(at: int, column: Mapping[str, Any], types: _Types) -> Element:
    said = _allowed(column) if column.get("type") != "list" else None
    return element(
        "input",
        _description(column),
        element("inputExpression", leaf("text", column["name"]), typeRef=types.inputs[at - 1]),
        element("inputValues", leaf("text", said)) if said else None,
        id=f"{OURS}-input-{at}", label=column.get("label"), **_own(column, "inputs"),
    )  # fmt: skip


def _output(at: int, column: Mapping[str, Any], types: _Types, hit: str, *, single: bool) -> Element:
    """A table's only output has no name in DMN: it bears that of the table's ``outputLabel``."""
    values, kind = column.get("values"), column.get("type")
    stated = write_values(values, kind) if values and (kind != "list" or hit in ORDERED) else None
    default = write_value(column.get("default"), kind)
    return element(
        "output",
        _description(column),
        element("outputValues", leaf("text", stated)) if stated else None,
        element("defaultOutputEntry", leaf("text", default)) if "default" in column else None,
        id=f"{OURS}-output-{at}", label=column.get("label"),
        name=None if single else column["name"], typeRef=types.outputs[at - 1], **_own(column, "outputs"),
    )  # fmt: skip


def _rule_element(at: int, rule: Mapping[str, Any], table: Mapping[str, Any]) -> Element:
    given = str(rule["id"])
    named = _ID.fullmatch(given) is not None
    cells = (cell_as_feel(rule["when"].get(column["name"], "-")) for column in table["inputs"])
    values = (write_value(rule["then"][column["name"]], column.get("type")) for column in table["outputs"])
    return element(
        "rule",
        *(element("inputEntry", leaf("text", cell)) for cell in cells),
        *(element("outputEntry", leaf("text", value)) for value in values),
        element("annotationEntry", leaf("text", rule["note"])) if "note" in rule else None,
        id=given if named else f"{OURS}-rule-{at}", label=None if named else given,
    )  # fmt: skip


def _description(column: Mapping[str, Any]) -> Element | None:
    return leaf("description", column["note"]) if "note" in column else None


def _answer_type(table: Mapping[str, Any], types: _Types) -> str:
    if len(table["hit"]) > 1:
        return "number"
    return types.outputs[0] if len(types.outputs) == 1 and table["hit"] not in _LISTS else "Any"


def _kind_of(values: list[Any]) -> str:
    """What the items of a list have in common."""
    for kind, is_it in (("string", str), ("boolean", bool)):
        if values and all(isinstance(value, is_it) for value in values):
            return kind
    return "number" if values and all(number_of(value) is not None for value in values) else "Any"


def _allowed(column: Mapping[str, Any]) -> str | None:
    """What a column may be, as DMN says it: its values one by one, or its range."""
    if column.get("values"):
        return write_values(column["values"], column.get("type"))
    text = column.get("range")
    return text if text and read_values(text) is None else None


def _own(column: Mapping[str, Any], side: str) -> dict[str, str | None]:
    """The fields of a column for which DMN has no place, as attributes of our namespace."""
    elsewhere = {"range"} if _allowed(column) == column.get("range") else set()
    elsewhere |= {"default"} if side == "outputs" else set()
    return {
        f"{OURS}__{name}": column[name] if name == "range" else write_value(column[name])
        for name in OWN_FIELDS
        if name in column and name not in elsewhere
    }


def _column(column: Mapping[str, Any]) -> dict[str, Any]:
    """Fields that say nothing are left away, but a default: null is an answer too."""
    said = {name: str(column[name]) for name in ("label", "note") if column.get(name)}
    if not parse_cell(column.get("range") or "").anything:
        said["range"] = column["range"].strip()
    kept = {
        name: said.get(name, value)
        for name, value in column.items()
        if name in said or name == "default" or not (value in (None, "", [], "-") or value is False)
    }
    return kept


def _rule(rule: Mapping[str, Any], table: Mapping[str, Any], noted: bool) -> dict[str, Any]:
    when = {name: cell_from_feel(cell_as_feel(text)) for name, text in rule["when"].items() if _asks(text)}
    then = {column["name"]: rule["then"].get(column["name"], column.get("default")) for column in table["outputs"]}
    found = {"id": rule["id"], "when": when, "then": then}
    return {**found, "note": rule.get("note") or ""} if noted else found


def _asks(text: str) -> bool:
    return not parse_cell(text).anything
