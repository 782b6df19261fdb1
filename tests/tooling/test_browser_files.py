"""The browser's files: only what pages use, nothing that loads from outside, icons by name."""

import json
import shutil
from pathlib import Path
from xml.etree import ElementTree

import pytest

from governance.management import browser_files
from governance.management.browser_files import BrowserFileMissing, LoadsFromOutside

PLUS = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="24" height="24" viewBox="0 0 24 24" fill="none" '
    'stroke="currentColor" class="icon"><path stroke="none" d="M0 0h24v24H0z" fill="none"/><path d="M12 5l0 14"/></svg>'
)


@pytest.fixture
def node_modules(tmp_path: Path) -> Path:
    root = tmp_path / "node_modules"
    for name in browser_files.FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("body{color:red}\n/*# sourceMappingURL=x.map */")
    for name in ("@tabler/core", "@tabler/icons", "htmx.org", "echarts"):
        (root / name).mkdir(parents=True, exist_ok=True)
        (root / name / "package.json").write_text(json.dumps({"version": "1.2.3"}))
    for style in ("outline", "filled"):
        (root / "@tabler/icons/icons" / style).mkdir(parents=True)
        (root / "@tabler/icons/icons" / style / "plus.svg").write_text(PLUS)
    return root


def test_icons_are_found_however_pages_name_them(tmp_path: Path, node_modules: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text("""{% icon "plus" %}{% icon 'home' %}{% empty icon="list-check" %}{% icon name %}""")
    code = tmp_path / "shell.py"
    code.write_text(
        """Entry("Home", icon="users"), {"icon": "bell"}, Look("plus-filled"), Look("no-icon"), silicon("no")"""
    )
    found = browser_files.icons_named([page, code], node_modules / "@tabler/icons/icons")
    assert found == {"plus", "home", "list-check", "users", "bell", "plus-filled"}


def test_the_sprite_has_a_symbol_for_each_icon_and_no_style(node_modules: Path) -> None:
    made = browser_files.sprite(["plus", "plus-filled", "plus"], node_modules / "@tabler/icons/icons")
    symbols = list(ElementTree.fromstring(made))
    assert [symbol.get("id") for symbol in symbols] == ["plus", "plus-filled"]
    assert symbols[0].attrib == {
        "id": "plus",
        "viewBox": "0 0 24 24",
        "fill": "none",
        "stroke": "currentColor",
    }
    assert [shape.attrib for shape in symbols[0]] == [{"d": "M12 5l0 14"}]


def test_an_icon_that_does_not_exist_is_named(node_modules: Path) -> None:
    with pytest.raises(BrowserFileMissing) as refused:
        browser_files.sprite(["plsu"], node_modules / "@tabler/icons/icons")
    assert str(refused.value) == "A page names the icon 'plsu', and @tabler/icons has no such icon."


def test_collecting_writes_what_changed_and_removes_what_is_no_longer_in_use(
    node_modules: Path, tmp_path: Path
) -> None:
    target = tmp_path / "browser"
    expected = ["tabler.min.css", "htmx.min.js", "echarts.min.js", "icons.svg", "versions.json"]
    assert browser_files.collect(node_modules, [], target) == expected
    assert (target / "tabler.min.css").read_text() == "body{color:red}\n"
    (target / "old.js").write_text("")
    (target / "htmx.min.js").write_text("tampered")
    assert browser_files.collect(node_modules, [], target) == ["htmx.min.js"]
    assert sorted(path.name for path in target.iterdir()) == sorted(expected)


@pytest.mark.parametrize(
    "rule", ['@import "https://fonts.example/x";', "a{src:url(font.woff2)}", "a{src:url( '//cdn.example/x')}"]
)
def test_a_style_sheet_that_loads_another_file_is_refused(rule: str, node_modules: Path, tmp_path: Path) -> None:
    (node_modules / "@tabler/core/dist/css/tabler.min.css").write_text(rule)
    with pytest.raises(LoadsFromOutside, match=r"tabler\.min\.css loads another file"):
        browser_files.collect(node_modules, [], tmp_path / "browser")


def test_a_missing_library_is_named_with_the_way_out(node_modules: Path, tmp_path: Path) -> None:
    shutil.rmtree(node_modules / "htmx.org" / "dist")
    with pytest.raises(BrowserFileMissing, match=r"htmx\.min\.js is not there: run 'make run' or 'make test'"):
        browser_files.collect(node_modules, [], tmp_path / "browser")
