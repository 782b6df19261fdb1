"""What a change may carry besides an interface's own fields: systems, endpoints, consumers, owners, an end."""

import datetime as dt

import pytest

from approvals.domain.implementing import implement_change
from approvals.domain.naming import specs_named
from approvals.domain.requests import ask_for_change, cancel_change, open_change
from catalog.domain.connections import add_endpoint, bind, note_traffic
from catalog.domain.systems import edit_system
from catalog.models import Interface, InterfaceEndpoint, OwnerAssignment, Subscription, System
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, NotReady, WrongState
from governance.models import AuditEvent
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
AT = dt.datetime(2026, 6, 15, 9, 0, tzinfo=dt.UTC)
KEY = "IF-SUR-004"


@pytest.fixture
def interface(cast):
    """In service, bound in production, with its address."""
    made = make.interface_in_force(cast, KEY)
    place = bind(made, environment="PROD", now=cast.now, actor=cast.clock)
    add_endpoint(
        place, role="TARGET", transport="HTTPS", address="https://old.example.org", now=cast.now, actor=cast.clock
    )
    Interface.objects.filter(key=KEY).update(state="ACTIVE")
    return Interface.objects.with_parties().get(key=KEY)


def ask(cast, *items, kind="MODIFY", at=AT, actor="ada", **said):
    """Asked for by ``actor`` and voted; to be carried out after its lead time."""
    specs = specs_named(items, actor=cast(actor))
    said = {"title": "Asked", "reason": "It is time", "evidence": make.EVIDENCE, **said}
    change = ask_for_change(change_type=kind, items=specs, now=at, actor=cast(actor), **said)
    asked = {role for need in change.requirements.filter(number=change.number) for role in need.roles}
    for role, name in make.VOTERS.items():
        if role in asked:
            make.vote(cast, change, name, now=at + make.HOUR)
    return change


def opened(cast, *items):
    specs = specs_named(items, actor=cast("ada"))
    return open_change(change_type="CONFIG", title="A", reason="B", items=specs, now=AT, actor=cast("ada"))


def carry_out(cast, change):
    return implement_change(change, now=change.implement_at, actor=cast.clock)


def test_a_system_is_changed_under_its_mandate_and_others_edits_stay(cast, interface):
    system = interface.target
    system.owner_team = cast.team("integration-owners")
    edit_system(system, owner_team=system.owner_team, now=AT, actor=cast.clock)
    patch = {"hosting": "SAAS", "owner_team": "stewards", "tier": 1}
    cast("lou")
    change = ask(cast, {"system": system.key, "patch": patch}, kind="CONFIG")
    assert change.policy["facts"]["tier"] == 1
    assert {need.label for need in change.requirements.all()} == {"INTERFACE_OWNER", "CLINICAL_IT", "OPERATIONS"}
    edit_system(System.objects.get(pk=system.pk), vendor="Another", now=AT, actor=cast("ada"))
    carry_out(cast, change)
    stored = System.objects.get(pk=system.pk)
    assert (stored.hosting, stored.owner_team.key, stored.tier, stored.vendor) == ("SAAS", "stewards", 1, "Another")
    step = history_of(stored).get(action="catalog.system.apply")
    assert (step.mandate, set(step.after)) == (change.key, {"hosting", "owner_team_id", "tier", "revision"})


def test_a_system_edited_meanwhile_is_a_conflict_field_by_field(cast, interface):
    system = interface.target
    edit_system(system, owner_team=cast.team("integration-owners"), now=AT, actor=cast.clock)
    change = ask(cast, {"system": system.key, "patch": {"hosting": "SAAS", "vendor": "Ours"}}, kind="CONFIG")
    edit_system(System.objects.get(pk=system.pk), hosting="PAAS", now=AT, actor=cast.clock)
    with pytest.raises(Conflict) as refused:
        carry_out(cast, change)
    said = {"hosting": {"base": "ON_PREM", "stored": "PAAS", "wanted": "SAAS"}}
    assert refused.value.details == {"conflicts": said, "subject": system.key}
    assert System.objects.get(pk=system.pk).vendor == ""
    change.refresh_from_db()
    assert change.state == "SCHEDULED"


@pytest.mark.parametrize(
    ("item", "errors"),
    [
        ({"system": "revenue-cycle", "patch": {"key": "other"}}, ["key"]),
        ({"system": "revenue-cycle", "patch": {"hosting": "MOON"}}, ["hosting"]),
        ({"system": "revenue-cycle", "patch": {"owner_team": "nobody"}}, ["owner_team"]),
        ({"system": "revenue-cycle"}, ["items"]),
        ({"system": "revenue-cycle", "operation": "DELETE"}, ["operation"]),
        ({"endpoint": f"{KEY}/PROD:TARGET-1", "patch": {"role": "HOP"}}, ["role"]),
        ({"endpoint": f"{KEY}/PROD:TARGET-1", "patch": {"transport": "PIGEON"}}, ["transport"]),
        ({"endpoint": f"{KEY}/PROD", "operation": "CREATE", "patch": {"planned": False}}, ["planned"]),
        ({"subscription": f"{KEY}@lms", "operation": "CREATE"}, ["purpose"]),
        ({"subscription": KEY, "operation": "CREATE"}, ["items"]),
        ({"interface": KEY, "patch": {"support": "team:nobody"}}, ["support"]),
        ({"interface": KEY, "operation": "DELETE", "patch": {"tier": 1}}, ["tier"]),
        ({"interface": KEY, "system": "revenue-cycle"}, ["items"]),
    ],
)
def test_what_would_not_be_sound_is_refused_beside_its_field(cast, interface, item, errors):
    catalog.system(cast, "lms")
    with pytest.raises(Invalid) as refused:
        opened(cast, item)
    assert list(refused.value.errors) == errors
    assert (Subscription.every.count(), InterfaceEndpoint.every.count()) == (0, 1)


def test_an_endpoint_moves_under_its_mandate_and_its_address_stays_out_of_the_audit(cast, interface):
    item = {"endpoint": f"{KEY}/PROD:TARGET-1", "patch": {"address": "https://new.example.org", "auth": "mutual TLS"}}
    change = ask(cast, item, kind="ENDPOINT_MOVE")
    assert change.policy["facts"]["tier"] == interface.tier
    carry_out(cast, change)
    moved = InterfaceEndpoint.objects.get()
    assert (moved.address, moved.auth) == ("https://new.example.org", "mutual TLS")
    told = " ".join(str(event.before) + str(event.after) for event in AuditEvent.objects.all())
    assert "mutual TLS" in told
    assert "example.org" not in told


def test_an_endpoint_moved_meanwhile_is_a_conflict_that_names_no_address(cast, interface):
    item = {"endpoint": f"{KEY}/PROD:TARGET-1", "patch": {"address": "https://new.example.org"}}
    change = ask(cast, item, kind="ENDPOINT_MOVE")
    InterfaceEndpoint.objects.update(address="https://third.example.org")
    with pytest.raises(Conflict) as refused:
        carry_out(cast, change)
    assert set(refused.value.details["conflicts"]["address"].values()) == {"not shown"}
    assert InterfaceEndpoint.objects.get().address == "https://third.example.org"


def test_an_endpoint_is_added_by_the_change_and_is_in_no_list_before(cast, interface):
    values = {"role": "SOURCE", "transport": "HTTPS", "address": "https://more.example.org"}
    change = ask(cast, {"endpoint": f"{KEY}/PROD", "operation": "CREATE", "patch": values}, kind="ENDPOINT_MOVE")
    place = interface.bindings.get()
    assert (place.endpoints.count(), InterfaceEndpoint.every.count()) == (1, 2)
    carry_out(cast, change)
    assert sorted(place.endpoints.values_list("role", "address")) == [
        ("SOURCE", "https://more.example.org"), ("TARGET", "https://old.example.org"),
    ]  # fmt: skip
    taken = {"endpoint": f"{KEY}/PROD", "operation": "CREATE", "patch": values}
    with pytest.raises(Invalid, match="cannot be saved"):
        ask(cast, taken, kind="ENDPOINT_MOVE")


def test_past_its_building_endpoints_change_through_a_change_only(cast, interface):
    place = interface.bindings.get()
    said = {"role": "SOURCE", "transport": "HTTPS", "address": "https://x.example.org", "now": AT}
    for state in ("IN_REVIEW", "APPROVED", "ACTIVE", "SUSPENDED", "DEPRECATED", "RETIRED"):
        place.interface.state = state
        with pytest.raises(WrongState, match=r"change through a change request\. Ask for an endpoint move"):
            add_endpoint(place, actor=cast.clock, **said)
    Interface.objects.update(state="IN_TEST")
    with pytest.raises(WrongState, match="record its endpoints directly"):
        ask(cast, {"endpoint": f"{KEY}/PROD:TARGET-1", "patch": {"auth": "mutual TLS"}}, kind="ENDPOINT_MOVE")


def test_a_consumer_begins_and_ends_by_a_change(cast, interface):
    catalog.system(cast, "lms", owner_team=cast.team("consumer-one"))
    name = f"{KEY}@lms"
    with pytest.raises(NotFound, match="does not consume"):
        specs_named([{"subscription": name, "operation": "DELETE"}], actor=cast("ada"))
    begin = {"subscription": name, "operation": "CREATE", "patch": {"purpose": "Teaches the charge codes"}}
    change = ask(cast, begin, kind="NEW_CONSUMER")
    assert interface.subscriptions.count() == 0
    carry_out(cast, change)
    live = interface.subscriptions.get()
    assert (live.purpose, live.since, live.until) == ("Teaches the charge codes", change.implemented_at, None)
    with pytest.raises(Conflict, match="already consumes"):
        ask(cast, begin, kind="NEW_CONSUMER")
    later = AT + dt.timedelta(days=30)
    ending = ask(cast, {"subscription": name, "operation": "DELETE"}, kind="CONFIG", at=later)
    carry_out(cast, ending)
    assert interface.subscriptions.get().until == ending.implemented_at


def test_a_new_consumer_may_be_asked_for_by_its_own_owner_and_by_no_stranger(cast, interface):
    cast("sam")
    catalog.system(cast, "lms", owner_team=cast.team("consumer-one"))
    begin = {"subscription": f"{KEY}@lms", "operation": "CREATE", "patch": {"purpose": "Teaches"}}
    said = {"change_type": "NEW_CONSUMER", "title": "Consume", "reason": "Teaching", "now": AT}
    with pytest.raises(NotFound):
        specs_named([begin], actor=cast("eve"))
    specs = specs_named([begin], actor=cast("gus"))
    with pytest.raises(NotAllowed):
        open_change(items=specs, actor=cast("gus"), **said)
    change = open_change(items=specs_named([begin], actor=cast("jo")), actor=cast("sam"), **said)
    assert str(change.items.get().subject.consumer) == "Lms"


def test_what_was_taken_back_leaves_no_trace_in_the_lists(cast, interface):
    catalog.system(cast, "lms")
    begin = {"subscription": f"{KEY}@lms", "operation": "CREATE", "patch": {"purpose": "Teaches"}}
    for _ in range(2):
        change = ask(cast, begin, kind="NEW_CONSUMER")
        cancel_change(change, reason="Not now", now=AT, actor=cast("ada"))
    assert (interface.subscriptions.count(), Subscription.every.count()) == (0, 2)


def test_an_owner_is_replaced_by_a_change(cast, interface):
    cast("lou")
    change = ask(cast, {"interface": KEY, "patch": {"support": "person:lou", "volume_day": 900}})
    assert change.items.get().base["support"] == "team:integration-owners"
    carry_out(cast, change)
    current = OwnerAssignment.objects.current().filter(interface=interface)
    assert str(current.get(kind="SUPPORT").person) == "Lou"
    assert (current.count(), Interface.objects.get(key=KEY).volume_day) == (3, 900)


def test_an_interface_ends_in_two_steps(cast, interface):
    cast("sam")
    catalog.system(cast, "lms", owner_team=cast.team("consumer-one"))
    begin = {"subscription": f"{KEY}@lms", "operation": "CREATE", "patch": {"purpose": "Teaches"}}
    carry_out(cast, ask(cast, begin, kind="NEW_CONSUMER"))
    soon, late = AT + dt.timedelta(days=30), AT + dt.timedelta(days=400)
    end = {"interface": KEY, "operation": "DELETE", "patch": {"sunset_on": soon.date().isoformat()}}
    with pytest.raises(NotReady) as refused:
        ask(cast, end, kind="RETIRE")
    assert list(refused.value.errors) == ["sunset_on"]
    end["patch"]["sunset_on"] = late.date().isoformat()
    change = ask(cast, end, kind="RETIRE")
    assert change.state == "AUTHORIZE"
    make.vote(cast, change, "sam", now=AT + make.HOUR)
    carry_out(cast, change)
    stored = Interface.objects.get(key=KEY)
    assert (stored.state, stored.sunset_on) == ("DEPRECATED", late.date())
    note_traffic(interface.subscriptions.get(), at=late)
    retire = {"interface": KEY, "operation": "DELETE"}
    with pytest.raises(NotReady) as refused:
        ask(cast, retire, kind="RETIRE", at=late)
    assert sorted(refused.value.errors) == ["subscriptions", "traffic"]
    ending = ask(cast, {"subscription": f"{KEY}@lms", "operation": "DELETE"}, kind="CONFIG", at=late)
    carry_out(cast, ending)
    carry_out(cast, ask(cast, retire, kind="RETIRE", at=late + dt.timedelta(days=31)))
    assert Interface.objects.get(key=KEY).state == "RETIRED"
    with pytest.raises(WrongState, match="It has ended"):
        ask(cast, retire, kind="RETIRE", at=late + dt.timedelta(days=99))
