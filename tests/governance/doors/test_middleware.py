"""What holds for every request: identity, policy, and refusals that people can read."""

import logging

import pytest
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from governance.domain.context import origin, working_via
from governance.doors import faults
from governance.doors.middleware import BoundedBody, RefusalsAsPages, RequestIdentity
from governance.kernel.errors import Conflict, NotAuthenticated

POLICY = "default-src 'self'; img-src 'self' data:"


def through_identity(path="/changes/", **headers):
    seen = []

    def view(request):
        seen.append(origin())
        return HttpResponse()

    answer = RequestIdentity(view)(RequestFactory().get(path, **headers))
    return answer, seen[0]


@pytest.mark.parametrize(
    ("path", "agent", "door"),
    [
        ("/changes/", "Mozilla/5.0", "UI"),
        ("/api/v1/tables/", "curl/8", "API"),
        ("/api/v1/tables/", "interlock-cli/1.0", "CLI"),
    ],
)
def test_the_door_is_known_by_address_and_agent(path, agent, door):
    _, entered = through_identity(path, HTTP_USER_AGENT=agent)
    assert entered.via == door


def test_a_sane_request_id_is_kept_and_any_other_replaced():
    answer, entered = through_identity(HTTP_X_REQUEST_ID="build-42:step.1")
    assert (answer["X-Request-ID"], entered.request_id) == ("build-42:step.1",) * 2
    for odd in ("short", "x" * 65, "a b c d e f g h", "<script>1</script>", "tab\tinside"):
        answer, entered = through_identity(HTTP_X_REQUEST_ID=odd)
        assert answer["X-Request-ID"] == entered.request_id != odd


def test_the_log_line_has_no_query_value(caplog):
    with caplog.at_level(logging.INFO, "interlock.http"):
        through_identity("/changes/?q=patient-name")
    assert len(caplog.records) == 1
    assert "patient-name" not in caplog.text
    assert "'path': '/changes/'" in caplog.text


@pytest.mark.parametrize("url", ["/healthz", "/api/v1/tables/", "/nowhere/", "/accounts/login/"])
def test_every_answer_carries_the_policy_and_an_id(client, db, url):
    answer = client.get(url)
    assert answer["Content-Security-Policy"].startswith(POLICY)
    assert answer["X-Request-ID"]
    assert answer["X-Content-Type-Options"] == "nosniff"


def test_bulk_addresses_have_a_bound_of_their_own(settings):
    settings.MAX_BODY_BYTES, settings.MAX_BULK_BYTES = 10, 20
    bounded = BoundedBody(lambda request: HttpResponse())

    def status(path, size):
        return bounded(RequestFactory().post(path, b"x" * size, content_type="application/json")).status_code

    bulk = "/api/v1/contracts/orders/versions/1.0.0/payloads/"
    assert [status("/api/v1/tables/", 10), status("/api/v1/tables/", 11)] == [200, 413]
    assert [status(bulk, 20), status(bulk, 21)] == [200, 413]


def refused(error, path="/changes/", **headers):
    request = RequestFactory().get(path, **headers)
    request.user = AnonymousUser()
    request.htmx = HtmxDetails(request)
    return RefusalsAsPages(lambda r: HttpResponse()).process_exception(request, error)


def test_a_refusal_is_a_page_with_its_sentence(db):
    answer = refused(Conflict("Somebody else <b>changed</b> it."))
    assert answer.status_code == 409
    assert "Somebody else &lt;b&gt;changed&lt;/b&gt; it." in answer.content.decode()
    assert "<html" in answer.content.decode().lower()


def test_a_refusal_inside_a_page_has_its_status(db):
    answer = refused(Conflict("Changed."), HTTP_HX_REQUEST="true")
    assert answer.status_code == 409
    assert "Changed." in answer.content.decode()


def test_nobody_is_sent_to_sign_in():
    page = refused(NotAuthenticated("Sign in."))
    assert (page.status_code, page["Location"]) == (302, "/accounts/login/?next=/changes/")
    fragment = refused(NotAuthenticated("Sign in."), HTTP_HX_REQUEST="true")
    assert (fragment.status_code, fragment["HX-Redirect"]) == (401, "/accounts/login/")


def test_under_api_a_refusal_is_a_problem():
    answer = refused(Conflict("Changed."), "/api/problems/X")
    assert (answer.status_code, answer["Content-Type"]) == (409, "application/problem+json")


def test_a_fault_is_nobodys_refusal():
    assert refused(ValueError("a bug")) is None


def test_a_fault_tells_people_and_programs_the_same_and_no_more(db):
    with working_via("UI", "req-54321"):
        page = faults.fault(RequestFactory().get("/changes/"))
        problem = faults.fault(RequestFactory().get("/api/v1/tables/"))
    assert (page.status_code, problem.status_code) == (500, 500)
    assert problem["Content-Type"] == "application/problem+json"
    assert "req-54321" in page.content.decode()


def test_a_page_that_is_not_there(client, db):
    answer = client.get("/nowhere/")
    assert (answer.status_code, answer["Content-Type"]) == (404, "text/html; charset=utf-8")


@pytest.mark.django_db
def test_an_api_address_needs_no_last_slash(api, ada, seed_tables):
    asked = {"facts": {"tier": 1}}
    with_slash = api(ada).post("/api/v1/tables/resilience/decide/", asked, format="json")
    without = api(ada).post("/api/v1/tables/resilience/decide", asked, format="json")
    assert (without.status_code, without.json()) == (200, with_slash.json())
