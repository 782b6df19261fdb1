"""Bad input over HTTP: each is a named error in a sentence, never a 500, and nothing is written."""

import io

import pytest

from governance.models import AuditEvent

DECIDE = "/api/v1/tables/resilience/decide/"


@pytest.fixture
def client(ada, api, seed_tables):
    return api(ada)


def send(client, body, content_type="application/json", url=DECIDE, **headers):
    before = AuditEvent.objects.count()
    answer = client.post(url, data=body, content_type=content_type, **headers)
    assert AuditEvent.objects.count() == before
    document = answer.json()
    assert document["status"] == answer.status_code
    return answer.status_code, document["code"]


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"", 400, "INVALID"),
        (b"{", 400, "MALFORMED_JSON"),
        (b"\xff\xfe", 400, "MALFORMED_JSON"),
        (b"[1]", 400, "NOT_AN_OBJECT"),
        (b'"text"', 400, "NOT_AN_OBJECT"),
        (b"null", 400, "NOT_AN_OBJECT"),
        (b"{}", 400, "INVALID"),
        (b'{"facts": []}', 400, "INVALID"),
        (b'{"facts": {}, "more": 1}', 400, "INVALID"),
        (b'{"facts": {"a": "\\u0000"}}', 400, "NUL_CHARACTER"),
        (b'{"facts": {"a": "\\ud800"}}', 400, "MALFORMED_JSON"),
        (b'{"facts": ' + b"[" * 200_000, 413, "TOO_DEEP"),
    ],
)
def test_a_bad_body_is_refused(client, body, status, code):
    assert send(client, body) == (status, code)


def test_an_unknown_field_is_named(client):
    answer = client.post(DECIDE, {"facts": {}, "more": 1}, format="json")
    assert answer.json()["errors"] == {"more": ["unknown field"]}


def test_a_body_over_the_bound_is_refused_before_it_is_read(client, settings):
    settings.MAX_BODY_BYTES = 100
    assert send(client, b'{"facts": {"a": "' + b"x" * 100 + b'"}}') == (413, "BODY_TOO_LARGE")


def test_fifty_megabytes_are_refused_by_their_announced_length(client):
    assert send(client, b"{}", CONTENT_LENGTH=str(50 * 2**20)) == (413, "BODY_TOO_LARGE")


def test_a_chunked_body_is_bounded_as_it_is_read(client, settings):
    settings.MAX_BODY_BYTES = 100

    def chunked(body):
        return {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input": io.BytesIO(body)}

    assert send(client, b"x", **chunked(b"x" * 101)) == (413, "BODY_TOO_LARGE")
    answer = client.post(DECIDE, data=b"x", content_type="application/json", **chunked(b'{"facts": {"tier": 1}}'))
    assert answer.json()["rules"] == ["R1"]


def test_another_content_type_is_refused(client):
    assert send(client, b"a=1", "application/x-www-form-urlencoded") == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    ("url", "status", "code"),
    [
        ("/api/v1/tables/?colour=red", 400, "UNKNOWN_PARAMETER"),
        ("/api/v1/tables/resilience/?cursor=x", 400, "UNKNOWN_PARAMETER"),
        ("/api/v1/tables/?cursor=%25", 400, "INVALID_CURSOR"),
        ("/api/v1/tables/?cursor=cD0wMA%3D%3D", 200, None),
        ("/api/v1/tables/?page_size=0", 400, "INVALID"),
        ("/api/v1/tables/?page_size=201", 400, "INVALID"),
        ("/api/v1/tables/?page_size=many", 400, "INVALID"),
        ("/api/v1/tables/%00/", 400, "NUL_CHARACTER"),
        ("/api/v1/tables/?cursor=%00", 400, "NUL_CHARACTER"),
        ("/api/v1/tables/unknown/", 404, "NOT_FOUND"),
        ("/api/v1/tables/%ED%A0%80/", 404, "NOT_FOUND"),
        ("/api/v1/nothing/", 404, "NOT_FOUND"),
    ],
)
def test_a_bad_address_is_refused(client, url, status, code):
    answer = client.get(url)
    assert (answer.status_code, answer.json().get("code")) == (status, code)


def test_a_cursor_of_the_wrong_type_is_refused(api, gus):
    for position in ("cD1hYmM=", "cD05OTk5OTk5OTk5OTk5OTk5OTk5OTk5", "cD0A", "bz0tMQ=="):
        answer = api(gus).get("/api/v1/audit/", {"cursor": position})
        assert answer.status_code in (200, 400), position
        assert answer.json().get("code") in (None, "INVALID_CURSOR")


def test_the_method_is_refused_with_those_that_serve(client):
    answer = client.delete("/api/v1/tables/resilience/")
    assert (answer.status_code, answer.json()["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer["Allow"] == "GET, HEAD, OPTIONS"


def test_only_json_is_answered(client):
    answer = client.get("/api/v1/tables/", HTTP_ACCEPT="text/html")
    assert (answer.status_code, answer.json()["code"]) == (406, "NOT_ACCEPTABLE")


def test_a_form_with_an_idempotency_key_is_refused_though_the_csrf_check_has_read_it(ada, as_user, seed_tables):
    browser = as_user(ada)
    browser.handler.enforce_csrf_checks = True
    browser.cookies["csrftoken"] = "c" * 32
    headers = {"X-CSRFToken": "c" * 32, "Idempotency-Key": "form-1"}
    answer = browser.post(DECIDE, {"facts": "{}"}, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (415, "UNSUPPORTED_MEDIA_TYPE")
