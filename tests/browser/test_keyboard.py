"""What people do without a mouse, and what stays as they left it."""

import pytest

from catalog.models import Interface
from tests.factories import catalog
from tests.factories.browser import go, settled

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def systems(stage):
    return [catalog.system(stage, key, name=name) for key, name in (("ehr-a", "EHR-A"), ("lab", "Laboratory"))]


def test_a_slash_focuses_the_search_box_and_enter_searches(desk, systems):
    page = desk("ada")
    page.keyboard.press("/")
    assert page.evaluate("document.activeElement.id") == "global-search"
    page.keyboard.type("ehr")
    page.keyboard.press("Enter")
    page.wait_for_url("**/search/?q=ehr")
    settled(page).get_by_role("link", name="EHR-A").first.wait_for()


def test_a_slash_typed_into_a_field_stays_there(desk, systems):
    page = desk("ada", "/register/request/")
    page.get_by_label("Name").focus()
    page.keyboard.type("in/out")
    assert page.get_by_label("Name").input_value() == "in/out"


def test_the_first_tab_offers_to_skip_the_navigation(desk):
    page = desk("ada")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent") == "Skip to content"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "content"


def test_the_theme_follows_the_choice_on_every_page(desk):
    page = desk("ada", scheme="light")
    theme = "document.documentElement.dataset.bsTheme"
    assert page.evaluate(theme) == "light"
    page.get_by_role("button", name="Switch between light and dark").press("Enter")
    assert page.evaluate(theme) == "dark"
    assert go(page, "/register/").evaluate(theme) == "dark"


def reach(page, name):
    """Tab until the control of this name has the focus, as somebody without a mouse does."""
    for _ in range(80):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.name") == name:
            return
    pytest.fail(f"Tab never reaches {name}")


def choose(page, letters):
    """Type the beginning of an option into a focused list."""
    page.keyboard.type(letters)


def test_the_request_form_is_completed_by_keyboard(desk, systems):
    page = desk("ada", "/register/request/")
    page.locator("#content").focus()
    for name, typed in (("key", "IF-LAB-001"), ("name", "Laboratory orders")):
        reach(page, name)
        page.keyboard.type(typed)
    for name, letters in (
        ("source", "ehr"), ("target", "lab"), ("provider", "ehr"), ("interaction", "Not"), ("msg_standard", "HL7"),
    ):  # fmt: skip
        reach(page, name)
        choose(page, letters)
    for name, typed in (("latency_s", "60"), ("volume_day", "400")):
        reach(page, name)
        page.keyboard.type(typed)
    reach(page, "tier")
    choose(page, "T2")
    reach(page, "data_classes")
    page.keyboard.press("Space")
    reach(page, "patterns")
    page.keyboard.press("Space")
    settled(page)
    page.keyboard.press("Enter")
    page.wait_for_url("**/register/IF-LAB-001/")
    made = Interface.objects.get(key="IF-LAB-001")
    assert (made.source.key, made.target.key, made.latency_s, made.tier) == ("ehr-a", "lab", 60, 2)
