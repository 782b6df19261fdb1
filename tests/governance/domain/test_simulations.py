"""Past requests asked of a draft: on the facts and under the versions of then, with figures that a rule moves."""

import datetime as dt

import pytest

from governance.domain.measures import Question, Versions, measured, replay_measures
from governance.domain.simulations import ask_simulation, simulation_of
from governance.kernel.errors import Invalid, NotAllowed, WrongState
from governance.models import DecisionTable
from tests.factories import approvals as changes
from tests.factories import policies as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
DAY = dt.timedelta(days=1)


def simulated(cast, table, actor="jo", **said):
    job = ask_simulation(table, **said, now=cast.now, actor=cast(actor))
    make.run_jobs(cast)
    job.refresh_from_db()
    assert job.state == "DONE", job.error
    return job.result


def owner_rule(policy, **values):
    then = next(rule for rule in policy["approval"]["rules"] if rule["id"] == "A02")["then"] | values
    return {"A02": {"then": then}}


def test_draft_that_says_the_same_changes_nothing_and_one_rule_moves_the_figures(cast, policy):
    changes.asked_change(cast)
    same = simulated(cast, make.draft(cast, policy, "approval", "1.1"))
    assert same["counts"] == {"asked": 1, "changed": 0}
    earlier = simulated(cast, make.draft(cast, policy, "approval", "1.2", **owner_rule(policy, lead_h=400)))
    assert earlier["counts"] == {"asked": 1, "changed": 1, "APPROVAL": 1}


def test_who_would_have_decided_is_told_with_the_request_and_its_page(cast, policy):
    change = changes.asked_change(cast)
    board = {"roles": ["CLINICAL_IT", "ERP", "SECURITY"], "mode": "GROUP", "quorum": 2}
    result = simulated(cast, make.draft(cast, policy, "approval", **owner_rule(policy, **board)))
    row = result["rows"][0]
    told = row["differences"][0]
    assert (row["key"], row["url"], "asked by Ada" in row["note"]) == (change.key, f"/changes/{change.key}/", True)
    assert "interface owner" in told["before"]
    assert "2 of 3 seats" in told["after"]
    assert "2 of 3 seats" not in told["before"]
    assert "A02" in told["rules"]


def test_decisions_are_asked_of_a_draft_of_decision_rights(cast, policy):
    changes.asked_change(cast)
    right = {"then": {"decider": "SECURITY_OFFICER", "forum": "ASYNC_REVIEW"}}
    result = simulated(cast, make.draft(cast, policy, "decision_rights", D5=right, D6=right, D7=right, D8=right))
    assert result["counts"] == {"asked": 1, "changed": 1, "DECIDER": 1}
    row = result["rows"][0]
    assert (row["key"], row["differences"][0]["after"]) == ("IF-SUR-001", "Security officer, async review")


def test_prohibition_moves_the_decision_and_what_the_change_needs(cast, policy):
    change = changes.asked_change(cast)
    pattern = change.items.get().interface.patterns[0]
    prohibited = {"P90": {"when": {"tier": "<=4"}, "then": {"pattern": pattern, "verdict": "PROHIBITED"}}}
    result = simulated(cast, make.draft(cast, policy, "pattern_verdict", **prohibited))
    by_key = {row["key"]: {one["aspect"]: one["after"] for one in row["differences"]} for row in result["rows"]}
    assert by_key["IF-SUR-001"]["CONFORMANCE"] == "PROHIBITED"
    assert by_key["IF-SUR-001"]["DECIDER"] == "Integration governance board, board meeting"
    assert "4 of 5 seats" in by_key[change.key]["APPROVAL"]


def test_requests_are_judged_under_the_versions_of_then(cast, policy):
    """A version that came into force since is not what they are compared with."""
    changes.asked_change(cast)
    make.into_force(cast, make.draft(cast, policy, "approval", "1.1", **owner_rule(policy, lead_h=400)), at=cast.now)
    assert simulated(cast, make.draft(cast, policy, "approval", "1.2"))["counts"]["changed"] == 0
    again = make.draft(cast, policy, "approval", "1.3", **owner_rule(policy, lead_h=400))
    assert simulated(cast, again)["counts"]["changed"] == 1


def test_period_holds_its_first_and_last_day(cast, policy):
    changes.asked_change(cast)
    today, table = cast.now.date(), make.draft(cast, policy, "approval")
    assert simulated(cast, table, since=today, until=today)["counts"]["asked"] == 1
    assert simulated(cast, table, since=today - 9 * DAY, until=today - DAY)["counts"]["asked"] == 0
    with pytest.raises(Invalid):
        ask_simulation(table, since=today, until=today - DAY, now=cast.now, actor=cast("jo"))


def test_newest_one_of_the_version_is_shown(cast, policy):
    table = make.draft(cast, policy, "approval")
    assert simulation_of(table) is None
    simulated(cast, table)
    assert simulation_of(table).result["counts"]["asked"] == 0
    assert simulation_of(make.draft(cast, policy, "approval", "1.2")) is None


def test_who_may_and_of_what(cast, policy):
    with pytest.raises(WrongState):
        ask_simulation(DecisionTable.objects.active().get(key="approval"), now=cast.now, actor=cast("jo"))
    with pytest.raises(NotAllowed):
        ask_simulation(make.draft(cast, policy, "approval"), now=cast.now, actor=cast("uma"))


@pytest.mark.parametrize("key", ["approval", "pattern_verdict"])
def test_costs_the_same_for_one_request_and_for_three(cast, policy, key, django_assert_num_queries):
    table, asked = make.draft(cast, policy, key), {}
    period = {"since": cast.now - DAY, "until": cast.now + DAY}
    for number, name in enumerate(("IF-SUR-001", "IF-SUR-002", "IF-SUR-003"), start=1):
        changes.asked_change(cast, name)
        if number in (1, 3):
            with django_assert_num_queries(asked.get("queries", 99), exact=False) as found:
                seen = measured(replay_measures(key), Question(table, Versions(table), **period))
            assert len([one for one in seen if one.type == "approvals.changerequest"]) == number
            asked.setdefault("queries", len(found))
