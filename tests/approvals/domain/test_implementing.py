"""Carrying out: after the lead time, inside the window, once, and never over what someone else changed."""

import datetime as dt

import pytest

from approvals.domain.calendar import declare_calendar_entry
from approvals.domain.implementing import implement_change, implement_due_changes
from approvals.domain.requests import ItemSpec, ask_for_change, revise_change
from approvals.domain.reviewing import close_change
from approvals.models import ChangeRequest
from catalog.models import Interface, ReadinessFact
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, NotReady, WrongState
from tests.factories import approvals as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
OPENS = dt.datetime(2026, 6, 5, 2, 0, tzinfo=dt.UTC)
CLOSES = OPENS + 4 * make.HOUR


def modification(cast, interface, *, at=OPENS + 24 * make.HOUR, **patch):
    """A change of an interface in force, voted, to be implemented 72 h after ``at``."""
    change = ask_for_change(
        change_type="MODIFY", title="More volume", reason="A second ward", now=at, actor=cast("ada"),
        items=[ItemSpec(interface, "UPDATE", patch)], evidence=make.EVIDENCE,
    )  # fmt: skip
    make.vote_all(cast, change)
    return change


@pytest.mark.parametrize(
    ("at", "code", "said"),
    [
        (OPENS - 200 * make.HOUR, "LEAD_TIME", "The lead time of 72 h ends 2026-05-29 09:00Z, in 39.0 h."),
        (OPENS - make.HOUR, "WINDOW_NOT_OPEN", "The window opens 2026-06-05 02:00Z."),
        (CLOSES, "WINDOW_CLOSED", "The window closed 2026-06-05 06:00Z: revise the change with a new one."),
    ],
)
def test_implement_is_refused_outside_its_time(cast, at, code, said):
    change = make.scheduled_change(cast, window_start=OPENS, window_end=CLOSES)
    with pytest.raises(NotReady) as refused:
        implement_change(change, now=at, actor=cast("max"))
    assert (refused.value.code, refused.value.message) == (code, said)
    assert ChangeRequest.objects.get().state == "SCHEDULED"


def test_implement_brings_the_interface_into_force_once(cast):
    change = make.scheduled_change(cast, window_start=OPENS, window_end=CLOSES)
    implement_change(change, now=OPENS, actor=cast("max"))
    assert (change.state, change.implemented_at) == ("REVIEW", OPENS)
    assert Interface.objects.get().state == "IN_BUILD"
    fact = ReadinessFact.objects.get(requirement="change_implemented")
    assert (fact.satisfied, fact.source) == (True, change.key)
    with pytest.raises(WrongState):
        implement_change(ChangeRequest.objects.get(), now=OPENS, actor=cast("max"))


def test_implement_is_not_for_voters_or_strangers(cast):
    change = make.scheduled_change(cast)
    with pytest.raises(NotAllowed) as refused:
        implement_change(change, now=change.implement_at, actor=cast("abe"))
    assert refused.value.code == "SOD_VOTER"
    with pytest.raises(NotAllowed):
        implement_change(change, now=change.implement_at, actor=cast("gus"))


def test_implement_applies_the_revised_values(cast):
    change = make.asked_change(cast)
    revise_change(change, patches={1: {"purpose": "Charge on the day"}}, now=cast.now, actor=cast("ada"))
    make.vote_all(cast, change)
    assert Interface.objects.get().purpose == ""
    implement_change(change, now=change.implement_at, actor=cast.clock)
    assert Interface.objects.get().purpose == "Charge on the day"
    applied = history_of(Interface.objects.get()).filter(action="catalog.interface.apply").get()
    assert (applied.mandate, applied.after["purpose"]) == (change.key, "Charge on the day")


def test_a_field_changed_underneath_is_a_conflict_with_all_three_values(cast):
    interface = make.interface_in_force(cast)
    first = modification(cast, interface, volume_day=500, trigger="OR out")
    Interface.objects.filter(pk=interface.pk).update(volume_day=450)
    with pytest.raises(Conflict) as refused:
        implement_change(first, now=first.implement_at, actor=cast("max"))
    assert refused.value.details["conflicts"] == {"volume_day": {"base": 400, "stored": 450, "wanted": 500}}
    stored = Interface.objects.get()
    assert (stored.volume_day, stored.trigger) == (450, "")
    assert ChangeRequest.objects.get(pk=first.pk).state == "SCHEDULED"


def test_the_clock_holds_what_cannot_be_applied_and_does_the_rest(cast):
    stuck = modification(cast, make.interface_in_force(cast), volume_day=500)
    due = modification(cast, make.interface_in_force(cast, "IF-SUR-004"), volume_day=1500)
    Interface.objects.filter(key="IF-SUR-001").update(volume_day=450)
    at = stuck.implement_at
    assert implement_due_changes(now=at, actor=cast.clock) == 1
    stuck.refresh_from_db()
    due.refresh_from_db()
    assert (stuck.state, stuck.implement_at, due.state) == ("SCHEDULED", at + make.HOUR, "REVIEW")
    assert "volume_day" in stuck.held_reason
    assert history_of(stuck).last().action == "approvals.change.hold"
    assert implement_due_changes(now=at, actor=cast.clock) == 0


def test_a_freeze_stops_what_was_not_asked_as_such(cast):
    change = make.scheduled_change(cast)
    ends = change.implement_at + 10 * make.HOUR
    declare_calendar_entry(
        "BLACKOUT", name="Quarter end", starts_at=cast.now, ends_at=ends, now=cast.now, actor=cast("max")
    )
    with pytest.raises(NotReady, match="Quarter end") as refused:
        implement_change(change, now=change.implement_at, actor=cast("max"))
    assert refused.value.code == "FREEZE"
    assert implement_change(change, now=ends, actor=cast("max")).state == "REVIEW"


def test_a_window_inside_a_freeze_asks_operations(cast):
    declare_calendar_entry(
        "BLACKOUT", name="Quarter end", starts_at=OPENS, ends_at=CLOSES, now=cast.now, actor=cast("max")
    )
    change = make.asked_change(cast, "IF-SUR-004", window_start=OPENS)
    needs = {need.label: need.rules for need in change.requirements.all()}
    assert needs["OPERATIONS"] == ["A15"]
    make.vote_all(cast, change)
    assert implement_change(change, now=OPENS, actor=cast.clock).state == "REVIEW"


def test_close_says_what_came_of_it(cast):
    change = make.implemented_change(cast)
    with pytest.raises(Invalid):
        close_change(change, outcome="FINE", now=cast.now, actor=cast("max"))
    close_change(change, outcome="SUCCESSFUL", notes="First case at 07:40", now=cast.now, actor=cast("max"))
    assert (change.state, change.outcome) == ("CLOSED", "SUCCESSFUL")
    assert history_of(change).last().reason == "First case at 07:40"
