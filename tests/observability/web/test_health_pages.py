"""The health pages: who sees which probes, how they stand, and what may be done with them."""

from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from observability.domain.rollups import roll_up
from observability.domain.sweeping import run_due
from observability.models import Probe

HEALTH = "/health/"
FORM = {
    "kind": "http", "name": "Health", "address": "http://127.0.0.1:8101/", "method": "GET", "interval_s": "30",
    "timeout_s": "5", "expect_status": "200, 204", "grace_s": "0",
}  # fmt: skip


def fragment(key: str) -> str:
    return reverse("observability:interface-health", kwargs={"key": key})


def test_the_interface_part_shows_state_latency_and_uptime(estate, ada, as_user, server):
    probe = estate.probe(estate.interface(), server.url("/status/503"))
    estate.measure(probe, [12.0, 13.0, 14.0], at=timezone.now())
    run_due(now=timezone.now(), limit=10)
    roll_up(now=timezone.now())
    page = as_user(ada).get(fragment("IF-SUR-001"))
    text = page.content.decode()
    assert page.status_code == 200
    assert 'hx-trigger="every 10s"' in text
    assert "Down" in text
    assert "75 %" in text
    assert "127.0.0.1" not in text


def test_an_outsider_finds_nothing_and_a_visitor_signs_in(estate, cast, as_user):
    probe = estate.probe(estate.interface())
    for url in (fragment("IF-SUR-001"), reverse("observability:probe", kwargs={"pk": probe.pk})):
        assert as_user(cast("eve")).get(url).status_code == 404
        assert as_user(None).get(url).status_code == 302


@pytest.mark.parametrize("number", [1, 3])
def test_lists_cost_the_same_whatever_their_length(estate, ada, as_user, number, django_assert_num_queries):
    interface = estate.interface()
    for index in range(number):
        estate.probe(interface, name=f"Probe {index}")
    browser = as_user(ada)
    headers = {"HX-Request": "true"}
    browser.get(HEALTH, headers=headers)
    with django_assert_num_queries(7):
        assert f"of {number} probes" in browser.get(HEALTH, headers=headers).content.decode()
    with django_assert_num_queries(11):
        browser.get(fragment("IF-SUR-001"), headers=headers)


def test_the_list_filters_sorts_and_exports(estate, cast, as_user):
    estate.probe(estate.interface(1), name="One")
    estate.probe(estate.interface(2, provider=estate.warehouse), name="Two")
    Probe.objects.filter(name="Two").update(state="DOWN")
    browser = as_user(cast("gus"))
    down = browser.get(HEALTH, {"state": "DOWN"}).content.decode()
    assert ("Two" in down, "IF-SUR-001" in down) == (True, False)
    assert "IF-SUR-002" not in browser.get(HEALTH, {"domain": "CLINICAL"}).content.decode()
    lines = b"".join(browser.get(HEALTH, {"format": "csv", "sort": "interface"})).decode().splitlines()
    assert [line.split(",")[:2] for line in lines[1:]] == [["IF-SUR-001", "One"], ["IF-SUR-002", "Two"]]


def test_an_architect_registers_by_form_and_reads_refusals_beside_the_field(estate, ada, as_user):
    estate.interface()
    browser, url = as_user(ada), reverse("observability:register-probe", kwargs={"key": "IF-SUR-001"})
    refused = browser.post(url, FORM | {"address": "http://169.254.169.254/"})
    assert refused.status_code == 400
    assert "never connected to" in refused.content.decode()
    assert browser.post(url, FORM | {"expect_status": "ok"}).status_code == 400
    assert not Probe.objects.exists()
    made = browser.post(url, FORM)
    probe = Probe.objects.get()
    assert (made.status_code, made["Location"]) == (302, reverse("observability:probe", kwargs={"pk": probe.pk}))
    assert (probe.interval_s, probe.expect_status) == (30, [200, 204])


def test_who_may_not_watch_is_refused(estate, cast, as_user):
    probe = estate.probe(estate.interface())
    browser = as_user(cast("uma"))
    assert browser.get(reverse("observability:register-probe", kwargs={"key": "IF-SUR-001"})).status_code == 403
    assert browser.post(reverse("observability:pause-probe", kwargs={"pk": probe.pk})).status_code == 403
    assert Probe.objects.get().enabled


def test_a_probe_page_shows_checks_changes_and_the_address_to_those_who_may(estate, cast, ada, as_user, server):
    probe = estate.probe(estate.interface(), server.url("/status/503"))
    run_due(now=timezone.now(), limit=10)
    url = reverse("observability:probe", kwargs={"pk": probe.pk})
    architect, officer = as_user(ada).get(url).content.decode(), as_user(cast("pam")).get(url).content.decode()
    assert "503" in architect
    assert ("/status/503" in architect, "/status/503" in officer) == (False, True)
    series = as_user(ada).get(reverse("observability:probe-series", kwargs={"pk": probe.pk}), {"hours": "1"}).json()
    assert [point["down"] for point in series["points"]] == [1]
    assert (
        as_user(ada).get(reverse("observability:probe-series", kwargs={"pk": probe.pk}), {"hours": "2"}).status_code
        == 400
    )


def test_pause_and_resume_by_button(estate, ada, as_user):
    probe = estate.probe(estate.interface())
    browser = as_user(ada)
    browser.post(reverse("observability:pause-probe", kwargs={"pk": probe.pk}), {"reason": "upgrade"})
    assert "Paused" in browser.get(fragment("IF-SUR-001")).content.decode()
    browser.post(reverse("observability:resume-probe", kwargs={"pk": probe.pk}))
    assert Probe.objects.get().enabled


def test_home_tells_what_is_down(estate, ada, as_user):
    url = reverse("observability:home-fragment")
    assert "watched yet" in as_user(ada).get(url).content.decode()
    estate.probe(estate.interface())
    assert "Nothing is down" in as_user(ada).get(url).content.decode()
    Probe.objects.update(state="DOWN")
    assert "IF-SUR-001" in as_user(ada).get(url).content.decode()
