"""How fast the seed table T1 decides with a full trace, and how much of that is the trace.

The promise is 5,000 evaluations a second on one core, traced per rule and cell. Run:
``python benchmarks/decision_table.py``.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from governance.dmn import CompiledTable, compile_table  # noqa: E402

PROMISED = 5_000
ROUNDS = 5
SECONDS = 0.5


def rate(table: CompiledTable, facts: list[dict], *, trace: bool) -> float:
    """Evaluations a second over about half a second, going round the story interfaces."""
    done, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        for one in facts:
            table.evaluate(one, trace=trace)
        done += len(facts)
    return done / (time.process_time() - start)


def main() -> None:
    tables = json.loads((ROOT / "demo/policy/tables.json").read_text())
    stories = json.loads((ROOT / "demo/stories/facts.json").read_text())
    table = compile_table(tables["pattern_verdict"])
    facts = [story["facts"] for story in stories]
    traced, plain = [], []
    for _ in range(ROUNDS):  # interleaved, so that a noisy moment hits both
        traced.append(rate(table, facts, trace=True))
        plain.append(rate(table, facts, trace=False))
    with_trace, without = sorted(traced)[ROUNDS // 2], sorted(plain)[ROUNDS // 2]
    print(f"T1, {len(table.rules)} rules x {len(table.inputs)} inputs, one core, median of {ROUNDS} rounds")
    print(f"with full trace   {with_trace:>9,.0f} evaluations/s = {with_trace / PROMISED:.1f} x the promise")
    print(f"without trace     {without:>9,.0f} evaluations/s")
    print(f"ratio             {with_trace / without:>9.2f}")


if __name__ == "__main__":
    main()
