"""How fast the seed table T1 decides with a full trace, and how much of that is the trace.

The promise is 10,000 evaluations a second on one core, traced per rule and cell. The same rules are given to
zen-engine, a rule engine written in Rust, which must answer alike and is asked with its own trace. Run:
``python benchmarks/decision_table.py``.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import zen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from governance.dmn import CompiledTable, compile_table  # noqa: E402

PROMISED = 10_000
ROUNDS = 5
SECONDS = 0.5


def rate(ask: Callable[[dict], Any], facts: list[dict]) -> float:
    """Evaluations a second over about half a second of processor time, going round the story interfaces."""
    done, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        for one in facts:
            ask(one)
        done += len(facts)
    return done / (time.process_time() - start)


def as_decision(document: dict) -> Any:
    """The table in the other engine's own form: one collecting decision table between an input and an output."""
    inputs, outputs = ([one["name"] for one in document[side]] for side in ("inputs", "outputs"))
    rules = [
        {"_id": rule["id"], **{name: cell_for(rule["when"].get(name, "")) for name in inputs},
         **{f"out_{name}": json.dumps(rule["then"][name]) for name in outputs}}
        for rule in document["rules"]
    ]  # fmt: skip
    table = {
        "hitPolicy": "collect", "rules": rules,
        "inputs": [{"id": name, "name": name, "field": name} for name in inputs],
        "outputs": [{"id": f"out_{name}", "name": name, "field": name} for name in outputs],
    }  # fmt: skip
    nodes = [("in", "inputNode", {}), ("table", "decisionTableNode", table), ("out", "outputNode", {})]
    model = {
        "nodes": [{"id": name, "name": name, "type": kind, "content": content} for name, kind, content in nodes],
        "edges": [
            {"id": f"{one}-{other}", "sourceId": one, "targetId": other, "type": "edge"}
            for one, other in (("in", "table"), ("table", "out"))
        ],
    }
    return zen.ZenEngine().create_decision(json.dumps(model))


def cell_for(cell: str) -> str:
    """A cell of ours as the other engine writes it: only the test of a list differs."""
    return cell.replace("contains(", "contains($, ") if cell.startswith("contains(") else cell


def check_alike(table: CompiledTable, other: Any, facts: list[dict]) -> None:
    for one in facts:
        ours, theirs = table.evaluate(one, trace=False).output, other.evaluate(one)["result"]
        if [dict(row) for row in ours or []] != list(theirs or []):
            raise SystemExit(f"the engines disagree, nothing was measured: {one}: {ours} and {theirs}")


def main() -> None:
    tables = json.loads((ROOT / "demo/policy/tables.json").read_text())
    stories = json.loads((ROOT / "demo/stories/facts.json").read_text())
    table, other = compile_table(tables["pattern_verdict"]), as_decision(tables["pattern_verdict"])
    facts = [story["facts"] for story in stories]
    check_alike(table, other, facts)
    asked: dict[str, Callable[[dict], Any]] = {
        "with full trace": lambda one: table.evaluate(one, trace=True),
        "without trace": lambda one: table.evaluate(one, trace=False),
        "zen-engine, traced": lambda one: other.evaluate(one, {"trace": True}),
        "zen-engine": other.evaluate,
    }
    rates: dict[str, list[float]] = {name: [] for name in asked}
    for _ in range(ROUNDS):  # interleaved, so that a noisy moment hits all
        for name, ask in asked.items():
            rates[name].append(rate(ask, facts))
    median = {name: sorted(found)[ROUNDS // 2] for name, found in rates.items()}
    print(f"T1, {len(table.rules)} rules x {len(table.inputs)} inputs, one core, median of {ROUNDS} rounds")
    for name, found in median.items():
        print(f"{name:<20} {found:>9,.0f} evaluations/s = {found / PROMISED:.1f} x the promise")
    ours, plain, traced, theirs = median.values()
    print(f"ratio to zen-engine  {ours / traced:>9.2f} with trace, {plain / theirs:.2f} without")


if __name__ == "__main__":
    main()
