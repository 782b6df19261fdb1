"""The public decision-table cases of the DMN Technology Compatibility Kit, read by our importer and evaluated.

Models without a decision table (literal expressions) are outside what decision tables promise and are counted as such.
"""

from pathlib import Path
from xml.etree import ElementTree

import pytest

from governance.dmn import compile_table
from governance.dmn.xml_export import export_dmn
from governance.dmn.xml_import import read_dmn
from governance.kernel.errors import Invalid

ROOT = Path(__file__).resolve().parents[3].parent / "shared" / "suites" / "dmn-tck"
CASE = "{http://www.omg.org/spec/DMN/20160719/testcase}"
TYPE = "{http://www.w3.org/2001/XMLSchema-instance}type"
LISTS = {"C", "R", "O"}

pytestmark = [
    pytest.mark.suites,
    pytest.mark.skipif(not ROOT.is_dir(), reason="the public suites are not beside the repository"),
]


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


def table_of(model: Path) -> dict:
    """The model's only table, or the reason to skip it."""
    try:
        (read,) = read_dmn(model.read_bytes()).tables
    except Invalid as refused:
        if [finding["code"] for finding in refused.details["findings"]] != ["NOT_A_TABLE"]:
            raise
        pytest.skip("the model is a literal expression, not a decision table")
    return read.document


@pytest.mark.parametrize("model", models(), ids=lambda model: model.parent.name)
def test_decision_table_answers_as_the_kit_expects(model):
    document = table_of(model)
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


@pytest.mark.parametrize("model", models(), ids=lambda model: model.parent.name)
def test_table_of_the_kit_leaves_as_it_came(model):
    document = table_of(model)
    (back,) = read_dmn(export_dmn(document)).tables
    assert back.document == document
