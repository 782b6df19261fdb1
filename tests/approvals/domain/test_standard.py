"""Standard changes: templates grown from what went well, approved by the board, and stopped by one failure."""

import datetime as dt

import pytest

from approvals.domain.calendar import declare_calendar_entry
from approvals.domain.implementing import implement_change, implement_due_changes
from approvals.domain.requests import revise_change
from approvals.domain.reviewing import close_change
from approvals.domain.standard import (
    ask_for_standard_change,
    draft_template,
    record_of,
    revise_template,
    submit_template,
)
from approvals.domain.templates import retire_template, suspend_template
from approvals.models import StandardChangeTemplate
from catalog.models import Interface
from governance.domain.audit import history_of
from governance.kernel.errors import Conflict, Invalid, NotAllowed, WrongState
from governance.models import Notice
from tests.factories import approvals as make
from tests.factories import classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
AT = dt.datetime(2026, 6, 15, 9, 0, tzinfo=dt.UTC)
LATER = AT + 40 * classes.DAY


@pytest.fixture
def interface(cast):
    return make.interface_in_force(cast, "IF-SUR-004")


@pytest.fixture
def template(cast, interface):
    return classes.active_template(cast, interface, at=AT)


def ask(cast, template, *, at=LATER, actor="ada", window_start=None, **patch):
    interface = Interface.objects.with_parties().get()
    said = {"interface": interface, "patch": patch, "window_start": window_start, "now": at, "actor": cast(actor)}
    return ask_for_standard_change(template, **said)


def test_a_template_needs_three_successful_samples_of_one_type(cast, interface):
    good = classes.samples(cast, interface, at=AT)
    failed = classes.closed_change(cast, interface, "FAILED_BACKED_OUT", at=AT + 20 * classes.DAY, volume_day=700)
    said = {"title": "More volume", "allowed": classes.ALLOWED, "now": LATER, "actor": cast("max")}
    for samples, because in (
        (good[:2], "At least 3 different changes are needed; these are 2."),
        ([good[0], good[1], good[1]], "At least 3 different changes are needed; these are 2."),
        ([*good, failed], f"{failed.key} is failed, backed out, not closed as successful."),
    ):
        with pytest.raises(Invalid) as refused:
            draft_template("more-volume", samples=samples, **said)
        assert (refused.value.code, because in refused.value.errors["samples"]) == ("SAMPLES", True)
    with pytest.raises(NotAllowed):
        draft_template("more-volume", samples=good, **{**said, "actor": cast("uma")})


def test_the_allow_list_follows_from_the_samples(cast, interface):
    samples = classes.samples(cast, interface, at=AT)
    said = {"title": "More volume", "samples": samples, "now": LATER, "actor": cast("max")}
    for allowed, tiers, fields in (
        ({"volume_day": {"min": 1, "max": 500}}, None, ["allowed.volume_day"]),
        ({"volume_day": {"min": 1}, "latency_s": {"any": True}}, None, ["allowed.latency_s"]),
        ({"volume_day": "all"}, None, ["allowed.volume_day"]),
        ({"volume_day": {"min": 1}}, [0], ["tiers"]),
    ):
        with pytest.raises(Invalid) as refused:
            draft_template("more-volume", allowed=allowed, tiers=tiers, **said)
        assert (refused.value.code, list(refused.value.errors)) == ("ALLOWED", fields)
    template = draft_template("more-volume", allowed={"volume_day": {"min": 1, "max": 900}}, **said)
    assert (template.state, template.tiers, template.plan) == ("DRAFT", [interface.tier], "Raise the limit.")
    before = template.content_hash
    revise_template(template, title="Much more volume", now=LATER, actor=cast("max"))
    assert template.content_hash != before


def test_the_full_board_approves_a_template(cast, interface):
    samples = classes.samples(cast, interface, at=AT)
    allowed = {"volume_day": {"min": 1, "max": 5000}}
    template = draft_template("more-volume", title="More", samples=samples, allowed=allowed, now=AT, actor=cast("max"))
    change = submit_template(template, now=AT, actor=cast("max"))
    need = change.requirements.get()
    assert (change.change_type, need.label, need.rules, change.lead_hours) == ("POLICY", "BOARD 4 of 5", ["A16"], 120)
    assert StandardChangeTemplate.objects.get().state == "IN_REVIEW"
    with pytest.raises(WrongState):
        ask(cast, template, volume_day=600)
    for name in ("bo", "cy"):
        make.vote(cast, change, name, "REJECT")
    assert (change.state, StandardChangeTemplate.objects.get().state) == ("REJECTED", "DRAFT")


def test_a_standard_change_is_authorised_by_its_template(cast, template):
    change = ask(cast, template, volume_day=600)
    assert (change.state, change.authorised_hash) == ("SCHEDULED", change.revision_hash)
    assert change.requirements.count() == 0
    assert change.policy["template"] == {"key": "more-volume", "hash": template.content_hash}
    assert change.computed_evidence["template_match"]["content"]["fields"] == ["volume_day"]
    assert all(check["passed"] for check in change.computed_evidence["automated_checks_pass"]["content"])
    assert (change.plan, change.lead_hours) == ("Raise the limit.", 0)
    moves = [event.after.get("state") for event in history_of(change)]
    assert not {"ASSESS", "AUTHORIZE"} & set(moves)
    implement_due_changes(now=LATER, actor=cast.clock)
    assert Interface.objects.get().volume_day == 600


def test_what_the_template_does_not_cover_is_refused_by_field_and_range(cast, template):
    with pytest.raises(Invalid) as refused:
        ask(cast, template, volume_day=6000, latency_s=9)
    assert refused.value.code == "OUTSIDE_TEMPLATE"
    assert refused.value.errors["volume_day"] == ["6000 is outside of 1 to 5000."]
    assert refused.value.details["outside"][1] == {"field": "volume_day", "value": 6000, "range": "1 to 5000"}
    assert refused.value.errors["latency_s"] == ["latency_s is not among volume_day."]
    change = ask(cast, template, volume_day=600)
    with pytest.raises(Invalid, match="6000"):
        revise_change(change, patches={1: {"volume_day": 6000}}, now=LATER, actor=cast("ada"))
    change.refresh_from_db()
    revise_change(change, patches={1: {"volume_day": 700}}, now=LATER, actor=cast("ada"))
    assert (change.state, change.authorised_hash) == ("SCHEDULED", change.revision_hash)


def test_inside_a_freeze_operations_are_asked_and_outside_nobody(cast, template):
    starts = LATER + 5 * classes.DAY
    declare_calendar_entry(
        "BLACKOUT", name="Close", starts_at=starts, ends_at=starts + 9 * classes.DAY, now=LATER, actor=cast("max")
    )
    change = ask(cast, template, window_start=starts + make.HOUR, volume_day=600)
    assert (change.state, change.policy["rules"]) == ("AUTHORIZE", ["A01", "A15"])
    assert [need.label for need in change.requirements.all()] == ["OPERATIONS"]
    make.vote(cast, change, "fay", now=LATER)
    assert change.state == "SCHEDULED"
    implement_change(change, now=starts + make.HOUR, actor=cast("max"))
    assert Interface.objects.get().volume_day == 600


def test_one_failure_suspends_the_template_until_the_board_has_looked(cast, template):
    good, bad = ask(cast, template, volume_day=600), None
    implement_change(good, now=LATER, actor=cast("ada"))
    close_change(good, outcome="SUCCESSFUL", now=LATER, actor=cast("ada"))
    assert StandardChangeTemplate.objects.get().state == "ACTIVE"
    bad = ask(cast, template, volume_day=700)
    implement_change(bad, now=LATER, actor=cast("ada"))
    waiting_at = LATER + make.HOUR
    close_change(bad, outcome="FAILED_BACKED_OUT", what_happened="Queue ran full", now=waiting_at, actor=cast("ada"))
    template.refresh_from_db()
    assert (template.state, template.suspended_reason) == (
        "SUSPENDED", f"{bad.key} failed, among its last 2 changes",
    )  # fmt: skip
    assert record_of(template) == {"closed": 2, "failed": 1}
    assert Notice.objects.get(recipient=cast("max"), kind="template.suspended").url == "/changes/standard/more-volume/"
    with pytest.raises(WrongState) as refused:
        ask(cast, template, volume_day=800)
    assert refused.value.code == "TEMPLATE_NOT_ACTIVE"
    again = submit_template(template, now=waiting_at, actor=cast("max"))
    for name in ("bo", "cy", "di", "ed"):
        make.vote(cast, again, name, now=waiting_at)
    implement_change(again, now=again.implement_at, actor=cast.clock)
    resumed = StandardChangeTemplate.objects.get()
    assert resumed.state == "ACTIVE"
    fine = ask(cast, resumed, at=again.implement_at, volume_day=800)
    implement_change(fine, now=again.implement_at, actor=cast("ada"))
    close_change(fine, outcome="SUCCESSFUL", now=again.implement_at, actor=cast("ada"))
    assert StandardChangeTemplate.objects.get().state == "ACTIVE"


def test_a_suspended_template_stops_what_was_scheduled_by_it(cast, template):
    change = ask(cast, template, volume_day=600)
    with pytest.raises(Conflict):
        retire_template(template, now=LATER, actor=cast("max"))
    with pytest.raises(Invalid):
        suspend_template(template, reason=" ", now=LATER, actor=cast("oz"))
    suspend_template(template, reason="Queues are being moved", now=LATER, actor=cast("oz"))
    change.refresh_from_db()
    with pytest.raises(WrongState, match="Queues are being moved"):
        implement_change(change, now=LATER, actor=cast("max"))
