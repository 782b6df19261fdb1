"""The impact of a draft: by name, by rule, bound to the draft's content, and the same number of questions for many."""

import datetime as dt
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from governance.domain.impacts import ask_impact, impact_findings, impact_said, impact_sentence
from governance.domain.measures import Question, Versions, impact_measures, measured
from governance.domain.reports import report_for
from governance.kernel.errors import Invalid, NotAllowed, WrongState
from governance.models import DecisionRule, DecisionTable
from tests.factories import approvals as changes
from tests.factories import catalog
from tests.factories import policies as make

pytestmark = pytest.mark.django_db
#: Events are forbidden to what must be there within an hour: an edit of one rule of T1.
NO_EVENTS = {"P05": {"then": {"pattern": "EVENT", "verdict": "PROHIBITED"}, "note": "The event hub is retired."}}


@pytest.fixture
def stories(cast, seed_tables):
    cast.board()
    return catalog.register_stories(cast)


def impact_of(cast, table, actor="jo", **said) -> dict[str, Any]:
    job = ask_impact(table, **said, now=cast.now, actor=cast(actor))
    make.run_jobs(cast)
    job.refresh_from_db()
    assert job.state == "DONE", job.error
    table.refresh_from_db()
    return table.impact


def row_of(impact, key):
    return next(row for row in impact["rows"] if row["key"] == key)


def said_of(impact, key, aspect):
    return [one for one in row_of(impact, key)["differences"] if one["aspect"] == aspect]


def test_one_rule_edited_names_the_interfaces_that_would_not_conform(cast, policy, stories):
    impact = impact_of(cast, make.draft(cast, policy, "pattern_verdict", **NO_EVENTS), effective_on=dt.date(2026, 7, 1))
    grave = {row["key"] for row in impact["rows"] if any(one["grave"] for one in row["differences"])}
    asked = {
        key for key, one in stories.items()
        if one.interaction == "NOTIFICATION" and one.latency_s <= 300 and one.fan_out >= 2 and "EVENT" in one.patterns
    }  # fmt: skip
    assert grave == asked != set()
    assert impact["counts"]["NON_CONFORMING"] == len(grave)
    noun = "interface" if len(grave) == 1 else "interfaces"
    assert impact_sentence(impact) == f"{len(grave)} {noun} would become non-conforming on 1 July 2026."
    told = said_of(impact, min(grave), "CONFORMANCE")[0]
    assert (told["before"], told["after"], told["grave"]) == ("NONE", "PROHIBITED", "NON_CONFORMING")
    assert "P05" in told["rules"]
    assert "The event hub is retired." in told["why"]


def test_prohibition_moves_the_decision_to_the_board_and_its_vote_to_the_changes(cast, policy, stories):
    impact = impact_of(cast, make.draft(cast, policy, "pattern_verdict", **NO_EVENTS))
    key = next(row["key"] for row in impact["rows"] if any(one["grave"] for one in row["differences"]))
    right = said_of(impact, key, "DECIDER")[0]
    assert (right["after"], right["rules"]) == ("Integration governance board, board meeting", ["D1"])
    modified = next(one for one in said_of(impact, key, "APPROVAL") if one["label"] == "normal, modify")
    assert "4 of 5 seats, veto SECURITY" in modified["after"]
    assert "4 of 5 seats" not in modified["before"]
    assert "A08" in modified["rules"]


def test_rule_lifted_lets_them_conform_again(cast, policy, seed_tables):
    catalog.story_interface(cast, "IF-ONB-005")
    prohibiting = {"P13": None, "P12": None, "P20": None, "P22": None}
    impact = impact_of(cast, make.draft(cast, policy, "pattern_verdict", **prohibiting))
    told = said_of(impact, "IF-ONB-005", "CONFORMANCE")[0]
    assert (told["before"], told["grave"]) == ("PROHIBITED", "CONFORMING")
    assert impact["counts"]["CONFORMING"] == 1
    assert impact_sentence(impact).endswith("1 interface would conform again.")


def test_other_decider_of_t2_and_other_obligation_of_t3_are_told_with_their_rule(cast, policy, stories):
    right = {"D6": {"then": {"decider": "SECURITY_OFFICER", "forum": "ASYNC_REVIEW"}}}
    impact = impact_of(cast, make.draft(cast, policy, "decision_rights", **right))
    told = [one for row in impact["rows"] for one in row["differences"]]
    assert {(one["before"], one["after"], *one["rules"]) for one in told} == {
        ("Design authority, async review", "Security officer, async review", "D6")
    }
    stricter = dict(policy["resilience"]["rules"][1]["then"]) | {"rto_min": 240}
    impact = impact_of(cast, make.draft(cast, policy, "resilience", R1={"then": stricter}))
    told = [one for row in impact["rows"] for one in row["differences"]]
    assert {(one["label"], one["before"], one["after"], *one["rules"]) for one in told} == {
        ("rto_min", "360", "240", "R1")
    }
    assert (
        len(impact["rows"])
        == len([one for one in stories.values() if one.tier == 1])
        == impact["counts"]["OBLIGATIONS"]
    )


def test_t4_tells_of_interfaces_of_requests_without_one_and_of_changes_under_way(cast, policy, seed_tables):
    change = changes.asked_change(cast)
    financial = dict(policy["approval"]["rules"][1]["then"]) | {"lead_h": 48}
    full = next(rule for rule in policy["approval"]["rules"] if rule["id"] == "A16")["then"] | {"quorum": 3}
    impact = impact_of(cast, make.draft(cast, policy, "approval", A02={"then": financial}, A16={"then": full}))
    policies = said_of(impact, "Policy", "APPROVAL")[0]
    assert (policies["before"][:12], policies["after"][:12]) == ("4 of 5 seats", "3 of 5 seats")
    assert policies["rules"] == ["A16"]
    # The 72 h of other rules outlast the 48 h, for the interface and for the change under way.
    assert {row["key"] for row in impact["rows"]} == {"Policy", "Middleware", "Cutover"}
    longer = dict(financial) | {"lead_h": 96}
    impact = impact_of(cast, make.draft(cast, policy, "approval", "1.2", A02={"then": longer}))
    assert "96 h ahead" in said_of(impact, change.key, "APPROVAL")[0]["after"]
    assert {one["label"] for one in said_of(impact, "IF-SUR-001", "APPROVAL")} >= {"normal, modify"}


def test_impact_is_of_one_content_and_of_one_version_in_force(cast, policy, stories):
    table = make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)
    assert [one.code for one in impact_findings(table)] == ["IMPACT_MISSING"]
    impact_of(cast, table)
    assert impact_findings(table) == []
    DecisionRule.objects.filter(table=table, rule_id="P01").update(when={"interaction": '"QUERY"', "latency_s": "<=6"})
    assert [one.code for one in impact_findings(table)] == ["IMPACT_STALE"]
    impact_of(cast, table)
    assert impact_findings(table) == []
    make.into_force(cast, make.draft(cast, policy, "pattern_verdict", "1.2", P01=None), at=cast.now)
    assert [one.code for one in impact_findings(table)] == ["IMPACT_STALE"]


def test_publication_keeps_whether_the_impact_was_of_its_content(cast, policy, stories):
    table = make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)
    assert impact_said(table) == {"computed": False, "of_this_content": False, "findings": ["IMPACT_MISSING"]}
    impact = impact_of(cast, table)
    said = impact_said(table)
    assert (said["of_this_content"], said["counts"], said["against"]) == (True, impact["counts"], "1.0")


def test_draft_edited_while_its_impact_is_computed_keeps_none(cast, policy, stories):
    table = make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)
    ask_impact(table, now=cast.now, actor=cast("jo"))
    DecisionRule.objects.filter(table=table, rule_id="P01").delete()
    job = make.run_jobs(cast)[0]
    table.refresh_from_db()
    assert (job.state, table.impact) == ("FAILED", {})
    assert "was edited while its impact was computed" in job.error


def test_what_will_have_ended_by_the_day_is_left_out(cast, policy, stories):
    table = make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)
    before = impact_of(cast, table)["counts"]
    for one in stories.values():
        type(one).objects.filter(pk=one.pk).update(sunset_on=dt.date(2026, 6, 30))
    after = impact_of(cast, table, effective_on=dt.date(2026, 7, 1))["counts"]
    assert (before["asked"], after["asked"]) == (len(stories), 0)


def test_who_may_ask_and_of_what(cast, policy, stories):
    table = make.draft(cast, policy, "pattern_verdict", **NO_EVENTS)
    for name in ("abe", "gus", "eve"):
        with pytest.raises(NotAllowed):
            ask_impact(table, now=cast.now, actor=cast(name))
    in_force = DecisionTable.objects.active().get(key="pattern_verdict")
    with pytest.raises(WrongState):
        ask_impact(in_force, now=cast.now, actor=cast("jo"))
    with pytest.raises(Invalid) as refused:
        ask_impact(table, effective_on=dt.date(2026, 5, 25), now=cast.now, actor=cast("jo"))
    assert "effective_on" in refused.value.errors


def test_reader_sees_only_the_rows_of_interfaces_that_they_may_see(cast, policy, stories):
    impact = impact_of(cast, make.draft(cast, policy, "pattern_verdict", **NO_EVENTS))
    everything, nothing = report_for(cast("jo"), impact), report_for(cast("eve"), impact)
    assert (len(everything.rows), everything.hidden) == (impact["counts"]["changed"], 0)
    assert (nothing.rows, nothing.hidden) == ([], impact["counts"]["changed"])
    grave = report_for(cast("jo"), impact, what="NON_CONFORMING")
    assert len(grave.rows) == impact["counts"]["NON_CONFORMING"]


@pytest.mark.parametrize("key", ["pattern_verdict", "approval"])
def test_two_hundred_interfaces_cost_as_many_questions_as_two(cast, policy, seed_tables, key):
    table = make.draft(cast, policy, key)
    counted = {}
    source, target = catalog.system(cast, "ehr-a"), catalog.system(cast, "lab-a")
    made = 0
    for upto in (2, 200):
        for number in range(made + 1, upto + 1):
            catalog.interface(cast, f"IF-LAB-{number:03d}", source=source, target=target)
        made = upto
        with CaptureQueriesContext(
            connection,
        ) as asked:
            seen = measured(impact_measures(key), Question(table, Versions(table)))
        counted[upto] = (len(asked), len([one for one in seen if one.type == "catalog.interface"]))
    assert (counted[2][1], counted[200][1]) == (2, 200)
    assert counted[2][0] == counted[200][0]
