"""What follows from the rules that hold, per hit policy."""

import pytest

from governance.dmn import TableNotAgreed, TableNotUnique

from .tables import table

OVERLAP = [({"x": ">=1"}, "low"), ({"x": ">=5"}, "high"), ({"x": ">=9"}, "low")]
RANKED = [{"name": "out", "values": ["high", "low"]}]


def test_unique_answers_with_the_one_rule_or_with_none():
    sample = table([({"x": "<5"}, "low"), ({"x": ">=5"}, "high")])
    assert (sample.evaluate({"x": 7}).output, sample.evaluate({"x": 7}).rules) == ({"out": "high"}, ("R2",))
    assert (sample.evaluate({}).output, sample.evaluate({}).rules) == (None, ())


def test_unique_refuses_two_rules_and_names_them():
    with pytest.raises(TableNotUnique) as refused:
        table(OVERLAP).evaluate({"x": 6})
    assert (refused.value.code, refused.value.details) == ("TABLE_NOT_UNIQUE", {"rules": ["R1", "R2"]})
    assert "R1, R2" in refused.value.message


def test_any_answers_when_all_agree_and_refuses_when_they_differ():
    sample = table([({"x": ">1"}, 1), ({"x": ">2"}, 1.0), ({"x": ">3"}, 2)], hit="A")
    assert sample.evaluate({"x": 3}).output == {"out": 1}
    assert sample.evaluate({"x": 3}).rules == ("R1", "R2")
    with pytest.raises(TableNotAgreed) as refused:
        sample.evaluate({"x": 4})
    assert (refused.value.code, refused.value.details["rules"]) == ("TABLE_NOT_AGREED", ["R1", "R2", "R3"])


def test_any_does_not_take_true_for_one():
    with pytest.raises(TableNotAgreed):
        table([({"x": "1"}, 1), ({"x": "1"}, True)], hit="A").evaluate({"x": 1})


def test_first_answers_in_rule_order_and_names_all_rules():
    evaluation = table(OVERLAP, hit="F").evaluate({"x": 9})
    assert (evaluation.output, evaluation.rules) == ({"out": "low"}, ("R1", "R2", "R3"))


def test_priority_answers_by_output_values_and_names_all_rules():
    evaluation = table(OVERLAP, hit="P", outputs=RANKED).evaluate({"x": 9})
    assert (evaluation.output, evaluation.rules) == ({"out": "high"}, ("R1", "R2", "R3"))


def test_priority_is_lexicographic_over_ranked_outputs_and_falls_back_to_rule_order():
    outputs = [{"name": "a", "values": [1, 2]}, {"name": "note"}, {"name": "b", "values": ["x", "y"]}]
    rows = [
        ({"x": "-"}, {"a": 2, "b": "x", "note": "one"}),
        ({"x": "-"}, {"a": 1, "b": "y", "note": "two"}),
        ({"x": "-"}, {"a": 1, "b": "x", "note": "three"}),
        ({"x": "-"}, {"a": 1, "b": "x", "note": "four"}),
        ({"x": "-"}, {"b": "x", "note": "no a comes last"}),
    ]
    assert table(rows, hit="P", outputs=outputs).evaluate({}).output == {"a": 1, "b": "x", "note": "three"}
    ordered = table(rows, hit="O", outputs=outputs).evaluate({})
    assert [row["note"] for row in ordered.output] == ["three", "four", "two", "one", "no a comes last"]
    assert ordered.rules == ("R1", "R2", "R3", "R4", "R5")


@pytest.mark.parametrize("hit", ["C", "R"])
def test_collect_and_rule_order_list_all_rows_in_rule_order(hit):
    sample = table(OVERLAP, hit=hit)
    assert sample.evaluate({"x": 9}).output == [{"out": "low"}, {"out": "high"}, {"out": "low"}]
    assert sample.evaluate({"x": 0}).output == []


@pytest.mark.parametrize(
    ("hit", "all_three", "none"),
    [
        ("C+", {"out": 6}, None),
        ("C<", {"out": 1}, None),
        ("C>", {"out": 3}, None),
        ("C#", {"out": 3}, {"out": 0}),
    ],
)
def test_aggregators(hit, all_three, none):
    sample = table([({"x": ">0"}, 1), ({"x": ">0"}, 3), ({"x": ">0"}, 2)], hit=hit)
    assert (sample.evaluate({"x": 1}).output, sample.evaluate({"x": 0}).output) == (all_three, none)


def test_sum_is_exact_in_decimals():
    assert table([({"x": "-"}, 0.1), ({"x": "-"}, 0.2)], hit="C+").evaluate({}).output == {"out": 0.3}


@pytest.mark.parametrize(
    ("hit", "expected"),
    [("U", {"out": 7}), ("A", {"out": 7}), ("F", {"out": 7}), ("C", [{"out": 7}]), ("C+", {"out": 7})],
)
def test_declared_default_answers_when_no_rule_holds(hit, expected):
    sample = table([({"x": "1"}, 1)], hit=hit, outputs=[{"name": "out", "default": 7}])
    assert (sample.evaluate({}).output, sample.evaluate({}).rules) == (expected, ())


def test_output_that_a_rule_leaves_out_is_its_default_or_none():
    outputs = [{"name": "a"}, {"name": "b", "default": "usual"}]
    assert table([({"x": "1"}, {})], outputs=outputs).evaluate({"x": 1}).output == {"a": None, "b": "usual"}


def test_answers_belong_to_the_caller():
    sample = table([({"x": "1"}, {"out": ["A", {"deep": [1]}]})], hit="C")
    first = sample.evaluate({"x": 1}).output
    first[0]["out"].append("B")
    first[0]["out"][1]["deep"].append(2)
    assert sample.evaluate({"x": 1}).output == [{"out": ["A", {"deep": [1]}]}]
