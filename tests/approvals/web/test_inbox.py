"""The inbox: what is asked of me and why, who keeps me waiting, which of my votes no longer count."""

import datetime as dt

import pytest
from django.utils import timezone

from approvals.domain.recusing import recuse
from approvals.domain.requests import revise_change
from approvals.models import ChangeRequest
from governance.domain.delegating import delegate
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/inbox/"


@pytest.fixture
def now():
    return timezone.now().replace(microsecond=0)


def keys(response):
    return [row.change.key for row in response.context["rows"]]


def counts(response):
    return [label.rsplit(" ", 1)[1] for _, label in response.context["sections"]]


def lent(cast, giver, taker):
    until = cast.now + dt.timedelta(days=3)
    return delegate(
        cast(giver),
        taker=cast(taker),
        starts_at=cast.now,
        ends_at=until,
        reason="Away",
        now=cast.now,
        actor=cast(giver),
    )


def test_what_is_asked_of_me_says_in_which_role_and_by_which_rule(cast, as_user):
    change = make.asked_change(cast)
    shown = as_user(cast("di")).get(URL)
    (row,) = shown.context["rows"]
    assert (row.change.key, row.waiting.standing.role, row.waiting.standing.on_behalf_of) == (
        change.key, "SECURITY", None,
    )  # fmt: skip
    assert row.because
    assert {one["rule"] for one in row.because} <= set(change.policy["rules"])
    assert (row.tier, row.phi, row.lead_left) == (change.policy["facts"]["tier"], True, change.lead_hours)
    text = shown.content.decode()
    assert f'href="/changes/{change.key}/#yours"' in text
    assert row.because[0]["rule"] in text
    assert counts(shown) == ["1", "0", "0"]


def test_a_delegate_is_asked_in_anothers_place_and_both_names_are_shown(cast, as_user):
    make.asked_change(cast)
    lent(cast, "di", "pam")
    shown = as_user(cast("pam")).get(URL)
    (row,) = shown.context["rows"]
    assert row.waiting.standing.on_behalf_of == cast("di")
    assert "Pam for Di" in shown.content.decode()
    assert "Pam may act for you" in as_user(cast("di")).get(URL).content.decode()


def test_who_has_spoken_or_is_shut_out_is_not_asked(cast, as_user):
    change = make.asked_change(cast)
    lent(cast, "ed", "pam")
    assert keys(as_user(cast("pam")).get(URL)) == [change.key]
    recuse(change, reason="My own vendor", now=cast.now, actor=cast("ed"))
    make.vote(cast, change, "di")
    for name in ("ed", "pam", "di", "ada", "max", "eve"):
        assert keys(as_user(cast(name)).get(URL)) == [], name


def test_authors_see_who_is_missing_and_why(cast, as_user):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    (row,) = as_user(cast("ada")).get(f"{URL}waiting/").context["rows"]
    missing = {seat.role: (seat.who, seat.standing) for need in row.missing for seat in need.seats}
    assert "SECURITY" not in missing
    assert missing["INTERFACE_OWNER"] == (["Abe"], "WAITING")
    assert missing["CLINICAL_IT"] == (["Bo", "Rae (for Bo)"], "WAITING")
    assert keys(as_user(cast("ada")).get(URL)) == []
    assert keys(as_user(cast("uma")).get(f"{URL}waiting/")) == []


def test_missing_people_are_those_that_the_change_page_names(cast, as_user):
    """The page's roster is read at once; it names whom the change's own page names."""
    change = make.asked_change(cast)
    lent(cast, "abe", "sam")
    ada = as_user(cast("ada"))
    (row,) = ada.get(f"{URL}waiting/").context["rows"]
    listed = {need.label: [seat.who for seat in need.seats] for need in row.missing}
    own = ada.get(f"/changes/{change.key}/").context["needs"]
    assert listed == {
        str(need["requirement"]): [seat.who for seat in need["seats"] if seat.standing in ("WAITING", "NOBODY")]
        for need in own
        if need["requirement"].status == "UNSATISFIED"
    }


def test_a_revision_moves_a_vote_to_the_stale_ones_until_it_is_cast_again(cast, as_user):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    di = as_user(cast("di"))
    assert counts(di.get(URL)) == ["0", "0", "0"]
    revise_change(ChangeRequest.objects.get(), backout="Back", now=cast.now, actor=cast("ada"))
    shown = di.get(f"{URL}stale/")
    assert (keys(shown), counts(shown)) == ([change.key], ["1", "0", "1"])
    make.vote(cast, change, "di")
    assert counts(di.get(URL)) == ["0", "0", "0"]


def test_sorting_filtering_and_paging_are_in_the_address(cast, as_user):
    first = make.asked_change(cast)
    second = make.asked_change(cast, "IF-SUR-004")
    ChangeRequest.objects.filter(pk=second.pk).update(risk_score=25, lead_hours=1)
    di = as_user(cast("di"))
    assert keys(di.get(URL)) == [second.key, first.key]
    assert keys(di.get(f"{URL}?sort=-lead")) == [first.key, second.key]
    for sort in ("key", "-risk", "window", "tier", "class"):
        assert set(keys(di.get(f"{URL}?sort={sort}"))) == {first.key, second.key}
    assert keys(di.get(f"{URL}?sort=-risk")) == [second.key, first.key]
    assert keys(di.get(f"{URL}?q={first.key}")) == [first.key]
    assert keys(di.get(f"{URL}?class=EMERGENCY")) == []
    assert counts(di.get(f"{URL}?class=EMERGENCY")) == ["2", "0", "0"]


def test_home_and_every_page_lead_to_the_inbox(cast, as_user):
    make.asked_change(cast)
    assert 'href="/inbox/"' in as_user(cast("di")).get("/").content.decode()
    assert as_user(None).get(URL).status_code == 302


@pytest.mark.parametrize("tab", ["", "waiting/", "stale/"])
def test_a_tab_costs_the_same_with_one_change_and_with_three(cast, as_user, django_assert_num_queries, tab):
    client = as_user(cast("ada" if tab == "waiting/" else "di"))
    revised_change(cast, "IF-SUR-007")
    client.get(URL + tab)
    with django_assert_num_queries(QUERIES[tab]):
        assert len(keys(client.get(URL + tab))) == 1
    revised_change(cast, "IF-SUR-001")
    revised_change(cast, "IF-SUR-004")
    with django_assert_num_queries(QUERIES[tab]):
        assert len(keys(client.get(URL + tab))) == 3


QUERIES = {"": 39, "waiting/": 39, "stale/": 33}


def revised_change(cast, key):
    change = make.asked_change(cast, key)
    make.vote(cast, change, "di")
    revise_change(change, backout="Back", now=cast.now, actor=cast("ada"))
