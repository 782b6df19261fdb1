"""How long it takes to know every gap of a large table, and what trying all combinations of classes would take.

The promise is seconds for 16 inputs and 200 rules. Both ways are timed in one run on a table small enough to try every
combination, which also shows that they agree. Run: ``python benchmarks/table_analysis.py``.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from governance.dmn import CompiledTable, analyse, compile_table  # noqa: E402
from governance.dmn.boxes import boxes_of, rules_holding  # noqa: E402
from governance.dmn.cover import Budget, volume  # noqa: E402

PROMISED = 5.0
ROUNDS = 3
TEXTS = "ABCDE"


def columns(count: int) -> list[dict[str, Any]]:
    """Numbers and texts in turn, each with a known domain."""
    number, text = {"type": "number", "range": "[0..1000)"}, {"type": "string", "values": list(TEXTS)}
    return [{"name": f"x{at}", **(text if at % 2 else number)} for at in range(count)]


def divided(rules: int, inputs: int, *, dropped: int, seed: int) -> CompiledTable:
    """All facts split into ``rules`` boxes, ``dropped`` of which have no rule: the gaps are known beforehand."""
    dice = random.Random(seed)
    whole: dict[str, Any] = {one["name"]: (0, 1000) if "range" in one else tuple(TEXTS) for one in columns(inputs)}
    boxes = [whole]
    while len(boxes) < rules:
        box = boxes.pop(dice.randrange(len(boxes)))
        name = dice.choice(list(box))
        boxes += [{**box, name: side} for side in _split(box[name], dice)]
    kept = boxes[: len(boxes) - dropped]
    return _table([{name: _cell(side) for name, side in box.items() if side != whole[name]} for box in kept], inputs)


def scattered(rules: int, inputs: int, *, asked: int, seed: int) -> CompiledTable:
    """Rules that each ask ``asked`` inputs at random: they overlap, and how much they leave open nobody knows."""
    dice = random.Random(seed)
    whole = {one["name"]: (0, 1000) if "range" in one else tuple(TEXTS) for one in columns(inputs)}
    chosen = [dice.sample(sorted(whole), asked) for _ in range(rules)]
    return _table([{name: _cell(dice.choice(_split(whole[name], dice))) for name in names} for names in chosen], inputs)


def _split(side: Any, dice: random.Random) -> list[Any]:
    if isinstance(side[0], str):
        if len(side) < 2:
            return [side]
        at = dice.randrange(1, len(side))
        return [side[:at], side[at:]]
    low, high = side
    at = dice.randrange(low + 1, high) if high - low > 1 else high
    return [(low, at), (at, high)] if at < high else [side]


def _cell(side: Any) -> str:
    return ", ".join(f'"{text}"' for text in side) if isinstance(side[0], str) else f"[{side[0]}..{side[1]})"


def _table(cells: list[dict[str, str]], inputs: int) -> CompiledTable:
    rules = [{"id": f"R{at}", "when": when, "then": {"out": at}} for at, when in enumerate(cells)]
    return compile_table(
        {"key": "bench", "hit": "C", "inputs": columns(inputs), "outputs": [{"name": "out"}], "rules": rules}
    )


def undecided_by_trying(table: CompiledTable) -> int:
    """Every combination of classes, put to the table."""
    boxes = boxes_of(table, Budget(10**9))
    facts = [[domain.fact(1 << at) for at in range(len(domain.atoms))] for domain in boxes.domains]
    names = [domain.name for domain in boxes.domains]
    return sum(not rules_holding(table, dict(zip(names, each, strict=True))) for each in product(*facts))


def seconds(work: Callable[[], Any]) -> tuple[float, Any]:
    taken = []
    for _ in range(ROUNDS):
        start = time.process_time()
        answer = work()
        taken.append(time.process_time() - start)
    return sorted(taken)[ROUNDS // 2], answer


def show(title: str, table: CompiledTable) -> None:
    took, found = seconds(lambda: analyse(table))
    combinations = volume(boxes_of(table, Budget(10**9)).space)
    print(
        f"{title:<34}{took:>7.2f} s = {took / PROMISED:.2f} x the promise; {found.verdict}, "
        f"{len(found.gaps)} gaps, {float(found.analysed):.2%} of {combinations:.1e} classes, {found.spent:,} steps"
    )


def main() -> None:
    show("200 rules x 16, nothing missing", divided(200, 16, dropped=0, seed=1))
    show("200 rules x 16, three missing", divided(200, 16, dropped=3, seed=1))
    show("200 rules x 16, 2 asked each", scattered(200, 16, asked=2, seed=1))
    show("200 rules x 16, 6 asked each", scattered(200, 16, asked=6, seed=1))
    small = divided(40, 6, dropped=1, seed=1)
    analysed, found = seconds(lambda: analyse(small))
    tried, undecided = seconds(lambda: undecided_by_trying(small))
    if bool(found.gaps) != bool(undecided):
        sys.exit("The analysis and trying every combination disagree.")
    combinations = volume(boxes_of(small, Budget(10**9)).space)
    print(f"40 rules x 6 inputs, {combinations:,} combinations: analysed in {analysed:.4f} s, tried in {tried:.2f} s")
    print(f"ratio             {tried / analysed:>9,.0f}")


if __name__ == "__main__":
    main()
