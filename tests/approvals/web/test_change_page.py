"""The change's page: why it came to me, the vote, the refusals that lose nothing, the author's and decider's part."""

import datetime as dt

import pytest
from django.utils import timezone

from approvals.domain.requests import revise_change
from approvals.models import ChangeRequest, Vote
from tests.cast import PASSWORD
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def now():
    """Pages ask the real clock, so the cast lives today."""
    return timezone.now().replace(microsecond=0)


def page(client, change, verb="", data=None):
    address = f"/changes/{change.key}/{verb}"
    return client.post(address, data or {}) if verb else client.get(address)


def ballot(change, choice="APPROVE", **values):
    return {"choice": choice, "revision_hash": change.revision_hash, "signature": PASSWORD, **values}


def test_page_says_why_it_came_to_the_voter_and_for_whom(cast, as_user):
    change = make.asked_change(cast, evidence=make.EVIDENCE | {"backout_plan": "https://wiki.example/backout"})
    shown = page(as_user(cast("rae")), change).content.decode()
    assert "You vote as <b>Clinical IT</b> <b>for Bo</b>" in shown
    assert "It came to you by <b>A03</b>" in shown
    assert f'value="{change.revision_hash}"' in shown
    assert 'href="https://wiki.example/backout"' in shown
    assert "pieces of evidence are not given" not in shown
    assert "72 h to go" in shown


def test_page_says_why_the_author_has_no_vote(cast, as_user):
    change = make.asked_change(cast)
    shown = page(as_user(cast("ada")), change).content.decode()
    assert "those who wrote a change do not vote on it" in shown
    assert 'name="choice"' not in shown


def test_vote_from_the_page(cast, as_user):
    change = make.asked_change(cast)
    done = page(as_user(cast("di")), change, "vote/", ballot(change))
    assert (done.status_code, done.headers["Location"]) == (302, f"/changes/{change.key}/")
    assert Vote.objects.get().voter == cast("di")


def test_member_reads_who_voted_in_their_place(cast, as_user):
    change = make.asked_change(cast)
    make.vote(cast, change, "rae")
    shown = page(as_user(cast("bo")), change).content.decode()
    assert "Rae voted for you as Clinical IT, <time" in shown
    assert 'name="choice"' not in shown
    assert "You voted as Clinical IT for Bo, <time" in page(as_user(cast("rae")), change).content.decode()


def test_page_says_of_whom_it_is_asked_to_one_without_a_vote(cast, as_user):
    change = make.asked_change(cast)
    shown = page(as_user(cast("gus")), change).content.decode()
    assert "You have no vote on this change: it is asked of Interface owner, Clinical IT, Operations, Security" in shown


def test_page_names_the_message_standard_as_people_do(cast, as_user):
    change = make.asked_change(cast)
    item = change.items.get()
    item.patch |= {"msg_standard": "HL7V2"}
    item.save()
    shown = page(as_user(cast("ada")), change).content.decode()
    assert "HL7 v2" in shown
    assert "HL7V2" not in shown


def test_vote_that_needs_words_keeps_the_page(cast, as_user):
    change = make.asked_change(cast)
    said = page(as_user(cast("di")), change, "vote/", ballot(change, "REJECT"))
    assert said.status_code == 400
    assert "Say what is wrong or missing." in said.content.decode()


def test_stale_vote_shows_the_fresh_page_and_keeps_the_comment(cast, as_user):
    change = make.asked_change(cast)
    stale = ballot(change, comment="Fine by security")
    revise_change(change, backout="Route back", now=cast.now, actor=cast("ada"))
    said = page(as_user(cast("di")), change, "vote/", stale)
    shown = said.content.decode()
    assert said.status_code == 409
    assert "was revised since you opened it" in shown
    assert "Fine by security" in shown
    assert ChangeRequest.objects.get().revision_hash in shown
    assert not Vote.objects.exists()


def test_revise_from_the_page_asks_the_decider_then_the_voters(cast, as_user):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    shown = page(as_user(cast("ada")), change)
    form = shown.context["facts_form"]
    data = {f"f-{name}": value for name, value in form.initial.items() if value not in (None, False)}
    data |= {"number": "1", "reason": change.reason, "f-volume_day": 9000, "likelihood": 3, "impact": 2}
    done = page(as_user(cast("ada")), change, "revise/", data)
    assert done.status_code == 302, done.context and done.context["refusal"]
    change.refresh_from_db()
    assert (change.state, change.number, change.items.get().patch["volume_day"]) == ("ASSESS", 2, 9000)
    jo = as_user(cast("jo"))
    assert "Decide so" in page(jo, change).content.decode()
    assert "Stale: on an earlier revision" in page(jo, change).content.decode()
    done = jo.post(f"/changes/{change.key}/decide/", {"rationale": "Still fits"}, follow=True)
    assert f"{change.key} is waiting for votes." in done.content.decode()
    change.refresh_from_db()
    assert change.state == "AUTHORIZE"
    again = page(as_user(cast("ada")), change, "revise/", data)
    assert (again.status_code, "was revised since you opened it" in again.content.decode()) == (412, True)


def test_implement_button_appears_when_it_may_be_done(cast, as_user):
    change = make.scheduled_change(cast)
    manager = as_user(cast("max"))
    assert "Implement now" not in page(manager, change).content.decode()
    assert page(manager, change, "implement/").status_code == 422
    ChangeRequest.objects.update(revised_at=timezone.now() - dt.timedelta(hours=80))
    assert "Implement now" in page(manager, change).content.decode()
    assert page(manager, change, "implement/").status_code == 302
    assert page(manager, change, "close/", {"outcome": "SUCCESSFUL", "notes": "Quiet"}).status_code == 302
    change.refresh_from_db()
    assert (change.state, change.outcome) == ("CLOSED", "SUCCESSFUL")


@pytest.mark.parametrize("state", ["DRAFT", "ASSESS", "REJECTED", "CANCELLED", "REVIEW", "SCHEDULED"])
def test_page_of_every_state_opens_for_everyone_who_may_see_it(cast, as_user, state):
    change = make.scheduled_change(cast)
    ChangeRequest.objects.update(state=state)
    for name in ("ada", "di", "jo", "max", "gus", "abe"):
        assert page(as_user(cast(name)), change).status_code == 200
    assert page(as_user(cast("eve")), change).status_code == 404
    assert page(as_user(None), change).status_code == 302


def test_cancel_needs_a_reason(cast, as_user):
    change = make.asked_change(cast)
    ada = as_user(cast("ada"))
    assert page(ada, change, "cancel/").status_code == 400
    assert page(ada, change, "cancel/", {"reason": "The ward closes"}).status_code == 302
    assert ChangeRequest.objects.get().state == "CANCELLED"
    assert page(as_user(cast("gus")), change, "cancel/", {"reason": "x"}).status_code == 403


def test_page_costs_the_same_with_one_and_three_requirements_answered(cast, as_user, django_assert_max_num_queries):
    change = make.asked_change(cast)
    client = as_user(cast("fay"))
    page(client, change)
    for name in ("di", "ed", "abe"):
        make.vote(cast, change, name)
    with django_assert_max_num_queries(60):
        page(client, change)
