"""Two versions of a table held against each other: the fewest moves, and every cell that differs."""

import pytest

from governance.dmn.comparing import compare_tables
from governance.dmn.editing import next_rule_id, output_from, output_text


def table(*ids, hit="F", **changed):
    rules = [
        {"id": one, "when": {"tier": str(at)}, "then": {"say": one}, "note": ""} for at, one in enumerate("ABCDEF")
    ]
    by_id = {rule["id"]: {**rule, **changed.get(rule["id"], {})} for rule in rules}
    return {
        "key": "k", "hit": hit, "inputs": [{"name": "tier"}], "outputs": [{"name": "say"}],
        "rules": [by_id[one] for one in ids],
    }  # fmt: skip


def kinds(before, after):
    return {rule.rule: rule.kind for rule in compare_tables(before, after).rules}


@pytest.mark.parametrize(
    ("after", "moved"),
    [("ABCDEF", ""), ("FABCDE", "F"), ("BCDEFA", "A"), ("ABDCEF", "C"), ("ACEBDF", "BD"), ("BACDFE", "AE")],
)
def test_the_fewest_rules_count_as_moved(after, moved):
    found = kinds(table(*"ABCDEF"), table(*after))
    assert set(found.values()) <= {"moved"}
    assert len(found) == len(moved)


def test_removing_and_adding_moves_nobody():
    assert kinds(table(*"ABDE"), table(*"BCDE")) == {"A": "removed", "C": "added"}


def test_a_rule_under_another_id_is_the_same_rule():
    renamed = table(*"ABC", B={"id": "X"})
    (rule,) = compare_tables(table(*"ABC"), renamed).rules
    assert (rule.rule, rule.kind, [cell.side for cell in rule.cells]) == ("X", "changed", ["id"])


def test_a_cell_that_asks_nothing_is_no_difference():
    blank = table(*"AB", A={"when": {"tier": "0", "other": " - "}, "then": {"say": "A"}})
    found = compare_tables(table(*"AB"), blank)
    assert (found.same, found.unchanged) == (True, 2)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("number", "5", 5), ("number", "0.5", 0.5), ("number", "five", "five"), ("string", "5", "5"),
        ("boolean", "yes", True), ("boolean", "false", False), ("list", "A, B", ["A", "B"]), ("list", "[]", []),
        (None, "7", 7), (None, "true", True), (None, "text", "text"), ("string", "", None),
    ],
)  # fmt: skip
def test_a_conclusion_is_read_as_its_column_has_it(kind, text, value):
    column = {"name": "o", **({"type": kind} if kind else {})}
    read = output_from(column, text)
    assert (read, type(read)) == (value, type(value))
    assert output_from(column, output_text(read)) == value


@pytest.mark.parametrize(("ids", "following"), [("P01 P09", "P10"), ("P9 D1", "P10"), ("one two", "R1"), ("", "R1")])
def test_the_next_id_follows_the_highest(ids, following):
    assert next_rule_id({"rules": [{"id": one} for one in ids.split()]}) == following
