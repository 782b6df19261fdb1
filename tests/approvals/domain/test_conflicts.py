"""What a window runs into: each kind found, said with the other's name, and not found where there is none."""

import datetime as dt

import pytest

from approvals.domain.calendar import declare_calendar_entry, withdraw_calendar_entry
from approvals.domain.conflicts import conflicts_among, conflicts_of, conflicts_of_ask
from approvals.domain.implementing import implement_change
from approvals.domain.queries import changes_of
from approvals.domain.requests import ItemSpec, ask_for_change, open_change
from approvals.models import ChangeRequest
from catalog.domain.connections import bind
from catalog.models import Interface
from contracts.domain.contracts import open_contract
from contracts.domain.versions import post_version
from governance.kernel.errors import NotReady
from tests.factories import approvals as make
from tests.factories import catalog, classes

UTC = dt.UTC
HOUR, DAY = dt.timedelta(hours=1), dt.timedelta(days=1)
#: 02:00 in Chicago on the 5th of June: ten days after the cast's now, past every lead time.
OPENS = dt.datetime(2026, 6, 5, 7, tzinfo=UTC)
WINDOW = {"window_start": OPENS, "window_end": OPENS + 4 * HOUR}


def declare(cast, kind="BLACKOUT", name="Cutover freeze", start=OPENS - DAY, end=OPENS + DAY, **scope):
    return declare_calendar_entry(
        kind, name=name, starts_at=start, ends_at=end, now=cast.now, actor=cast("max"), **scope
    )


def placed(cast, key="IF-SUR-001", zone="America/Chicago"):
    """A decided story interface that runs in production at a facility of that zone."""
    made = make.decided_interface(cast, key)
    place = catalog.facility(cast, timezone=zone)
    bind(made, environment="PROD", facility=place, now=cast.now, actor=cast.clock)
    return Interface.objects.with_parties().get(pk=made.pk)


def kinds(cast, interface, actor="max", lead=72, **window):
    asked = {**WINDOW, **window}
    found = conflicts_of_ask(interface, lead_hours=lead, now=cast.now, actor=cast(actor), **asked)
    return [str(one.kind) for one in found]


def said(cast, interface, actor="max", lead=72, **window):
    asked = {**WINDOW, **window}
    found = conflicts_of_ask(interface, lead_hours=lead, now=cast.now, actor=cast(actor), **asked)
    return [one.message for one in found]


def test_freeze_and_quiet_time_are_said_on_the_facilitys_clock(cast, seed_tables):
    interface = placed(cast, "IF-SUR-002")
    declare(cast, facility=interface.bindings.get().facility)
    declare(cast, "QUIET", "Payroll run", domain=cast.domains()["ERP"], zone="America/Chicago")
    assert kinds(cast, interface) == ["FREEZE", "QUIET"]
    assert said(cast, interface) == [
        "Cutover freeze (Lakeshore Main) freezes changes, 4 Jun 2026, 02:00 CDT to 6 Jun 2026, 02:00 CDT.",
        "Payroll run (ERP) is quiet time, 4 Jun 2026, 02:00 CDT to 6 Jun 2026, 02:00 CDT.",
    ]


def test_lead_time_41_h_against_72_h(cast, seed_tables):
    interface = placed(cast)
    opens = cast.now + 41 * HOUR
    assert said(cast, interface, window_start=opens, window_end=opens + HOUR) == [
        "The window opens 41 h after submission and the lead time is 72 h (41 h < 72 h): "
        "29 May 2026, 04:00 CDT or later."
    ]
    assert kinds(cast, interface, window_start=cast.now + 72 * HOUR) == []


def test_quiet_time_is_for_money_and_the_erp_only(cast, seed_tables):
    declare(cast, "QUIET", "Month end")
    assert kinds(cast, placed(cast, "IF-SUR-002")) == ["QUIET"]
    assert kinds(cast, make.decided_interface(cast, "IF-SUR-001")) == []


def test_withdrawn_over_and_elsewhere_are_no_conflicts(cast, seed_tables):
    interface = placed(cast)
    gone = declare(cast)
    withdraw_calendar_entry(gone, reason="Postponed", now=cast.now, actor=cast("max"))
    declare(cast, end=OPENS)
    declare(cast, start=OPENS + 4 * HOUR, end=OPENS + DAY)
    declare(cast, domain=cast.domains()["REVENUE"])
    declare(cast, facility=catalog.facility(cast, "lakeshore-east", timezone="America/Detroit"))
    assert kinds(cast, interface) == []


def other_change(cast, interface, *, opens=OPENS, hours=2, actor="ada", **values):
    """A submitted modification of an interface in force."""
    return ask_for_change(
        change_type="MODIFY", title="More volume", reason="A second ward", plan="Raise the limit.",
        backout="Set it back.", items=[ItemSpec(interface, "UPDATE", {"volume_day": 900})], window_start=opens,
        window_end=opens + hours * HOUR, evidence=make.EVIDENCE, now=cast.now + 2 * DAY, actor=cast(actor), **values,
    )  # fmt: skip


@pytest.fixture
def running(cast, seed_tables):
    """Two interfaces of one ERP in force, a third that the ERP consumes, and one of nobody among them."""
    made = make.interface_in_force(cast, "IF-SUR-005")
    return Interface.objects.with_parties().get(pk=made.pk)


def test_same_asset_is_named_by_change_and_by_object(cast, running):
    other = other_change(cast, running)
    assert kinds(cast, running) == ["SAME_ASSET"]
    assert said(cast, running) == [f"{other.key} More volume changes IF-SUR-005 too, 5 Jun 2026, 07:00 to 09:00 UTC."]
    assert kinds(cast, running, window_start=OPENS + 2 * HOUR, window_end=OPENS + 3 * HOUR) == []
    assert conflicts_of(other, now=cast.now, actor=cast("max")) == []


def test_related_assets_are_those_of_a_system_that_takes_part(cast, running):
    other = other_change(cast, running)
    erp = running.provider
    feeds = catalog.interface(cast, "IF-SUR-006", source=erp, target=catalog.system(cast, "erp-costing", domain="ERP"))
    takes = catalog.interface(cast, "IF-SUR-003", target=erp)
    consumed = catalog.consumed(cast, catalog.interface(cast, "IF-LAB-001"), erp)
    apart = catalog.interface(cast, "IF-LAB-002")
    assert {one.key: kinds(cast, one) for one in (feeds, takes, consumed, apart)} == {
        "IF-SUR-006": ["RELATED_ASSET"], "IF-SUR-003": ["RELATED_ASSET"], "IF-LAB-001": ["RELATED_ASSET"],
        "IF-LAB-002": [],
    }  # fmt: skip
    assert said(cast, consumed) == [
        f"{other.key} More volume changes IF-SUR-005, an interface of {erp}, 5 Jun 2026, 07:00 to 09:00 UTC."
    ]


def test_what_the_reader_may_not_know_is_not_named(cast, running):
    other = other_change(cast, running)
    declare(cast, name="Secret freeze", system=running.provider)
    secret = (other.key, running.key, str(running.provider), "Secret")
    for sentence in said(cast, running, actor="eve"):
        assert not [word for word in secret if word in sentence]
    assert kinds(cast, running, actor="eve") == ["FREEZE", "SAME_ASSET"]
    assert said(cast, running, actor="eve")[0].startswith("A freeze that you may not read freezes changes, ")


def test_implementer_is_busy_with_an_unrelated_change(cast, running):
    other = other_change(cast, running, implementer=cast("oz"))
    apart = make.decided_interface(cast, "IF-SUR-001")
    mine = open_change(
        change_type="NEW_INTERFACE", items=[ItemSpec(apart, "CREATE")], title="Cases", reason="By hand today",
        implementer=cast("oz"), now=cast.now, actor=cast("ada"), **WINDOW,
    )  # fmt: skip
    found = conflicts_of(mine, now=cast.now, actor=cast("max"))
    assert [(str(one.kind), one.change) for one in found] == [("IMPLEMENTER_BUSY", other.key)]
    assert found[0].message.startswith(f"{other.key} More volume is carried out by Oz too, 5 Jun 2026")


def test_outside_maintenance_only_where_a_window_exists_and_names_the_next(cast, seed_tables):
    interface = placed(cast)
    assert kinds(cast, interface) == []
    sunday = dt.datetime(2026, 5, 31, 7, tzinfo=UTC)
    declare(
        cast, "MAINTENANCE", "Engine night", sunday, sunday + 3 * HOUR, zone="America/Chicago",
        rrule="FREQ=WEEKLY;BYDAY=SU", system=interface.provider,
    )  # fmt: skip
    assert kinds(cast, interface) == ["OUTSIDE_MAINTENANCE"]
    inside = {"window_start": sunday + 7 * DAY, "window_end": sunday + 7 * DAY + 2 * HOUR}
    assert kinds(cast, interface, **inside) == []
    assert said(cast, interface) == [
        f"It lies outside Engine night ({interface.provider}): next 7 Jun 2026, 02:00 to 05:00 CDT."
    ]


def test_a_window_that_is_over_for_good_is_no_maintenance(cast, seed_tables):
    interface = placed(cast)
    declare(cast, "MAINTENANCE", "Once", OPENS - 3 * DAY, OPENS - 2 * DAY, system=interface.provider)
    declare(cast, "MAINTENANCE", "For all", OPENS + 3 * DAY, OPENS + 4 * DAY)
    assert kinds(cast, interface) == []


def test_many_changes_cost_what_one_costs(cast, seed_tables, django_assert_num_queries):
    declare(cast, facility=catalog.facility(cast))
    declare(cast, "QUIET", "Month end")
    for number in range(1, 4):
        ends = [catalog.system(cast, f"{name}-{number}") for name in ("ehr", "lab")]
        made = catalog.interface(cast, f"IF-LAB-{number:03d}", source=ends[0], target=ends[1])
        interface = make.decided_interface(cast, "IF-SUR-001") if number == 1 else made
        open_change(
            change_type="NEW_INTERFACE", items=[ItemSpec(interface, "CREATE")], title="X", reason="Y",
            implementer=cast("oz"), now=cast.now, actor=cast("ada"), **WINDOW,
        )  # fmt: skip
    ChangeRequest.objects.update(state="ASSESS", revised_at=cast.now)
    changes = list(changes_of(cast("max")).order_by("key"))
    for asked in (changes[:1], changes):
        with django_assert_num_queries(16):
            found = conflicts_among(asked, now=cast.now, actor=cast("max"))
    assert [[str(one.kind) for one in found[change.pk]] for change in changes] == [["IMPLEMENTER_BUSY"] * 2] * 3


def test_draft_is_held_against_the_lead_time_that_it_would_get(cast, seed_tables):
    draft = make.new_interface_change(cast, window_start=cast.now + 41 * HOUR, window_end=cast.now + 42 * HOUR)
    found = conflicts_of(draft, now=cast.now, actor=cast("max"))
    assert [str(one.kind) for one in found] == ["LEAD_TIME"]
    assert "41 h < 72 h" in found[0].message
    assert conflicts_of(make.scheduled_change(cast, "IF-SUR-002"), now=cast.now, actor=cast("max")) == []


def test_only_a_change_that_is_being_carried_out_stops_another_of_the_same_asset(cast, running):
    """A contract version and the interface itself: two subjects, one asset."""
    contract = open_contract(running, format="json_schema", now=cast.now, actor=cast("ada"))
    version, _ = post_version(contract, version="1.0.0", text=b'{"type": "object"}', now=cast.now, actor=cast("ada"))
    now = cast.now + 2 * DAY
    change = ask_for_change(
        change_type="CONTRACT_VERSION", title="Promise", reason="Consumers ask", plan="Publish.", backout="Withdraw.",
        items=[ItemSpec(version, "CREATE")], evidence=make.EVIDENCE, now=now, actor=cast("ada"),
    )  # fmt: skip
    make.vote_all(cast, change)
    emergency = classes.asked_emergency(cast, running, at=now)
    assert change.implement_at
    assert [str(one.kind) for one in conflicts_of(change, now=now, actor=cast("max"))] == []
    make.vote(cast, emergency, "nia", now=now)
    assert emergency.state == "IMPLEMENTING"
    with pytest.raises(NotReady) as refused:
        implement_change(change, now=change.implement_at, actor=cast.clock)
    assert (refused.value.code, refused.value.details) == ("SAME_ASSET", {"change": emergency.key})
    implement_change(emergency, now=now, actor=cast("ada"))
    assert implement_change(change, now=change.implement_at, actor=cast.clock).state == "REVIEW"
