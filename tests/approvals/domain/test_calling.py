"""Who is asked is told, once; who must vote again is told why; the authors learn what became of it."""

import pytest
from django.core import mail

from approvals.domain.requests import revise_change
from governance.domain.mailing import send_due_mail
from governance.models import Notice, User
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


def told(kind):
    return sorted(Notice.objects.filter(kind=kind).values_list("recipient__username", flat=True))


def test_everybody_who_may_speak_is_called_once(cast):
    change = make.asked_change(cast)
    assert told("vote.asked") == ["abe", "bo", "di", "ed", "fay", "rae"]
    assert set(Notice.objects.values_list("url", flat=True)) == {f"/changes/{change.key}/"}


def test_a_revision_tells_those_whose_votes_are_stale_and_calls_the_others_again(cast):
    change = make.asked_change(cast)
    make.vote(cast, change, "di")
    Notice.objects.all().delete()
    revise_change(change, backout="Back", now=cast.now, actor=cast("ada"))
    assert (told("vote.stale"), told("vote.asked")) == (["di"], ["abe", "bo", "ed", "fay", "rae"])


def test_authors_learn_what_became_of_it(cast):
    make.scheduled_change(cast)
    assert told("change.authorised") == ["ada"]
    refused = make.asked_change(cast, "IF-SUR-004")
    make.vote(cast, refused, "di", "REJECT")
    assert told("change.rejected") == ["ada"]


def test_the_call_is_mailed_at_once_to_who_wishes_so(cast):
    User.objects.filter(pk=cast("di").pk).update(mail="EACH", email="di@lakeshore.example")
    cast.users["di"] = User.objects.get(username="di")
    change = make.asked_change(cast)
    assert send_due_mail(now=cast.now) == 1
    assert (mail.outbox[0].to, mail.outbox[0].subject[:30]) == (
        ["di@lakeshore.example"], f"{change.key} waits for your vote"[:30],
    )  # fmt: skip
