"""Notices by mail: as each person wishes, at their own morning, once, and given up with the reason in sight."""

import datetime as dt
import smtplib

import pytest
from django.core import mail
from django.db import transaction

from governance.domain import mailing, notices
from governance.domain.queries import dead_mail
from governance.kernel.errors import Invalid, NotAllowed, NotFound
from governance.models import Notice, User

pytestmark = pytest.mark.django_db
HOUR = dt.timedelta(hours=1)
SECRET_URL = "/changes/CR-2026-0001/"


@pytest.fixture
def bo(cast):
    person = cast("bo")
    User.objects.filter(pk=person.pk).update(email="bo@lakeshore.example", mail="EACH", timezone="America/Chicago")
    person.refresh_from_db()
    return person


def give(cast, person, kind="vote.asked", message="CR-2026-0001 waits for your vote"):
    return notices.give_notices([person], kind, message, url=SECRET_URL, now=cast.now)[0]


def test_a_notice_at_once_is_sent_once_with_a_link_and_a_way_out(cast, bo):
    give(cast, bo)
    assert (mailing.send_due_mail(now=cast.now), mailing.send_due_mail(now=cast.now + HOUR)) == (1, 0)
    (sent,) = mail.outbox
    assert (sent.to, sent.subject) == (["bo@lakeshore.example"], "CR-2026-0001 waits for your vote")
    assert "http://127.0.0.1:8000/changes/CR-2026-0001/" in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert sent.extra_headers["List-Unsubscribe"].startswith("<http://127.0.0.1:8000/people/mail/stop/")
    assert Notice.objects.get().mail == "SENT"


def test_a_notice_stands_and_falls_with_its_command(cast, bo):
    class Refused(Exception):
        pass

    def command():
        with transaction.atomic():
            give(cast, bo)
            raise Refused

    with pytest.raises(Refused):
        command()
    assert (mailing.send_due_mail(now=cast.now), mail.outbox) == (0, [])


def test_a_line_break_in_a_title_makes_no_header(cast, bo):
    give(cast, bo, message="Title\r\nBcc: eve@example.org")
    mailing.send_due_mail(now=cast.now)
    assert mail.outbox[0].subject == "Title Bcc: eve@example.org"


@pytest.mark.parametrize(
    ("wish", "kind", "state"),
    [
        ("EACH", "template.suspended", "DUE"),
        ("DIGEST", "template.suspended", "DIGEST"),
        ("DIGEST", "emergency.escalated", "DUE"),
        ("NONE", "emergency.escalated", "NONE"),
    ],
)
def test_each_person_is_told_as_they_wish(cast, bo, wish, kind, state):
    notices.wish_mail(bo, wish=wish, now=cast.now, actor=bo)
    assert give(cast, bo, kind).mail == state


def test_who_has_no_address_gets_no_mail(cast):
    assert give(cast, cast("cy")).mail == "NONE"


@pytest.mark.parametrize(
    ("at", "zone", "due"),
    [
        ("2026-05-26T09:00Z", "America/Chicago", "2026-05-26T12:00Z"),
        ("2026-05-26T12:00Z", "America/Chicago", "2026-05-27T12:00Z"),
        ("2026-03-08T05:00Z", "America/Chicago", "2026-03-08T12:00Z"),
        ("2026-03-07T20:00Z", "America/Chicago", "2026-03-08T12:00Z"),
        ("2026-03-06T20:00Z", "America/Chicago", "2026-03-07T13:00Z"),
        ("2026-05-26T09:00Z", "Asia/Kolkata", "2026-05-27T01:30Z"),
        ("2026-05-26T09:00Z", "Mars/Base", "2026-05-27T07:00Z"),
    ],
)
def test_the_digest_comes_at_seven_where_the_person_is_also_when_the_clocks_shift(at, zone, due):
    person = User(timezone=zone)
    assert notices.next_digest(person, now=dt.datetime.fromisoformat(at)) == dt.datetime.fromisoformat(due)


def test_a_digest_is_one_mail_with_what_is_unread(cast, bo):
    notices.wish_mail(bo, wish="DIGEST", now=cast.now, actor=bo)
    for number in range(1, 4):
        give(cast, bo, "template.suspended", f"Template {number}")
    read = Notice.objects.get(message="Template 2")
    notices.read_notice(read, now=cast.now, actor=bo)
    assert mailing.send_due_digests(now=cast.now + 2 * HOUR) == 0
    assert (mailing.send_due_digests(now=cast.now + 3 * HOUR), mailing.send_due_digests(now=cast.now + 4 * HOUR)) == (
        1,
        0,
    )
    (sent,) = mail.outbox
    assert sent.subject == "Interlock: 2 notices"
    assert [f"Template {number}" in sent.body for number in (1, 2, 3)] == [True, False, True]
    assert sent.body.count("http://127.0.0.1:8000/changes/CR-2026-0001/") == 2


def test_what_is_read_before_it_is_sent_is_not_mailed(cast, bo):
    give(cast, bo)
    assert notices.read_all_notices(now=cast.now, actor=bo) == 1
    assert (mailing.send_due_mail(now=cast.now), Notice.objects.get().mail) == (0, "NONE")


@pytest.fixture
def broken(monkeypatch):
    """A server that takes nothing until told otherwise."""
    state = {"down": True, "tried": 0}
    plain = mailing.EmailMessage.send

    def send(message, *args, **kwargs):
        state["tried"] += 1
        if state["down"]:
            raise smtplib.SMTPServerDisconnected("Connection unexpectedly closed")
        return plain(message, *args, **kwargs)

    monkeypatch.setattr(mailing.EmailMessage, "send", send)
    return state


def test_a_server_that_is_down_is_tried_again_and_then_given_up_with_the_reason(cast, bo, broken, settings):
    settings.MAIL_ATTEMPTS = 3
    give(cast, bo)
    for hours in range(6):
        mailing.send_due_mail(now=cast.now + hours * HOUR)
    notice = Notice.objects.get()
    assert (notice.mail, broken["tried"]) == ("DEAD", 3)
    assert notice.mail_error == "SMTPServerDisconnected: Connection unexpectedly closed"
    assert [one.pk for one in dead_mail(bo)] == [one.pk for one in dead_mail(cast("quinn"))] == [notice.pk]
    assert list(dead_mail(cast("uma"))) == []
    broken["down"] = False
    notices.resend_notice(notice, now=cast.now + 7 * HOUR, actor=cast("quinn"))
    assert mailing.send_due_mail(now=cast.now + 7 * HOUR) == 1
    with pytest.raises(Invalid):
        notices.resend_notice(notice, now=cast.now, actor=bo)
    with pytest.raises((NotAllowed, NotFound)):
        notices.resend_notice(notice, now=cast.now, actor=cast("uma"))


def test_a_digest_that_is_not_taken_comes_later_whole(cast, bo, broken):
    notices.wish_mail(bo, wish="DIGEST", now=cast.now, actor=bo)
    give(cast, bo, "template.suspended", "One")
    give(cast, bo, "template.suspended", "Two")
    assert mailing.send_due_digests(now=cast.now + 3 * HOUR) == 0
    broken["down"] = False
    assert mailing.send_due_digests(now=cast.now + 4 * HOUR) == 1
    assert mail.outbox[0].subject == "Interlock: 2 notices"


def test_what_waits_follows_a_new_wish(cast, bo):
    notices.wish_mail(bo, wish="DIGEST", now=cast.now, actor=bo)
    give(cast, bo, "template.suspended")
    notices.wish_mail(bo, wish="EACH", now=cast.now, actor=bo)
    assert Notice.objects.get().mail == "DUE"
    notices.wish_mail(bo, wish="NONE", now=cast.now, actor=bo)
    assert Notice.objects.get().mail == "NONE"
    with pytest.raises(NotAllowed):
        notices.wish_mail(bo, wish="EACH", now=cast.now, actor=cast("quinn"))
    with pytest.raises(Invalid):
        notices.wish_mail(bo, wish="EACH", timezone="Mars/Base", now=cast.now, actor=bo)
