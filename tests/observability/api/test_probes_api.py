"""Programs register probes, read them and send heartbeats."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone

from observability.models import Probe

PROBES = "/api/v1/probes/"


def new_probe(**said) -> dict:
    return {"interface": "IF-SUR-001", "kind": "http", "name": "Health", "address": "http://127.0.0.1:8101/"} | said


def test_an_architect_registers_a_probe_whose_address_never_goes_out(estate, ada, api):
    estate.interface()
    answer = api(ada).post(PROBES, new_probe(interval_s=30), format="json")
    assert answer.status_code == 201, answer.content
    assert (answer.json()["interface"], answer.json()["interval_s"]) == ("IF-SUR-001", 30)
    assert "8101" not in answer.content.decode()
    again = api(ada).get(answer["Location"])
    assert (again.status_code, again["ETag"]) == (200, answer["ETag"])


@pytest.mark.parametrize(
    ("wrong", "status", "code"),
    [
        ({"address": "http://169.254.169.254/latest/"}, 422, "FORBIDDEN_TARGET"),
        ({"address": "http://10.0.0.1/"}, 422, "FORBIDDEN_TARGET"),
        ({"surprise": 1}, 400, "INVALID"),
        ({"interval_s": "soon"}, 400, "INVALID"),
        ({"endpoint": "5b2f8f2e-0000-4000-8000-000000000000"}, 400, "INVALID"),
        ({"interface": "IF-SUR-999"}, 404, "NOT_FOUND"),
    ],
)
def test_a_wrong_probe_is_a_named_refusal_and_nothing_is_written(estate, ada, api, wrong, status, code):
    estate.interface()
    answer = api(ada).post(PROBES, new_probe(**wrong), format="json")
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert not Probe.objects.exists()


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_whatever_its_length(estate, ada, api, number, django_assert_num_queries):
    for index in range(number):
        estate.probe(estate.interface(index))
    program = api(ada)
    program.get(PROBES)
    with django_assert_num_queries(5):
        assert len(program.get(PROBES).json()["results"]) == number


def test_only_visible_probes_are_listed_and_filters_narrow_them(estate, cast, ada, api):
    mine = estate.probe(estate.interface(1))
    estate.probe(estate.interface(2, provider=estate.warehouse))
    assert [row["id"] for row in api(ada).get(PROBES).json()["results"]] == [str(mine.pk)]
    assert len(api(cast("gus")).get(PROBES, {"domain": "ANALYTICS"}).json()["results"]) == 1
    assert api(cast("gus")).get(PROBES, {"state": "UP"}).json()["results"] == []
    assert api(cast("eve")).get(f"{PROBES}{mine.pk}/").status_code == 404
    assert api(ada).get(PROBES, {"colour": "red"}).json()["code"] == "UNKNOWN_PARAMETER"


def test_measurements_come_newest_first_by_cursor(estate, ada, api, now):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [1.0, 2.0, None, 4.0], at=now)
    program, url = api(ada), f"{PROBES}{probe.pk}/measurements/"
    first = program.get(url, {"page_size": 3}).json()
    rest = program.get(first["next"]).json()
    assert [row["latency_ms"] for row in first["results"] + rest["results"]] == [4.0, None, 2.0, 1.0]
    since = (now - dt.timedelta(seconds=60)).isoformat()
    assert len(program.get(url, {"since": since}).json()["results"]) == 2
    assert program.get(url, {"since": "yesterday"}).json()["errors"] == {
        "since": ["a time such as 2026-05-26T09:00:00Z"]
    }


def test_a_beat_needs_the_scope_and_the_sight_of_the_interface(estate, cast, api):
    probe = estate.probe(estate.interface(), "", kind="heartbeat")
    url = f"{PROBES}{probe.pk}/beat/"
    scoped = api(token=cast.token("telemetry:write", now=timezone.now()))
    assert scoped.post(url).status_code == 404
    estate.allow("pipelines", "hal", estate.clinical, "catalog.see_interfaces")
    other = api(token=cast.token("gate:read", now=timezone.now()))
    refused = other.post(url)
    assert (refused.status_code, refused.json()["code"]) == (403, "SCOPE_MISSING")
    sent = timezone.now().isoformat()
    taken = scoped.post(url, {"sent_at": sent}, format="json")
    assert taken.status_code == 200, taken.content
    assert dt.datetime.fromisoformat(taken.json()["last_beat_at"]) == dt.datetime.fromisoformat(sent)
    assert scoped.post(url).status_code == 200


def test_a_beat_to_an_http_probe_is_refused(estate, cast, api):
    probe = estate.probe(estate.interface())
    estate.allow("pipelines", "hal", estate.clinical, "catalog.see_interfaces")
    answer = api(token=cast.token("telemetry:write", now=timezone.now())).post(f"{PROBES}{probe.pk}/beat/")
    assert (answer.status_code, answer.json()["code"]) == (400, "NOT_A_HEARTBEAT")
