"""Risk is raised by rules with their reasons, and lowered by nobody."""

import pytest

from approvals.domain.requests import ItemSpec, open_change, revise_change
from approvals.domain.scoring import score_of, team_scores
from approvals.models import ChangeRequest
from catalog.models import Interface
from tests.factories import approvals as make
from tests.factories import classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


def draft(cast, *, at, **values):
    interface = Interface.objects.with_parties().get()
    said = {"title": "More", "reason": "Growth", "backout": "Set it back.", **values}
    items = [ItemSpec(interface, "UPDATE", said.pop("patch", {"volume_day": 450}))]
    return open_change(change_type="MODIFY", items=items, now=at, actor=cast("ada"), **said)


def raised(change):
    return [(one["rule"], one["raises"], one["to"]) for one in change.risk_raised.get("because", [])]


def test_what_the_interface_is_and_what_is_missing_raise_the_risk(cast):
    make.interface_in_force(cast)
    change = draft(cast, at=cast.now, likelihood=1, impact=2, backout="")
    assert raised(change) == [("R-01", "impact", 4), ("R-06", "impact", 5)]
    assert (change.risk, change.risk_score) == (5, 5)
    revise_change(change, backout="Set it back.", impact=1, now=cast.now, actor=cast("ada"))
    change.refresh_from_db()
    assert (change.impact, raised(change), change.risk, change.risk_score) == (1, [("R-01", "impact", 4)], 4, 4)


def test_a_declared_risk_above_the_rules_stays(cast):
    make.interface_in_force(cast, "IF-SUR-004")
    change = draft(cast, at=cast.now, likelihood=5, impact=5)
    assert (change.risk_raised, change.risk_score) == ({}, 25)


def test_what_failed_before_raises_the_next(cast):
    interface = make.interface_in_force(cast, "IF-SUR-004")
    at = cast.now + 10 * classes.DAY
    failed = classes.closed_change(cast, interface, "FAILED_BACKED_OUT", at=at, volume_day=500)
    change = draft(cast, at=at + 20 * classes.DAY, likelihood=1, impact=2)
    assert raised(change) == [("R-05", "likelihood", 4), ("R-07", "likelihood", 5)]
    because = [one["reason"] for one in change.risk_raised["because"]]
    assert because == ["1 of the team's last 1 changes failed", f"the change before it, {failed.key}, failed"]
    assert ChangeRequest.objects.get(pk=change.pk).risk_score == 10


def test_scores_follow_the_outcome_and_the_incidents_caused(cast):
    assert [score_of(one) for one in ("SUCCESSFUL", "SUCCESSFUL_WITH_ISSUES", "FAILED_BACKED_OUT")] == [3, -2, -5]
    assert score_of("SUCCESSFUL_WITH_ISSUES", p1=1, p2=1, p3=2) == -21


def test_a_teams_record_counts_its_window(cast):
    interface = make.interface_in_force(cast, "IF-SUR-004")
    at = cast.now + 10 * classes.DAY
    first = classes.closed_change(cast, interface, at=at, volume_day=500)
    classes.closed_change(cast, interface, "FAILED_BACKED_OUT", at=at + 10 * classes.DAY, volume_day=600)
    now = at + 30 * classes.DAY
    record = team_scores(now=now, window=90 * classes.DAY)[0]
    assert (record.team, record.score, record.closed, record.failed) == (first.team, -2, 2, 1)
    assert (record.failure_share, dict(record.classes)["Normal"]) == (0.5, 2)
    assert team_scores(now=now, window=1 * classes.DAY) == []
