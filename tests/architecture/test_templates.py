"""Templates hold what the content security policy and a reader ask: nothing inline, nothing from outside, short."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent / "templates"
TEMPLATES = [path for path in sorted(ROOT.rglob("*.html")) if path.relative_to(ROOT).parts[0] != "emails"]
PAGES = [path for path in TEMPLATES if "{% extends" in path.read_text(encoding="utf-8")]
LONGEST = 150

INLINE = {
    "a style attribute": re.compile(r"<[^>]*\sstyle\s*=", re.IGNORECASE),
    "a style element": re.compile(r"<style\b", re.IGNORECASE),
    "a script that is not a file": re.compile(r"<script\b(?![^>]*\ssrc=)(?![^>]*application/json)", re.IGNORECASE),
    "an event handler": re.compile(r"<[^>]*\son[a-z]+\s*=", re.IGNORECASE),
    "hx-on": re.compile(r"\bhx-on\b|\bhx-on:"),
    "a value that is script": re.compile(r"""=\s*["']\s*(js|javascript):""", re.IGNORECASE),
    "a trigger filter": re.compile(r"""hx-trigger\s*=\s*(["'])[^"']*\["""),
    "an asset from outside": re.compile(
        r"""<(script|link|img|iframe|use|source|video)\b[^>]*\s(src|href)\s*=\s*["'](https?:)?//""", re.IGNORECASE
    ),
}


def named(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_template_holds_nothing_that_the_policy_refuses(path: Path):
    text = path.read_text(encoding="utf-8")
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == []


@pytest.mark.parametrize("path", TEMPLATES, ids=named)
def test_template_is_short(path: Path):
    assert len(path.read_text(encoding="utf-8").splitlines()) <= LONGEST


@pytest.mark.parametrize("path", PAGES, ids=named)
def test_page_opens_with_its_blocks_and_context(path: Path):
    opening = "".join(re.findall(r"^\{#.*?#\}\n", path.read_text(encoding="utf-8"), re.MULTILINE)[:2])
    assert path.read_text(encoding="utf-8").startswith("{#")
    assert ("Blocks:" in opening, "Context" in opening) == (True, True)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('<p style="color: red">', "a style attribute"),
        ("<script>alert(1)</script>", "a script that is not a file"),
        ('<a onclick="go()">', "an event handler"),
        ('<a hx-trigger="keyup[key==1]">', "a trigger filter"),
        ("<a hx-vals='js:{a: 1}'>", "a value that is script"),
        ('<script src="https://cdn.example/x.js">', "an asset from outside"),
    ],
)
def test_lint_sees_what_it_should(text: str, found: str):
    assert [what for what, pattern in INLINE.items() if pattern.search(text)] == [found]
