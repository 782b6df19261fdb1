"""The executive's scorecard: figures from rows, with n, and the way to the rows."""

from __future__ import annotations

import re

import pytest
from django.utils import timezone

from observability.models import Measurement

SCORECARD = "/health/scorecard/"


def tile(text: str, key: str) -> str:
    return re.search(rf'data-kpi="{key}".*?</section>', text, re.S)[0]


def test_without_rows_it_says_what_is_missing_and_gives_no_figure(estate, cast, as_user):
    text = as_user(cast("ivy")).get(SCORECARD).content.decode()
    assert text.count("insufficient data") == 3
    assert "no active products" in text


def test_the_figure_on_the_page_moves_with_one_measurement(estate, cast, as_user):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0] * 20, at=timezone.now())
    browser = as_user(cast("ivy"))
    assert "100 <small>%" in tile(browser.get(SCORECARD).content.decode(), "probe_availability")
    Measurement.objects.filter(pk=Measurement.objects.first().pk).update(state="DOWN")
    moved = tile(browser.get(SCORECARD).content.decode(), "probe_availability")
    assert "95 <small>%" in moved
    assert "n = 20, 30 days, all" in moved
    assert 'href="/health/"' in moved


@pytest.mark.parametrize("number", [1, 3])
def test_it_costs_the_same_whatever_the_number_of_probes(estate, cast, as_user, number, django_assert_num_queries):
    for index in range(number):
        estate.measure(estate.probe(estate.interface(index)), [10.0] * 20, at=timezone.now())
    browser = as_user(cast("ivy"))
    browser.get(SCORECARD)
    with django_assert_num_queries(17):
        browser.get(SCORECARD, headers={"HX-Request": "true"})


def test_the_window_and_the_domain_are_the_address(estate, cast, as_user):
    browser = as_user(cast("ivy"))
    assert "7 days, domain CLINICAL" in browser.get(SCORECARD, {"window": "7d", "domain": "CLINICAL"}).content.decode()
    assert browser.get(SCORECARD, {"window": "8d"}).status_code == 400
    assert b"".join(browser.get(SCORECARD, {"format": "csv"})).decode().count("\n") == 5
    assert browser.get("/health/products/").status_code == 200
