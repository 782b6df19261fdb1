"""Entries of the calendar, and which of them concern a change: by scope, by place, and by occurrence."""

import datetime as dt

import pytest

from approvals.domain.calendar import (
    amend_calendar_entry,
    declare_calendar_entry,
    freezes_for,
    withdraw_calendar_entry,
)
from approvals.domain.gate import freeze_reasons
from approvals.domain.requests import cancel_change
from approvals.domain.standard import ask_for_standard_change
from approvals.models import CalendarEntry
from catalog.domain.connections import add_endpoint, bind
from catalog.models import Interface
from governance.domain.audit import history_of
from governance.kernel.errors import Invalid, NotAllowed, StaleRevision, WrongState
from tests.factories import approvals as make
from tests.factories import catalog, classes

UTC = dt.UTC
DAY = dt.timedelta(days=1)
#: Lakeshore's freeze of story 3: from the 26th on, the 6th included, on Chicago's clock.
FREEZE = (dt.datetime(2026, 6, 26, 5, tzinfo=UTC), dt.datetime(2026, 7, 7, 5, tzinfo=UTC))


def declare(cast, kind="BLACKOUT", name="Cutover freeze", start=FREEZE[0], end=FREEZE[1], **scope):
    return declare_calendar_entry(
        kind, name=name, starts_at=start, ends_at=end, now=cast.now, actor=cast("max"), **scope
    )


def names(interface, start, end=None):
    found = freezes_for([interface], start=start, end=end or start + dt.timedelta(hours=1))
    return [(one.name, f"{one.ends_at:%m-%d %H:%M}") for one in found]


def test_zone_is_the_facilitys_unless_said(cast):
    place = catalog.facility(cast)
    assert declare(cast, facility=place).zone == "America/Chicago"
    assert declare(cast, facility=place, zone="Europe/Berlin").zone == "Europe/Berlin"
    assert declare(cast).zone == "UTC"


@pytest.mark.parametrize(
    ("values", "fields"),
    [
        ({"end": FREEZE[0]}, {""}),
        ({"zone": "Lakeshore/Main"}, {"zone"}),
        ({"rrule": "FREQ=HOURLY"}, {"rrule"}),
        ({"rrule": "FREQ=WEEKLY;BYDAY=MO"}, {"rrule"}),  # it begins on a Friday
        ({"kind": "HOLIDAY", "rrule": "FREQ=NEVER"}, {"kind", "rrule"}),
    ],
)
def test_unsound_entries_are_refused_beside_their_fields(cast, values, fields):
    with pytest.raises(Invalid) as refused:
        declare(cast, **values)
    assert (set(refused.value.errors), CalendarEntry.objects.count()) == (fields, 0)


def test_only_those_who_manage_the_calendar_write_in_it(cast):
    entry = declare(cast)
    for command in (
        lambda: declare_calendar_entry(
            "QUIET", name="Mine", starts_at=FREEZE[0], ends_at=FREEZE[1], now=cast.now, actor=cast("ada")
        ),
        lambda: amend_calendar_entry(entry, name="Mine", now=cast.now, actor=cast("ada")),
        lambda: withdraw_calendar_entry(entry, reason="No", now=cast.now, actor=cast("bo")),
    ):
        with pytest.raises(NotAllowed):
            command()


def test_amended_and_withdrawn_it_stays_in_the_record(cast):
    interface = catalog.interface(cast)
    entry = declare(cast)
    seen = CalendarEntry.objects.get()
    amend_calendar_entry(entry, ends_at=FREEZE[1] + DAY, now=cast.now, actor=cast("max"))
    with pytest.raises(StaleRevision):
        amend_calendar_entry(seen, name="Other", revision=1, now=cast.now, actor=cast("max"))
    assert names(interface, FREEZE[1]) == [("Cutover freeze", "07-08 05:00")]
    with pytest.raises(Invalid):
        withdraw_calendar_entry(entry, reason=" ", now=cast.now, actor=cast("max"))
    withdraw_calendar_entry(entry, reason="The cutover is postponed", now=cast.now, actor=cast("max"))
    assert names(interface, FREEZE[1]) == []
    with pytest.raises(WrongState):
        amend_calendar_entry(entry, name="Other", now=cast.now, actor=cast("max"))
    assert [(step.action.split(".")[-1], step.reason) for step in history_of(entry)] == [
        ("declare", ""), ("amend", ""), ("withdraw", "The cutover is postponed"),
    ]  # fmt: skip


def test_scope_of_domain_system_and_hop(cast):
    interface = catalog.interface(cast)
    engine = catalog.system(cast, "engine", domain="INTEGRATION")
    declare(cast, name="ERP", domain=cast.domains()["ERP"])
    declare(cast, name="Clinical", domain=cast.domains()["CLINICAL"])
    declare(cast, name="Target", system=interface.target)
    declare(cast, name="On the way", system=engine)
    assert {name for name, _ in names(interface, FREEZE[0])} == {"Clinical", "Target"}
    place = bind(interface, environment="PROD", facility=catalog.facility(cast), now=cast.now, actor=cast.clock)
    hop = catalog.instance(cast, engine)
    add_endpoint(
        place, role="HOP", transport="MLLP", address="10.0.0.1:1", instance=hop, now=cast.now, actor=cast.clock
    )
    assert {name for name, _ in names(interface, FREEZE[0])} == {"Clinical", "Target", "On the way"}


def test_scope_of_facility_is_where_it_runs_and_what_that_is_part_of(cast):
    interface = catalog.interface(cast)
    group = catalog.facility(cast, "lakeshore-health")
    main = catalog.facility(cast, "lakeshore-main", parent=group)
    east = catalog.facility(cast, "lakeshore-east", timezone="America/Detroit")
    for place in (group, main, east):
        declare(cast, name=place.key, facility=place)
    assert names(interface, FREEZE[0]) == []
    catalog.instance(cast, interface.provider, facility=main)
    catalog.instance(cast, interface.provider, facility=east)
    assert {name for name, _ in names(interface, FREEZE[0])} == {"lakeshore-health", "lakeshore-main", "lakeshore-east"}
    bind(interface, environment="TEST", facility=east, now=cast.now, actor=cast.clock)
    bind(interface, environment="PROD", facility=main, now=cast.now, actor=cast.clock)
    assert {name for name, _ in names(interface, FREEZE[0])} == {"lakeshore-health", "lakeshore-main"}


def test_a_repeated_freeze_stops_the_gate_on_its_nights_only(cast):
    """Month end, the last working day from 18:00 in Chicago for six hours: 2026-06-30 is a Tuesday."""
    interface = catalog.interface(cast)
    first = dt.datetime(2026, 5, 29, 23, tzinfo=UTC)
    rule = "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"
    declare(cast, name="Month end", start=first, end=first + dt.timedelta(hours=6), zone="America/Chicago", rrule=rule)
    assert names(interface, dt.datetime(2026, 6, 30, 23, tzinfo=UTC)) == [("Month end", "07-01 05:00")]
    assert names(interface, dt.datetime(2026, 6, 29, 23, tzinfo=UTC)) == []
    inside = freeze_reasons(interface, now=dt.datetime(2026, 7, 1, 4, 59, tzinfo=UTC))
    assert [(one.code, one.name) for one in inside] == [("FREEZE", "freeze 2026-07-01")]
    assert freeze_reasons(interface, now=dt.datetime(2026, 7, 1, 5, tzinfo=UTC)) == []


def test_freezes_cost_the_same_for_many_interfaces(cast, django_assert_num_queries):
    interfaces = [catalog.interface(cast, f"IF-LAB-{n:03d}") for n in range(1, 5)]
    declare(cast, facility=catalog.facility(cast))
    for asked in (interfaces[:1], interfaces):
        with django_assert_num_queries(5):
            freezes_for(asked, start=FREEZE[0], end=FREEZE[1])


def test_story_three_certificates_in_the_freeze_need_operations_and_outside_nobody(cast, seed_tables):
    made = make.interface_in_force(cast, "IF-SUR-004")
    template = classes.active_template(
        cast, made, at=dt.datetime(2026, 5, 31, 9, tzinfo=UTC), title="Rotate certificates"
    )
    declare(cast, name="Cloud-ERP cutover freeze", zone="America/Chicago", domain=cast.domains()["CLINICAL"])
    inside = rotate(cast, template, opens=dt.datetime(2026, 6, 27, 7, tzinfo=UTC), volume_day=610)
    assert (inside.policy["facts"]["blackout"], inside.policy["rules"]) == (True, ["A01", "A15"])
    assert [need.label for need in inside.requirements.all()] == ["OPERATIONS"]
    assert inside.state == "AUTHORIZE"
    cancel_change(inside, reason="After the freeze", now=ASKED, actor=cast("ada"))
    outside = rotate(cast, template, opens=FREEZE[1], volume_day=610)
    assert (outside.policy["facts"]["blackout"], outside.policy["rules"]) == (False, ["A01"])
    assert (outside.requirements.count(), outside.state) == (0, "SCHEDULED")


ASKED = dt.datetime(2026, 6, 25, 9, tzinfo=UTC)


def rotate(cast, template, *, opens, **patch):
    return ask_for_standard_change(
        template, interface=Interface.objects.with_parties().get(), patch=patch, window_start=opens,
        window_end=opens + dt.timedelta(hours=2), now=ASKED, actor=cast("ada"),
    )  # fmt: skip
