"""Reading a table, its trace, its identity, and the check of facts."""

import pytest

from governance.dmn import check_facts, compile_table, content_hash, explain_cell, to_document, trace_document
from governance.kernel.errors import Invalid
from governance.kernel.findings import Severity

from .tables import document, table


def refused(wrong: dict) -> dict[str, list[str]]:
    with pytest.raises(Invalid) as refusal:
        compile_table(wrong)
    assert refusal.value.code == "TABLE_INVALID"
    return refusal.value.errors


def test_all_errors_are_told_at_once_and_in_place():
    wrong = document([({"x": "<=abc"}, 1), ({"y": "1", "x": "QUERY"}, {"other": 1})], hit="Z", inputs=[{"name": "x"}])
    wrong["rules"][1]["id"] = "R1"
    assert refused(wrong) == {
        "hit": ["'Z' is no hit policy; known are U, A, P, F, C, R, O, C+, C<, C>, C#."],
        "rules/R1/id": ["The id is used twice; a reason must name one rule."],
        "rules/R1/when/x": [
            '`<=abc` cannot be read at character 3: abc is not a value; a text needs quotes: "…".',
            '`QUERY` cannot be read at character 1: QUERY is not a value; a text needs quotes: "…".',
        ],
        "rules/R1/when/y": ["The table has no input y."],
        "rules/R1/then/other": ["The table has no output other."],
    }


@pytest.mark.parametrize(
    ("change", "places"),
    [
        ({"hit": "P"}, ["outputs"]),
        ({"hit": "O"}, ["outputs"]),
        ({"hit": "C+"}, ["rules/R1/then/out"]),
        ({"hit": "C#", "outputs": [{"name": "out"}, {"name": "two"}]}, ["outputs"]),
        (
            {"hit": "C>", "outputs": [{"name": "out", "type": "string"}]},
            ["outputs/out/type", "rules/R1/then/out"],
        ),
        ({"outputs": [{"name": "out", "values": ["B"]}]}, ["rules/R1/then/out"]),
        ({"outputs": [{"name": "out", "type": "number"}]}, ["rules/R1/then/out"]),
        ({"outputs": [{"name": "out", "values": ["A"], "default": "B"}]}, ["outputs/out/default"]),
        ({"outputs": [{"name": "out", "values": ["A", "A"]}]}, ["outputs/out/values"]),
        ({"outputs": []}, ["outputs", "rules/R1/then/out"]),
        ({"inputs": [{"name": "x", "type": "number"}]}, ["rules/R1/when/x"]),
        ({"inputs": [{"name": "x", "values": ["B", "C"]}]}, ["rules/R1/when/x"]),
        ({"inputs": [{"name": "x", "type": "colour"}]}, ["inputs/x/type"]),
        ({"inputs": [{"name": "x"}, {"name": "x"}]}, ["inputs/x"]),
        ({"inputs": [{"name": "x", "vales": []}]}, ["inputs/x/vales"]),
        ({"inputs": [{"name": f"x{at}"} for at in range(65)]}, ["inputs", "rules/R1/when/x"]),
        ({"inputs": "x"}, ["inputs", "rules/R1/when/x"]),
        ({"inputs": [3]}, ["inputs/0/name", "rules/R1/when/x"]),
        ({"rules": {}}, ["rules"]),
        ({"rules": [{}]}, ["rules/0/id"]),
        ({"rules": ["R1"]}, ["rules/0/id"]),
        ({"rules": [{"id": "R1", "when": [], "then": None}]}, ["rules/R1/when", "rules/R1/then"]),
        ({"rules": [{"id": "R1", "wen": {}, "when": {}, "then": {}}]}, ["rules/R1/wen"]),
        ({"rules": [{"id": "R1", "when": {"x": 5}, "then": {}}]}, ["rules/R1/when/x"]),
        ({"rules": [{"id": "R1", "when": {}, "then": {"out": float("nan")}}]}, ["rules/R1/then/out"]),
        ({"rules": [{"id": "R", "when": {}, "then": {}}] * 2001}, ["rules"]),
        ({"key": ""}, ["key"]),
        ({"hit": ["U"]}, ["hit"]),
    ],
)
def test_invalid_table_is_refused_at_its_place(change, places):
    assert list(refused({**document([({"x": '"A"'}, "A")]), **change})) == places


def test_overlong_cell_is_refused():
    assert list(refused(document([({"x": "1," * 1000 + "1"}, 1)]))) == ["rules/R1/when/x"]


def test_list_output_must_stay_within_its_values():
    outputs = [{"name": "out", "values": ["A", "B"]}]
    assert table([({"x": "1"}, {"out": ["A", "B"]})], outputs=outputs).evaluate({"x": 1}).output == {"out": ["A", "B"]}
    assert list(refused(document([({"x": "1"}, {"out": ["A", "C"]})], outputs=outputs))) == ["rules/R1/then/out"]


def test_trace_has_every_rule_and_every_input():
    sample = table([({"x": "<5", "y": "-"}, 1), ({"x": "<5", "y": '"A"'}, 2)], hit="C")
    trace = sample.evaluate({"x": "3"}).trace
    reason = 'is the text "3", where the cell needs a number'
    assert [(rule.id, rule.matched, [tuple(cell) for cell in rule.cells]) for rule in trace] == [
        ("R1", False, [("x", "<5", "3", False, reason), ("y", "-", None, True, "")]),
        ("R2", False, [("x", "<5", "3", False, reason), ("y", '"A"', None, False, "is missing")]),
    ]
    assert trace[0].cells[0] is trace[1].cells[0]


def test_trace_document_leaves_out_what_asks_nothing():
    evaluation = table([({"x": "<5", "y": "-"}, 1)]).evaluate({"x": 3})
    cell = {"name": "x", "cell": "<5", "value": 3, "holds": True, "reason": ""}
    assert trace_document(evaluation) == [{"id": "R1", "matched": True, "cells": [cell]}]


def test_evaluation_without_trace_says_the_same():
    sample = table([({"x": "<5"}, 1)])
    assert sample.evaluate({"x": 3}, trace=False).output == sample.evaluate({"x": 3}).output
    assert sample.evaluate({"x": 3}, trace=False).trace == ()


def test_tables_without_inputs_or_conditions_always_hit():
    assert table([({}, 1)], inputs=[]).evaluate({"x": 3}).trace[0].cells == ()
    assert table([({}, 1)], inputs=[{"name": "x"}]).evaluate({}).output == {"out": 1}


def test_hash_covers_the_rules_and_not_the_version():
    one = document([({"x": "<5"}, 1)])
    assert content_hash({**one, "version": "9"}) == content_hash(one)
    assert content_hash(to_document(compile_table(one))) == content_hash(one)
    noted = {**one, "rules": [{**one["rules"][0], "note": "why"}]}
    dearer = document([({"x": "<5"}, 2)])
    assert len({content_hash(each) for each in (one, noted, dearer, {**one, "hit": "A"})}) == 4
    assert content_hash(document([({"x": "<5"}, 1.0)])) == content_hash(one)


def test_hash_refuses_what_json_cannot_say():
    with pytest.raises(Invalid, match="cannot be written as JSON"):
        content_hash({"key": "x", "rules": [float("nan")]})


def test_facts_are_checked_against_declared_and_seen_kinds():
    inputs = [{"name": "tier", "type": "number", "values": [0, 1]}, {"name": "x"}, {"name": "y"}]
    sample = table([({"tier": "0", "x": "<5"}, 1)], inputs=inputs)
    findings = check_facts(sample, {"tier": "0", "x": "3", "y": object(), "colour": "red"})
    assert [(f.code, f.severity, f.where) for f in findings] == [
        ("FACT_TYPE", Severity.ERROR, "tier"),
        ("FACT_TYPE", Severity.WARNING, "x"),
        ("FACT_UNKNOWN", Severity.WARNING, "colour"),
    ]
    outside = check_facts(sample, {"tier": 7, "x": 3})
    assert [f.message for f in outside] == ["tier is the number 7; allowed are 0, 1."]
    assert check_facts(sample, {"tier": 1, "x": None}) == []


@pytest.mark.parametrize(
    ("cell", "value", "sentence"),
    [
        ("<=60", 60, "latency_s is 60, which is at most 60"),
        ("<=60", 61, "latency_s is 61, which is not at most 60"),
        ("<=60", None, "latency_s is missing"),
        ("null", None, "latency_s is missing, as the rule asks"),
        ("<=60", "x", 'latency_s is the text "x", where the cell needs a number'),
        ("-", 5, "latency_s may be anything"),
        ("true", True, "latency_s is true, as the rule asks"),
        ("true", False, "latency_s is false, not true"),
        ('not("A")', "A", "latency_s is A, which the rule excludes"),
        ('"A","B"', "A", "latency_s is A, which is one of A and B"),
        ('not("A","B")', "C", "latency_s is C, which is not one of A and B"),
        ('not("A","B")', "B", "latency_s is B, which is one of A and B"),
        ("[2..3]", 2, "latency_s is 2, which is at least 2 and at most 3"),
        ("1,>5", 7, "latency_s is 7, which is equal to 1 or above 5"),
        ('contains("REST")', ["REST", "X"], "latency_s is [REST, X], which contains REST"),
        ('contains any("A","B")', ["X"], "latency_s is [X], which does not contain any of A or B"),
    ],
)
def test_a_cell_explains_itself(cell, value, sentence):
    facts = {"latency_s": value}
    holds = bool(table([({"latency_s": cell}, 1)]).evaluate(facts).rules)
    assert explain_cell("latency_s", cell, value, holds) == sentence
