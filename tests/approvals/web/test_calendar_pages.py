"""The calendar's pages: what stands on which day, whose it is, and the forms that write in it."""

import datetime as dt
import re

import pytest

from approvals.domain.calendar import amend_calendar_entry, declare_calendar_entry
from approvals.models import CalendarEntry
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = pytest.mark.django_db
UTC = dt.UTC
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
URL = "/changes/calendar/"
TYPED = {
    "kind": "MAINTENANCE", "name": "Sunday night", "scope": "facility:lakeshore-main", "zone": "",
    "starts_at": "2027-03-07T01:00", "ends_at": "2027-03-07T05:00", "repeats": "WEEKLY", "until": "", "rrule": "",
    "reason": "The vendor patches then.",
}  # fmt: skip


def declare(cast, kind="BLACKOUT", name="Cutover freeze", *, start, end, **values):
    return declare_calendar_entry(
        kind, name=name, starts_at=start, ends_at=end, now=cast.now, actor=cast("max"), **values
    )


def days_of(page):
    """By day, what stands on it, as its text."""
    text = page.content.decode()
    found = {}
    for day in re.split(r'<li class="cal-day', text)[1:]:
        date = re.search(r'datetime="([\d-]+)"', day)[1]
        rows = re.findall(r'<li class="cal-row[^>]*>(.*?)</li>', day, re.S)
        said = [" ".join(re.sub(r"<[^>]+>", "", row).split()) for row in rows]
        found[date] = said + re.findall(r'cal-odd">([^<]+)<', day)
    return found


def test_month_shows_each_day_of_an_entry_on_the_chosen_clock(cast, as_user):
    """Lakeshore's freeze: from the 26th of June to the 6th of July, both included, on Chicago's clock."""
    place = catalog.facility(cast)
    start, end = dt.datetime(2026, 6, 26, 5, tzinfo=UTC), dt.datetime(2026, 7, 7, 5, tzinfo=UTC)
    declare(cast, start=start, end=end, facility=place)
    page = as_user(cast("ada")).get(URL, {"date": "2026-06-15", "scope": "facility:lakeshore-main"})
    held = [date for date, rows in days_of(page).items() if rows]
    assert (len(days_of(page)), held[0], held[-1], len(held)) == (35, "2026-06-26", "2026-07-05", 10)
    july = as_user(cast("ada")).get(URL, {"date": "2026-07-15", "scope": "facility:lakeshore-main"})
    assert [date for date, rows in days_of(july).items() if rows][-1] == "2026-07-06"
    utc = as_user(cast("ada")).get(URL, {"date": "2026-07-15", "zone": "UTC"})
    assert days_of(utc)["2026-07-07"] == ["Freeze: to 05:00 Cutover freeze"]


@pytest.mark.parametrize(
    ("date", "day", "rows"),
    [
        ("2027-03-10", "2027-03-14", ["Maintenance window: 01:00 Night", "The clocks go forward"]),
        ("2027-11-03", "2027-11-07", ["Maintenance window: 01:00 CDT Night", "The clocks go back"]),
        ("2027-06-16", "2027-06-20", ["Maintenance window: 01:00 Night"]),
    ],
)
def test_week_keeps_the_time_of_day_in_both_nights_of_the_clocks(cast, as_user, date, day, rows):
    first = dt.datetime(2027, 3, 7, 7, tzinfo=UTC)
    declare(
        cast, "MAINTENANCE", "Night", start=first, end=first + 4 * HOUR, rrule="FREQ=WEEKLY;BYDAY=SU",
        facility=catalog.facility(cast),
    )  # fmt: skip
    page = as_user(cast("ada")).get(URL, {"view": "week", "date": date, "zone": "America/Chicago"})
    assert {name: said for name, said in days_of(page).items() if said} == {day: rows}


def test_changes_stand_there_for_those_who_may_read_them(cast, as_user, seed_tables):
    opens = dt.datetime(2026, 6, 5, 7, tzinfo=UTC)
    change = make.asked_change(cast, window_start=opens, window_end=opens + 2 * HOUR)
    asked = {"date": "2026-06-05", "view": "agenda"}
    assert f">{change.key}<" in as_user(cast("max")).get(URL, asked).content.decode()
    assert change.key not in as_user(cast("eve")).get(URL, asked).content.decode()
    only = {**asked, "kind": "BLACKOUT"}
    assert change.key not in as_user(cast("max")).get(URL, only).content.decode()
    for scope, there in (("domain:CLINICAL", True), ("domain:REVENUE", False), ("system:ehr-a", True)):
        page = as_user(cast("max")).get(URL, {**asked, "scope": scope}).content.decode()
        assert (change.key in page) is there, scope


def test_agenda_says_what_runs_into_each_other(cast, as_user, seed_tables):
    opens = dt.datetime(2026, 6, 5, 7, tzinfo=UTC)
    make.asked_change(cast, window_start=opens, window_end=opens + 2 * HOUR)
    declare(cast, start=opens - DAY, end=opens + DAY)
    page = as_user(cast("max")).get(URL, {"date": "2026-06-05", "view": "agenda"}).content.decode()
    assert "Cutover freeze freezes changes, 4 Jun 2026, 07:00 UTC to 6 Jun 2026, 07:00 UTC." in page


def test_what_is_not_understood_in_the_address_is_the_present_month(cast, as_user):
    odd = {"date": "2026-13-77", "view": "year", "zone": "Mars", "scope": "facility:nowhere", "kind": "X"}
    assert as_user(cast("ada")).get(URL, odd).status_code == 200
    assert as_user(cast("ada")).get(URL, {"date": "0001-01-01"}).status_code == 200


def test_declare_in_local_time_and_amend_and_withdraw(cast, as_user):
    catalog.facility(cast)
    client = as_user(cast("max"))
    made = client.post(f"{URL}new/", TYPED)
    row = CalendarEntry.objects.get()
    assert (made.status_code, made["Location"]) == (302, f"{URL}entries/{row.pk}/")
    assert (row.zone, row.starts_at, row.rrule) == (
        "America/Chicago", dt.datetime(2027, 3, 7, 7, tzinfo=UTC), "FREQ=WEEKLY;BYDAY=SU",
    )  # fmt: skip
    page = client.get(made["Location"]).content.decode()
    assert "every week on Sunday" in page
    assert page.count("CST</time>") + page.count("CDT</time>") >= 10
    form = client.get(f"{made['Location']}amend/").content.decode()
    assert 'value="2027-03-07T01:00"' in form
    changed = {**TYPED, "repeats": "CUSTOM", "rrule": row.rrule, "name": "Sunday", "revision": "1"}
    assert client.post(f"{made['Location']}amend/", changed).status_code == 302
    late = client.post(f"{made['Location']}amend/", {**changed, "name": "Too late"})
    assert (late.status_code, "Stored now: <b>Sunday</b>" in late.content.decode()) == (412, True)
    assert 'name="revision" value="2"' in late.content.decode()
    assert client.post(f"{made['Location']}withdraw/", {"reason": ""}).status_code == 400
    assert client.post(f"{made['Location']}withdraw/", {"reason": "Moved"}).status_code == 302
    row.refresh_from_db()
    assert (row.name, bool(row.withdrawn_at)) == ("Sunday", True)
    assert "Amend it" not in client.get(made["Location"]).content.decode()
    again = client.post(f"{made['Location']}withdraw/", {"reason": "Moved"})
    assert (again.status_code, "was withdrawn" in again.content.decode()) == (409, True)


def test_refusals_stand_beside_their_fields_and_keep_what_was_typed(cast, as_user):
    catalog.facility(cast)
    client = as_user(cast("max"))
    wrong = client.post(f"{URL}new/", {**TYPED, "repeats": "CUSTOM", "rrule": "FREQ=HOURLY"})
    assert (wrong.status_code, 'id="id_rrule_error"' in wrong.content.decode()) == (400, True)
    assert 'value="Sunday night"' in wrong.content.decode()
    assert client.post(f"{URL}new/", {**TYPED, "ends_at": "2027-03-06T01:00"}).status_code == 400
    assert client.post(f"{URL}new/", {**TYPED, "scope": "system:secret"}).status_code == 400
    assert not CalendarEntry.objects.exists()


def test_only_those_who_manage_the_calendar_find_the_forms(cast, as_user):
    start = cast.now + DAY
    row = declare(cast, start=start, end=start + DAY)
    client = as_user(cast("ada"))
    assert "New entry" not in client.get(URL).content.decode()
    for address in (f"{URL}new/", f"{URL}entries/{row.pk}/amend/"):
        assert (client.get(address).status_code, client.post(address, TYPED).status_code) == (403, 403)
    assert client.post(f"{URL}entries/{row.pk}/withdraw/", {"reason": "No"}).status_code == 403
    amend_calendar_entry(row, name="Mine", now=cast.now, actor=cast("max"))


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({}, "every week on Sunday"),
        ({"repeats": "NTH"}, "every month on first Sunday"),
        ({"repeats": "BIWEEKLY", "until": "2027-04-01"}, "every 2 weeks on Sunday until 2027-04-01"),
        ({"repeats": "MONTHDAY"}, "every month on day 7"),
        ({"repeats": "YEARLY"}, "every year on day 7 in March"),
        ({"repeats": "LAST_WORKING"}, "is not one that the rule itself names"),
        ({"repeats": "CUSTOM", "rrule": "FREQ=SECONDLY"}, "FREQ is one of DAILY"),
        ({"starts_at": ""}, "Say when it starts and ends."),
    ],
)
def test_the_next_five_times_are_told_while_it_is_typed(cast, as_user, typed, said):
    catalog.facility(cast)
    page = as_user(cast("max")).post(f"{URL}occurrences/", {**TYPED, **typed}).content.decode()
    assert said in page
    expected = {True: 2 if typed.get("until") else 5, False: 0}["every" in said]
    assert len(re.findall(r"<li><time", page)) == expected
    assert not CalendarEntry.objects.exists()


def test_first_five_nights_over_the_spring_change(cast, as_user):
    catalog.facility(cast)
    page = as_user(cast("max")).post(f"{URL}occurrences/", TYPED).content.decode()
    shown = re.findall(r">(\d+ \w+ 2027, \d\d:\d\d \w+)</time> to <time[^>]*>([^<]+)<", page)
    assert shown[:2] == [
        ("7 Mar 2027, 01:00 CST", "7 Mar 2027, 05:00 CST"), ("14 Mar 2027, 01:00 CST", "14 Mar 2027, 05:00 CDT"),
    ]  # fmt: skip


def test_window_is_checked_while_a_change_is_written(cast, as_user, seed_tables):
    interface = make.decided_interface(cast)
    declare(cast, start=dt.datetime(2030, 6, 1, tzinfo=UTC), end=dt.datetime(2030, 6, 9, tzinfo=UTC))
    client = as_user(cast("ada"))
    form = client.get(f"/changes/submit/{interface.key}/").content.decode()
    assert f'hx-get="/changes/window/{interface.key}/?change_type=NEW_INTERFACE' in form
    asked = {"window_start": "2030-06-05T02:00", "window_end": "2030-06-05T06:00", "change_type": "NEW_INTERFACE"}
    found = client.get(f"/changes/window/{interface.key}/", asked).content.decode()
    assert "Cutover freeze freezes changes, 1 Jun 2030" in found
    assert re.search(r'data-fill="window_start=[^"]+window_end=', found)
    odd = client.get(f"/changes/window/{interface.key}/", {"window_start": "soon", "change_type": "X"})
    assert odd.status_code == 200
    assert as_user(cast("eve")).get(f"/changes/window/{interface.key}/").status_code == 404


def test_change_page_says_its_conflicts_and_leads_to_the_other(cast, as_user, seed_tables):
    opens = dt.datetime(2026, 6, 5, 7, tzinfo=UTC)
    change = make.asked_change(cast, window_start=opens, window_end=opens + 2 * HOUR)
    row = declare(cast, start=opens - DAY, end=opens + DAY)
    page = as_user(cast("bo")).get(f"/changes/{change.key}/").content.decode()
    assert "Cutover freeze freezes changes, 4 Jun 2026, 07:00 UTC" in page
    assert f'href="{URL}entries/{row.pk}/"' in page
