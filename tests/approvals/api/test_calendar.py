"""The calendar's entries over REST."""

import datetime as dt

import pytest

from approvals.models import CalendarEntry
from governance.models import AuditEvent
from tests.factories import approvals as make
from tests.factories import catalog

pytestmark = pytest.mark.django_db
URL = "/api/v1/calendar/"
WEEKLY = {
    "kind": "MAINTENANCE", "name": "Sunday night", "starts_at": "2026-06-07T07:00:00Z",
    "ends_at": "2026-06-07T10:00:00Z", "rrule": "FREQ=WEEKLY;BYDAY=SU", "facility": "lakeshore-main",
}  # fmt: skip


def test_declare_read_amend_and_withdraw(cast, api):
    catalog.facility(cast)
    client = api(cast("max"))
    made = client.post(URL, WEEKLY, format="json")
    assert (made.status_code, made["Location"]) == (201, f"{URL}{made.json()['id']}/")
    shown = client.get(made["Location"])
    assert {name: shown.json()[name] for name in ("zone", "facility", "rrule", "domain", "withdrawn_at")} == {
        "zone": "America/Chicago", "facility": "lakeshore-main", "rrule": "FREQ=WEEKLY;BYDAY=SU", "domain": None,
        "withdrawn_at": None,
    }  # fmt: skip
    assert client.patch(made["Location"], {"name": "Sunday"}, format="json").status_code == 428
    amended = client.patch(made["Location"], {"name": "Sunday"}, format="json", HTTP_IF_MATCH=shown["ETag"])
    assert (amended.status_code, amended.json()["name"], amended.json()["revision"]) == (200, "Sunday", 2)
    assert client.patch(made["Location"], {"name": "X"}, format="json", HTTP_IF_MATCH=shown["ETag"]).status_code == 412
    withdrawn = client.post(f"{made['Location']}withdraw/", {"reason": "Moved"}, format="json")
    assert (withdrawn.status_code, bool(withdrawn.json()["withdrawn_at"])) == (200, True)
    assert [row["name"] for row in client.get(URL, {"withdrawn": "false"}).json()["results"]] == []
    assert [row["name"] for row in client.get(URL, {"facility": "lakeshore-main"}).json()["results"]] == ["Sunday"]
    written = AuditEvent.objects.filter(subject_type="approvals.calendarentry").order_by("seq")
    assert [(one.action.split(".")[-1], one.via) for one in written] == [
        ("declare", "API"), ("amend", "API"), ("withdraw", "API"),
    ]  # fmt: skip


def test_refusals_name_their_fields(cast, api):
    catalog.facility(cast)
    client = api(cast("max"))
    wrong = client.post(URL, WEEKLY | {"rrule": "FREQ=WEEKLY;BYDAY=MO"}, format="json")
    assert (wrong.status_code, list(wrong.json()["errors"])) == (400, ["rrule"])
    assert client.post(URL, WEEKLY | {"facility": "nowhere"}, format="json").json()["errors"].keys() == {"facility"}
    both = client.post(URL, WEEKLY | {"domain": "ERP", "facility": None, "colour": 1}, format="json")
    assert both.json()["errors"].keys() == {"colour"}
    cast.domains()
    both = client.post(URL, WEEKLY | {"domain": "ERP"}, format="json")
    assert both.json()["errors"] == {"": ["A calendar entry is for everything, or for one domain, facility or system."]}
    assert api(cast("ada")).post(URL, WEEKLY, format="json").status_code == 403
    assert CalendarEntry.objects.count() == 0


def test_a_systems_entry_is_seen_by_those_who_see_systems(cast, api):
    client, system = api(cast("max")), catalog.system(cast, "payroll", domain="ERP")
    body = {name: value for name, value in WEEKLY.items() if name != "facility"}
    made = client.post(URL, body | {"system": system.key, "zone": "Europe/Berlin"}, format="json")
    assert made.status_code == 201, made.json()
    stranger = api(cast("eve"))
    assert (stranger.get(made["Location"]).status_code, stranger.get(URL).json()["results"]) == (404, [])
    assert api(cast("ada")).get(made["Location"]).json()["system"] == "payroll"
    assert CalendarEntry.objects.get().starts_at == dt.datetime(2026, 6, 7, 7, tzinfo=dt.UTC)


def test_times_between_two_times_are_told_one_by_one(cast, api):
    catalog.facility(cast)
    client = api(cast("max"))
    client.post(URL, WEEKLY, format="json")
    asked = {"start": "2026-06-01T00:00:00Z", "end": "2026-07-01T00:00:00Z"}
    found = client.get("/api/v1/calendar-times/", asked).json()
    assert [one["start"] for one in found] == [f"2026-06-{day:02d}T07:00:00Z" for day in (7, 14, 21, 28)]
    assert {(one["kind"], one["zone"], one["change"]) for one in found} == {("MAINTENANCE", "America/Chicago", None)}
    assert len(client.get("/api/v1/calendar-times/", {**asked, "facility": "lakeshore-main"}).json()) == 4
    assert client.get("/api/v1/calendar-times/", {**asked, "kind": "QUIET"}).json() == []
    assert client.get("/api/v1/calendar-times/", {**asked, "facility": "nowhere"}).status_code == 404
    assert client.get("/api/v1/calendar-times/", {**asked, "end": "2026-09-01T00:00:00Z"}).status_code == 400
    assert client.get("/api/v1/calendar-times/", {**asked, "colour": "red"}).status_code == 400


def test_address_over_rest_is_told_once(cast, api, client):
    mine = api(cast("ada"))
    assert mine.get("/api/v1/calendar-feed/").status_code == 404
    made = mine.post("/api/v1/calendar-feed/", {}, format="json")
    assert (made.status_code, made["Cache-Control"]) == (201, "no-store")
    assert client.get(made.json()["address"]).status_code == 200
    assert "address" not in mine.get("/api/v1/calendar-feed/").json()
    gone = mine.delete("/api/v1/calendar-feed/")
    assert (gone.status_code, bool(gone.json()["revoked_at"])) == (200, True)
    assert client.get(made.json()["address"]).status_code == 404


def test_conflicts_and_the_suggested_window_of_a_change(cast, api, seed_tables):
    opens = dt.datetime(2026, 6, 5, 7, tzinfo=dt.UTC)
    change = make.asked_change(cast, window_start=opens, window_end=opens + dt.timedelta(hours=2))
    client = api(cast("max"))
    assert client.get(f"/api/v1/changes/{change.key}/conflicts/").json() == []
    freeze = {"kind": "BLACKOUT", "name": "Freeze", "starts_at": "2026-06-05T08:00Z", "ends_at": "2026-06-06T08:00Z"}
    entry = client.post(URL, freeze, format="json").json()["id"]
    assert client.get(f"/api/v1/changes/{change.key}/conflicts/").json() == [
        {
            "kind": "FREEZE", "message": "Freeze freezes changes, 5 Jun 2026, 08:00 UTC to 6 Jun 2026, 08:00 UTC.",
            "starts_at": "2026-06-05T08:00:00Z", "ends_at": "2026-06-06T08:00:00Z", "zone": "UTC", "other": "Freeze",
            "change": "", "entry": entry,
        }
    ]  # fmt: skip
    free = client.get(f"/api/v1/changes/{change.key}/suggested-window/").json()
    length = dt.datetime.fromisoformat(free["end"]) - dt.datetime.fromisoformat(free["start"])
    assert (length, free["zone"]) == (dt.timedelta(hours=2), "UTC")
    stranger = api(cast("eve"))
    assert stranger.get(f"/api/v1/changes/{change.key}/conflicts/").status_code == 404
    assert stranger.get(f"/api/v1/changes/{change.key}/suggested-window/").status_code == 404
