"""Two workers sweep at once: each mail, each digest and each event leaves once."""

import datetime as dt
import threading

import pytest
from django.core import mail
from django.db import connection, connections

from approvals.domain.calendar import declare_calendar_entry
from governance.domain import delivering, mailing, notices, webhooks
from governance.models import Notice, User, WebhookDelivery
from tests.factories.receivers import receiver

pytestmark = [
    pytest.mark.postgres,
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="several writers at once need PostgreSQL"),
]
WORKERS, LETTERS = 4, 12


def together(work):
    """``work`` in as many threads as there are workers, all let go at one instant; what each returned."""
    gate, answers = threading.Barrier(WORKERS), []

    def run():
        try:
            gate.wait(10)
            answers.append(work())
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(WORKERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert len(answers) == WORKERS
    return answers


@pytest.fixture
def bo(cast):
    User.objects.filter(pk=cast("bo").pk).update(email="bo@lakeshore.example", mail="EACH")
    return User.objects.get(pk=cast("bo").pk)


def test_each_mail_is_sent_once(cast, bo):
    for number in range(LETTERS):
        notices.give_notices([bo], "news", f"News {number}", url="/", now=cast.now)
    assert sum(together(lambda: mailing.send_due_mail(now=cast.now))) == LETTERS
    assert sorted(one.subject for one in mail.outbox) == sorted(f"News {number}" for number in range(LETTERS))
    assert set(Notice.objects.values_list("mail", "mail_attempts")) == {("SENT", 1)}


def test_each_digest_is_sent_once_and_whole(cast, bo):
    notices.wish_mail(bo, wish="DIGEST", now=cast.now, actor=bo)
    for number in range(LETTERS):
        notices.give_notices([bo], "news", f"News {number}", url="/", now=cast.now)
    assert sum(together(lambda: mailing.send_due_digests(now=cast.now + dt.timedelta(days=1)))) == 1
    assert [one.subject for one in mail.outbox] == [f"Interlock: {LETTERS} notices"]


def test_each_event_is_sent_once(cast):
    with receiver() as told:
        webhooks.open_endpoint(
            name="Tickets", url=told.url, team=cast.team("viewers"), event_types=["calendar."],
            now=cast.now, actor=cast("quinn"),
        )  # fmt: skip
        for number in range(1, LETTERS + 1):
            start = cast.now + dt.timedelta(days=number)
            declare_calendar_entry(
                "BLACKOUT", name=f"Freeze {number}", starts_at=start, ends_at=start + dt.timedelta(hours=1),
                now=cast.now, actor=cast("max"),
            )  # fmt: skip
        sent = together(lambda: delivering.deliver_due(now=cast.now, actor=cast.clock))
        assert sum(sent) == LETTERS
        assert len({headers["webhook-id"] for headers, _ in told.got}) == len(told.got) == LETTERS
    assert set(WebhookDelivery.objects.values_list("state", "attempts")) == {("DELIVERED", 1)}
