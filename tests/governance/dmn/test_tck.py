"""The public decision-table cases of the DMN Technology Compatibility Kit, evaluated by our engine.

The kit speaks DMN XML; the reader below turns a decision table of it into one of our documents. Models without
a decision table (literal expressions) are outside what decision tables promise and are counted as such.
"""

import json
from pathlib import Path
from xml.etree import ElementTree

import pytest

from governance.dmn import compile_table

ROOT = Path(__file__).resolve().parents[3].parent / "shared" / "suites" / "dmn-tck"
MODEL = "{https://www.omg.org/spec/DMN/20230324/MODEL/}"
CASE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
POLICIES = {
    "UNIQUE": "U",
    "ANY": "A",
    "PRIORITY": "P",
    "FIRST": "F",
    "COLLECT": "C",
    "RULE ORDER": "R",
    "OUTPUT ORDER": "O",
}
AGGREGATORS = {"SUM": "+", "MIN": "<", "MAX": ">", "COUNT": "#"}
LISTS = {"C", "R", "O"}

pytestmark = [
    pytest.mark.suites,
    pytest.mark.skipif(not ROOT.is_dir(), reason="the public suites are not beside the repository"),
]


def literals(text: str | None) -> list:
    """Output entries and value lists of the kit are JSON literals once they stand in brackets."""
    return json.loads(f"[{text}]")


def text_of(element, path: str) -> str:
    return (element.findtext("/".join(MODEL + part for part in path.split("/"))) or "").strip()


def column(element, name: str, values_tag: str) -> dict:
    found = {"name": name, "type": element.get("typeRef")}
    values = text_of(element, f"{values_tag}/text")
    return {**found, "values": literals(values)} if values else found


def output(element) -> dict:
    found = column(element, element.get("name") or "out", "outputValues")
    default = text_of(element, "defaultOutputEntry/text")
    return {**found, "default": literals(default)[0]} if default else found


def read(decision_table) -> dict:
    inputs = []
    for element in decision_table.findall(MODEL + "input"):
        expression = element.find(MODEL + "inputExpression")
        values = text_of(element, "inputValues/text")
        declared = {"name": text_of(element, "inputExpression/text"), "type": expression.get("typeRef")}
        inputs.append({**declared, "values": literals(values)} if values else declared)
    outputs = [output(element) for element in decision_table.findall(MODEL + "output")]
    rules = []
    for at, rule in enumerate(decision_table.findall(MODEL + "rule"), start=1):
        cells = [text_of(entry, "text") for entry in rule.findall(MODEL + "inputEntry")]
        conclusions = [literals(text_of(entry, "text"))[0] for entry in rule.findall(MODEL + "outputEntry")]
        when = {declared["name"]: cell for declared, cell in zip(inputs, cells, strict=True)}
        then = {declared["name"]: value for declared, value in zip(outputs, conclusions, strict=True)}
        rules.append({"id": rule.get("id") or f"R{at}", "when": when, "then": then})
    hit = POLICIES[decision_table.get("hitPolicy", "UNIQUE")]
    hit += AGGREGATORS.get(decision_table.get("aggregation", ""), "")
    return {"key": "tck", "hit": hit, "inputs": inputs, "outputs": outputs, "rules": rules}


def value(element):
    """A ``value``, ``component`` list or ``list`` of the kit as a JSON value."""
    items = element.find(CASE + "list")
    if items is not None:
        return [value(item) for item in items.findall(CASE + "item")]
    components = element.findall(CASE + "component")
    if components:
        return {component.get("name"): value(component) for component in components}
    stated = element.find(CASE + "value")
    kind, text = stated.get(TYPE, "xsd:string").split(":")[1], stated.text or ""
    return {"decimal": float, "boolean": lambda word: word == "true"}.get(kind, str)(text)


def answer(document: dict, result):
    """Our output as the kit states it: a table with one output answers with bare values."""
    if len(document["outputs"]) > 1 or result is None:
        return result
    name = document["outputs"][0]["name"]
    return [row[name] for row in result] if document["hit"] in LISTS else result[name]


def models() -> list[Path]:
    return sorted(ROOT.glob("*/*.dmn"))


@pytest.mark.parametrize("model", models(), ids=lambda model: model.parent.name)
def test_decision_table_answers_as_the_kit_expects(model):
    decision_table = ElementTree.parse(model).find(f".//{MODEL}decisionTable")
    if decision_table is None:
        pytest.skip("the model is a literal expression, not a decision table")
    document = read(decision_table)
    compiled = compile_table(document)
    cases = ElementTree.parse(next(model.parent.glob("*-test-*.xml"))).findall(CASE + "testCase")
    wrong = []
    for case in cases:
        facts = {node.get("name"): value(node) for node in case.findall(CASE + "inputNode")}
        expected = value(case.find(f"{CASE}resultNode/{CASE}expected"))
        found = answer(document, compiled.evaluate(facts).output)
        if found != expected:
            wrong.append((case.get("id"), found, expected))
    assert (len(cases) > 0, wrong) == (True, [])
