"""The API's pages: every operation of the committed document is there, in words, with what it takes and refuses."""

import json
import re
from html import unescape

import pytest

from governance.api.reference import document, operations

pytestmark = pytest.mark.django_db


def text_of(response):
    assert response.status_code == 200
    return unescape(response.content.decode())


@pytest.fixture
def reader(client, ada):
    client.force_login(ada, backend="django.contrib.auth.backends.ModelBackend")
    return client


def test_the_overview_leads_to_every_operation_and_explains_every_code(reader):
    shown = text_of(reader.get("/api/docs/"))
    named = {said["operationId"] for methods in document()["paths"].values() for said in methods.values()}
    assert set(re.findall(r'href="/api/docs/(\w+)/"', shown)) == named
    assert 'href="/api/problems/VERSION_EXISTS"' in shown


def test_the_search_keeps_what_has_every_word(reader):
    shown = text_of(reader.get("/api/docs/", {"q": "POST changes_vote"}))
    assert re.findall(r'href="/api/docs/(\w+)/"', shown) == ["changes_vote"]
    assert "No operation has these words" in text_of(reader.get("/api/docs/", {"q": "teleport"}))


def test_every_operation_has_its_page(reader):
    for one in operations().values():
        shown = text_of(reader.get(f"/api/docs/{one.id}/"))
        assert one.title
        assert f"<code>{one.path}</code>" in shown
        assert one.curl in shown
        for field in (*one.parameters, *(one.body.fields if one.body else ())):
            assert f"<code>{field.name}</code>" in shown


def test_an_operation_says_what_it_takes_answers_and_refuses(reader):
    shown = text_of(reader.get("/api/docs/changes_open/"))
    assert "text, at most 160 characters" in shown
    assert "<code>items[].operation</code>" in shown
    assert "<code>EMERGENCY</code>" in shown
    assert "<code>requirements[].status</code>" in shown
    assert 'href="/api/docs/#status-409"' in shown


def test_what_the_examples_send_has_every_member_that_must_be_there():
    for one in operations().values():
        if one.body and one.body.example:
            sent = json.loads(one.body.example)
            must = {field.name for field in one.body.fields if field.required and "." not in field.name}
            assert must <= set(sent), one.id


def test_an_address_takes_its_example_from_the_description():
    assert '"$INTERLOCK_URL/api/v1/contracts/IF-SUR-003/check/"' in operations()["contracts_check"].curl


def test_there_is_no_page_for_what_is_no_operation(reader):
    assert reader.get("/api/docs/changes_teleport/").status_code == 404


def test_a_stranger_signs_in_first(client):
    assert client.get("/api/docs/gate_ask/").headers["Location"] == "/accounts/login/?next=/api/docs/gate_ask/"
