"""What table T4 says becomes requirements; and T4 on the thirteen story interfaces."""

import json
from pathlib import Path

import pytest

from approvals.requirements import NO_RULE, Mode, RequirementPlan, RequirementSpec, merge_requirements
from governance.dmn import compile_table

DEMO = Path(__file__).resolve().parents[2] / "demo"
APPROVAL = compile_table(json.loads((DEMO / "policy/tables.json").read_text())["approval"])
STORIES = json.loads((DEMO / "stories/facts.json").read_text())
BOARD = ["CLINICAL_IT", "ERP", "SECURITY", "DATA_GOVERNANCE", "OPERATIONS"]


def plan_for(**facts) -> RequirementPlan:
    evaluation = APPROVAL.evaluate(facts)
    return merge_requirements(evaluation.output, evaluation.rules)


def row(*roles: str, mode: str = "EACH", quorum: int = 1, veto=(), lead: int = 0, evidence=()) -> dict:
    return {
        "roles": list(roles),
        "mode": mode,
        "quorum": quorum,
        "veto": list(veto),
        "lead_h": lead,
        "evidence": list(evidence),
    }


@pytest.mark.parametrize("story", STORIES, ids=[story["key"] for story in STORIES])
def test_story_is_asked_of_whom_the_board_expects(story):
    expect = story["expect"]
    change = {"change_class": "NORMAL", "change_type": "NEW_INTERFACE", "blackout": False}
    evaluation = APPROVAL.evaluate({**story["facts"], **change, "deviation": expect["deviation"]})
    plan = merge_requirements(evaluation.output, evaluation.rules)
    assert (list(evaluation.rules), list(plan.roles), plan.lead_hours, plan.error) == (
        expect["approval_rules"],
        expect["roles"],
        expect["lead_h"],
        "",
    )


def test_each_asks_every_role_and_equal_roles_merge_with_all_rules():
    plan = merge_requirements(
        [
            row("OWNER", lead=24, evidence=["tests", "backout"]),
            row("SECURITY", "OWNER", veto=["SECURITY"], lead=72, evidence=["baa", "tests"]),
            row("SECURITY", quorum=2),
        ],
        ["A1", "A2", "A3"],
    )
    assert plan == RequirementPlan(
        requirements=(
            RequirementSpec(("OWNER",), Mode.EACH, 1, (), ("A1", "A2")),
            RequirementSpec(("SECURITY",), Mode.EACH, 2, ("SECURITY",), ("A2", "A3")),
        ),
        lead_hours=72,
        evidence=("tests", "backout", "baa"),
    )


def test_group_is_one_requirement_per_rule_beside_the_same_roles_by_each():
    plan = plan_for(
        change_class="NORMAL", change_type="NEW_INTERFACE", deviation="PROHIBITED", new_technology=True, tier=1
    )
    board = tuple(BOARD)
    assert plan.requirements == (
        RequirementSpec(("INTERFACE_OWNER",), Mode.EACH, 1, (), ("A02",)),
        RequirementSpec(("CLINICAL_IT",), Mode.EACH, 1, (), ("A03",)),
        RequirementSpec(("OPERATIONS",), Mode.EACH, 1, (), ("A03",)),
        RequirementSpec(board, Mode.GROUP, 4, ("SECURITY",), ("A08",)),
        RequirementSpec(board, Mode.GROUP, 3, (), ("A10",)),
    )
    assert plan.lead_hours == 120


def test_standard_change_asks_nobody_and_is_no_error():
    plan = plan_for(change_class="STANDARD", blackout=False)
    assert plan == RequirementPlan((), 0, ("template_match", "automated_checks_pass"), "")


def test_no_rule_is_an_error_and_not_a_yes():
    assert plan_for(change_class="UNHEARD_OF") == RequirementPlan((), 0, (), NO_RULE)


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        (row("A", mode="ALL"), "Rule A9: mode must be EACH or GROUP."),
        (row("A", mode="GROUP", quorum=2), "Rule A9: a quorum of 2 cannot come from 1 roles."),
        (row("A", mode="GROUP", quorum=0), "Rule A9: a quorum of 0 cannot come from 1 roles."),
        (row("A", veto=["B"]), "Rule A9: only a role that is asked can have a veto."),
        ({**row("A"), "roles": "A"}, "Rule A9: roles must be a list of names."),
        ({**row("A"), "quorum": True}, "Rule A9: quorum and lead_h must be whole numbers from 0."),
        ({}, "Rule A9: mode must be EACH or GROUP."),
    ],
)
def test_row_that_cannot_be_understood_is_an_error_beside_the_rest(wrong, sentence):
    plan = merge_requirements([row("OWNER"), wrong], ["A1", "A9"])
    assert (plan.roles, plan.error) == (("OWNER",), sentence)
