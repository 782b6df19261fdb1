"""Reading the project's own source: which module imports what, and where it stands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
APPS = ("governance", "catalog", "contracts", "approvals", "observability")
PROJECT_FILES = {"settings", "urls", "celery", "asgi", "wsgi"}
WORDS = {
    "lifecycle", "formats", "probes", "dmn", "patterns", "requirements", "evidence", "ranges", "recurrence",
    "business_days",
}  # fmt: skip
DOORS = {"api", "web", "admin", "management", "templatetags"}
LAYERS = {"words": 0, "models": 1, "domain": 2, "tasks": 3, "doors": 4}


@dataclass(frozen=True)
class Module:
    path: Path

    @property
    def parts(self) -> tuple[str, ...]:
        relative = self.path.relative_to(ROOT).with_suffix("")
        return tuple(part for part in relative.parts if part != "__init__")

    @property
    def name(self) -> str:
        return ".".join(self.parts)

    @property
    def lines(self) -> int:
        return len(self.path.read_text().splitlines())

    @property
    def tree(self) -> ast.Module:
        return parsed(self.path)

    def imports(self) -> Iterator[tuple[str, int]]:
        """Every imported module, absolute, with its line; ``from x import y`` counts as ``x.y``."""
        package = self.parts if self.path.name == "__init__.py" else self.parts[:-1]
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    yield alias.name, node.lineno
            elif isinstance(node, ast.ImportFrom):
                base = list(package[: len(package) - node.level + 1]) if node.level else []
                prefix = ".".join([*base, *([node.module] if node.module else [])])
                for alias in node.names:
                    yield f"{prefix}.{alias.name}", node.lineno


@cache
def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


def modules(*folders: str) -> list[Module]:
    found = []
    for folder in folders or APPS:
        for path in sorted((ROOT / folder).rglob("*.py")):
            if not {"migrations", "cli", "build", "node_modules"} & set(path.relative_to(ROOT).parts):
                found.append(Module(path))
    return found


def layer_of(parts: tuple[str, ...]) -> str:
    """``words``, ``models``, ``domain``, ``tasks``, ``doors``; also ``kernel``, ``shared``, ``project``."""
    if len(parts) < 2 or parts[1] == "apps":
        return "project"
    room = parts[1]
    if parts[0] == "governance" and room in PROJECT_FILES:
        return "project"
    if parts[0] == "governance" and room in ("kernel", "doors"):
        return {"kernel": "kernel", "doors": "shared"}[room]
    if room in WORDS or (room == "importers"):
        return "words"
    if room in DOORS:
        return "doors"
    return room if room in LAYERS else "unknown"
