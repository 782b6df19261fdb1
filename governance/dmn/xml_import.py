"""DMN files: every decision table of a DMN 1.2 to 1.5 model as one of our documents, or the reason why it is none.

A table is read whole or not at all. What a document of ours cannot hold and the answers do not depend on is left out
and said; what the answers depend on is an error at its place: decision, rule, input or output, and line.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from governance.kernel.errors import Invalid, Malformed
from governance.kernel.findings import Finding, Severity

from .reading import compile_table
from .unary import CellSyntax
from .values import shortened
from .xml_columns import EXTENSION, Column, Model, input_column, output_column
from .xml_tree import Node, parse_xml
from .xml_values import cell_from_feel, read_value

VERSIONS = {
    "http://www.omg.org/spec/DMN/20180521/MODEL/": "1.2",
    "https://www.omg.org/spec/DMN/20191111/MODEL/": "1.3",
    "https://www.omg.org/spec/DMN/20211108/MODEL/": "1.4",
    "https://www.omg.org/spec/DMN/20230324/MODEL/": "1.5",
}
EXPORTER = "Interlock"
POLICIES = {
    "UNIQUE": "U", "ANY": "A", "PRIORITY": "P", "FIRST": "F", "COLLECT": "C", "RULE ORDER": "R", "OUTPUT ORDER": "O",
}  # fmt: skip
AGGREGATORS = {"": "", "SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}
MAX_KEY = 60
MAX_RULE_ID = 40


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A decision table of a file: its document (without a version when the file states none), and a title."""

    document: dict[str, Any]
    title: str
    decision: str
    line: int


@dataclass(frozen=True, slots=True)
class ReadFile:
    """The tables of a file that can be used, and findings: an ERROR for each that cannot, and what was left out."""

    tables: tuple[ReadTable, ...]
    findings: tuple[Finding, ...]


@dataclass
class Report:
    """What is to be said of one decision; each sentence begins with its place, for people and for programs."""

    decision: str
    findings: list[Finding] = field(default_factory=list)

    def error(self, place: str, words: str, sentence: str, node: Node) -> None:
        message = self.placed(words, sentence, node)
        self.findings.append(Finding("TABLE_UNREADABLE", message, where=self.where(place)))

    def left_out(self, place: str, words: str, sentence: str, node: Node) -> None:
        message = self.placed(words, sentence, node)
        self.findings.append(Finding("TABLE_LEFT_OUT", message, Severity.WARNING, self.where(place)))

    def no_table(self, node: Node) -> None:
        message = self.placed("", "its logic is no decision table; it is left out.", node)
        self.findings.append(Finding("NOT_A_TABLE", message, Severity.INFO, self.decision))

    def placed(self, words: str, sentence: str, node: Node) -> str:
        spoken = ", ".join(part for part in (f"decision '{shortened(self.decision)}'", words) if part)
        return f"{spoken}, line {node.line}: {sentence}"

    def where(self, place: str) -> str:
        return f"{self.decision}: {place}"

    @property
    def failed(self) -> bool:
        return any(finding.severity is Severity.ERROR for finding in self.findings)


def read_dmn(data: bytes, *, decision: str | None = None) -> ReadFile:
    """Every decision table of a model, or the one of the named decision.

    Raises ``TooLarge`` or ``Malformed`` (MALFORMED_XML, NOT_DMN) for a file that cannot be read at all, and ``Invalid``
    (TABLE_UNREADABLE, with errors by place) when no table of it can be used. Nothing outside the file is ever read.
    """
    definitions = parse_xml(data)
    if definitions.name != "definitions" or definitions.namespace not in VERSIONS:
        raise Malformed(f"The file is no DMN model of version {', '.join(VERSIONS.values())}.", code="NOT_DMN")
    model = Model(definitions)
    tables: list[ReadTable] = []
    findings = list(_model_findings(definitions))
    for node in definitions.all("decision"):
        if decision is not None and node.get("name") != decision:
            continue
        report = Report(node.get("name"))
        table = _read_decision(node, model, report)
        tables += [table] if table else []
        findings += report.findings
    if not tables:
        raise nothing_read(findings, decision, [node.get("name") for node in definitions.all("decision")])
    return ReadFile(tuple(tables), tuple(findings))


def nothing_read(findings: list[Finding], decision: str | None = None, known: list[str] | None = None) -> Invalid:
    """The refusal of a file that gives no table, with every error by its place."""
    errors: dict[str, list[str]] = {}
    for finding in findings:
        if finding.severity is Severity.ERROR:
            errors.setdefault(finding.where, []).append(finding.message)
    first = next(iter(errors.values()), ["The file holds no decision table."])[0]
    if decision is not None and decision not in (known or ()):
        first = f"The file has no decision '{shortened(decision)}'; it has {shortened(', '.join(known or ()), 400)}."
    count = sum(map(len, errors.values()))
    sentence = f"{first} In all {count} errors." if count > 1 else first
    said = {"findings": [finding.as_dict() for finding in findings]}
    return Invalid(sentence, code="TABLE_UNREADABLE", errors=errors, details=said)


def slug(name: str) -> str:
    """A key made of a name: lower case, words joined by underscores."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9-]+", "_", plain).strip("_-")[:MAX_KEY] or "table"


def _model_findings(definitions: Node) -> Iterator[Finding]:
    for node in definitions.all("import"):
        said = shortened(node.get("locationURI") or node.get("namespace"))
        sentence = f"The file imports {said} at line {node.line}; nothing outside the file is read."
        yield Finding("TABLE_LEFT_OUT", sentence, Severity.WARNING, "import")


def _read_decision(node: Node, model: Model, report: Report) -> ReadTable | None:
    table = node.first("decisionTable")
    if table is None:
        report.no_table(node)
        return None
    own = model.exporter == EXPORTER
    hit = _hit(table, report)
    inputs = [input_column(at, clause, model, report) for at, clause in enumerate(table.all("input"), 1)]
    clauses = list(table.all("output"))
    only = _only_output(node, table, hit) if len(clauses) == 1 else ("", "")
    outputs = [output_column(at, clause, model, report, *only) for at, clause in enumerate(clauses, 1)]
    rules = _rules(table, inputs, outputs, report, own)
    if report.failed:
        return None
    key, version, title = _names(node)
    document = {"key": key, "version": version, "hit": hit, "inputs": [column.document for column in inputs]}
    document |= {"outputs": [column.document for column in outputs], "rules": rules}
    if not version:
        del document["version"]
    _check(document, table, report)
    return None if report.failed else ReadTable(document, title, node.get("name"), node.line)


def _only_output(node: Node, table: Node, hit: str) -> tuple[str, str]:
    """Name and type of a table's only output, which DMN states for the decision; what a list holds it does not say."""
    variable = node.first("variable")
    stated = table.get("typeRef") or (variable.get("typeRef") if variable else "")
    return table.get("outputLabel") or node.get("name"), "" if hit in ("C", "R", "O") else stated


def _names(node: Node) -> tuple[str, str, str]:
    """Key, version and title: our own where the file is ours, otherwise made of the decision's name and label."""
    name, label = node.get("name"), node.get("label")
    extensions = node.first("extensionElements")
    for own in extensions.children if extensions else ():
        if (own.namespace, own.name) == (EXTENSION, "table") and own.get("key"):
            return own.get("key"), own.get("version"), label
    key = name if re.fullmatch(r"[a-zA-Z0-9_-]{1,60}", name) else slug(name)
    return key, "", label or ("" if key == name else name)


def _hit(table: Node, report: Report) -> str:
    policy, aggregation = table.get("hitPolicy", "UNIQUE"), table.get("aggregation")
    hit = POLICIES.get(policy)
    if hit is None:
        report.error("hit", "", f"'{shortened(policy)}' is no hit policy; known are {', '.join(POLICIES)}.", table)
    elif aggregation not in AGGREGATORS or (aggregation and hit != "C"):
        known = ", ".join(filter(None, AGGREGATORS))
        report.error(
            "hit", "", f"'{shortened(aggregation)}' does not aggregate {policy}; COLLECT takes {known}.", table
        )
    return f"{hit}{AGGREGATORS.get(aggregation, '')}"


def _rules(table: Node, inputs: list[Column], outputs: list[Column], report: Report, own: bool) -> list[dict[str, Any]]:
    clauses = [clause.get("name") for clause in table.all("annotation")]
    taken: set[str] = set()
    rules = []
    for at, node in enumerate(table.all("rule"), 1):
        rule = {"id": _rule_id(node, at, taken, own)}
        taken.add(rule["id"])
        rules.append(rule | _entries(node, at, inputs, outputs, report, own) | _note(node, clauses, own))
    return rules


def _rule_id(node: Node, at: int, taken: set[str], own: bool) -> str:
    """The label or id that the file gives a rule, if it can name it here: a reason must name one rule."""
    for given in (node.get("label"), node.get("id")):
        if given and given not in taken and (own or len(given) <= MAX_RULE_ID):
            return given
    return next(name for number in range(at, at + len(taken) + 1) if (name := f"R{number}") not in taken)


def _entries(
    node: Node, at: int, inputs: list[Column], outputs: list[Column], report: Report, own: bool
) -> dict[str, Any]:
    when: dict[str, str] = {}
    then: dict[str, Any] = {}
    asked, said = list(node.all("inputEntry")), list(node.all("outputEntry"))
    if (len(asked), len(said)) != (len(inputs), len(outputs)):
        counts = f"{len(asked)} inputs and {len(said)} outputs; the table has {len(inputs)} and {len(outputs)}"
        report.error(f"rules/{at}", f"rule {at}", f"it has {counts}.", node)
        return {}
    for number, (column, entry) in enumerate(zip(inputs, asked, strict=True), 1):
        text = entry.text_at("text") or ""
        place, words = f"rules/{at}/when/{column.name}", f"rule {at}, input {number} ({shortened(column.name)})"
        try:
            _check_language(entry)
            cell = cell_from_feel(text if own else text.strip())
        except CellSyntax as problem:
            report.error(place, words, f"{problem} A cell is a value, a comparison, an interval, or a list.", entry)
            continue
        if cell.strip() not in ("", "-"):
            when[column.name] = cell
    for number, (column, entry) in enumerate(zip(outputs, said, strict=True), 1):
        place, words = f"rules/{at}/then/{column.name}", f"rule {at}, output {number} ({shortened(column.name)})"
        try:
            _check_language(entry)
            text = (entry.text_at("text") or "").strip()
            then[column.name] = read_value(text) if text else None
        except CellSyntax as problem:
            report.error(place, words, f"{problem} An output is a literal; tables compute nothing.", entry)
    return {"when": when, "then": then}


def _check_language(entry: Node) -> None:
    language = entry.get("expressionLanguage")
    if language and "feel" not in language.lower():
        raise CellSyntax(entry.text_at("text") or "", 0, f"it is written in {shortened(language)}, and FEEL is read")


def _note(node: Node, clauses: list[str], own: bool) -> dict[str, str]:
    """Why the rule exists: its annotations, each after its column's name if there are several, or its description."""
    texts = [(entry.text_at("text") or "") for entry in node.all("annotationEntry")]
    texts = texts if own else [text.strip() for text in texts]
    if len(clauses) > 1 or len(texts) > 1:
        names = [*clauses, *[""] * len(texts)]
        said = [f"{name}: {text}" if name else text for name, text in zip(names, texts, strict=False) if text]
        return {"note": "\n".join(said)}
    if any(texts) or clauses:
        return {"note": "".join(texts)}
    described = (node.text_at("description") or "").strip()
    return {"note": described} if described else {}


def _check(document: dict[str, Any], table: Node, report: Report) -> None:
    """What is read must be a table that can be evaluated; each reason why not at its place in the document."""
    try:
        compile_table(document)
    except Invalid as invalid:
        for place, sentences in invalid.errors.items():
            for sentence in sentences:
                report.error(place, place, sentence, table)
