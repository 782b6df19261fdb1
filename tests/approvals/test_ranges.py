"""Allow-lists of standard changes: which ranges can be relied on, and what they let through."""

import pytest

from approvals.ranges import outside, range_errors, within


@pytest.mark.parametrize(
    "said",
    [
        {}, {"min": 5, "max": 1}, {"min": "a", "max": 3}, {"values": []}, {"any": False}, {"any": True, "min": 1},
        {"min": True}, "1-5", {"values": "A"}, {"max": None},
    ],
)  # fmt: skip
def test_a_range_that_cannot_be_relied_on_is_refused(said):
    assert list(range_errors({"volume_day": said})) == ["allowed.volume_day"]


def test_an_allow_list_names_a_field():
    assert list(range_errors({})) == list(range_errors([])) == ["allowed"]
    assert range_errors({"volume_day": {"min": 1}, "trigger": {"any": True}, "tier": {"values": [2, 3]}}) == {}


@pytest.mark.parametrize(
    ("said", "value", "inside"),
    [
        ({"min": 1, "max": 9}, 1, True),
        ({"min": 1, "max": 9}, 9, True),
        ({"min": 1, "max": 9}, 10, False),
        ({"min": 1}, "many", False),
        ({"max": 9}, None, False),
        ({"max": 9}, True, False),
        ({"min": "2026-01-01", "max": "2026-12-31"}, "2026-07-01", True),
        ({"min": "2026-01-01", "max": "2026-12-31"}, "2027-07-01", False),
        ({"values": ["A", "B"]}, ["A"], True),
        ({"values": ["A", "B"]}, ["A", "C"], False),
        ({"any": True}, None, True),
    ],
)
def test_within(said, value, inside):
    assert within(said, value) is inside


def test_outside_names_the_field_and_its_range():
    allowed = {"volume_day": {"min": 1, "max": 9}}
    assert list(outside(allowed, {"volume_day": 10, "tier": 1})) == [
        ("tier", "tier is not among volume_day."),
        ("volume_day", "10 is outside of 1 to 9."),
    ]
