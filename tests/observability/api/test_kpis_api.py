"""The figures over REST."""

from __future__ import annotations

from django.utils import timezone

KPIS = "/api/v1/kpis/"


def test_the_scorecard_answers_with_n_and_says_what_is_missing(estate, cast, api):
    answer = api(cast("ivy")).get(KPIS)
    assert answer.status_code == 200, answer.content
    assert [row["key"] for row in answer.json()] == [
        "interface_change_lead_time", "api_reuse", "probe_availability", "probe_latency",
    ]  # fmt: skip
    assert [row["value"] for row in answer.json()] == [None] * 4
    assert answer.json()[3]["note"] == "insufficient data: n=0 < 5"


def test_one_figure_over_one_interface(estate, cast, api):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0] * 19 + [None], at=timezone.now())
    answer = api(cast("ivy")).get(f"{KPIS}probe_availability/", {"window": "7d", "interface": "IF-SUR-001"})
    assert (answer.json()["value"], answer.json()["n"], answer.json()["scope"]) == (95.0, 20, "IF-SUR-001")


def test_what_is_not_computed_here_is_refused_by_name(estate, cast, api):
    program = api(cast("ivy"))
    assert program.get(f"{KPIS}happiness/").json()["code"] == "NOT_FOUND"
    assert program.get(KPIS, {"window": "31d"}).json()["errors"] == {"window": ["one of 7d, 30d, 90d"]}
    assert program.get(KPIS, {"domain": "NOWHERE"}).status_code == 404
