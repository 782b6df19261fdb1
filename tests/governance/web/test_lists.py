"""Lists by address: what is asked is found, what is not understood is ignored, nothing else can be sorted by."""

import pytest
from django.test import RequestFactory

from governance.doors.pages import Facet, csv_response, page_of, wants_fragment
from governance.models import User

SORTS = {"name": ("display_name", "username"), "joined": "-date_joined"}
FACETS = [
    Facet("kind", "Kind", [("PERSON", "Person"), ("CLOCK", "Clock")]),
    Facet("since", "Since", lookup="date_joined__gte", kind="date"),
]


def listed(query: str = "", size: int = 50):
    request = RequestFactory().get(f"/people/?{query}")
    return page_of(
        User.objects.all(), request, sorts=SORTS, default="name", facets=FACETS, search=("username",), size=size
    )


@pytest.fixture
def three(db):
    for name, joined in (("ann", "2026-01-01T00:00Z"), ("ben", "2026-02-01T00:00Z"), ("cat", "2026-03-01T00:00Z")):
        User.objects.create(username=name, display_name=name.title(), date_joined=joined)


def names(page) -> list[str]:
    return [user.username for user in page.rows if user.username != "system"]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("kind=PERSON", ["ann", "ben", "cat"]),
        ("kind=PERSON&sort=-name", ["cat", "ben", "ann"]),
        ("kind=PERSON&sort=joined", ["cat", "ben", "ann"]),
        ("kind=PERSON&sort=password", ["ann", "ben", "cat"]),
        ("kind=PERSON&q=BE", ["ben"]),
        ("kind=PERSON&since=2026-02-01", ["ben", "cat"]),
        ("kind=PERSON&since=2026-99-99", ["ann", "ben", "cat"]),
        ("kind=CLOCK", []),
        ("kind=PERSON&page=x", ["ann", "ben", "cat"]),
    ],
)
def test_list_shows_what_its_address_asks(three, query, found):
    assert names(listed(query)) == found


def test_pages_keep_the_filters(three):
    page = listed("kind=PERSON&page=2", size=2)
    assert (names(page), page.first, page.last, page.total, page.pages) == (["cat"], 3, 3, 3, 2)
    assert (page.previous_url, page.next_url) == ("/people/?kind=PERSON&page=1", "")
    assert page.sort_url("name") == "/people/?kind=PERSON&sort=-name"
    assert page.csv_url == "/people/?kind=PERSON&format=csv"


def test_page_past_the_end_is_the_last(three):
    assert listed("page=99", size=2).number == 2


def test_list_costs_two_queries(three, django_assert_num_queries):
    with django_assert_num_queries(2):
        page = listed()
        assert len(page.rows) == page.total


def test_csv_streams_with_its_header():
    answer = csv_response("people.csv", ["name", "note"], [["ann", "=cmd"], ["ben", 'says "hi"']])
    assert b"".join(answer.streaming_content).decode("utf-8-sig") == (
        'name,note\r\nann,\'=cmd\r\nben,"says ""hi"""\r\n'
    )
    assert answer["Content-Disposition"] == 'attachment; filename="people.csv"'


@pytest.mark.parametrize(
    ("headers", "fragment"),
    [
        ({}, False),
        ({"HX-Request": "true"}, True),
        ({"HX-Request": "true", "HX-Request-Type": "full"}, False),
        ({"HX-Request": "true", "HX-Boosted": "true"}, False),
        ({"HX-Request": "true", "HX-History-Restore-Request": "true"}, False),
    ],
)
def test_fragment_only_when_a_part_is_asked(headers, fragment):
    assert wants_fragment(RequestFactory().get("/", headers=headers)) is fragment
