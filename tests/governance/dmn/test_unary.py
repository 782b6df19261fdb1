"""The language of cells: what holds, what does not, and what cannot be read."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.dmn.unary import MAX_CELL_LENGTH, CellSyntax, parse_cell

from .tables import holds, table

CASES = [
    # cell, facts that hold, facts that do not
    ("-", [0, "", False, None, [], {}], []),
    ("", [1, None], []),
    ("  ", [1, None], []),
    ("5", [5, 5.0, Decimal("5.00")], [4, 6, "5", True, None, [5]]),
    ("-5", [-5], [5]),
    (".5", [0.5, Decimal("0.5")], [0.51]),
    ("0.1", [0.1, Decimal("0.1")], [0.1 + 1e-17 + 1e-16]),
    ("0.30", [0.3], [0.1 + 0.2]),
    ("1", [1, 1.0], [True, "1"]),
    ("0", [0, 0.0], [False, None]),
    ("1e3", [1000], [1e4]),
    ("9007199254740993", [9007199254740993], [9007199254740992, 9007199254740992.0]),
    ('"A"', ["A"], ["a", "", 1, None, ["A"]]),
    ('"A","B"', ["A", "B"], ["C", "A,B"]),
    ('"A, B"', ["A, B"], ["A"]),
    (r'"say \"hi\""', ['say "hi"'], ["say hi"]),
    (r'"é\n"', ["é\n"], ["e"]),
    ("true", [True], [False, 1, "true", None]),
    ("false", [False], [True, 0, None]),
    ("null", [None], [0, "", False]),
    ('null,"A"', [None, "A"], ["B"]),
    ("1,3,>=10", [1, 3, 10, 11], [2, 9]),
    ('5,"A"', [5, "A"], [6, "B"]),
    ("<5", [4, 4.99, -1], [5, "4", False, None]),
    ("<=5", [5], [5.000001]),
    (">5", [6], [5]),
    (">=5", [5], [4]),
    ("< -1.5", [-2], [-1]),
    ("= 5", [5], [4]),
    ("!=5", [4], [5, "A", None]),
    ('<"M"', ["A"], ["M", "Z", 1]),
    ("[2..3]", [2, 2.5, 3], [1, 4, "2"]),
    ("(2..3]", [3], [2]),
    ("]2..3[", [2.5], [2, 3]),
    ("[2..3)", [2], [3]),
    ("[-3..-1], 7", [-2, 7], [0]),
    ('["a".."c"]', ["b"], ["d"]),
    ('not("A","B")', ["C", ""], ["A", "B", 1, None]),
    ("not(<5)", [5, 9], [4, "9", None, True]),
    ("not(null)", [0, "", False], [None]),
    ('not("A",null)', ["B"], ["A", None]),
    ("not(true)", [False], [True, 0, None]),
    ('contains("REST")', [["REST"], ["A", "REST"], ("REST",)], [[], ["rest"], "REST", None]),
    ('contains("A","B")', [["B", "A"]], [["A"]]),
    ('contains any("A","B")', [["B", "C"]], [["C"], []]),
    ('not(contains("A"))', [["B"], []], [["A"], "B", None]),
    ('date("2026-01-31")', ["2026-01-31"], ["2026-02-01", "x", 5]),
    ('<date("2026-02-01")', ["2026-01-31"], ["2026-02-01", "20260131"]),
    ('[date("2026-01-01")..date("2026-12-31")]', ["2026-06-15"], ["2027-01-01"]),
    ('>=time("08:30:00")', ["09:00:00"], ["08:00:00", "09:00:00Z", "nine"]),
    ('<date and time("2026-01-01T00:00:00Z")', ["2025-12-31T23:59:59Z"], ["2026-01-01T01:00:00+01:00"]),
    ('<=duration("PT36H")', ["P1DT12H", "PT1M"], ["P2D", "P1M", "36"]),
    ('>duration("P1Y")', ["P13M"], ["P12M", "P400D"]),
    ('@"2026-01-31"', ["2026-01-31"], ["2026-01-30"]),
]


@pytest.mark.parametrize(("cell", "yes", "no"), CASES, ids=[case[0] or "empty" for case in CASES])
def test_cell_holds_for_exactly_these_facts(cell, yes, no):
    assert [(value, holds(cell, value)) for value in [*yes, *no]] == [
        *((value, True) for value in yes),
        *((value, False) for value in no),
    ]


@pytest.mark.parametrize("cell", ["-", "", "null", 'null,"A"'])
def test_absent_fact_satisfies_only_what_asks_nothing_or_null(cell):
    assert holds(cell)


@pytest.mark.parametrize("cell", ['"A"', "1", "<1", "not(1)", 'not("A")', "not(null)", "!=null", 'contains("A")'])
def test_absent_fact_fails_every_other_test(cell):
    assert not holds(cell)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), Decimal("NaN"), Decimal("sNaN"), {}, object(), b"5"])
def test_what_no_table_can_compare_holds_nowhere_and_never_raises(value):
    cells = ["5", "<5", ">5", "[1..9]", "not(5)", '"A"', "true", 'contains("A")', 'date("2026-01-01")']
    assert [cell for cell in cells if holds(cell, value)] == []


@pytest.mark.parametrize(
    ("cell", "column", "part"),
    [
        ("QUERY", 1, "a text needs quotes"),
        ('"A" "B"', 5, "a comma or the end"),
        ('"A",', 5, "is expected here"),
        ('"A', 1, "is expected here"),
        ("<", 2, "is expected here"),
        ("<=true", 3, "has no order"),
        ("<null", 2, "has no order"),
        ("[1..", 5, "is expected here"),
        ("[1;2]", 3, "two dots"),
        ("[1..2", 6, "ends an interval"),
        ('[1.."A"]', 1, "of one kind"),
        ("[3..1]", 1, "can never hold"),
        ("not(1", 6, "closing parenthesis"),
        ("not(not(1))", 5, "not is not a value"),
        ('not("A"), "B"', 9, "a comma or the end"),
        ("contains()", 10, "is expected here"),
        ("5 5", 3, "a comma or the end"),
        ("- 5", 1, "is expected here"),
        ('date("2026-02-30")', 1, "is not a date"),
        ('duration("soon")', 1, "is not a duration"),
        (r'"\x"', 2, "not a known escape"),
        (r'"\ud800"', 2, "not a known escape"),
        ("__import__('os')", 1, "is not a value"),
        ("1" * (MAX_CELL_LENGTH + 1), MAX_CELL_LENGTH + 1, "at most 2,000 characters"),
    ],
)
def test_unreadable_cell_is_quoted_with_the_character(cell, column, part):
    with pytest.raises(CellSyntax) as refused:
        parse_cell(cell)
    assert refused.value.column == column
    assert part in str(refused.value)
    assert str(refused.value).startswith(f"`{cell[:40]}")


def test_mismatch_is_told_in_the_trace():
    trace = table([({"x": "<=5"}, 1)]).evaluate({"x": "abc"}).trace
    assert trace[0].cells[0].reason == 'is the text "abc", where the cell needs a number'


NUMBERS = st.integers(-50, 50) | st.decimals(-50, 50, places=2).map(float)
NUMBER_TESTS = st.one_of(
    st.builds("{}{}".format, st.sampled_from(["", "<", "<=", ">", ">=", "=", "!="]), NUMBERS),
    st.builds("[{}..{}]".format, st.integers(-50, 0), st.integers(0, 50)),
    st.builds("({}..{})".format, st.integers(-50, 0), st.integers(0, 50)),
)


@given(st.lists(NUMBER_TESTS, min_size=1, max_size=4).map(",".join), NUMBERS)
def test_not_is_the_inverse_for_a_present_number(cell, value):
    assert holds(f"not({cell})", value) is not holds(cell, value)


@given(st.lists(st.sampled_from("ABCD"), min_size=1), st.sampled_from("ABCDE"))
def test_not_is_the_inverse_for_a_present_text(names, value):
    cell = ",".join(f'"{name}"' for name in names)
    assert holds(f"not({cell})", value) is not holds(cell, value)


@given(
    st.text(max_size=40),
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.lists(st.text()),
)
def test_any_text_is_a_cell_or_a_syntax_error_and_any_fact_is_answered(cell, value):
    try:
        parse_cell(cell)
    except CellSyntax:
        return
    assert holds(cell, value) in (True, False)
