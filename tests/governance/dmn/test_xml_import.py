"""DMN models of other tools: what becomes of their types, names, notes and several decisions."""

import json

import pytest

from governance.dmn.exchange import read_tables
from governance.dmn.xml_import import VERSIONS, read_dmn, slug
from governance.kernel.errors import Invalid, Malformed
from governance.kernel.findings import Severity

from .models import asks, decision, model, rule, simple


def only(data: bytes):
    (table,) = read_dmn(data).tables
    return table


def said(read):
    return [(finding.code, finding.severity, finding.message) for finding in read.findings]


def one_input(clause: str, cell: str = "-", types: str = "") -> dict:
    """The document's only input, read of a table that asks for it."""
    return only(model(types + decision(f"{clause}<output/>{rule(cell)}"))).document["inputs"][0]


@pytest.mark.parametrize("namespace", VERSIONS, ids=VERSIONS.values())
def test_each_version_of_the_standard_is_read(namespace):
    table = only(model(simple(), namespace=namespace))
    assert table.document == {
        "key": "Approval", "hit": "U",
        "inputs": [{"name": "Age", "type": "number"}], "outputs": [{"name": "Approval", "type": "string"}],
        "rules": [{"id": "R1", "when": {"Age": "1"}, "then": {"Approval": "yes"}}],
    }  # fmt: skip


def test_another_version_is_named_as_the_reason():
    with pytest.raises(Malformed, match=r"of version 1\.2, 1\.3, 1\.4, 1\.5") as refused:
        read_dmn(model(simple(), namespace="http://www.omg.org/spec/DMN/20151101/dmn.xsd"))
    assert refused.value.code == "NOT_DMN"


def test_every_decision_of_a_file_is_read_and_one_can_be_chosen():
    other = '<decision name="Sum"><literalExpression><text>1 + 1</text></literalExpression></decision>'
    data = model(simple(name="First One") + other + simple(name="second", hit="FIRST"))
    read = read_dmn(data)
    assert [(table.decision, table.document["key"], table.title) for table in read.tables] == [
        ("First One", "first_one", "First One"),
        ("second", "second", ""),
    ]
    assert [(code, severity) for code, severity, _ in said(read)] == [("NOT_A_TABLE", Severity.INFO)]
    (chosen,) = read_dmn(data, decision="second").tables
    assert chosen.document["hit"] == "F"
    with pytest.raises(Invalid, match="no decision 'third'; it has First One, Sum, second"):
        read_dmn(data, decision="third")


def test_a_table_that_cannot_be_used_does_not_take_the_others_with_it():
    read = read_dmn(model(simple(name="good") + simple("Age + 1", name="bad")))
    assert [table.decision for table in read.tables] == ["good"]
    assert [(finding.code, finding.where) for finding in read.findings] == [
        ("TABLE_UNREADABLE", "bad: rules/1/when/Age")
    ]


@pytest.mark.parametrize(
    ("reference", "kind"),
    [
        ("number", "number"), ("integer", "number"), ("feel:string", "string"), ("boolean", "boolean"),
        ("date", "date"), ("time", "time"), ("date and time", "date and time"), ("dateTime", "date and time"),
        ("dayTimeDuration", "days and time duration"), ("days and time duration", "days and time duration"),
        ("yearMonthDuration", "years and months duration"), ("list&lt;string>", "list"), ("Any", None), ("", None),
    ],
)  # fmt: skip
def test_a_type_is_known_by_each_of_its_names(reference, kind):
    assert one_input(asks("x", reference)).get("type") == kind


TYPES = """
<itemDefinition name="tLevel"><typeRef>tText</typeRef><allowedValues><text>"LOW", "HIGH"</text></allowedValues>
</itemDefinition><itemDefinition name="tText"><typeRef>string</typeRef></itemDefinition>
<itemDefinition name="tLevels" isCollection="true"><typeRef>tLevel</typeRef></itemDefinition>
<itemDefinition name="tAge"><typeRef>number</typeRef><allowedValues><text>[0..150]</text></allowedValues>
</itemDefinition>
<itemDefinition name="tPerson"><itemComponent name="Age"><typeRef>tAge</typeRef></itemComponent></itemDefinition>
<itemDefinition name="tLoop"><typeRef>tLoop</typeRef></itemDefinition>
<inputData name="Applicant" id="a"><variable name="Applicant" typeRef="tPerson"/></inputData>
<inputData name="claim-level" id="c"><variable name="claim-level" typeRef="tLevel"/></inputData>
"""


@pytest.mark.parametrize(
    ("clause", "declared"),
    [
        (asks("x", "tLevel"), {"name": "x", "type": "string", "values": ["LOW", "HIGH"]}),
        (asks("x", "tLevel", '"LOW"'), {"name": "x", "type": "string", "values": ["LOW"]}),
        (asks("x", "tLevels"), {"name": "x", "type": "list", "values": ["LOW", "HIGH"]}),
        (asks("x", "tAge"), {"name": "x", "type": "number", "range": "[0..150]"}),
        (asks(" Applicant . Age ", ""), {"name": "Applicant.Age", "type": "number", "range": "[0..150]"}),
        (asks("claim-level", ""), {"name": "claim-level", "type": "string", "values": ["LOW", "HIGH"]}),
        (asks("date of\n birth", "date"), {"name": "date of birth", "type": "date"}),
        (asks("x", "date", 'date("2026-01-31")'), {"name": "x", "type": "date", "values": ["2026-01-31"]}),
    ],
)
def test_an_input_is_declared_by_its_types_and_values(clause, declared):
    assert one_input(clause, types=TYPES) == declared


@pytest.mark.parametrize(
    ("clause", "sentence"),
    [
        (asks("x", "tLoop"), "type is none that is known"),
        (asks("x", "other.tAge"), "type is none that is known"),
        (asks("x", "string", 'starts with(?, "A")'), "does not list values one by one"),
    ],
)
def test_what_no_answer_depends_on_is_left_out_and_said(clause, sentence):
    read = read_dmn(model(TYPES + decision(f"{clause}<output/>{rule('-')}")))
    ((code, severity, message),) = said(read)
    assert (code, severity) == ("TABLE_LEFT_OUT", Severity.WARNING)
    assert message.startswith("decision 'Approval', input 1, line ")
    assert sentence in message


def test_another_decision_is_a_fact_and_an_import_is_not_followed():
    chained = decision(f"{asks('Risk', 'string')}<output/>{rule('-')}", name="Approval")
    imported = '<import name="x" namespace="urn:x" locationURI="http://127.0.0.1:9/x.dmn" importType="urn:dmn"/>'
    read = read_dmn(model(imported + simple(name="Risk") + chained))
    assert [message for _, _, message in said(read)] == [
        "The file imports http://127.0.0.1:9/x.dmn at line 3; nothing outside the file is read.",
        "decision 'Approval', input 1, line 15: 'Risk' is another decision's answer; here it is a fact that the "
        "caller states.",
    ]


def test_outputs_keep_their_order_of_priority_and_their_defaults():
    outputs = (
        '<output name="level" label="Level" typeRef="string"><outputValues><text>"HIGH", "LOW"</text></outputValues>'
        '<defaultOutputEntry><text>"LOW"</text></defaultOutputEntry></output><output name="days"/>'
    )
    table = only(model(decision(f"{outputs}{rule(says=('&quot;HIGH&quot;', '[1, {a b: 2.50}]'))}", hit="OUTPUT ORDER")))
    assert table.document["hit"] == "O"
    assert table.document["outputs"] == [
        {"name": "level", "label": "Level", "type": "string", "values": ["HIGH", "LOW"], "default": "LOW"},
        {"name": "days"},
    ]
    assert table.document["rules"][0]["then"] == {"level": "HIGH", "days": [1, {"a b": 2.5}]}


@pytest.mark.parametrize(("name", "mark"), [("SUM", "+"), ("MIN", "<"), ("MAX", ">"), ("COUNT", "#")])
def test_collect_aggregates(name, mark):
    table = f"<output typeRef='number'/>{rule(says='1')}"
    assert only(model(decision(table, hit="COLLECT", more=f' aggregation="{name}"'))).document["hit"] == f"C{mark}"


def test_annotations_and_descriptions_become_the_reason_and_rules_keep_their_names():
    clauses = "<output/>" + '<annotation name="Why"/><annotation name="Source"/>'
    long = "r" * 41
    rules = [
        rule(head='id="A1"', notes=(" of age ", "§ 2")),
        rule(head='id="A2" label="Too young"', notes=("", "§ 3")),
        rule(head=f'id="{long}"'),
        rule(head='id="A1"'),
    ]
    found = only(model(decision(clauses + "".join(rules), hit="FIRST"))).document["rules"]
    assert [(one["id"], one["note"]) for one in found] == [
        ("A1", "Why: of age\nSource: § 2"), ("Too young", "Source: § 3"), ("R3", ""), ("R4", ""),
    ]  # fmt: skip
    described = "<output/><rule><description> because </description>\n<outputEntry><text>1</text></outputEntry></rule>"
    assert only(model(decision(described.replace("1<", '"1"<')))).document["rules"][0]["note"] == "because"


@pytest.mark.parametrize(
    ("name", "key"),
    [("Approval Status", "approval_status"), ("Prüfung (neu)", "prufung_neu"), ("承認", "table"), ("x" * 70, "x" * 60)],
)
def test_a_key_is_made_of_a_name(name, key):
    assert slug(name) == key


DOCUMENT = {
    "key": "t", "version": "1", "hit": "F", "inputs": [], "outputs": [{"name": "o"}],
    "rules": [{"id": "R1", "when": {}, "then": {"o": 12345678901234567890123}}],
}  # fmt: skip


@pytest.mark.parametrize("whole", [DOCUMENT, [DOCUMENT], {"t": DOCUMENT}])
def test_json_is_one_document_a_list_or_an_object_of_them(whole):
    read = read_tables(json.dumps(whole).encode("utf-8-sig"))
    assert ([table.document for table in read.tables], read.findings) == ([DOCUMENT], ())


def test_json_that_is_no_table_says_where():
    wrong = DOCUMENT | {"key": "bad", "hit": "Z", "colour": "red"}
    read = read_tables(json.dumps([wrong, DOCUMENT | {"title": "Tea", "colour": "red"}, 5]).encode())
    assert [(table.document, table.title) for table in read.tables] == [(DOCUMENT, "Tea")]
    assert [(finding.code, finding.where) for finding in read.findings][:2] == [
        ("TABLE_UNREADABLE", "bad: hit"), ("TABLE_LEFT_OUT", "t: colour"),
    ]  # fmt: skip
    with pytest.raises(Invalid) as refused:
        read_tables(json.dumps(wrong).encode())
    assert (refused.value.code, list(refused.value.errors)) == ("TABLE_UNREADABLE", ["bad: hit"])
