"""The executive's scorecard: figures from rows, with n, and the way to the rows."""

from __future__ import annotations

import datetime as dt
import re
from html import unescape

import pytest
from django.utils import timezone

from approvals.models import ChangeItem, ChangeRequest
from observability.models import Measurement, Probe

SCORECARD = "/health/scorecard/"


def tile(text: str, key: str) -> str:
    return re.search(rf'data-kpi="{key}".*?</section>', text, re.S)[0]


def test_without_rows_it_says_what_is_missing_and_gives_no_figure(estate, cast, as_user):
    text = as_user(cast("ivy")).get(SCORECARD).content.decode()
    assert text.count("insufficient data") == 4
    assert "no active products" in text


def test_the_figure_on_the_page_moves_with_one_measurement(estate, cast, as_user):
    probe = estate.probe(estate.interface())
    estate.measure(probe, [10.0] * 20, at=timezone.now())
    browser = as_user(cast("ivy"))
    assert "100 <small>%" in tile(browser.get(SCORECARD).content.decode(), "probe_availability")
    Measurement.objects.filter(pk=Measurement.objects.first().pk).update(state="DOWN")
    moved = tile(browser.get(SCORECARD).content.decode(), "probe_availability")
    assert "95 <small>%" in moved
    assert "n = 20, 90 days, all" in moved
    assert 'href="/health/?window=90d"' in moved


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


def change(estate, number: int, interface, **moments) -> None:
    made = ChangeRequest.objects.create(
        key=f"CR-2026-{number:04d}", change_type="MODIFY", title="Change", reason="because",
        requester=estate.cast.clock, responsible=estate.cast.clock, revision_hash="h", authorised_hash="h", **moments,
    )  # fmt: skip
    ChangeItem.objects.create(change=made, operation="UPDATE", interface=interface, base_revision=1)


def followed(browser, key: str, **asked: str) -> str:
    """The page that a tile's label leads to."""
    href = re.search(r'href="([^"]+)"', tile(browser.get(SCORECARD, asked).content.decode(), key))[1]
    return browser.get(unescape(href)).content.decode()


def test_the_lead_time_leads_to_exactly_the_changes_that_it_counts(estate, cast, as_user):
    now, day = timezone.now(), dt.timedelta(days=1)
    clinical, other = estate.interface(1), estate.interface(2, provider=estate.warehouse)
    for number, interface, ended in ((1, clinical, day), (2, other, day), (3, clinical, 20 * day)):
        moments = {"submitted_at": now - ended - 2 * day, "implemented_at": now - ended}
        change(estate, number, interface, state="CLOSED", authorised_at=now - ended - day / 2, **moments)
    change(estate, 4, clinical, state="AUTHORIZE", submitted_at=now - 3 * day)
    change(estate, 5, clinical, state="AUTHORIZE", submitted_at=now - day)
    browser = as_user(cast("ivy"))
    listed = {
        asked: re.findall(
            r"CR-2026-\d{4}", re.sub(r'href="[^"]*"', "", followed(browser, *asked[:1], **dict(asked[1:])))
        )
        for asked in (
            ("interface_change_lead_time",),
            ("interface_change_lead_time", ("window", "7d"), ("domain", "CLINICAL")),
        )
    }
    assert list(listed.values()) == [
        ["CR-2026-0004", "CR-2026-0001", "CR-2026-0002", "CR-2026-0003"], ["CR-2026-0004", "CR-2026-0001"],
    ]  # fmt: skip
    page = followed(browser, "interface_change_lead_time")
    assert page.count("open, counts against it") == 1
    assert '<td class="num">36</td>' in page
    assert "split: insufficient data, n=3 &lt; 5" in browser.get(SCORECARD).content.decode()


def test_availability_leads_to_the_probes_checked_in_its_window_and_domain(estate, cast, as_user):
    for name, number, provider, days in (("Lately", 1, None, 1), ("Before", 2, None, 20), ("Other", 3, "w", 1)):
        probe = estate.probe(estate.interface(number, provider=provider and estate.warehouse), name=name)
        Probe.objects.filter(pk=probe.pk).update(last_checked_at=timezone.now() - dt.timedelta(days=days))
    browser = as_user(cast("ivy"))

    def named(**asked: str) -> list[str]:
        rows = followed(browser, "probe_availability", **asked)
        return [name for name in ("Lately", "Before", "Other") if f">{name}</a>" in rows]

    assert named() == ["Lately", "Before", "Other"]
    assert named(window="7d") == ["Lately", "Other"]
    assert named(window="7d", domain="CLINICAL") == ["Lately"]
    assert named(interface="IF-SUR-002") == ["Before"]
