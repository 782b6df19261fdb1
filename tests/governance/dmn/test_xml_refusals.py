"""What a DMN file may not hold: every refusal names decision, rule, column and line; every bound is kept."""

import pytest

from governance.dmn.exchange import read_tables
from governance.dmn.xml_import import read_dmn
from governance.dmn.xml_tree import MAX_BYTES, MAX_DEPTH, MAX_ELEMENTS
from governance.kernel.errors import DomainError, Invalid, Malformed, TooLarge

from .models import asks, decision, model, rule, simple


def refused(data: bytes) -> Invalid:
    with pytest.raises(Invalid) as caught:
        read_dmn(data)
    assert caught.value.code == "TABLE_UNREADABLE"
    return caught.value


@pytest.mark.parametrize(
    "cell",
    [
        "? > 5", "Age + 1", "&lt; other", 'starts with(?, "A")', "[1..x]", "if true then 1 else 2", "not(? = 1)",
        'list contains(?, "A") and list contains(?, "B") or list contains(?, "C")', 'list contains(x, "A")',
        'some x in y satisfies x = "A"', "&gt;=", '"open', "x" * 20_000,
    ],
)  # fmt: skip
def test_a_cell_beyond_the_simple_tests_is_refused_by_its_place(cell):
    error = refused(model(decision(f"{asks('Age', '')}<output/>\n{rule('1')}\n{rule(cell)}")))
    assert list(error.errors) == ["Approval: rules/2/when/Age"]
    assert error.message.startswith("decision 'Approval', rule 2, input 1 (Age), line 11: `")
    assert "cannot be read at character" in error.message


@pytest.mark.parametrize(
    "value", ["Age", "1 + 1", '"a" + "b"', "today()", "[1, x]", "{a: b}", "{1}", "[[[[[[[[[1]]]]]]]]]", "0." + "1" * 40]
)
def test_an_output_that_would_have_to_be_computed_is_refused_by_its_place(value):
    error = refused(model(decision(f'<output name="a"/><output name="b"/>{rule(says=("1", value))}')))
    assert list(error.errors) == ["Approval: rules/1/then/b"]
    assert ", rule 1, output 2 (b), line " in error.message


@pytest.mark.parametrize(
    "text", ["Age + 1", "f(Age)", "Applicant.Age * 2", "if Age then 1 else 2", "count(Age)", '"Age"', "a-b", "", "5"]
)
def test_an_input_that_computes_is_refused(text):
    error = refused(model(decision(f"{asks(text)}<output/>{rule('1')}")))
    assert next(iter(error.errors)) == "Approval: inputs/1"
    assert "decision 'Approval', input 1, line " in error.message
    assert "Give what is computed a name of its own" in error.message


def test_a_cell_of_another_language_is_refused():
    foreign = rule("1").replace("<inputEntry>", '<inputEntry expressionLanguage="juel">')
    assert "it is written in juel" in refused(model(decision(f"{asks('Age')}<output/>{foreign}"))).message


def test_every_error_of_a_file_is_told_at_once():
    table = f"{asks('Age')}{asks('Risk', 'string')}<output/>\n{rule('x', 'y')}\n{rule('1')}\n{rule('1', '5')}"
    assert list(refused(model(decision(table))).errors) == [
        "Approval: rules/1/when/Age",
        "Approval: rules/1/when/Risk",
        "Approval: rules/2",
    ]


def test_what_reads_well_must_also_be_a_table():
    error = refused(model(decision(f"{asks('Age')}{asks('Risk', 'string')}<output/>\n{rule('1', '5')}")))
    assert list(error.errors) == ["Approval: rules/R1/when/Risk"]
    assert "`5` tests a number, but the input is a text" in error.message


@pytest.mark.parametrize(
    ("table", "place"),
    [
        (simple(hit="MOST"), "hit"),
        (simple(more=' aggregation="SUM"'), "hit"),
        (simple(hit="COLLECT", more=' aggregation="AVERAGE"'), "hit"),
        (simple(hit="PRIORITY"), "outputs"),
        (decision(f"{asks('Age')}{asks('Age')}<output/>{rule('1', '2')}"), "inputs/Age"),
        (decision(f"<output/><output name='b'/>{rule(says=('1', '2'))}"), "outputs/1"),
        (decision("<output><defaultOutputEntry><text>x</text></defaultOutputEntry></output>"), "outputs/1/default"),
    ],
)
def test_a_table_that_is_none_is_refused_by_its_place(table, place):
    assert f"Approval: {place}" in refused(model(table)).errors


BOMB = '<!DOCTYPE d [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>'
FETCH = '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">'
FILE = '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/hostname">]>'


@pytest.mark.parametrize("head", [BOMB, FETCH, FILE])
def test_nothing_is_declared_expanded_or_fetched(head):
    with pytest.raises(Malformed, match="declares a document type at line 1") as caught:
        read_dmn(model(simple().replace("Approval", "&a;"), head=head))
    assert caught.value.code == "MALFORMED_XML"


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a>" + b" " * MAX_BYTES + b"</a>", "BODY_TOO_LARGE"),
        (b"<a>" * (MAX_DEPTH + 1), "TOO_DEEP"),
        (b"<a>" + b"<b/>" * MAX_ELEMENTS + b"</a>", "BODY_TOO_LARGE"),
        (b"[" * 65, "TOO_DEEP"),
        (b"[" + b" " * MAX_BYTES + b"]", "BODY_TOO_LARGE"),
    ],
)
def test_a_file_has_bounds(data, code):
    with pytest.raises(TooLarge) as caught:
        read_tables(data)
    assert caught.value.code == code


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"<a>\n  <b></a>", "MALFORMED_XML"), (b"<a>&nothing;</a>", "MALFORMED_XML"), (b"<a", "MALFORMED_XML"),
        (b'<?xml version="1.0" encoding="rot13"?><a/>', "MALFORMED_XML"), (b"<a>\xff</a>", "MALFORMED_XML"),
        (b"<a/>", "NOT_DMN"), (b"", "NOT_DMN"), (b"PK\x03\x04", "NOT_DMN"), (b"{", "MALFORMED_JSON"),
        (b'{"a": 1, "a": 2}', "DUPLICATE_KEY"),
    ],
)  # fmt: skip
def test_what_is_no_model_is_refused_with_its_reason(data, code):
    with pytest.raises(Malformed) as caught:
        read_tables(data)
    assert caught.value.code == code


def test_a_slip_in_the_xml_is_told_by_line_and_column():
    with pytest.raises(Malformed, match=r"mismatched tag at line 2, column \d+") as caught:
        read_dmn(b"<a>\n  <b></a>")
    assert caught.value.details["line"] == 2


def test_utf_16_is_read():
    data = model(simple(name="Prüfung")).decode().replace('"1.0"', '"1.0" encoding="UTF-16"').encode("utf-16")
    assert read_tables(data).tables[0].document["key"] == "prufung"


@pytest.mark.parametrize("data", [b"[1]", b"[]", b"{}", b'{"rules": 5}', b'[{"rules": {}}]', b"[null]"])
def test_json_that_holds_no_table_is_refused(data):
    with pytest.raises(DomainError) as caught:
        read_tables(data)
    assert caught.value.code == "TABLE_UNREADABLE"
