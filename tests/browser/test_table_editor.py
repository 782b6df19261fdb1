"""A decision table is edited without a mouse: cells checked and kept, rules added, moved and removed by keys."""

import pytest
from playwright.sync_api import expect

from governance.domain import drafts
from governance.models import DecisionTable
from tests.factories import tables as make
from tests.factories.browser import go, settled

from .test_pages import check

pytestmark = pytest.mark.browser
PAGES = ["edit/", "edit/columns/", "compare/"]


@pytest.fixture(scope="module")
def table(stage):
    return make.draft(stage)


@pytest.fixture
def grid(desk, table):
    page = desk("jo", "/tables/routes/1.1/edit/")
    expect(page.get_by_text("Not ready for the board yet")).to_be_visible()
    return page


def cell(page, rule, column):
    return page.get_by_label(f"{rule}, {column}", exact=True)


def rule_ids():
    return make.rule_ids(DecisionTable.objects.get(key="routes", version="1.1"))


def test_a_cell_is_checked_while_it_is_typed_and_kept_when_it_is_left(desk, grid):
    desk.expect(400)
    kind = cell(grid, "A2", "kind")
    kind.focus()
    grid.keyboard.press("Control+A")
    grid.keyboard.type("SLOW")
    expect(grid.get_by_text("a text needs quotes")).to_be_visible()
    expect(kind).to_have_attribute("aria-invalid", "true")
    grid.keyboard.press("Control+A")
    grid.keyboard.type("-")
    expect(grid.get_by_text("a text needs quotes")).to_have_count(0)
    grid.keyboard.press("Enter")
    assert grid.evaluate("document.activeElement.getAttribute('aria-label')") == "A3, kind"
    expect(grid.get_by_text("A2 and A3 both hold for tier 1, kind SLOW")).to_be_visible()
    table = DecisionTable.objects.get(key="routes", version="1.1")
    assert table.rules.get(rule_id="A2").when == {"tier": "1"}
    grid.keyboard.press("Shift+Enter")
    grid.keyboard.press("Control+A")
    grid.keyboard.type('"FAST"')
    grid.keyboard.press("Tab")
    expect(grid.get_by_text("A2 and A3 both hold")).to_have_count(0)


def test_rules_come_move_and_go_by_keys_and_the_focus_stays(grid):
    cell(grid, "A1", "say").focus()
    grid.keyboard.press("Alt+Enter")
    expect(cell(grid, "A4", "say")).to_be_focused()
    assert rule_ids() == ["A1", "A4", "A2", "A3"]
    grid.keyboard.type("three")
    grid.keyboard.press("Alt+ArrowDown")
    expect(grid.get_by_label("Rule 3, id")).to_have_value("A4")
    expect(cell(grid, "A4", "say")).to_be_focused()
    table = DecisionTable.objects.get(key="routes", version="1.1")
    assert table.rules.get(rule_id="A4").then == {"say": "three"}
    grid.keyboard.press("Alt+Delete")
    expect(cell(grid, "A3", "say")).to_be_focused()
    assert rule_ids() == ["A1", "A2", "A3"]


def test_a_gap_is_left_open_from_the_keyboard(grid, stage):
    grid.get_by_role("checkbox", name="Nobody decides tier 2").press("Space")
    grid.get_by_label("Why nobody needs to decide").fill("None is routed")
    grid.keyboard.press("Enter")
    expect(grid.get_by_text("The board can be asked.")).to_be_visible()
    table = DecisionTable.objects.get(key="routes", version="1.1")
    assert [gap["reason"] for gap in table.accepted_gaps] == ["None is routed"]
    drafts.rewrite_draft(table, {"accepted_gaps": []}, now=stage.now, actor=stage("jo"))


def test_a_big_table_stays_quick(desk, stage):
    rules = [{"id": f"B{n:03d}", "when": {"tier": "0"}, "then": {"say": "one"}, "note": ""} for n in range(400)]
    drafts.start_draft("large", document={**make.ROUTES, "rules": rules, "hit": "C"}, now=stage.now, actor=stage("jo"))
    page = desk("jo", "/tables/large/1.0/edit/?page=8")
    cell(page, "B399", "kind").fill('"FAST"')
    page.keyboard.press("Tab")
    expect(page.locator("tr[data-rule=B399] .cell-said").get_by_text("Saved")).to_have_count(1)
    assert go(page, "/tables/large/1.0/edit/?page=8").get_by_label("B399, kind").input_value() == '"FAST"'
    assert settled(page).locator("#grid tbody tr").count() == 50


@pytest.mark.parametrize("path", PAGES)
def test_page_is_sound(desk, table, path):
    check(desk, "jo", f"/tables/routes/1.1/{path}")


@pytest.mark.parametrize("path", ["/tables/new/", "/tables/import/", "/tables/pattern_verdict/1.0/compare/"])
def test_page_about_tables_is_sound(desk, table, path):
    check(desk, "jo", path)


def test_page_that_asks_the_board_is_sound(desk, table):
    check(desk, "jo", "/changes/tables/routes/1.1/")
