"""The pages of single classes: asking by a template, calling an emergency, judging what was found, looking back."""

import datetime as dt
from html import unescape

import pytest
from django.utils import timezone

from approvals.models import ChangeRequest, EmergencyBlock, StandardChangeTemplate
from approvals.tasks import escalate_overdue_changes
from catalog.models import Interface
from tests.factories import approvals as make
from tests.factories import classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]


@pytest.fixture
def now():
    """Pages ask the real clock, so the cast lives some weeks before today."""
    return timezone.now().replace(microsecond=0) - 80 * classes.DAY


@pytest.fixture
def today(now):
    return now + 80 * classes.DAY


def text(answer):
    return unescape(answer.content.decode())


def facts(interface, **values):
    """The facts form as the browser posts it."""
    names = ("name", "purpose", "trigger", "latency_s", "volume_day", "payload_mb", "fan_out", "tier")
    lists = ("patterns", "data_classes", "environments")
    said = {f"f-{name}": getattr(interface, name) for name in (*names, *lists)}
    flags = {
        f"f-{name}": "on"
        for name in ("patient_adjacent", "financial", "external", "new_technology")
        if getattr(interface, name)
    }
    return said | flags | {f"f-{name}": value for name, value in values.items()}


def test_a_template_is_drafted_from_its_samples_and_asked_for(cast, as_user, now):
    interface = make.interface_in_force(cast, "IF-SUR-004")
    samples = classes.samples(cast, interface, at=now + 5 * classes.DAY)
    manager = as_user(cast("max"))
    assert samples[0].key in text(manager.get("/changes/standard/new/"))
    given = {
        "title": "More volume", "key": "more-volume", "samples": [one.key for one in samples],
        "allowed": '{"volume_day": {"min": 1, "max": 501}}',
    }  # fmt: skip
    refused = manager.post("/changes/standard/new/", given)
    assert refused.status_code == 400
    assert "502 is outside of 1 to 501" in text(refused)
    given["allowed"] = '{"volume_day": {"min": 1, "max": 900}}'
    made = manager.post("/changes/standard/new/", given)
    assert made.headers["Location"] == "/changes/standard/more-volume/"
    page = text(manager.get("/changes/standard/more-volume/"))
    assert "1 to 900" in page
    assert all(one.key in page for one in samples)
    assert manager.post("/changes/standard/more-volume/submit/").status_code == 302
    assert "In review" in text(manager.get("/changes/standard/"))
    wait = as_user(cast("uma")).post("/changes/standard/more-volume/suspend/", {"reason": "No"})
    assert wait.status_code == 403


def test_a_standard_change_is_asked_from_the_interface(cast, as_user, now):
    interface = make.interface_in_force(cast, "IF-SUR-004")
    classes.active_template(cast, interface, at=now + 5 * classes.DAY)
    ada = as_user(cast("ada"))
    offered = text(ada.get("/changes/of/IF-SUR-004/"))
    assert "/changes/standard/of/IF-SUR-004/" in offered
    assert "/changes/emergency/IF-SUR-004/" in offered
    address = "/changes/standard/more-volume/ask/IF-SUR-004/"
    assert address in text(ada.get("/changes/standard/of/IF-SUR-004/"))
    assert "Allowed: 1 to 5000." in text(ada.get(address))
    refused = ada.post(address, {"volume_day": 9000})
    assert refused.status_code == 400
    assert "9000 is outside of 1 to 5000" in text(refused)
    assert "/changes/new/IF-SUR-004/" in text(refused)
    done = ada.post(address, {"volume_day": 600})
    change = ChangeRequest.objects.get(change_class="STANDARD")
    assert (done.headers["Location"], change.state) == (f"/changes/{change.key}/", "SCHEDULED")
    page = text(ada.get(f"/changes/{change.key}/"))
    assert "the board's word on the template is its approval" in page
    assert "Assess" not in page.split("decide-grid")[0]
    suspended = as_user(cast("oz")).post("/changes/standard/more-volume/suspend/", {"reason": "Queues move"})
    assert suspended.status_code == 302
    assert StandardChangeTemplate.objects.get().suspended_reason == "Queues move"
    assert ada.post(address, {"volume_day": 700}).status_code == 409
    assert "No template covers this interface" in text(ada.get("/changes/standard/of/IF-SUR-004/"))


def test_an_emergency_is_called_ratified_and_reviewed_on_pages(cast, as_user):
    interface = make.interface_in_force(cast)
    cast("nia")
    ada, address = as_user(cast("ada")), "/changes/emergency/IF-SUR-001/"
    assert "Emergency approver" in text(ada.get(address))
    empty = ada.post(address, facts(interface, trigger="Replay"))
    assert empty.status_code == 400
    said = {"reason": "Queue is stuck", "incident_ref": "INC-9", "patient_safety_statement": "Implants are missing"}
    ada.post(address, facts(interface, trigger="Replay") | said)
    change = ChangeRequest.objects.get(change_class="EMERGENCY")
    assert change.evidence["incident_ref"]
    for name in ("nia", "bo"):
        make.vote(cast, change, name, now=timezone.now())
    page = text(ada.get(f"/changes/{change.key}/"))
    assert "carry it out now" in page
    assert ada.post(f"/changes/{change.key}/implement/").status_code == 302
    assert Interface.objects.get().trigger == "Replay"
    queue = text(as_user(cast("fay")).get("/changes/emergencies/"))
    assert change.key in queue
    assert "ratify by" in queue
    assert "You vote as <b>Operations</b>" in text(as_user(cast("fay")).get(f"/changes/{change.key}/"))
    assert change.key in text(as_user(cast("fay")).get("/changes/to-vote/"))
    manager = as_user(cast("max"))
    assert 'name="outcome"' not in text(manager.get(f"/changes/{change.key}/"))
    for name in ("abe", "fay"):
        make.vote(cast, change, name, now=timezone.now())
    bare = manager.post(f"/changes/{change.key}/close/", {"outcome": "SUCCESSFUL"})
    assert bare.status_code == 400
    assert "Say what happened." in text(bare)
    review = {"outcome": "SUCCESSFUL_WITH_ISSUES", "what_happened": "Replayed", "met_its_aim": "on", "p3": "1"}
    assert manager.post(f"/changes/{change.key}/close/", review).status_code == 302
    assert "-4 points" in text(manager.get(f"/changes/{change.key}/"))
    assert "<b>-4</b>" in text(manager.get("/changes/teams/"))


def test_a_block_is_lifted_on_the_teams_page(cast, as_user, today):
    change = classes.running_emergency(cast, make.interface_in_force(cast), at=today - 20 * classes.DAY)
    manager = as_user(cast("max"))
    escalate_overdue_changes()
    assert change.key in text(manager.get("/changes/teams/"))
    block = EmergencyBlock.objects.get()
    refused = manager.post(f"/changes/blocks/{block.pk}/lift/", {"reason": "Please"})
    assert refused.status_code == 422
    assert "is not ratified" in text(refused)
    for name in ("abe", "fay"):
        make.vote(cast, change, name, now=timezone.now())
    assert manager.post(f"/changes/blocks/{block.pk}/lift/", {"reason": "Ratified"}).status_code == 302
    assert "No emergencies" not in text(manager.get("/changes/teams/"))
    undone = as_user(cast("ada")).post(f"/changes/{change.key}/revert/")
    assert ChangeRequest.objects.get(key=undone.headers["Location"].split("/")[2]).state == "DRAFT"


def test_what_was_found_is_reported_and_judged_on_pages(cast, as_user):
    make.interface_in_force(cast)
    oz = as_user(cast("oz"))
    wrong = oz.post("/changes/report/IF-SUR-001/", {"source": "Monitor", "field": "volume_day", "observed": "many"})
    assert wrong.status_code == 400
    oz.post("/changes/report/IF-SUR-001/", {"source": "Monitor", "field": "volume_day", "observed": "900"})
    change = ChangeRequest.objects.get(change_class="UNAUTHORIZED")
    assert change.key in text(oz.get("/changes/unauthorized/"))
    given = {"verdict": "ACCEPTED_RETROSPECTIVE", "what_happened": "A vendor tuned it"}
    assert oz.post(f"/changes/{change.key}/verdict/", given).status_code == 302
    for name in ("abe", "bo"):
        make.vote(cast, change, name, now=timezone.now())
    page = text(oz.get(f"/changes/{change.key}/"))
    assert "A vendor tuned it" in page
    assert (change.state, Interface.objects.get().volume_day) == ("CLOSED", 900)


def test_the_change_page_says_why_the_risk_is_raised(cast, as_user):
    change = make.asked_change(cast, likelihood=1, impact=1, backout="")
    page = text(as_user(cast("ada")).get(f"/changes/{change.key}/"))
    assert "it touches tier T0 or T1" in page
    assert "it says no way back" in page
    assert f"= {change.risk}" in page


def test_the_queue_sorts_by_the_raised_risk(cast, as_user, now):
    low = make.asked_change(cast, "IF-SUR-004", likelihood=3, impact=3, backout="Back.")
    high = make.asked_change(cast, likelihood=2, impact=2, backout="", window_start=now + dt.timedelta(days=90))
    assert (low.likelihood * low.impact, high.likelihood * high.impact) == (9, 4)
    assert high.risk > low.risk
    page = text(as_user(cast("max")).get("/changes/waiting/?sort=-risk"))
    assert page.index(high.key) < page.index(low.key)
