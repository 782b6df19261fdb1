"""The next free window: after the lead time, past what is in the way, and right in the nights of the clocks."""

import datetime as dt

from approvals.domain.suggesting import window_for, window_for_ask
from catalog.models import Interface
from tests.factories import approvals as make
from tests.factories import catalog

from .test_conflicts import DAY, HOUR, OPENS, UTC, declare, other_change, placed


def suggested(cast, interface, lead=72, **window):
    found = window_for_ask(interface, lead_hours=lead, now=cast.now, actor=cast("max"), **window)
    return found.start, found.message


def test_without_anything_in_the_way_it_opens_when_the_lead_time_is_over(cast, seed_tables):
    assert suggested(cast, placed(cast)) == (cast.now + 72 * HOUR, "29 May 2026, 04:00 to 08:00 CDT")


def test_it_passes_freezes_quiet_times_and_other_changes(cast, seed_tables):
    interface = placed(cast, "IF-SUR-002")
    ends = cast.now + 5 * DAY + dt.timedelta(minutes=7)
    declare(cast, start=cast.now, end=ends)
    declare(cast, "QUIET", "Payroll", start=ends + HOUR, end=ends + 2 * HOUR)
    assert suggested(cast, interface)[0] == ends + 2 * HOUR + dt.timedelta(minutes=8)
    short = {"window_start": OPENS, "window_end": OPENS + HOUR / 2}
    assert suggested(cast, interface, **short)[0] == ends + dt.timedelta(minutes=8)


def test_it_passes_another_change_of_the_asset(cast, seed_tables):
    made = make.interface_in_force(cast, "IF-SUR-005")
    interface = Interface.objects.with_parties().get(pk=made.pk)
    other_change(cast, interface, opens=cast.now + 5 * DAY, hours=3)
    assert suggested(cast, interface, lead=5 * 24)[0] == cast.now + 5 * DAY + 3 * HOUR


def test_it_lies_inside_a_maintenance_window_where_there_are_any(cast, seed_tables):
    interface = placed(cast)
    sunday = dt.datetime(2026, 5, 24, 7, tzinfo=UTC)
    declare(
        cast, "MAINTENANCE", "Night", sunday, sunday + 4 * HOUR, zone="America/Chicago", rrule="FREQ=WEEKLY;BYDAY=SU",
        system=interface.provider,
    )  # fmt: skip
    declare(cast, start=sunday + 7 * DAY, end=sunday + 8 * DAY)
    assert suggested(cast, interface) == (sunday + 14 * DAY, "7 Jun 2026, 02:00 to 06:00 CDT")
    longer = {"window_start": OPENS, "window_end": OPENS + 5 * HOUR}
    start, message = suggested(cast, interface, **longer)
    assert (start, message) == (None, "Nothing is free before 28 Jul 2026, 04:00 CDT: look at the calendar.")


def test_in_the_short_night_the_window_is_an_hour_shorter_and_not_taken(cast, seed_tables):
    """Chicago, 14 March 2027: 01:00 to 05:00 lasts three hours; the night of 7 November 2027 lasts five."""
    interface = placed(cast)
    first = dt.datetime(2027, 3, 7, 7, tzinfo=UTC)
    declare(
        cast, "MAINTENANCE", "Night", first, first + 4 * HOUR, zone="America/Chicago", rrule="FREQ=WEEKLY;BYDAY=SU",
        system=interface.provider,
    )  # fmt: skip
    cast.now = dt.datetime(2027, 3, 10, 9, tzinfo=UTC)
    assert suggested(cast, interface) == (
        dt.datetime(2027, 3, 21, 6, tzinfo=UTC), "21 Mar 2027, 01:00 to 05:00 CDT",
    )  # fmt: skip
    cast.now = dt.datetime(2027, 11, 3, 9, tzinfo=UTC)
    long = {"window_start": OPENS, "window_end": OPENS + 5 * HOUR}
    assert suggested(cast, interface, **long) == (
        dt.datetime(2027, 11, 7, 6, tzinfo=UTC), "7 Nov 2027, 01:00 CDT to 7 Nov 2027, 05:00 CST",
    )  # fmt: skip


def test_a_written_change_keeps_its_length(cast, seed_tables):
    draft = make.new_interface_change(cast, window_start=OPENS, window_end=OPENS + HOUR)
    catalog.facility(cast)
    found = window_for(draft, now=cast.now, actor=cast("max"))
    assert (found.start, found.end) == (cast.now + 72 * HOUR, cast.now + 73 * HOUR)
