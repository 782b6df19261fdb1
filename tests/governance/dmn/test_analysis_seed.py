"""What the board's first policy leaves undecided, by what its inputs are said to be."""

import json
from pathlib import Path

from governance.dmn import analyse, compile_table

from .tables import within

STORIES = json.loads((Path(__file__).resolve().parents[3] / "demo" / "stories" / "facts.json").read_text())
TYPED = {
    "tier": {"type": "number", "values": [0, 1, 2, 3, 4]},
    "change_class": {"type": "string", "values": ["STANDARD", "NORMAL", "EMERGENCY", "UNAUTHORIZED"]},
    "interaction": {"type": "string", "values": ["QUERY", "COMMAND", "NOTIFICATION", "BULK", "PROCESS"]},
}


def seed(policy: dict, key: str, **typed: dict):
    """A seed table with the given domains only, whatever more the seed declares."""
    read = policy[key]
    inputs = [{"name": column["name"], **typed.get(column["name"], {})} for column in read["inputs"]]
    decides = {"decides": ["RECOMMENDED", "REQUIRED"]}
    outputs = [
        {name: column[name] for name in ("name", "values") if name in column}
        | (decides if column["name"] == "verdict" else {})
        for column in read["outputs"]
    ]
    return compile_table({**read, "inputs": inputs, "outputs": outputs})


def test_the_seed_tables_leave_open_what_their_inputs_leave_open(policy):
    between = "<0, (0..1), (1..2), (2..3), (3..4), >4"
    other = 'not("EMERGENCY", "NORMAL", "STANDARD", "UNAUTHORIZED")'
    found = {key: analyse(seed(policy, key)) for key in ("decision_rights", "resilience", "approval")}
    assert {key: [gap.region for gap in one.gaps] for key, one in found.items()} == {
        "decision_rights": [],
        "resilience": [{"tier": between}],
        "approval": [{"change_class": other}],
    }
    closed = [analyse(seed(policy, key, **TYPED)) for key in found]
    assert [one.verdict for one in closed] == ["complete"] * 3
    assert [one.kind for one in (*closed[1].overlaps, *closed[2].overlaps)] == []


def test_the_gaps_of_t1_hold_exactly_the_story_interfaces_without_a_recommendation(policy):
    sample = seed(policy, "pattern_verdict", **TYPED)
    found = analyse(sample)
    assert (found.verdict, found.analysed) == ("gaps", 1)
    assert [(one.kind, one.rules) for one in found.overlaps] == [("subsumed", ("P03", "P13"))]
    ungoverned = {
        story["key"]
        for story in STORIES
        if any(all(within(text, story["facts"].get(name)) for name, text in gap.region.items()) for gap in found.gaps)
    }
    assert ungoverned == {story["key"] for story in STORIES if story["expect"]["policy_gap"]}
    assert len(ungoverned) == 2
