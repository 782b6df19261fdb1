"""The board's meetings over the REST API: from the plan to signed minutes, with the refusals on the way."""

import pytest
from django.utils import timezone

from approvals.models import Meeting
from tests.cast import PASSWORD
from tests.factories import approvals as make
from tests.factories import meetings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("seed_tables")]
URL = "/api/v1/meetings/"
SIGNATURE = {"method": "PASSWORD", "secret": PASSWORD}


@pytest.fixture
def now():
    """The API's door asks the real clock."""
    return timezone.now().replace(microsecond=0)


@pytest.fixture
def cases(cast):
    return make.asked_change(cast)


def post(client, path, body=None, **headers):
    return client.post(f"{URL}{path}", body or {}, format="json", headers=headers)


def plan(cast, api, now, **said):
    body = {"board": cast.board().key, "title": "Board", "starts_at": (now + make.HOUR).isoformat(), "chair": "fay"}
    cast("fay")
    return post(api(cast("max")), "", {**body, **said})


def states(answer):
    return [(item["change"], item["state"]) for item in answer.json()["agenda"]]


def test_a_meeting_from_plan_to_signed_minutes(cast, api, now, cases):
    made = plan(cast, api, now, filter={"risk_min": 1, "undecided_by": "SECURITY"})
    assert (made.status_code, made.json()["state"], made.json()["filter"]) == (
        201, "PLANNED", {"risk_min": 1, "undecided_by": "SECURITY"},
    )  # fmt: skip
    at = made.headers["Location"].removeprefix(URL)
    manager, chair, security = api(cast("max")), api(cast("fay")), api(cast("di"))
    assert states(post(manager, f"{at}fill/")) == [(cases.key, "WAITING")]
    assert post(manager, f"{at}open/").json()["state"] == "RUNNING"
    for client in (chair, security):
        assert post(client, f"{at}come/").status_code == 200
    begun = post(manager, f"{at}next/", {"seen": ""})
    assert states(begun) == [(cases.key, "CURRENT")]
    ballot = {"choice": "REJECT", "revision_hash": cases.revision_hash, "comment": "No minimum necessary."}
    unsigned = post(security, f"{at}items/{cases.key}/vote/", ballot)
    assert (unsigned.status_code, unsigned.json()["code"]) == (422, "SIGNATURE_REQUIRED")
    post(security, f"{at}items/{cases.key}/vote/", {**ballot, "signature": SIGNATURE})
    noted = {"notes": "Ask for less.", "revision": begun.json()["agenda"][0]["revision"]}
    assert post(chair, f"{at}items/{cases.key}/notes/", noted).status_code == 200
    assert post(chair, f"{at}items/{cases.key}/notes/", noted).status_code == 412
    done = post(manager, f"{at}items/{cases.key}/finish/").json()["agenda"][0]
    assert (done["state"], done["decision"], done["change_state"]) == ("DECIDED", "Rejected 0:1", "REJECTED")
    assert post(manager, f"{at}close/").json()["state"] == "CLOSED"
    minutes = api(cast("gus")).get(f"{URL}{at}minutes/").json()
    assert (minutes["minutes_hold"], minutes["signature_holds"], minutes["signed_at"]) == (True, None, None)
    assert [one["person"]["name"] for one in minutes["minutes"]["attendance"]] == ["Fay", "Di"]
    said = {"minutes_hash": minutes["minutes_hash"], "signature": SIGNATURE}
    assert post(manager, f"{at}sign/", said).status_code == 403
    assert post(chair, f"{at}sign/", said).json()["state"] == "SIGNED"
    assert post(chair, f"{at}sign/", said).status_code == 409
    signed = chair.get(f"{URL}{at}minutes/").json()
    assert (signed["signed_by"], signed["signed_name"], signed["signature_holds"]) == ("fay", "Fay", True)
    Meeting.objects.update(minutes={**signed["minutes"], "deferred": [cases.key]})
    broken = chair.get(f"{URL}{at}minutes/").json()
    assert (broken["minutes_hold"], broken["signature_holds"]) == (False, True)


def test_the_agenda_is_arranged_item_by_item(cast, api, now, cases):
    other = make.asked_change(cast, "IF-SUR-007")
    manager, at = api(cast("max")), f"{meetings.planned(cast, cases).pk}/"
    added = post(manager, f"{at}add/", {"change": other.key, "timebox_s": 300})
    assert states(added) == [(cases.key, "WAITING"), (other.key, "WAITING")]
    again = post(manager, f"{at}add/", {"change": other.key})
    assert (again.status_code, again.json()["code"]) == (409, "DUPLICATE")
    moved = post(manager, f"{at}items/{other.key}/move/", {"position": 1})
    assert states(moved) == [(other.key, "WAITING"), (cases.key, "WAITING")]
    assert post(manager, f"{at}items/{other.key}/demote/").json()["agenda"][0]["timebox_s"] == 0
    assert post(api(cast("bo")), f"{at}items/{other.key}/promote/").json()["agenda"][0]["timebox_s"] == 600
    nowhere = post(manager, f"{at}items/{cases.key}/defer/", {"reason": "Away", "to_next": True})
    assert (nowhere.status_code, nowhere.json()["code"]) == (409, "NO_NEXT_MEETING")
    assert states(post(manager, f"{at}items/{cases.key}/defer/", {"reason": "Away"}))[1] == (cases.key, "DEFERRED")
    assert states(post(manager, f"{at}items/{cases.key}/restore/"))[1] == (cases.key, "WAITING")
    assert post(manager, f"{at}items/CR-1999-0001/restore/").status_code == 404


def test_a_plan_is_amended_by_its_revision_and_cancelled_with_a_reason(cast, api, now):
    made = plan(cast, api, now)
    at, manager = made.headers["Location"], api(cast("max"))
    assert manager.patch(at, {"title": "Other"}, format="json").status_code == 428
    amended = manager.patch(
        at, {"title": "Other", "chair": "max"}, format="json", headers={"If-Match": made.headers["ETag"]}
    )
    assert (amended.json()["title"], amended.json()["chair"]) == ("Other", "max")
    stale = manager.patch(at, {"title": "Third"}, format="json", headers={"If-Match": made.headers["ETag"]})
    assert stale.status_code == 412
    assert post(manager, f"{at.removeprefix(URL)}cancel/").status_code == 400
    assert post(manager, f"{at.removeprefix(URL)}cancel/", {"reason": "Holiday"}).json()["state"] == "CANCELLED"
    assert [one["title"] for one in manager.get(f"{URL}?state=CANCELLED").json()["results"]] == ["Other"]


@pytest.mark.parametrize(
    ("said", "field"),
    [
        ({"chair": "nobody"}, "chair"),
        ({"filter": {"risk_min": 26}}, "filter.risk_min"),
        ({"filter": {"colour": 1}}, "filter.colour"),
        ({"minutes_planned": 1}, "minutes_planned"),
        ({"room": "B2"}, "room"),
    ],
)
def test_a_wrong_plan_is_refused_beside_its_field(cast, api, now, said, field):
    answer = plan(cast, api, now, **said)
    assert answer.status_code in (400, 404)
    assert field in answer.json()["errors"]


def test_who_does_not_read_what_the_board_reads_finds_nothing(cast, api, now, cases):
    meeting = meetings.opened(cast, cases)
    for name in ("eve", "uma", "ada"):
        client = api(cast(name))
        assert client.get(URL).json()["results"] == []
        assert client.get(f"{URL}{meeting.pk}/").status_code == 404
        assert post(client, f"{meeting.pk}/come/").status_code == 404
    gus = api(cast("gus"))
    assert gus.get(f"{URL}{meeting.pk}/").json()["items"] == 1
    for path, body in (("close/", {}), ("next/", {}), (f"items/{cases.key}/demote/", {})):
        assert post(gus, f"{meeting.pk}/{path}", body).status_code == 403, path


def test_an_absent_voter_and_a_manager_are_refused_with_their_codes(cast, api, now, cases):
    item = meetings.begun(cast, cases, here=("max", "bo"))
    ballot = {"choice": "APPROVE", "revision_hash": cases.revision_hash, "signature": SIGNATURE}
    for name, code in (("di", "NOT_PRESENT"), ("max", "SOD_MANAGER")):
        answer = post(api(cast(name)), f"{item.meeting_id}/items/{cases.key}/vote/", ballot)
        assert (answer.status_code, answer.json()["code"]) == (403, code)
    behind = post(api(cast("max")), f"{item.meeting_id}/next/", {"seen": ""})
    assert (behind.status_code, behind.json()["code"], behind.json()["current"]) == (409, "MEETING_MOVED", cases.key)
    early = post(api(cast("max")), f"{item.meeting_id}/next/", {"seen": cases.key})
    assert (early.status_code, early.json()["code"]) == (422, "UNDECIDED")
