"""Bulk adoption: 600 interfaces that an import found, one change, one decision, one vote each."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from approvals.domain.adopting import adopt_interfaces, discovered, interfaces_to_adopt, summed_up
from approvals.domain.implementing import implement_change
from approvals.domain.requests import decide_on_change
from approvals.models import ChangeRequest
from catalog.domain.adopting import discover_interface, discover_interfaces
from catalog.models import DecisionRecord, Interface, OwnerAssignment, ReadinessFact
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, NotReady, WrongState
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


def rows(cast, count, **values):
    told = {**catalog.story_values(cast, "IF-SUR-004"), **values}
    return [{**told, "key": f"IF-IMP-{number:04d}", "name": f"Found {number}"} for number in range(1, count + 1)]


def found(cast, count, **values):
    cast.board()
    for name in (*make.VOTERS.values(), "kai", "ada"):
        cast(name)
    return discover_interfaces(rows(cast, count, **values), now=cast.now, actor=cast("ada"))


def adopted(cast, interfaces, **said):
    said = {"reason": "They run already", "owner_team": cast.team("integration-owners"), **said}
    return adopt_interfaces(interfaces, evidence=make.EVIDENCE, now=cast.now, actor=cast("ada"), **said)


def decided(cast, change):
    if change.state == "ASSESS":
        for name in ("kai", "jo"):
            try:
                decide_on_change(change, rationale="It runs like this", now=cast.now, actor=cast(name))
            except NotAllowed:
                continue
            if change.state == "AUTHORIZE":
                break
    assert change.state == "AUTHORIZE", change.state
    return change


def through(cast, count):
    """Adopted, decided, voted and carried out; the queries that each of the four steps took."""
    taken = {}
    found(cast, count)
    interfaces = list(discovered(cast("ada")))
    with CaptureQueriesContext(connection) as seen:
        change = adopted(cast, interfaces)
    taken["adopt"] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        decided(cast, change)
    taken["decide"] = len(seen)
    with CaptureQueriesContext(connection) as seen:
        make.vote_all(cast, change)
    taken["vote"] = len(seen)
    assert change.state == "SCHEDULED"
    with CaptureQueriesContext(connection) as seen:
        implement_change(change, now=change.implement_at, actor=cast.clock)
    taken["implement"] = len(seen)
    return change, taken


def test_six_hundred_interfaces_are_adopted_by_one_change(cast):
    change, taken = through(cast, 600)
    print(f"600 interfaces: {taken}")
    assert set(Interface.objects.values_list("state", flat=True)) == {"IN_BUILD"}
    assert (change.items.count(), ChangeRequest.objects.count(), change.state) == (600, 1, "REVIEW")
    labels = [need.label for need in change.requirements.filter(number=change.number)]
    assert len(labels) == len(set(labels))
    assert change.votes.count() == len(labels)
    assert DecisionRecord.objects.values("interface").distinct().count() == 600
    assert ReadinessFact.objects.filter(requirement="change_implemented", source=change.key).count() == 600
    assert OwnerAssignment.objects.current().count() == 1800
    assert sum(taken.values()) < 2 * 600, taken
    one = Interface.objects.get(key="IF-IMP-0300")
    assert [step.action.split(".")[-1] for step in history_of(one)] == [
        "discover", "adopt", "submit", "approve", "apply",
    ]  # fmt: skip
    assert history_of(one).last().mandate == change.key


def test_what_is_not_ready_or_not_found_or_anothers_is_refused_whole(cast):
    interfaces = found(cast, 3)
    with pytest.raises(NotReady) as refused:
        adopted(cast, interfaces, owner_team=None)
    assert sorted(refused.value.errors) == ["IF-IMP-0001", "IF-IMP-0002", "IF-IMP-0003"]
    with pytest.raises(Invalid):
        adopted(cast, [])
    with pytest.raises(NotAllowed):
        adopt_interfaces(interfaces, reason="Mine", now=cast.now, actor=cast("abe"))
    with pytest.raises(NotFound):
        interfaces_to_adopt(cast("ada"), keys=["IF-IMP-0001", "IF-NOT-0001"])
    proposal = catalog.interface(cast)
    with pytest.raises(WrongState, match="only what was discovered"):
        adopted(cast, [*interfaces, proposal])
    assert (ChangeRequest.objects.count(), OwnerAssignment.objects.count()) == (0, 0)
    change = adopted(cast, interfaces[:2])
    assert [(row["tier"], row["count"]) for row in summed_up(list(change.items.all()))] == [(interfaces[0].tier, 2)]
    with pytest.raises(WrongState):
        adopted(cast, list(Interface.objects.with_parties().filter(key__startswith="IF-IMP")))
    with pytest.raises(Conflict):
        adopted(cast, [*interfaces[1:]])


def test_discovery_is_for_architects_and_of_sound_rows(cast):
    row = rows(cast, 1)[0]
    with pytest.raises(NotAllowed):
        discover_interface(**row, now=cast.now, actor=cast("abe"))
    with pytest.raises(Invalid) as refused:
        discover_interface(**{**row, "tier": 7}, now=cast.now, actor=cast("ada"))
    assert list(refused.value.errors) == ["tier"]
    made = discover_interface(**row, now=cast.now, actor=cast("ada"))
    assert (made.state, made.origin) == ("DISCOVERED", "IMPORTED")
