"""What a person should know, how each wishes to hear of it by mail, and that the person has seen it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from django.conf import settings

from ..kernel.errors import Invalid, NotAllowed
from ..models import MailState, MailWish, Notice, User
from .audit import recorded
from .rules import require

#: Kinds of notice, by their beginnings, that do not wait for the daily digest.
URGENT = ("emergency.", "unauthorized.", "probe.down", "vote.emergency", "webhook.")


def give_notices(people: Iterable[User], kind: str, message: str, *, url: str, now: dt.datetime) -> list[Notice]:
    """One notice for each active person, each once, and its mail as that person wishes.

    Rows only: they stand or fall with the command around them, and the clock sends what is due.
    """
    reached = {person.pk: person for person in people if person.is_active and person.is_person}
    return Notice.objects.bulk_create(
        Notice(recipient=one, kind=kind, message=message[:300], url=url, at=now, **mail_of(one, kind, now=now))
        for one in reached.values()
    )


def mail_of(person: User, kind: str, *, now: dt.datetime) -> dict[str, Any]:
    """Whether and when a notice of this kind goes to the person by mail."""
    if person.mail == MailWish.NONE or not person.email:
        return {"mail": MailState.NONE, "mail_due_at": None}
    if person.mail == MailWish.EACH or kind.startswith(URGENT):
        return {"mail": MailState.DUE, "mail_due_at": now}
    return {"mail": MailState.DIGEST, "mail_due_at": next_digest(person, now=now)}


def next_digest(person: User, *, now: dt.datetime) -> dt.datetime:
    """The next time that it is the digest's hour where the person is, in UTC; a shift of the clocks is followed."""
    zone = zone_of(person)
    hour = dt.time(settings.MAIL_DIGEST_HOUR)
    today = now.astimezone(zone).date()
    at = dt.datetime.combine(today, hour, zone)
    if at <= now:
        at = dt.datetime.combine(today + dt.timedelta(days=1), hour, zone)
    return at.astimezone(dt.UTC)


def zone_of(person: User) -> dt.tzinfo:
    try:
        return ZoneInfo(person.timezone)
    except (ZoneInfoNotFoundError, ValueError):
        return dt.UTC


def read_notice(notice: Notice, *, now: dt.datetime, actor: User) -> Notice:
    """Take it from the list of what is new. Marked again, it keeps the time of the first reading.

    Raises ``NotFound`` for anybody but its recipient.
    """
    require(actor, "read", notice)
    Notice.objects.filter(pk=notice.pk).unread().update(read_at=now)
    notice.refresh_from_db(fields=["read_at"])
    return notice


def read_all_notices(*, now: dt.datetime, actor: User) -> int:
    """Mark everything that the actor has not read; how many they were. What is read is not mailed any more."""
    return Notice.objects.filter(recipient=actor).unread().update(read_at=now)


def wish_mail(person: User, *, wish: str, timezone: str = "", now: dt.datetime, actor: User) -> User:
    """How the person hears by mail from now on, and in which zone their day begins. What waits follows the wish.

    Raises ``NotAllowed`` for anybody but the person, ``Invalid`` beside the field.
    """
    if actor.pk != person.pk or not person.is_person:
        raise NotAllowed("Everybody chooses their own mail.")
    if wish not in MailWish.values:
        raise Invalid("There is no such wish.", errors={"mail": [f"one of {', '.join(MailWish.values)}"]})
    if timezone and timezone not in available_timezones():
        raise Invalid("There is no such zone.", errors={"timezone": ["a name such as America/Chicago"]})
    person.mail, person.timezone = wish, timezone or person.timezone
    with recorded("governance.user.wish_mail", actor=actor, subject=User.objects.get(pk=person.pk), now=now):
        User.objects.filter(pk=person.pk).update(mail=person.mail, timezone=person.timezone)
        waits = Notice.objects.filter(recipient=person, mail__in=[MailState.DUE, MailState.DIGEST])
        if wish == MailWish.NONE:
            waits.update(mail=MailState.NONE, mail_due_at=None)
        elif wish == MailWish.EACH:
            waits.filter(mail=MailState.DIGEST).update(mail=MailState.DUE, mail_due_at=now)
        else:
            waits.filter(mail=MailState.DIGEST).update(mail_due_at=next_digest(person, now=now))
    return person


def resend_notice(notice: Notice, *, now: dt.datetime, actor: User) -> Notice:
    """Try once more to mail what was given up, from the first attempt on. Raises ``Invalid`` for any other."""
    require(actor, "resend", notice)
    with recorded("governance.notice.resend", actor=actor, subject=notice, now=now):
        given_up = Notice.objects.filter(pk=notice.pk, mail=MailState.DEAD)
        if not given_up.update(mail=MailState.DUE, mail_due_at=now, mail_attempts=0, mail_error=""):
            raise Invalid("Only mail that was given up can be sent again.")
        notice.refresh_from_db()
    return notice
