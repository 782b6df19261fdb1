"""A person's calendar address: whose it is, what a calendar program reads there, and that its secret stays one."""

import datetime as dt
import logging
import re

import pytest
from django.test import Client
from icalendar import Calendar

from approvals.domain.calendar import amend_calendar_entry, declare_calendar_entry, withdraw_calendar_entry
from approvals.domain.feeds import feed_bytes, issue_feed
from approvals.domain.requests import cancel_change
from approvals.models import CalendarEntry, CalendarFeed
from approvals.recurrence import occurrences
from governance.domain.people import deactivate_person
from governance.models import AuditEvent
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = pytest.mark.django_db
UTC = dt.UTC
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
PAGE = "/changes/calendar/address/"


def declare(cast, kind="BLACKOUT", name="Cutover freeze", *, start, end, **values):
    return declare_calendar_entry(
        kind, name=name, starts_at=start, ends_at=end, now=cast.now, actor=cast("max"), **values
    )


def address_of(page):
    return re.search(r'http://testserver(/changes/calendar/feed/[^"]+\.ics)', page.content.decode())[1]


def read(body):
    return list(Calendar.from_ical(body).walk("VEVENT"))


def shown(cast, name="max", *, now=None, **asked):
    return read(feed_bytes(cast(name), now=now or cast.now, **asked))


def test_address_is_shown_once_kept_as_a_hash_and_asks_for_no_session(cast, as_user):
    start = dt.datetime.now(UTC) + DAY
    declare(cast, start=start, end=start + DAY)
    client = as_user(cast("ada"))
    assert "You have no address yet" in client.get(PAGE).content.decode()
    made = client.post(f"{PAGE}new/")
    address = address_of(made)
    assert (made.status_code, made["Cache-Control"]) == (200, "no-store")
    secret = address.split("/")[-1].removesuffix(".ics")
    assert len(secret) >= 43
    assert secret not in client.get(PAGE).content.decode()
    assert secret not in str(CalendarFeed.objects.values().get())
    assert secret not in str(list(AuditEvent.objects.values()))
    answer = Client().get(address)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert [str(one["SUMMARY"]) for one in read(answer.content)] == ["Freeze: Cutover freeze"]
    assert Client().post(address).status_code == 405


def test_changed_taken_back_and_of_one_who_left_it_answers_nothing(cast, as_user):
    client = as_user(cast("ada"))
    first, second = (address_of(client.post(f"{PAGE}new/")) for _ in range(2))
    assert (Client().get(first).status_code, Client().get(second).status_code) == (404, 200)
    assert client.post(f"{PAGE}revoke/").status_code == 302
    assert Client().get(second).status_code == 404
    assert "taken back" in client.get(PAGE).content.decode()
    third = address_of(client.post(f"{PAGE}new/"))
    deactivate_person(cast("ada"), now=cast.now, actor=cast("quinn"))
    assert Client().get(third).status_code == 404
    assert Client().get("/changes/calendar/feed/guess.ics").status_code == 404
    actions = AuditEvent.objects.filter(subject_type="approvals.calendarfeed").order_by("seq")
    assert [one.action.split(".")[-1] for one in actions] == ["issue", "issue", "revoke", "issue"]
    assert as_user(cast("bo")).post(f"{PAGE}revoke/").status_code == 404


def test_secret_is_in_no_log_line(cast, as_user, caplog):
    address = address_of(as_user(cast("ada")).post(f"{PAGE}new/"))
    secret = address.split("/")[-1].removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        Client().get(address)
        Client().get(address + "?kind=BLACKOUT")
        Client().post(address)
        Client().get(address.replace(secret, secret[:-1] + "!"))
    assert [record for record in caplog.records if "interlock" in record.name]
    assert not [record for record in caplog.records if secret[:20] in f"{record.getMessage()} {record.__dict__}"]


def test_unchanged_it_is_not_sent_again(cast, as_user):
    start = dt.datetime.now(UTC) + DAY
    row = declare(cast, start=start, end=start + DAY)
    address = address_of(as_user(cast("ada")).post(f"{PAGE}new/"))
    tag = Client().get(address)["ETag"]
    assert Client().get(address)["ETag"] == tag
    again = Client().get(address, HTTP_IF_NONE_MATCH=tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", tag)
    amend_calendar_entry(row, name="Longer freeze", now=cast.now + HOUR, actor=cast("max"))
    assert Client().get(address, HTTP_IF_NONE_MATCH=tag).status_code == 200


def test_uid_stays_sequence_grows_and_withdrawn_is_called_off(cast):
    row = declare(cast, start=cast.now + DAY, end=cast.now + 2 * DAY)
    before = shown(cast)[0]
    amend_calendar_entry(row, ends_at=cast.now + 3 * DAY, now=cast.now + HOUR, actor=cast("max"))
    amended = shown(cast)[0]
    withdraw_calendar_entry(row, reason="Postponed", now=cast.now + 2 * HOUR, actor=cast("max"))
    after = shown(cast)[0]
    assert {str(one["UID"]) for one in (before, amended, after)} == {f"{row.pk}@interlock"}
    assert [int(one["SEQUENCE"]) for one in (before, amended, after)] == [0, 1, 2]
    assert [str(one["STATUS"]) for one in (before, amended, after)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert before["DTSTAMP"].dt == cast.now < amended["DTSTAMP"].dt < after["DTSTAMP"].dt
    assert shown(cast, now=cast.now + 91 * DAY) == []


def test_only_what_the_person_may_read_and_asked_for(cast, seed_tables):
    opens = cast.now + 10 * DAY
    change = make.asked_change(cast, window_start=opens, window_end=opens + 2 * HOUR)
    declare(cast, start=opens, end=opens + DAY, domain=cast.domains()["CLINICAL"])
    declare(cast, "QUIET", "Payroll", start=opens, end=opens + DAY, domain=cast.domains()["ERP"])
    declare(cast, "MAINTENANCE", "Secret", start=opens, end=opens + DAY, system=catalog.system(cast, "ehr-a"))
    names = {str(one["SUMMARY"]) for one in shown(cast)}
    assert names == {
        str(change), "Freeze: Cutover freeze (Clinical)", "Quiet time: Payroll (ERP)",
        "Maintenance window: Secret (Ehr a)",
    }  # fmt: skip
    assert {str(one["SUMMARY"]) for one in shown(cast, "eve")} == {
        "Freeze: Cutover freeze (Clinical)", "Quiet time: Payroll (ERP)",
    }  # fmt: skip
    assert [str(one["SUMMARY"]) for one in shown(cast, kinds=["CHANGE"])] == [str(change)]
    assert [str(one["STATUS"]) for one in shown(cast, kinds=["CHANGE"])] == ["TENTATIVE"]
    cancel_change(change, reason="No", now=cast.now, actor=cast("ada"))
    assert [str(one["STATUS"]) for one in shown(cast, kinds=["CHANGE"])] == ["CANCELLED"]


def test_filters_in_the_address(cast, as_user):
    start = dt.datetime.now(UTC) + DAY
    declare(cast, start=start, end=start + DAY, domain=cast.domains()["CLINICAL"])
    declare(cast, "QUIET", "Payroll", start=start, end=start + DAY, domain=cast.domains()["ERP"])
    address = address_of(as_user(cast("ada")).post(f"{PAGE}new/"))
    for query, names in {
        "?scope=domain:ERP": ["Quiet time: Payroll (ERP)"],
        "?kind=BLACKOUT&kind=MAINTENANCE": ["Freeze: Cutover freeze (Clinical)"],
        "?kind=MAINTENANCE": [],
    }.items():
        assert [str(one["SUMMARY"]) for one in read(Client().get(address + query).content)] == names, query


def told_by(events, start, end):
    """The times that another program makes of the events: its rule from the first on, then what was moved."""
    from dateutil.rrule import rrulestr

    head = next(one for one in events if "RECURRENCE-ID" not in one)
    first, length = head["DTSTART"].dt, head["DTEND"].dt.astimezone(UTC) - head["DTSTART"].dt.astimezone(UTC)
    zone, local = first.tzinfo, first.replace(tzinfo=None)
    rule = re.sub(r"(?<=UNTIL=)\d{8}T\d{6}Z", lambda m: until_local(m[0], zone), head["RRULE"].to_ical().decode())
    named = rrulestr(rule, dtstart=local).between(start.replace(tzinfo=None), end.replace(tzinfo=None))
    times = {one: one.replace(tzinfo=zone).astimezone(UTC) for one in named}
    made = {one: (begins, begins + length) for one, begins in times.items()}
    for one in events:
        if "RECURRENCE-ID" in one and one["RECURRENCE-ID"].dt.replace(tzinfo=None) in made:
            made[one["RECURRENCE-ID"].dt.replace(tzinfo=None)] = (
                one["DTSTART"].dt.astimezone(UTC), one["DTEND"].dt.astimezone(UTC),
            )  # fmt: skip
    return sorted(made.values())


def until_local(text, zone):
    return dt.datetime.strptime(text, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC).astimezone(zone).strftime("%Y%m%dT%H%M%S")


@pytest.mark.parametrize("rule", ["FREQ=WEEKLY;BYDAY=SU", "FREQ=WEEKLY;BYDAY=SU;UNTIL=20261115"])
def test_another_program_sees_the_same_nights_as_we_do(cast, rule):
    """Sundays 01:00 to 05:00 in Chicago, over both nights of the clocks: one is three hours long, one is five."""
    first = dt.datetime(2026, 2, 1, 7, tzinfo=UTC)
    row = declare(cast, "MAINTENANCE", "Night", start=first, end=first + 4 * HOUR, zone="America/Chicago", rrule=rule)
    now, end = dt.datetime(2026, 3, 1, tzinfo=UTC), dt.datetime(2026, 12, 1, tzinfo=UTC)
    body = feed_bytes(cast("max"), now=now)
    assert b"BEGIN:VTIMEZONE" in body
    ours = [(one.start, one.end) for one in occurrences(CalendarEntry.objects.get(pk=row.pk), now, end)]
    assert told_by(read(body), now, end) == ours
    lengths = {begins.date(): (ends - begins) / HOUR for begins, ends in ours}
    assert (lengths[dt.date(2026, 3, 8)], lengths[dt.date(2026, 11, 1)], len(ours)) == (
        3, 5, 40 if "UNTIL" not in rule else 38,
    )  # fmt: skip


def test_feed_costs_the_same_for_one_and_many(cast, django_assert_max_num_queries):
    issue_feed(now=cast.now, actor=cast("ada"))
    feed_bytes(cast("ada"), now=cast.now)
    costs = set()
    for rows in (1, 3):
        for number in range(rows):
            start = cast.now + (number + rows) * DAY
            declare(cast, name=f"Freeze {rows}{number}", start=start, end=start + HOUR, domain=cast.domains()["ERP"])
        reader = type(cast("ada")).objects.get(username="ada")
        with django_assert_max_num_queries(9) as asked:
            feed_bytes(reader, now=cast.now)
        costs.add(len(asked))
    assert len(costs) == 1
