"""Who is asking, and what the auditor alone may read."""

import datetime as dt

import pytest

from governance.domain import people
from governance.domain.auditing import audits
from governance.domain.rules import visible
from governance.models import AuditEvent, Notice
from tests.cast import PLAYED


def test_a_person_learns_roles_and_gets_a_csrf_token(api, gus):
    me = api(gus).get("/api/v1/people/me/").json()
    assert (me["username"], me["roles"], me["teams"], me["scopes"]) == ("gus", ["AUDITOR"], ["audit"], None)
    assert me["csrf_token"]


def test_a_browser_needs_the_csrf_token_to_post(gus, seed_tables, as_user):
    from django.test import Client

    client = Client(enforce_csrf_checks=True)
    client.force_login(gus, backend="django.contrib.auth.backends.ModelBackend")
    url, facts = "/api/v1/tables/resilience/decide/", '{"facts": {"tier": 1}}'
    refused = client.post(url, facts, content_type="application/json")
    assert (refused.status_code, refused.json()["code"]) == (403, "CSRF_FAILED")
    token = client.get("/api/v1/people/me/").json()["csrf_token"]
    assert client.post(url, facts, content_type="application/json", HTTP_X_CSRFTOKEN=token).status_code == 200


def test_nobody_gets_nothing(api, db):
    for url in ("people/me/", "tables/", "teams/", "notices/", "audit/", "audit/verify/"):
        answer = api().get(f"/api/v1/{url}")
        assert (answer.status_code, answer.json()["code"]) == (401, "NOT_AUTHENTICATED"), url


def test_teams_are_listed_with_their_roles(api, ada, cast):
    cast("abe")
    rows = api(ada).get("/api/v1/teams/").json()["results"]
    assert [(row["key"], row["roles"]) for row in rows] == [
        ("architects", ["ARCHITECT"]),
        ("integration-owners", ["INTERFACE_OWNER"]),
    ]


def test_notices_are_ones_own(api, ada, uma, now):
    for person in (ada, uma):
        Notice.objects.create(recipient=person, kind="NEWS", message=f"for {person}", at=now)
    rows = api(ada).get("/api/v1/notices/").json()["results"]
    assert [row["message"] for row in rows] == ["for Ada"]


def test_a_notice_is_marked_as_read_once_and_by_its_recipient_only(api, ada, uma, now):
    notice = Notice.objects.create(recipient=ada, kind="NEWS", message="Read me", at=now)
    address = f"/api/v1/notices/{notice.pk}/read/"
    refused = api(uma).post(address)
    assert (refused.status_code, refused.json()["code"]) == (404, "NOT_FOUND")
    assert Notice.objects.get().read_at is None
    first, again = (api(ada).post(address).json()["read_at"] for _ in range(2))
    assert first == again is not None
    assert not Notice.objects.unread().exists()
    assert api(ada).post("/api/v1/notices/none/read/").status_code == 404


@pytest.mark.parametrize("name", [*PLAYED, "system"])
def test_who_may_read_the_audit_sees_it_and_nobody_else(cast, name):
    cast("ada")
    actor = cast(name)
    seen = visible(AuditEvent.objects.all(), actor).exists()
    assert seen == audits(actor, AuditEvent) == (name in {"gus", "quinn", "system"})


def test_the_audit_is_refused_to_others_and_read_by_filters(api, ada, gus, cast, now):
    refused = api(ada).get("/api/v1/audit/")
    assert (refused.status_code, refused.json()["code"]) == (403, "NOT_ALLOWED")
    later = now + dt.timedelta(hours=1)
    made = people.register_person("new", name="New", now=later, actor=cast.clock)
    client = api(gus)

    def steps(**query):
        return [row["subject_label"] for row in client.get("/api/v1/audit/", query).json()["results"]]

    assert steps(subject_type="governance.user", subject_id=str(made.pk)) == ["New"]
    assert steps(action="governance.user.register") == ["New", "Gus", "Ada"]
    assert steps(**{"from": later.isoformat()}) == ["New"]
    assert "New" not in steps(to=later.isoformat())
    assert steps(actor=str(ada.pk)) == []
    answer = client.get("/api/v1/audit/?from=yesterday")
    assert (answer.status_code, list(answer.json()["errors"])) == (400, ["from"])


def test_the_audit_pages_backwards(api, gus):
    client = api(gus)
    first = client.get("/api/v1/audit/?page_size=1").json()
    second = client.get(first["next"]).json()
    assert second["results"][0]["seq"] == first["results"][0]["seq"] - 1


def test_the_auditor_proves_the_chain(api, gus, ada):
    answer = api(gus).get("/api/v1/audit/verify/")
    events = AuditEvent.objects.count()
    assert answer.json() == {"ok": True, "events": events, "seals": 0, "seq": None, "problem": ""}
    assert api(ada).get("/api/v1/audit/verify/").status_code == 403
