"""What a document says of the facts that there are (range, whole, optional) and of what counts as a decision."""

import pytest

from governance.dmn import check_facts, compile_table
from governance.kernel.errors import Invalid

from .tables import document, table


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ({"range": "[0..4]"}, "on an input whose declared type has an order"),
        ({"range": "true", "type": "boolean"}, "on an input whose declared type has an order"),
        ({"range": 4, "type": "number"}, "A range is text"),
        ({"range": "[0..", "type": "number"}, "cannot be read at character 5"),
        ({"range": '"A"', "type": "number"}, "must test a number and nothing else"),
        ({"range": "null", "type": "number"}, "must test a number and nothing else"),
        ({"whole": True}, "Only an input declared as a number"),
        ({"whole": 1, "type": "number"}, "true or false, not the number 1"),
        ({"optional": "yes"}, "true or false, not the text"),
        ({"decides": [1]}, "Unknown field"),
    ],
)
def test_a_domain_that_cannot_be_meant_is_refused_at_its_place(column, sentence):
    with pytest.raises(Invalid) as refused:
        compile_table(document([({}, 1)], inputs=[{"name": "x", **column}]))
    ((place, said),) = refused.value.errors.items()
    assert (place, sentence in said[0]) == (f"inputs/x/{next(iter(column))}", True), said


@pytest.mark.parametrize(
    ("column", "sentence"),
    [
        ({"decides": []}, "at least one value"),
        ({"decides": "A"}, "list of at most"),
        ({"decides": ["B"], "values": ["A"]}, "not among the output's values"),
        ({"decides": ["B"], "type": "number"}, "declared as a number"),
        ({"range": ">0"}, "Unknown field"),
    ],
)
def test_a_decision_that_no_rule_can_take_is_refused_at_its_place(column, sentence):
    with pytest.raises(Invalid) as refused:
        compile_table(document([], outputs=[{"name": "out", **column}]))
    assert sentence in refused.value.errors[f"outputs/out/{next(iter(column))}"][0]


def test_facts_outside_a_range_and_between_whole_numbers_are_findings():
    inputs = [{"name": "tier", "type": "number", "range": "[0..4]", "whole": True, "optional": True}]
    sample = table([({"tier": ">3"}, 1)], inputs=inputs)
    said = {tier: [(f.code, f.message) for f in check_facts(sample, {"tier": tier})] for tier in (4, 4.0, None, 5, 3.5)}
    assert said == {
        4: [],
        None: [],
        5: [("FACT_VALUE", "tier is the number 5; it must be [0..4].")],
        3.5: [("FACT_VALUE", "tier is the number 3.5; it must be a whole number.")],
    }


def test_what_decides_is_kept_by_output():
    outputs = [{"name": "roles", "type": "list", "decides": ["A"]}, {"name": "note"}]
    assert table([], outputs=outputs).decides == {"roles": frozenset({'"A"'})}
