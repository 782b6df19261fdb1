"""Templates, emergencies, findings, reviews and teams' records over the REST API."""

import pytest
from django.utils import timezone

from approvals.models import ChangeRequest, EmergencyBlock
from approvals.tasks import escalate_overdue_changes
from catalog.models import Interface
from tests.factories import approvals as make
from tests.factories import classes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/api/v1/"


@pytest.fixture
def now():
    """The API's door asks the real clock, so the cast lives some weeks before today."""
    return timezone.now().replace(microsecond=0) - 80 * classes.DAY


def post(client, path, body=None, **headers):
    return client.post(f"{URL}{path}", body or {}, format="json", headers=headers)


def test_a_template_from_draft_to_a_change(cast, api, now):
    interface = make.interface_in_force(cast, "IF-SUR-004")
    samples = classes.samples(cast, interface, at=now + 5 * classes.DAY)
    manager = api(cast("max"))
    draft = {
        "key": "more-volume", "title": "More volume", "samples": [one.key for one in samples],
        "allowed": {"volume_day": {"min": 1, "max": 5000}},
    }  # fmt: skip
    short = post(manager, "templates/", {**draft, "samples": draft["samples"][:2]})
    assert (short.status_code, short.json()["code"]) == (400, "SAMPLES")
    made = post(manager, "templates/", draft)
    assert (made.status_code, made.headers["Location"]) == (201, f"{URL}templates/more-volume/")
    assert (made.json()["state"], made.json()["samples"]) == ("DRAFT", draft["samples"])
    assert post(manager, "templates/more-volume/revise/", {"title": "Volume"}).status_code == 428
    revised = post(manager, "templates/more-volume/revise/", {"title": "Volume"}, if_match=made.headers["ETag"])
    assert revised.json()["title"] == "Volume"
    asked = post(manager, "templates/more-volume/submit/").json()
    change = ChangeRequest.objects.get(key=asked["change"])
    early = post(
        api(cast("ada")), "templates/more-volume/ask/", {"interface": "IF-SUR-004", "patch": {"volume_day": 9}}
    )
    assert (early.status_code, early.json()["code"]) == (409, "TEMPLATE_NOT_ACTIVE")
    for name in ("bo", "cy", "di", "ed"):
        make.vote(cast, change, name, now=timezone.now())
    ChangeRequest.objects.filter(pk=change.pk).update(revised_at=now)
    assert post(manager, f"changes/{change.key}/implement/").json()["state"] == "REVIEW"
    ada = api(cast("ada"))
    outside = post(ada, "templates/more-volume/ask/", {"interface": "IF-SUR-004", "patch": {"volume_day": 9000}})
    assert (outside.status_code, outside.json()["code"]) == (400, "OUTSIDE_TEMPLATE")
    assert outside.json()["outside"] == [{"field": "volume_day", "value": 9000, "range": "1 to 5000"}]
    done = post(ada, "templates/more-volume/ask/", {"interface": "IF-SUR-004", "patch": {"volume_day": 700}})
    assert (done.status_code, done.json()["state"]) == (201, "SCHEDULED")
    shown = ada.get(f"{URL}changes/{done.json()['change']}/").json()
    assert (shown["template"], shown["missing"]) == ("more-volume", [])
    failed = shown["key"]
    post(ada, f"changes/{failed}/implement/")
    review = {"outcome": "FAILED_BACKED_OUT", "what_happened": "Queue ran full", "p2": 1}
    assert post(ada, f"changes/{failed}/close/", review).json()["outcome"] == "FAILED_BACKED_OUT"
    assert ada.get(f"{URL}changes/{failed}/review/").json()["score"] == -10
    assert ada.get(f"{URL}templates/more-volume/").json()["state"] == "SUSPENDED"
    assert post(manager, "templates/more-volume/retire/").json()["state"] == "RETIRED"


def test_an_emergency_and_the_block_that_it_leaves(cast, api, now):
    make.interface_in_force(cast)
    cast("nia")
    ada, manager = api(cast("ada")), api(cast("max"))
    opening = {
        "change_class": "EMERGENCY", "change_type": "CONFIG", "title": "Replay", "reason": "Stuck",
        "items": [{"interface": "IF-SUR-001", "operation": "UPDATE", "patch": {"trigger": "Replay"}}],
    }  # fmt: skip
    key = post(ada, "changes/", opening).json()["key"]
    bare = post(ada, f"changes/{key}/submit/")
    assert (bare.status_code, bare.json()["code"]) == (400, "INCIDENT_MISSING")
    ChangeRequest.objects.filter(key=key).delete()
    change = classes.running_emergency(cast, Interface.objects.with_parties().get(), at=timezone.now())
    ChangeRequest.objects.filter(pk=change.pk).update(ratify_by=timezone.now())
    escalate_overdue_changes()
    shown = ada.get(f"{URL}changes/{change.key}/").json()
    assert shown["escalated_at"]
    assert {need["purpose"] for need in shown["requirements"]} == {"AUTHORISE", "RATIFY"}
    blocked = post(ada, "changes/", opening)
    assert (blocked.status_code, blocked.json()["code"], blocked.json()["change"]) == (
        403, "EMERGENCY_BLOCKED", change.key,
    )  # fmt: skip
    block = manager.get(f"{URL}emergency-blocks/").json()["results"][0]
    assert block["because"] == change.key
    early = post(manager, f"emergency-blocks/{block['id']}/lift/", {"reason": "Please"})
    assert (early.status_code, early.json()["code"]) == (422, "NOT_RATIFIED")
    assert post(api(cast("uma")), f"emergency-blocks/{block['id']}/lift/", {"reason": "x"}).status_code == 404
    for name in ("abe", "fay"):
        make.vote(cast, change, name, now=timezone.now())
    assert post(manager, f"emergency-blocks/{block['id']}/lift/", {"reason": "Ratified"}).json()["lifted_by"] == "max"
    assert EmergencyBlock.objects.get().lifted_at
    undone = post(ada, f"changes/{change.key}/revert/")
    assert undone.status_code == 201
    assert undone.headers["Location"] == f"{URL}changes/{undone.json()['key']}/"


def test_a_finding_is_reported_and_judged(cast, api):
    make.interface_in_force(cast)
    oz = api(cast("oz"))
    found = {"interface": "IF-SUR-001", "source": "Import", "field": "volume_day", "observed": 900}
    assert post(api(cast("uma")), "changes/unauthorized/", found).status_code == 403
    opened = post(oz, "changes/unauthorized/", found)
    key = opened.json()["key"]
    assert (opened.status_code, opened.headers["Location"]) == (201, f"{URL}changes/{key}/")
    assert (opened.json()["state"], opened.json()["found"]["recorded"]) == ("DETECTED", 400)
    assert post(oz, "changes/unauthorized/", found).json()["code"] == "CHANGE_OPEN"
    assert oz.get(f"{URL}changes/{key}/review/").status_code == 404
    judged = post(oz, f"changes/{key}/verdict/", {"verdict": "REVERTED", "what_happened": "Set back"}).json()
    assert judged["state"] == "REVIEW"
    change = ChangeRequest.objects.get(key=key)
    for name in ("abe", "bo"):
        make.vote(cast, change, name, now=timezone.now())
    assert oz.get(f"{URL}changes/{key}/").json()["outcome"] == "REVERTED"
    scores = oz.get(f"{URL}team-scores/?days=30").json()
    assert [(one["score"], one["by_class"]) for one in scores["teams"]] == [(-5, {"UNAUTHORIZED": 1})]
    assert api(cast("eve")).get(f"{URL}team-scores/").json()["teams"] == []
    assert oz.get(f"{URL}team-scores/?days=0").json()["code"] == "INVALID"
