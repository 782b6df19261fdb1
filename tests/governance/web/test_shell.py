"""The frame, home, search, people, and the way in and out."""

import json

import pytest
from django.template.loader import get_template
from django.urls import reverse

from governance.domain import people
from governance.models import Notice

PASSWORD = "correct-horse-battery"


def test_home_greets_by_name_and_role(as_user, bo, gus):
    for_bo, for_gus = as_user(bo).get("/").content.decode(), as_user(gus).get("/").content.decode()
    assert "What the board waits for from you comes first." in for_bo
    assert "Everything is open to you to read; nothing to change." in for_gus


def test_home_shows_own_unread_notices_only(as_user, bo, gus, now):
    Notice.objects.create(recipient=bo, kind="vote", message="CR-1 waits for you", url="/changes/CR-1/", at=now)
    for_bo, for_gus = as_user(bo).get("/").content.decode(), as_user(gus).get("/").content.decode()
    assert '<a href="/changes/CR-1/">CR-1 waits for you</a>' in for_bo
    assert "1 unread notice" in for_bo
    assert "CR-1 waits for you" not in for_gus


def test_navigation_offers_the_audit_to_auditors_only(as_user, gus, bo):
    entry = f'href="{reverse("governance:audit")}"'
    assert entry in as_user(gus).get("/people/").content.decode()
    assert entry not in as_user(bo).get("/people/").content.decode()


def test_navigation_marks_the_page_that_is_open(as_user, bo):
    html = as_user(bo).get("/people/").content.decode()
    assert html.count('aria-current="page"') == 1
    assert f'href="{reverse("governance:people")}" aria-current="page"' in html


@pytest.mark.parametrize("path", ["/", "/search/?q=x", "/people/", "/tables/", "/audit/"])
def test_pages_ask_strangers_to_sign_in(db, as_user, path):
    answer = as_user(None).get(path)
    assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")


def test_search_keeps_the_question_and_escapes_it(as_user, bo):
    html = as_user(bo).get("/search/", {"q": "<b>lab"}).content.decode()
    assert "“&lt;b&gt;lab”" in html
    assert "<b>lab" not in html


def test_people_shows_seats_alternates_and_roles(as_user, board, uma):
    html = as_user(uma).get("/people/").content.decode()
    assert all(seat.get_constituency_display() in html for seat in board.seats.all())
    assert str(board.seats.get(constituency="CLINICAL_IT").alternate) in html


@pytest.fixture
def signing_in(cast, now):
    return people.register_person("zed", name="Zed Ito", password=PASSWORD, now=now, actor=cast.clock)


def test_sign_in_leads_home_and_sign_out_back(client, signing_in):
    answer = client.post("/accounts/login/", {"login": "zed", "password": PASSWORD})
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert "Zed Ito" in client.get("/").content.decode()
    assert client.post("/accounts/logout/")["Location"] == "/accounts/login/"
    assert client.get("/").status_code == 302


def test_sign_in_that_fails_says_so_and_keeps_the_name(client, signing_in):
    html = client.post("/accounts/login/", {"login": "zed", "password": "wrong"}).content.decode()
    assert "Signing in failed" in html
    assert 'value="zed"' in html
    assert "wrong" not in html


def test_demo_accounts_show_in_the_demonstration_only(client, db, settings, tmp_path):
    (tmp_path / "demo").mkdir()
    accounts = [{"username": "bo", "role": "Board seat", "name": "Bo", "password": "shown-here"}]
    (tmp_path / "demo" / "accounts.json").write_text(json.dumps(accounts))
    settings.BASE_DIR = tmp_path
    settings.DEMO = False
    assert "shown-here" not in client.get("/accounts/login/").content.decode()
    settings.DEMO = True
    assert "shown-here" in client.get("/accounts/login/").content.decode()


def test_fault_page_needs_no_request_and_names_its_id():
    html = get_template("errors/500.html").render({"request_id": "abc123"})
    assert "<code>abc123</code>" in html


def test_missing_page_is_told_inside_the_frame(as_user, bo):
    answer = as_user(bo).get("/nothing-here/")
    assert answer.status_code == 404
    assert "There is nothing here" in answer.content.decode()
