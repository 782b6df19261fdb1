"""Every code that a refusal can carry: what the sources raise, and what ``docs/guides/errors.md`` says of it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path

from django.conf import settings

from .http import STATUS_OF_CODE

APPS = ("governance", "catalog", "contracts", "approvals", "observability")
GUIDE = Path("docs") / "guides" / "errors.md"
ROW = re.compile(r"^\| `(?P<code>[A-Z][A-Z0-9_]*)` \| (?P<status>\d{3}) \| (?P<sentence>.+?) \|$", re.MULTILINE)
CODE = re.compile(r"[A-Z][A-Z0-9_]+")
RAISERS = {"refuse_unless_clear", "refusal"}


@cache
def explanations() -> dict[str, tuple[int, str]]:
    """Code -> status and sentence, as the guide's table says."""
    guide = settings.BASE_DIR / GUIDE
    found = ROW.finditer(guide.read_text()) if guide.exists() else ()
    return {row["code"]: (int(row["status"]), row["sentence"]) for row in found}


def raised_codes(apps: Sequence[str] = APPS) -> set[str]:
    """The codes in the apps' sources: of the classes of refusals, and those given where one is raised."""
    trees = [ast.parse(path.read_text()) for path in sources(apps)]
    refusals = refusal_names(trees)
    found = set(STATUS_OF_CODE)
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and node.name in refusals:
                found |= set(codes_in_class(node))
            elif isinstance(node, ast.Call) and called_name(node) in refusals | RAISERS:
                found |= {text for word in node.keywords if word.arg == "code" for text in texts(word.value)}
    return found - {"REFUSED"}


def sources(apps: Sequence[str]) -> Iterator[Path]:
    for app in apps:
        for path in sorted((settings.BASE_DIR / app).rglob("*.py")):
            if not {"migrations", "management", "cli"} & set(path.parts):
                yield path


def refusal_names(trees: list[ast.Module]) -> set[str]:
    """``DomainError`` and whatever inherits from it, by name."""
    bases = {
        node.name: {base.id if isinstance(base, ast.Name) else getattr(base, "attr", "") for base in node.bases}
        for tree in trees
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    names, before = {"DomainError"}, 0
    while len(names) != before:
        before = len(names)
        names |= {name for name, parents in bases.items() if parents & names}
    return names


def called_name(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else getattr(call.func, "attr", "")


def codes_in_class(node: ast.ClassDef) -> Iterator[str]:
    for line in node.body:
        if isinstance(line, ast.Assign) and any(getattr(target, "id", "") == "code" for target in line.targets):
            yield from texts(line.value)


def texts(value: ast.expr) -> Iterator[str]:
    """The literal codes of an expression, both arms of a condition included."""
    for node in ast.walk(value):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and CODE.fullmatch(node.value):
            yield node.value
