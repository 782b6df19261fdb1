"""Gaps and overlaps of small tables, held against every fact of a pool in which each class is represented.

The pool is not cut by the analysis: it is what ``check_facts`` lets in. Who holds is asked of the table, and whether a
fact lies in a region is asked of the region's own words, read as cells.
"""

from functools import lru_cache
from itertools import combinations, product

from hypothesis import given, settings
from hypothesis import strategies as st

from governance.dmn import CompiledTable, TableNotAgreed, TableNotUnique, check_facts, compile_table
from governance.dmn.analysis import Analysis, analyse

from .tables import within

NUMBERS = [half / 2 if half % 2 else half // 2 for half in range(-2, 12)]
TEXTS = ["", "A", "AA", "B", "BB", "C", "OTHER", "any"]
DATES = [f"2026-01-{day:02}" for day in range(1, 7)]
LISTS = [list(some) for size in range(4) for some in combinations(["A", "B", 1], size)]
POOL = [*NUMBERS, *TEXTS, *DATES, *LISTS, True, False, None]
NUMBER = [
    "1",
    "2,4",
    "<=2",
    "<1, >=3",
    ">3",
    "[1..3)",
    "(0..2]",
    "not(2)",
    "!=2",
    "not([2..4])",
    "null",
    "4, null",
    "!=null",
]
TEXT = ['"A"', '"A","B"', 'not("A")', 'not("B","C")', '<"B"', '["A".."C")', '!="A"', "null", '"C",null', '>="A"']
DATE = [
    'date("2026-01-02")',
    '>date("2026-01-03")',
    '[date("2026-01-02")..date("2026-01-04"))',
    '<=@"2026-01-03"',
    "null",
]
LIST = ['contains("A")', 'contains("A","B")', 'contains any("A","B")', "not(contains(\"B\"))", "contains(1)", "null",
        'contains("A"), contains("B")', 'not(contains any("A", 1))']  # fmt: skip
BOOLEAN = ["true", "false", "not(true)", "true,false", "null", "!=null", "not(null)"]
WHOLE = {"type": "number", "whole": True}
COLUMNS = [
    (NUMBER, {}), (NUMBER, {"type": "number"}), (NUMBER, WHOLE), (NUMBER, {**WHOLE, "range": "[0..4]"}),
    (NUMBER, {"type": "number", "range": ">0"}), (NUMBER, {"values": [1, 2, 3, 4]}),
    (TEXT, {}), (TEXT, {"type": "string"}), (TEXT, {"values": ["A", "B", "C"]}),
    (TEXT, {"type": "string", "range": '"A","B","C"'}), (DATE, {"type": "date"}), (LIST, {}), (LIST, {"type": "list"}),
    (LIST, {"type": "list", "values": ["A", "B", 1]}), (BOOLEAN, {}), (BOOLEAN, {"type": "boolean"}),
    (NUMBER + TEXT, {}), (BOOLEAN + LIST, {}), (["null"], {}),
]  # fmt: skip
HITS = ["U", "A", "P", "F", "C", "R", "O", "C#"]


@st.composite
def tables(draw):
    columns = draw(st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=3))
    inputs = [{"name": f"x{at}", "optional": draw(st.booleans()), **said} for at, (_, said) in enumerate(columns)]
    when = st.fixed_dictionaries({f"x{at}": st.sampled_from([*cells, "-"]) for at, (cells, _) in enumerate(columns)})
    rows = draw(st.lists(st.tuples(when, st.sampled_from(["yes", "no"])), max_size=5))
    output = {"name": "out", "values": ["yes", "no"]}
    output |= draw(
        st.sampled_from([{}, {}, {"decides": ["yes"]}, {"default": "no"}, {"default": "no", "decides": ["no"]}])
    )
    rules = [{"id": f"R{at}", "when": cells, "then": {"out": out}} for at, (cells, out) in enumerate(rows)]
    return compile_table(
        {"key": "t", "hit": draw(st.sampled_from(HITS)), "inputs": inputs, "outputs": [output], "rules": rules}
    )


within_once = lru_cache(maxsize=None)(lambda text, said: within(text, eval(said)))  # a list has no hash, its repr has


def holding(table: CompiledTable, facts: dict) -> frozenset[str]:
    try:
        return frozenset(table.evaluate(facts, trace=False).rules)
    except (TableNotUnique, TableNotAgreed) as refused:
        return frozenset(refused.details["rules"])


def every_fact(table: CompiledTable) -> list[tuple[dict, frozenset[str]]]:
    """All facts that a door lets in, with the rules that hold for them."""
    names = [column.name for column in table.inputs]
    known = [
        [fact for fact in POOL if (column.optional if fact is None else not check_facts(table, {column.name: fact}))]
        for column in table.inputs
    ]
    every = [dict(zip(names, facts, strict=True)) for facts in product(*known)]
    return [(facts, holding(table, facts)) for facts in every]


def inside(region: dict[str, str], facts: dict) -> bool:
    return all(within_once(text, repr(facts[name])) for name, text in region.items())


def undecided(table: CompiledTable, rules: frozenset[str]) -> bool:
    column = table.document["outputs"][0]
    said = {rule.conclusion.rule: rule.conclusion.output["out"] for rule in table.rules}
    answers = [said[rule] for rule in rules] or ([column["default"]] if "default" in column else [])
    return not any(answer in column.get("decides", ["yes", "no"]) for answer in answers)


@settings(max_examples=40, deadline=None)
@given(tables())
def test_gaps_are_exactly_the_facts_that_nobody_decides(table):
    analysis, facts = analyse(table), every_fact(table)
    wrong = [
        one for one, rules in facts if undecided(table, rules) != any(inside(gap.region, one) for gap in analysis.gaps)
    ]
    assert wrong == []
    assert (analysis.verdict, analysis.analysed) == ("gaps" if analysis.gaps else "complete", 1)
    for gap in analysis.gaps:
        assert inside(gap.region, {column.name: gap.example.get(column.name) for column in table.inputs})
        assert undecided(table, holding(table, gap.example))
        assert [name for name in gap.region if not hindered(table, gap.region, name, facts)] == []


def hindered(table: CompiledTable, region: dict[str, str], name: str, facts: list) -> bool:
    """Whether a region is as wide as it can be in one input: no fact outside it is undecided everywhere beside it."""
    rest = {other: text for other, text in region.items() if other != name}
    beside: dict[str, bool] = {}
    for one, rules in facts:
        if inside(rest, one) and not within_once(region[name], repr(one[name])):
            beside[repr(one[name])] = beside.get(repr(one[name]), True) and undecided(table, rules)
    return "default" in table.document["outputs"][0] or not any(beside.values())


@settings(max_examples=40, deadline=None)
@given(tables())
def test_overlaps_are_exactly_the_rules_that_meet(table):
    analysis, facts = analyse(table, most=1_000), every_fact(table)
    where = {rule.conclusion.rule: set() for rule in table.rules}
    for at, (_, rules) in enumerate(facts):
        for rule in rules:
            where[rule].add(at)
    told = {
        (one.kind, frozenset(one.rules[:2] if one.kind != "shadowed" else one.rules[:1])) for one in analysis.overlaps
    }
    assert told == expected(table, where, analysis)
    assert (analysis.overlap_count, analysis.overlaps_finished) == (len(analysis.overlaps), True)
    for one in analysis.overlaps:
        shared = set.intersection(*(where[rule] for rule in (one.rules[:1] if one.kind == "shadowed" else one.rules)))
        assert {at for at, (each, _) in enumerate(facts) if inside(one.region, each)} == shared
        assert holding(table, one.example) >= set(one.rules[:1] if one.kind == "shadowed" else one.rules)
    assert {never.rule for never in analysis.never} == {rule for rule, at in where.items() if not at}


def expected(table: CompiledTable, where: dict[str, set[int]], analysis: Analysis) -> set:
    said = {rule.conclusion.rule: rule.conclusion.output["out"] for rule in table.rules}
    order = {rule.conclusion.rule: at for at, rule in enumerate(table.rules)}
    if table.hit == "P":
        order = {rule: (said[rule] != "yes", at) for rule, at in order.items()}
    shadows = {one.rules[0] for one in analysis.overlaps if one.kind == "shadowed"}
    found = set()
    for one, other in combinations(where, 2):
        met, alike, pair = where[one] & where[other], said[one] == said[other], frozenset((one, other))
        if not met:
            continue
        if table.hit == "U" or (table.hit == "A" and not alike):
            found.add(("conflict", pair))
        elif table.hit in ("P", "F"):
            if not alike and shadows.isdisjoint(pair):
                found.add(("overlap", pair))
        elif table.hit != "A" and alike and met in (where[one], where[other]):
            found.add(("duplicate" if where[one] == where[other] else "subsumed", pair))
    if table.hit in ("P", "F"):
        for rule, at in where.items():
            winners = [other for other in where if order[other] < order[rule]]
            if at and at <= set().union(*(where[other] for other in winners)):
                found.add(("shadowed", frozenset((rule,))))
    return found
