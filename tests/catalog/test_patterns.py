"""Pattern verdicts, deviation and policy gap; and tables T1 to T3 on the thirteen story interfaces."""

import json
from pathlib import Path

import pytest

from catalog.patterns import (
    PATTERN_CHOICES,
    Deviation,
    Pattern,
    PatternVerdict,
    Verdict,
    deviation,
    pattern_verdicts,
    policy_gap,
)
from governance.dmn import compile_table
from governance.kernel.errors import Invalid

DEMO = Path(__file__).resolve().parents[2] / "demo"
TABLES = {key: compile_table(one) for key, one in json.loads((DEMO / "policy/tables.json").read_text()).items()}
STORIES = json.loads((DEMO / "stories/facts.json").read_text())


def verdicts(**says: str) -> dict[Pattern, PatternVerdict]:
    return {Pattern[name]: PatternVerdict(Verdict[verdict]) for name, verdict in says.items()}


def decided(facts: dict) -> dict[Pattern, PatternVerdict]:
    table = TABLES["pattern_verdict"]
    evaluation = table.evaluate(facts)
    return pattern_verdicts(evaluation.output, evaluation.rules, table.notes)


@pytest.mark.parametrize("story", STORIES, ids=[story["key"] for story in STORIES])
def test_story_is_decided_as_the_board_expects(story):
    expect, found = story["expect"], decided(story["facts"])
    spoken = {name: {"verdict": v.verdict, "rules": list(v.rules)} for name, v in found.items() if v.rules}
    far = deviation(found, story["chosen"])
    rights = TABLES["decision_rights"].evaluate({**story["facts"], "deviation": far})
    resilience = TABLES["resilience"].evaluate(story["facts"])
    assert {
        "verdicts": spoken,
        "policy_gap": policy_gap(found),
        "deviation": far,
        **rights.output,
        "rto_min": resilience.output["rto_min"],
        "rpo_min": resilience.output["rpo_min"],
    } == {name: expect[name] for name in expect if name not in ("approval_rules", "lead_h", "roles")}


def test_every_pattern_has_a_verdict_and_unspoken_ones_are_acceptable():
    found = decided({})
    assert list(found) == list(Pattern)
    assert set(found.values()) == {PatternVerdict(Verdict.ACCEPTABLE, (), ())}


def test_strongest_verdict_wins_and_all_rules_and_reasons_stay():
    rows = [{"pattern": "EVENT", "verdict": said} for said in ("RECOMMENDED", "REQUIRED", "DISCOURAGED")]
    found = pattern_verdicts(rows, ["A", "B", "C"], {"A": "fan-out", "C": "old"})
    assert found[Pattern.EVENT] == PatternVerdict(Verdict.REQUIRED, ("A", "B", "C"), ("fan-out", "", "old"))
    rows.append({"pattern": "EVENT", "verdict": "PROHIBITED"})
    assert pattern_verdicts(rows, list("ABCD"), {})[Pattern.EVENT].verdict is Verdict.PROHIBITED


@pytest.mark.parametrize(
    ("row", "code"),
    [
        ({"pattern": "FAX", "verdict": "REQUIRED"}, "PATTERN_UNKNOWN"),
        ({"pattern": None, "verdict": "REQUIRED"}, "PATTERN_UNKNOWN"),
        ({"pattern": "EVENT", "verdict": "maybe"}, "VERDICT_UNKNOWN"),
    ],
)
def test_table_that_speaks_of_the_unknown_is_refused(row, code):
    with pytest.raises(Invalid) as refused:
        pattern_verdicts([row], ["P99"], {})
    assert refused.value.code == code
    assert refused.value.message.startswith("Rule P99")


@pytest.mark.parametrize(
    ("says", "chosen", "expected"),
    [
        ({"EVENT": "PROHIBITED", "REALTIME_API": "REQUIRED"}, ["EVENT"], "PROHIBITED"),
        ({"EVENT": "DISCOURAGED", "REALTIME_API": "REQUIRED"}, ["EVENT"], "REQUIRED_NOT_MET"),
        ({"EVENT": "DISCOURAGED", "REALTIME_API": "REQUIRED"}, ["EVENT", "REALTIME_API"], "DISCOURAGED"),
        ({"REALTIME_API": "RECOMMENDED"}, ["EVENT"], "ACCEPTABLE"),
        ({"REALTIME_API": "RECOMMENDED"}, ["EVENT", "REALTIME_API"], "NONE"),
        ({"REALTIME_API": "REQUIRED", "EVENT": "RECOMMENDED"}, ["REALTIME_API"], "NONE"),
        ({"REALTIME_API": "PROHIBITED"}, ["EVENT"], "NONE"),
        ({"REALTIME_API": "RECOMMENDED"}, [], "ACCEPTABLE"),
        ({}, ["EVENT"], "NONE"),
    ],
)
def test_deviation_takes_the_worst_first(says, chosen, expected):
    assert deviation(verdicts(**says), chosen) is Deviation[expected]


def test_choice_of_an_unknown_pattern_is_refused():
    with pytest.raises(Invalid, match="The choice names 'FAX'"):
        deviation({}, ["FAX"])


@pytest.mark.parametrize(
    ("verdict", "gap"),
    [("RECOMMENDED", False), ("REQUIRED", False), ("DISCOURAGED", True), ("PROHIBITED", True)],
)
def test_policy_gap_is_the_lack_of_anything_wanted(verdict, gap):
    assert policy_gap(verdicts(EVENT=verdict)) is gap


def test_every_pattern_has_its_own_label():
    assert len({label for _, label in PATTERN_CHOICES}) == len(Pattern)
    assert Pattern.HL7_FHIR_MEDIATION.label == "HL7/FHIR mediation"
