"""What leaves as DMN comes back as the same table: for the policy, and for any table that hypothesis can think of."""

import json

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from governance.dmn import HIT_POLICIES, compile_table, content_hash, to_document
from governance.dmn.exchange import read_tables, write_table
from governance.dmn.xml_export import export_dmn, export_json, plain
from governance.dmn.xml_import import read_dmn
from governance.kernel.errors import Invalid

from .tables import document

# What XML cannot hold at all is refused; a test of its own says so.
characters = st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
words = st.text(characters | st.sampled_from("\n\r\t &<>\"'\\#?"), max_size=8)
names = st.text(characters | st.sampled_from(" -.&<>\"'"), min_size=1, max_size=12).filter(str.strip)
numbers = st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False)
texts = st.text(st.characters(exclude_categories=("Cs",)), max_size=8)
scalars = st.none() | st.booleans() | numbers | texts
values = st.recursive(
    scalars, lambda part: st.lists(part, max_size=3) | st.dictionaries(texts, part, max_size=3), max_leaves=5
)
quoted = words.map(lambda word: '"' + word.replace("\\", "\\\\").replace('"', '\\"') + '"')
items = st.lists(quoted | st.integers().map(str) | st.just("null"), min_size=1, max_size=3).map(",".join)
tests = st.one_of(
    quoted,
    st.integers().map(lambda number: f">= {number}"),
    st.tuples(st.integers(-9, 0), st.integers(1, 9)).map(lambda ends: f"]{ends[0]}..{ends[1]}]"),
    st.sampled_from(["true", "null", '< date("2026-01-31")', '@"P1D"', "!= 5", '[time("08:00:00")..time("09:00:00")]']),
    items.map("contains({})".format),
    items.map("contains any( {} )".format),
)
cells = st.one_of(
    st.sampled_from(["-", "", " "]),
    st.lists(tests, min_size=1, max_size=3).map(", ".join),
    st.lists(tests, min_size=1, max_size=2).map(lambda parts: f"not( {','.join(parts)} )"),
)
described = st.fixed_dictionaries({}, optional={"label": words, "note": words})


@st.composite
def documents(draw):
    """A table of any hit policy that compiles, with the awkward names, notes and values that people type."""
    hit = draw(st.sampled_from(HIT_POLICIES))
    inputs = [{"name": name, **draw(described)} for name in draw(st.lists(names, max_size=3, unique=True))]
    width = (1, 1) if len(hit) > 1 else (1, 3)
    outputs = [{"name": name, **draw(described)} for name in draw(st.lists(names, **between(width), unique=True))]
    numeric = hit in ("C+", "C<", "C>")
    said = st.integers(-(10**9), 10**9) | st.floats(-1e9, 1e9) if numeric else values
    ordered = draw(
        st.lists(scalars.filter(lambda value: value is not None), min_size=1, max_size=4, unique_by=json.dumps)
    )
    if hit in ("P", "O"):
        outputs[0]["values"] = ordered
    for output in outputs:
        if not output.get("values") and draw(st.booleans()):
            output["default"] = draw(said)
    rules = []
    for rule in draw(st.lists(names, max_size=4, unique=True)):
        when = {column["name"]: draw(cells) for column in inputs if draw(st.booleans())}
        then = {
            column["name"]: draw(st.sampled_from(column["values"])) if column.get("values") else draw(said)
            for column in outputs
        }
        note = draw(st.fixed_dictionaries({}, optional={"note": words}))
        rules.append({"id": rule, "when": when, "then": then, **note})
    return {
        "key": draw(names),
        "version": draw(names),
        "hit": hit,
        "inputs": inputs,
        "outputs": outputs,
        "rules": rules,
    }


def between(ends):
    return {"min_size": ends[0], "max_size": ends[1]}


def returned(table, **said):
    """The document, its title and the findings after a way out and in."""
    (read,) = read_dmn(export_dmn(table, **said)).tables
    return read.document


@given(documents())
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
def test_any_table_comes_back_as_it_left(table):
    back = returned(table)
    assert back == plain(table)
    assert content_hash(back) == content_hash(plain(table))
    assert json.loads(export_json(table)) == back
    assert plain(back) == back


@pytest.mark.parametrize("key", ["pattern_verdict", "decision_rights", "resilience", "approval"])
def test_the_policy_comes_back_with_its_hash(policy, key):
    file = write_table(policy[key], "dmn", title="As the board says")
    (read,) = read_tables(file.data).tables
    assert (read.document, read.title) == (to_document(compile_table(policy[key])), "As the board says")
    assert content_hash(read.document) == content_hash(policy[key])
    assert (file.name, file.media_type) == (f"{key}-1.0.dmn", "application/xml")
    cases = {"cases": policy[key]["cases"]} if "cases" in policy[key] else {}
    assert read_tables(write_table(policy[key], "json").data).tables[0].document == read.document | cases


@pytest.mark.parametrize(
    ("declared", "cell"),
    [
        ({"type": "number", "values": [0, 1, 2.5]}, ">1"),
        ({"type": "string", "values": ["A", 'b"c', "é\n"]}, '"A"'),
        ({"type": "boolean", "label": "PHI?", "note": "Any of the 18 identifiers"}, "true"),
        ({"type": "date", "values": ["2026-01-31"]}, '<date("2026-01-31")'),
        ({"type": "date and time"}, '>=@"2026-01-31T08:30:00Z"'),
        ({"type": "days and time duration", "values": ["PT1H", "P2D"]}, '<duration("P1D")'),
        ({"type": "years and months duration"}, '>duration("P1Y")'),
        ({"type": "list", "values": ["REST", "SOAP"]}, 'contains any("REST","SOAP")'),
        ({"type": "list"}, 'not(contains("REST"))'),
        ({"type": "number", "range": "[0..4]", "whole": True, "optional": True}, "3"),
        ({"type": "number", "range": "1, 2", "default": 1}, "1"),
        ({"type": "number", "range": ">=0", "values": [1, 2]}, "1"),
        ({"type": "date", "range": '>=date("2020-01-01")'}, '<date("2026-01-31")'),
        ({"values": ["A", 1, None, [True]]}, '"A"'),
    ],
)
def test_a_typed_input_keeps_type_values_and_words(declared, cell):
    table = document([({"x": cell}, 1)], inputs=[{"name": "x", **declared}])
    assert returned(table) == table


def test_typed_outputs_with_priorities_and_defaults_come_back():
    outputs = [
        {"name": "day", "type": "date", "values": ["2026-02-01", "2026-01-01"], "default": "2026-01-01"},
        {"name": "roles", "type": "list", "values": [["A"], ["A", "B"]], "decides": [["A"]]},
    ]
    table = document([({"x": "1"}, {"day": "2026-01-01", "roles": ["A"]})], hit="P", outputs=outputs)
    written = export_dmn(table).decode()
    assert 'date("2026-02-01"), date("2026-01-01")' in written
    assert returned(table) == table


def test_what_a_cell_leaves_unsaid_is_left_away():
    table = document([({"x": "-", "y": ' contains( "A" )'}, {})], outputs=[{"name": "out", "default": 7}])
    table["rules"][0]["note"] = None
    (rule,) = returned(table)["rules"]
    assert rule == {"id": "R1", "when": {"y": ' contains("A")'}, "then": {"out": 7}, "note": ""}


@pytest.mark.parametrize(
    ("cell", "feel"),
    [
        ('contains("A")', 'list contains(?, "A")'),
        ('contains("A","B")', 'list contains(?, "A") and list contains(?, "B")'),
        ('contains any("A","B")', 'list contains(?, "A") or list contains(?, "B")'),
        ('contains any("A")', 'some item in ? satisfies item = "A"'),
        ('not(contains("A"), null)', 'not(list contains(?, "A"), null)'),
        ('"contains(1)"', '"contains(1)"'),
    ],
)
def test_our_test_of_a_list_is_a_function_that_others_know(cell, feel):
    table = document([({"x": cell}, 1)])
    assert f"<inputEntry>\n          <text>{feel}</text>" in export_dmn(table).decode()
    assert returned(table) == table


def test_a_line_break_inside_a_text_becomes_the_escape_that_feel_asks_for():
    table = document([({"x": '"a\nb"', "y": 'contains("c\td")'}, 1)])
    (rule,) = returned(table)["rules"]
    assert rule["when"] == {"x": r'"a\nb"', "y": r'contains("c\td")'}
    assert compile_table(returned(table)).evaluate({"x": "a\nb", "y": ["c\td"]}).rules == ("R1",)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"rules": [{"id": "R1", "when": {}, "then": {"out": 1}, "note": "a\x00b"}]}, "U+0000"),
        ({"key": "a\x0bb"}, "U+000B"),
    ],
)
def test_what_dmn_has_no_place_for_is_refused(change, said):
    with pytest.raises(Invalid, match=said.replace("+", r"\+")) as refused:
        export_dmn(document([({"x": "1"}, 1)]) | change)
    assert refused.value.code == "TABLE_NOT_DMN"


def test_a_form_that_there_is_not_is_refused():
    with pytest.raises(Invalid, match="known are dmn, json"):
        write_table(document([({"x": "1"}, 1)]), "xlsx")
