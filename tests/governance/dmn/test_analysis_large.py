"""Tables far too large to try: what is known of them beforehand is what the analysis says, within its budget."""

import random

import pytest

from governance.dmn import analyse, compile_table
from governance.dmn.analysis import BUDGET

NAMES = [f"x{at}" for at in range(16)]
WHOLE = (0, 1_000_000)


def halved(rules: int, seed: int) -> list[dict[str, tuple[int, int]]]:
    """All facts of 16 numbers, split again and again into as many boxes as there are rules."""
    dice = random.Random(seed)
    boxes = [dict.fromkeys(NAMES, WHOLE)]
    while len(boxes) < rules:
        box, name = boxes.pop(dice.randrange(len(boxes))), dice.choice(NAMES)
        low, high = box[name]
        middle = dice.randrange(low + 1, high)
        boxes += [{**box, name: (low, middle)}, {**box, name: (middle, high)}]
    return boxes


def cells(box: dict[str, tuple[int, int]]) -> dict[str, str]:
    return {name: f"[{low}..{high})" for name, (low, high) in box.items() if (low, high) != WHOLE}


def table(whens: list[dict[str, str]], hit: str = "U"):
    inputs = [{"name": name, "type": "number", "range": "[0..1000000)"} for name in NAMES]
    rules = [{"id": f"R{at}", "when": when, "then": {"out": at}} for at, when in enumerate(whens)]
    return compile_table({"key": "t", "hit": hit, "inputs": inputs, "outputs": [{"name": "out"}], "rules": rules})


@pytest.mark.parametrize("seed", range(3))
def test_200_rules_that_split_16_inputs_are_complete_and_meet_nowhere(seed):
    found = analyse(table([cells(box) for box in halved(200, seed)]))
    assert (found.verdict, found.analysed, found.overlaps, found.overlaps_finished) == ("complete", 1, (), True)
    assert found.spent < BUDGET / 10


def test_the_one_rule_that_is_missing_is_the_one_gap():
    boxes = halved(200, 7)
    missing = boxes.pop(50)
    (gap,) = analyse(table([cells(box) for box in boxes])).gaps
    assert gap.region == cells(missing)
    assert all(low <= gap.example[name] < high for name, (low, high) in missing.items())


def test_rules_at_random_are_analysed_within_the_budget_or_unknown():
    dice = random.Random(3)
    whens = [
        cells({name: sorted(dice.sample(range(1_000_000), 2)) for name in dice.sample(NAMES, 4)}) for _ in range(200)
    ]
    for budget in (50, 20_000, BUDGET):
        found = analyse(table(whens, "C"), budget=budget)
        assert found.spent <= 2 * budget
        assert found.verdict == ("gaps" if found.gaps else "unknown")
        assert found.analysed < 1
