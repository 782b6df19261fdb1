"""Gaps and overlaps worked out by hand, and what a spent budget leaves unknown."""

import json

import pytest

from governance.dmn import analyse, analysis_document
from governance.kernel.errors import Invalid

from .tables import document, table

TIER = {"name": "tier", "type": "number", "values": [0, 1, 2, 3, 4]}
AGE = {"name": "age", "type": "number", "range": "[0..120]", "whole": True}


def gaps(*args, **columns) -> list[dict[str, str]]:
    return [gap.region for gap in analyse(table(*args, **columns)).gaps]


def overlaps(*args, **columns) -> list[tuple]:
    return [(one.kind, one.rules, one.region) for one in analyse(table(*args, **columns)).overlaps]


@pytest.mark.parametrize(
    ("column", "cells", "region"),
    [
        ({}, ["<5", ">5"], "5"),
        ({}, ["<=1", "[2..3)"], "(1..2), >=3"),
        ({"type": "number", "whole": True}, ["<=1", "[2..3)"], ">=3"),
        ({"type": "number", "whole": True}, ["<=1", ">=3"], "2"),
        ({"type": "number", "range": "[0..4]"}, ["1", "(1..4]"], "[0..1)"),
        ({"type": "number", "values": [1, 2, 3]}, ["2"], "1, 3"),
        ({}, ["0.1", "!=0.1"], None),
        ({}, ['"A"', '"B"'], 'not("A", "B")'),
        ({"values": ["A", "B", "C"]}, ['"A"'], '"B", "C"'),
        ({}, ['<"B"', '"C"'], '["B".."C"), >"C"'),
        ({"type": "boolean"}, ["true"], "false"),
        ({"optional": True}, ["<5", ">=5"], "null"),
        ({"optional": True}, ['"A"'], 'null or not("A")'),
        ({"optional": True}, ["null"], "!=null"),
        ({"optional": True}, ['"A"', "null", 'not("A")'], None),
        ({}, ['<=date("2026-01-01")', '>date("2026-01-03")'], '[date("2026-01-02")..date("2026-01-03")]'),
        ({}, ['<=duration("P1M")', '>duration("P1Y")'], '(duration("P1M")..duration("P1Y")]'),
        ({}, ['contains("A")'], 'not(contains("A"))'),
        ({}, ['not(contains("A"))', 'contains("B")'], 'contains("A") and not(contains("B"))'),
        ({}, ["1", '"A"'], '<1, >1 or not("A")'),
    ],
)  # fmt: skip
def test_the_gap_of_one_input_is_said_as_its_author_would_write_it(column, cells, region):
    rules = [({"x": cell}, at) for at, cell in enumerate(cells)]
    assert gaps(rules, inputs=[{"name": "x", **column}]) == ([] if region is None else [{"x": region}])


def test_gaps_of_two_inputs_are_boxes_that_cannot_be_wider():
    rules = [({"tier": "<=1", "phi": "true"}, 1), ({"tier": "[2..3]"}, 2)]
    sample = table(rules, inputs=[TIER, {"name": "phi"}])
    found = analyse(sample)
    assert [(gap.region, gap.example) for gap in found.gaps] == [
        ({"tier": "4"}, {"tier": 4, "phi": True}),
        ({"tier": "0, 1, 4", "phi": "false"}, {"tier": 0, "phi": False}),
    ]
    assert (found.verdict, found.analysed) == ("gaps", 1)


def test_what_is_not_decided_by_a_prohibition_alone_is_a_gap():
    outputs = [{"name": "pattern"}, {"name": "verdict", "decides": ["RECOMMENDED", "REQUIRED"]}]
    rules = [
        ({"x": "<5"}, {"pattern": "EVENT", "verdict": "RECOMMENDED"}),
        ({"x": ">=3"}, {"pattern": "FILE", "verdict": "PROHIBITED"}),
    ]
    sample = table(rules, hit="C", outputs=outputs)
    assert [gap.region for gap in analyse(sample).gaps] == [{"x": ">=5"}]
    assert analyse(sample, decided=lambda conclusion: True).verdict == "complete"
    only_files = analyse(sample, decided=lambda conclusion: conclusion.output["pattern"] == "FILE")
    assert [gap.region for gap in only_files.gaps] == [{"x": "<3"}]


def test_a_default_decides_where_no_rule_holds():
    rules = [({"x": ">5"}, "no")]
    assert gaps(rules, outputs=[{"name": "out", "default": "yes"}]) == []
    assert gaps(rules, outputs=[{"name": "out", "default": "yes", "decides": ["yes"]}]) == [{"x": ">5"}]
    assert gaps(rules, outputs=[{"name": "out", "default": "no", "decides": ["yes"]}]) == [{}]


def test_an_empty_table_decides_nothing_and_a_bare_rule_everything():
    assert gaps([], inputs=[AGE]) == [{}]
    assert analyse(table([], inputs=[AGE])).gaps[0].example == {"age": 0}
    assert analyse(document([({}, 1)], inputs=[])).verdict == "complete"
    with pytest.raises(Invalid):
        analyse({"key": "x"})


def test_unique_rules_must_not_meet_and_any_rules_must_agree():
    rules = [({"age": "<18"}, "child"), ({"age": "[16..65)"}, "adult"), ({"age": ">=60"}, "adult")]
    both = {"age": "[16..17]"}, {"age": "[60..65)"}
    assert overlaps(rules, inputs=[AGE]) == [("conflict", ("R1", "R2"), both[0]), ("conflict", ("R2", "R3"), both[1])]
    assert overlaps(rules, inputs=[AGE], hit="A") == [("conflict", ("R1", "R2"), both[0])]


def test_a_rule_that_others_always_beat_is_shadowed():
    rules = [({"age": "<40"}, 1), ({"age": ">=40"}, 2), ({"age": "[30..50]"}, 3), ({}, 2)]
    assert overlaps(rules, inputs=[AGE], hit="F") == [
        ("shadowed", ("R3", "R1", "R2"), {"age": "[30..50]"}),
        ("shadowed", ("R4", "R1", "R2"), {}),
    ]
    ranked = [{"name": "out", "values": [3, 2, 1]}]
    assert overlaps(rules, inputs=[AGE], hit="P", outputs=ranked) == [
        ("shadowed", ("R1", "R4"), {"age": "[0..40)"}),
        ("overlap", ("R3", "R2"), {"age": "[40..50]"}),
        ("overlap", ("R3", "R4"), {"age": "[30..50]"}),
    ]


def test_collected_rules_that_say_a_thing_twice_are_told():
    rules = [({"age": "<40"}, 1), ({"age": "<=39"}, 1), ({"age": "<20"}, 1), ({"age": "<20"}, 2)]
    assert overlaps(rules, inputs=[AGE], hit="C") == [
        ("duplicate", ("R1", "R2"), {"age": "[0..39]"}),
        ("subsumed", ("R3", "R1"), {"age": "[0..20)"}),
        ("subsumed", ("R3", "R2"), {"age": "[0..20)"}),
    ]


def test_a_rule_that_can_never_hold_is_told_with_the_cell_that_keeps_it_from_holding():
    found = analyse(table([({"age": ">120"}, 1), ({"age": "(1..2)"}, 1), ({"age": "1"}, 1)], inputs=[AGE]))
    assert [(one.rule, one.input, one.cell) for one in found.never] == [("R1", "age", ">120"), ("R2", "age", "(1..2)")]
    assert found.overlaps == ()


def test_a_spent_budget_is_unknown_and_never_complete():
    rules = [({f"x{at}": "true", f"x{at + 1}": "false"}, at) for at in range(8)] + [({}, 9)]
    needed = analyse(table(rules, hit="C"))
    assert needed.verdict == "complete"
    verdicts = [
        analyse(table([*rules[:-1], ({"x0": "true"}, 9), ({"x0": "false"}, 9)], hit="C"), budget=budget)
        for budget in range(1, 400, 13)
    ]
    assert {one.verdict for one in verdicts} == {"unknown", "complete"}
    assert all((one.verdict == "complete") == (one.analysed == 1) for one in verdicts)
    assert all(one.analysed < 1 for one in verdicts if one.verdict == "unknown")


def test_a_spent_budget_tells_the_part_analysed_and_the_gaps_found_by_then():
    rules = [({f"x{at}": "true", f"x{at + 1}": "true", f"x{at + 2}": "true"}, at) for at in range(10)]
    sample = table(rules, hit="C")
    shares = [analyse(sample, budget=budget) for budget in (200, 400, 800, 100_000)]
    assert [one.analysed for one in shares] == sorted(one.analysed for one in shares)
    assert (shares[0].analysed < 1, shares[-1].analysed) == (True, 1)
    assert analyse(sample, budget=400) == shares[1]
    few = analyse(sample, most=2)
    assert (few.verdict, len(few.gaps), few.analysed < 1) == ("gaps", 2, True)


def test_the_document_of_an_analysis_is_json():
    told = analysis_document(analyse(table([({"x": "[1..2]"}, 1), ({"x": "2"}, 1)])))
    assert json.loads(json.dumps(told)) == told
    assert told["gaps"] == [{"region": {"x": "<1, >2"}, "example": {"x": 0}}]
    assert told["overlaps"] == [{"kind": "conflict", "rules": ["R1", "R2"], "region": {"x": "2"}, "example": {"x": 2}}]
