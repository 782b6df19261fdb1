"""Notices by mail: each once, tried again while the server does not take it, given up with the reason.

A row is claimed by compare-and-swap before it is sent, so that two workers never send the same; who dies in between
leaves a lease that runs out. The mail says the notice and where to look; what was decided stays behind the sign-in.
"""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Sequence
from smtplib import SMTPException
from urllib.parse import urljoin, urlsplit

import structlog
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db import transaction
from django.db.models import F, QuerySet
from django.template.loader import render_to_string
from django.urls import reverse

from ..kernel.errors import NotFound
from ..models import MailState, MailWish, Notice, User
from .notices import wish_mail
from .retrying import LEASE, SWEEP_S, backoff

UNSUBSCRIBE = "interlock.unsubscribe"
FIRST_PAUSE = dt.timedelta(minutes=1)
LISTED = 100
REFUSED = (SMTPException, OSError, ValueError)
log = structlog.get_logger("interlock.mail")


def send_due_mail(*, now: dt.datetime, limit: int = 200) -> int:
    """Send what is due at once; how many were taken by the server."""
    until, sent = time.monotonic() + SWEEP_S, 0
    for notice in Notice.objects.mail_due(now).select_related("recipient")[:limit]:
        if time.monotonic() > until:
            break
        sent += send_notice(notice, now=now)
    return sent


def send_notice(notice: Notice, *, now: dt.datetime) -> int:
    seen = {"mail_due_at": notice.mail_due_at, "mail_attempts": notice.mail_attempts}
    mine = Notice.objects.filter(pk=notice.pk, mail=MailState.DUE)
    if not mine.filter(**seen).update(mail_due_at=now + LEASE, mail_attempts=F("mail_attempts") + 1):
        return 0  # another worker was faster
    person = notice.recipient
    if notice.read_at or person.mail == MailWish.NONE or not (person.email and person.is_active):
        mine.update(mail=MailState.NONE, mail_due_at=None)
        return 0
    body = render_to_string("emails/notice.txt", said_of(person) | {"notice": notice, "address": link(notice.url)})
    return deliver(letter(person, notice.message, body, identity=f"notice-{notice.pk}"), mine, now=now)


def send_due_digests(*, now: dt.datetime, limit: int = 200) -> int:
    """One mail for each person whose digest is due; how many were taken by the server."""
    due = Notice.objects.filter(mail=MailState.DIGEST, mail_due_at__lte=now)
    until, sent = time.monotonic() + SWEEP_S, 0
    for person in User.objects.filter(pk__in=due.values("recipient"))[:limit]:
        if time.monotonic() > until:
            break
        sent += send_digest(person, now=now)
    return sent


def send_digest(person: User, *, now: dt.datetime) -> int:
    claimed = claim_digest(person, now=now)
    if not claimed:
        return 0
    mine = Notice.objects.filter(pk__in=[one.pk for one in claimed], mail=MailState.DIGEST)
    unread = [one for one in claimed if one.read_at is None]
    if not unread or person.mail == MailWish.NONE or not (person.email and person.is_active):
        mine.update(mail=MailState.NONE, mail_due_at=None)
        return 0
    lines = [(one, link(one.url)) for one in unread[:LISTED]]
    said = said_of(person) | {"lines": lines, "more": max(0, len(unread) - LISTED), "home": link("/")}
    count = "1 notice" if len(unread) == 1 else f"{len(unread)} notices"
    message = letter(
        person, f"Interlock: {count}", render_to_string("emails/digest.txt", said), identity=f"digest-{claimed[0].pk}"
    )
    return deliver(message, mine, now=now)


def claim_digest(person: User, *, now: dt.datetime) -> list[Notice]:
    """The person's row is the lock: of two workers one finds the notices due, the other finds none."""
    with transaction.atomic():
        User.objects.filter(pk=person.pk).update(mail=F("mail"))
        due = Notice.objects.filter(recipient=person, mail=MailState.DIGEST, mail_due_at__lte=now)
        found = list(due.order_by("at", "pk"))
        Notice.objects.filter(pk__in=[one.pk for one in found]).update(
            mail_due_at=now + LEASE, mail_attempts=F("mail_attempts") + 1
        )
    return found


def deliver(message: EmailMessage, rows: QuerySet[Notice], *, now: dt.datetime) -> int:
    """Hand it to the server, and write on the claimed rows what came of it."""
    try:
        message.send()
    except REFUSED as refused:
        said = " ".join(f"{type(refused).__name__}: {refused}".split())[:300]
        log.warning("mail not taken", identity=message.extra_headers["Message-ID"], error=type(refused).__name__)
        worn = rows.filter(mail_attempts__gte=settings.MAIL_ATTEMPTS)
        worn.update(mail=MailState.DEAD, mail_due_at=None, mail_error=said)
        attempts = max(rows.values_list("mail_attempts", flat=True), default=1)
        rows.update(mail_due_at=now + backoff(attempts, first=FIRST_PAUSE), mail_error=said)
        return 0
    rows.update(mail=MailState.SENT, mail_due_at=None, mail_error="")
    return 1


def letter(person: User, subject: str, body: str, *, identity: str) -> EmailMessage:
    """A mail that says by itself how to stop it, and that a second try does not double."""
    stop = link(reverse("governance:stop-mail", kwargs={"token": stop_token(person)}))
    host = urlsplit(settings.PUBLIC_URL).hostname or "interlock"
    return EmailMessage(
        subject=" ".join(subject.split())[:180], body=body, from_email=settings.DEFAULT_FROM_EMAIL, to=[person.email],
        headers={
            "Message-ID": f"<{identity}@{host}>", "Auto-Submitted": "auto-generated",
            "List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        },
    )  # fmt: skip


def said_of(person: User) -> dict[str, object]:
    return {"person": person, "choose": link(reverse("governance:mail"))}


def link(path: str) -> str:
    return urljoin(settings.PUBLIC_URL, path or "/")


def stop_token(person: User) -> str:
    return signing.dumps(str(person.pk), salt=UNSUBSCRIBE)


def person_of_token(token: str) -> User:
    """Whose mail a link in a mail would stop. Raises ``NotFound`` for a token that is not ours."""
    try:
        found = User.objects.filter(pk=signing.loads(token, salt=UNSUBSCRIBE), kind="PERSON").first()
    except signing.BadSignature:
        found = None
    if found is None:
        raise NotFound("This link is not one of ours, or it is broken.")
    return found


def stop_mail(token: str, *, now: dt.datetime) -> User:
    """From the link in a mail, without signing in: no more mail for the one to whom it was sent."""
    person = person_of_token(token)
    return wish_mail(person, wish=MailWish.NONE, now=now, actor=person)


def mail_given_up(notices: QuerySet[Notice]) -> Sequence[Notice]:
    """What no server took, the newest first, with whom it was for."""
    return list(notices.filter(mail=MailState.DEAD).select_related("recipient").order_by("-at")[:LISTED])
