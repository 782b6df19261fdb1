"""Points of ordered kinds: what lies between two, and that a written point is read as itself."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from governance.dmn.scales import scale_of
from governance.dmn.unary import parse_cell
from governance.dmn.values import READERS

OFFSETS = st.builds(dt.timezone, st.integers(-22, 22).map(lambda hours: dt.timedelta(hours=hours)))
AGES = {"min_value": dt.datetime(3, 1, 1), "max_value": dt.datetime(9990, 1, 1)}
VALUES = {
    ("number", False): st.integers()
    | st.decimals(allow_nan=False, allow_infinity=False, min_value=-1e9, max_value=1e9),
    ("string", False): st.text(),
    ("date", False): st.dates(),
    ("time", False): st.times(),
    ("time", True): st.times(timezones=OFFSETS),
    ("date and time", False): st.datetimes(),
    ("date and time", True): st.datetimes(**AGES, timezones=OFFSETS),
    ("days and time duration", False): st.timedeltas(),
    ("years and months duration", False): st.integers(-10_000, 10_000),
}


@pytest.mark.parametrize(("kind", "zoned"), VALUES)
@given(data=st.data())
def test_a_point_is_written_so_that_it_is_read_as_itself(kind, zoned, data):
    scale = scale_of(kind, zoned=zoned)
    point = scale.of(data.draw(VALUES[kind, zoned]))
    assert scale.of(READERS[kind](scale.fact(point))) == point
    assert scale.of(parse_cell(scale.literal(point)).tests[0].literal.value) == point


@pytest.mark.parametrize(("kind", "zoned"), VALUES)
@given(data=st.data())
def test_between_two_points_lies_a_point_unless_they_are_neighbours(kind, zoned, data):
    scale = scale_of(kind, zoned=zoned)
    low, high = sorted(scale.of(data.draw(VALUES[kind, zoned])) for _ in range(2))
    between = scale.between(low, high)
    if between is not None:
        assert low < between < high
    else:
        assert low == high or low + (1 if isinstance(low, int) else "\x00") == high
    below, above = scale.between(None, low), scale.between(high, None)
    assert below is None or below < low
    assert above is None or above > high
    assert scale.fact(scale.between(None, None)) is not None


@pytest.mark.parametrize(
    ("kind", "low", "high", "fact"),
    [
        ("number", 1, 2, 1.1),
        ("number", Decimal("0.1"), Decimal("0.2"), 0.11),
        ("number", Decimal("0.1"), None, 1),
        ("number", None, Decimal("-0.5"), -1),
        ("string", "A", "B", "AA"),
        ("string", "A", "A\x00", None),
        ("string", None, "", None),
        ("date", 1, 2, None),
        ("days and time duration", 0, 3_600_000_000, "PT1M"),
        ("years and months duration", 1, 13, "P1Y"),
    ],
)
def test_what_lies_between_is_as_round_as_can_be(kind, low, high, fact):
    scale = scale_of(kind)
    found = scale.between(low, high)
    assert (None if found is None else scale.fact(found)) == fact


def test_whole_numbers_and_days_have_neighbours():
    assert scale_of("number", whole=True).between(1, 2) is None
    assert scale_of("number", whole=True).between(Decimal("1.5"), Decimal("2.5")) == 2
    assert scale_of("boolean") is None
