"""The API's pages in a real browser: found, read, and asked from the page under the policy."""

import pytest

from tests.factories.browser import settled

pytestmark = pytest.mark.browser


def test_an_operation_is_found_read_and_asked(desk, stage):
    page = desk("ada", "/api/docs/")
    page.get_by_label("Search operations").fill("ask table")
    page.get_by_label("Search operations").press("Enter")
    settled(page).get_by_role("link", name="Ask a table").click()
    page.wait_for_url("**/api/docs/tables_decide/")
    page.get_by_label("key (required)").fill("resilience")
    page.get_by_label("Body").fill('{"facts": {"tier": 1}}')
    page.get_by_role("button", name="Ask").click()
    page.get_by_text('"R1"').wait_for()
    assert page.locator("[role=status].api-status").text_content().startswith("200")


def test_a_refusal_is_shown_as_it_came(desk, stage):
    desk.expect(404)
    page = desk("ada", "/api/docs/tables_retrieve/")
    page.get_by_label("key (required)").fill("nothing")
    page.get_by_role("button", name="Ask").click()
    page.get_by_label("Answer", exact=True).get_by_text("NOT_FOUND").wait_for()
