"""What must not stand in the repository, and what must."""

import re
import subprocess

import pytest
from django.core.management import call_command

from .tree import ROOT

HOSTS = re.compile(r"(pypi" r"\.org|pythonhosted" r"\.org|registry\.npmjs" r"\.org|deb\.debian" r"\.org)")
PATHS = re.compile(r"(/wo" r"rk/|/ro" r"ot/|/home/[a-z])")


def tracked() -> list[str]:
    try:
        listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("git: this is not a checkout")
    return [name for name in listed.splitlines() if (ROOT / name).is_file()]


def test_no_registry_host_and_no_machine_path_is_committed():
    found = []
    for name in tracked():
        try:
            text = (ROOT / name).read_text()
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {hit.group()}" for pattern in (HOSTS, PATHS) for hit in pattern.finditer(text)]
    assert found == []


def test_dependencies_are_pinned_by_hash_without_index():
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text()
        pins = re.findall(r"^[a-z0-9][^\s=]*==", text, re.M | re.I)
        assert len(pins) > 20
        assert "--hash=sha256:" in text
        assert "index-url" not in text


def test_browser_libraries_are_locked_without_addresses():
    text = (ROOT / "package-lock.json").read_text()
    assert '"integrity"' in text
    assert '"resolved"' not in text


@pytest.mark.django_db
def test_migrations_are_complete():
    call_command("makemigrations", "--check", "--dry-run", verbosity=0)


def test_top_level_parts_stay():
    parts = {"manage.py", "pyproject.toml", "governance", "catalog", "contracts", "approvals", "observability",
             "templates", "tests", "README.md"}  # fmt: skip
    assert [part for part in sorted(parts) if not (ROOT / part).exists()] == []
