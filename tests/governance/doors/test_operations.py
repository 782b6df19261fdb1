"""What operators and browsers ask of the process, and what the administration site may not."""

import json

import pytest
from django.contrib import admin
from django.test import RequestFactory
from django.utils import timezone
from prometheus_client import REGISTRY

from governance.domain import clock
from governance.doors.admin import ReadOnlyAdmin
from governance.models import ServiceToken, User

REPORT = {"csp-report": {"effective-directive": "script-src-elem", "blocked-uri": "https://evil.example/x?patient=1"}}


def test_the_process_is_up_without_a_database(client):
    assert client.get("/healthz").json() == {"status": "up"}


def test_ready_names_the_part_that_is_not(client, db):
    answer = client.get("/readyz")
    parts = {"database": True, "migrations": True, "worker": False, "beat": False}
    assert answer.status_code == 503
    assert answer.json() == {"ready": False, "parts": parts, "not_ready": ["beat", "worker"]}
    for part in ("worker", "beat"):
        clock.record_part(part, now=timezone.now())
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["not_ready"]) == (200, [])


def test_metrics_count_requests_by_route_and_rows_that_are_due(client, db):
    def counted():
        labels = {"route": "healthz", "method": "GET", "status": "200"}
        return REGISTRY.get_sample_value("interlock_requests_total", labels) or 0

    before = counted()
    client.get("/healthz?secret=1")
    assert counted() == before + 1
    text = client.get("/metrics").content.decode()
    assert 'interlock_rows_due{kind="decision_table"} 0.0' in text
    assert "secret" not in text


@pytest.mark.parametrize("stranger", [{"REMOTE_ADDR": "192.0.2.1"}, {"HTTP_X_FORWARDED_FOR": "192.0.2.1"}])
def test_metrics_are_closed_to_other_machines_unless_opened(client, db, settings, stranger):
    assert client.get("/metrics", **stranger).status_code == 403
    settings.METRICS_OPEN = True
    assert client.get("/metrics", **stranger).status_code == 200


def breaches(directive):
    return REGISTRY.get_sample_value("csp_reports_total", {"directive": directive}) or 0


def test_a_breach_is_counted_and_its_address_is_not_kept(client, caplog):
    before = breaches("script-src-elem")
    answer = client.post("/csp-report/", json.dumps(REPORT), content_type="application/csp-report")
    assert answer.status_code == 204
    assert breaches("script-src-elem") == before + 1
    assert "https://evil.example" in caplog.text
    assert "patient" not in caplog.text


def test_a_breach_report_in_the_newer_form_and_of_an_unknown_directive(client):
    before = breaches("other")
    body = [{"type": "csp-violation", "body": {"effectiveDirective": "made-up-1", "blockedURL": "inline"}}]
    assert client.post("/csp-report/", json.dumps(body), content_type="application/reports+json").status_code == 204
    assert breaches("other") == before + 1


@pytest.mark.parametrize(
    ("body", "status"), [(b"{", 400), (b"[]", 204), (b"[1]", 400), (b"{}", 400), (b" " * 16_385, 413)]
)
def test_a_report_that_is_none_is_refused(client, db, body, status):
    assert client.post("/csp-report/", body, content_type="application/csp-report").status_code == status


def test_the_administration_site_changes_nothing_and_shows_no_secret(db):
    request = RequestFactory().get("/")
    request.user = User(username="root", is_staff=True, is_superuser=True)
    shown = [model for model in admin.site._registry if model._meta.app_label == "governance"]
    assert len(shown) > 10
    for model in shown:
        page = admin.site._registry[model]
        assert isinstance(page, ReadOnlyAdmin)
        assert not page.has_add_permission(request)
        assert not page.has_change_permission(request)
        assert not page.has_delete_permission(request)
        assert page.get_actions(request) == {}
    assert "digest" not in admin.site._registry[ServiceToken].get_fields(request)
    assert "password" not in admin.site._registry[User].get_fields(request)
