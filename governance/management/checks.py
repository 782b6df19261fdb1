"""``make test``: every check in order, each timed, with a summary. Run by the virtual environment's Python.

All checks run even when an early one fails, so that one run tells everything; any failure makes the exit
status 1. A part that the machine lacks (PostgreSQL, Redis, Chromium) is skipped in plain words, and is a
failure where ``CI=true`` says that nothing may be missing.
"""

import filecmp
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
BIN = Path(sys.executable).parent
MANAGE = [sys.executable, "manage.py"]
PYTEST = [sys.executable, "-m", "pytest"]
POSTGRES = "postgresql://postgres@127.0.0.1:5432/interlock_make_test"
REDIS = "redis://127.0.0.1:6379/9"
TYPED = ("governance/kernel", "governance/dmn", "*/domain", "*/formats", "*/probes")
SCRATCH = tempfile.TemporaryDirectory(prefix="interlock-checks-")
BROWSERS = ("chromium", "chromium-browser", "google-chrome")


class Missing(Exception):
    """What the machine lacks for a check, in a sentence."""


def call(command: list[str], **environment: str) -> bool:
    """Run one command with its output shown; whether it succeeded."""
    return subprocess.run(command, cwd=ROOT, env=clean() | environment, check=False).returncode == 0  # noqa: S603


def clean() -> dict[str, str]:
    """The environment without a real installation's stores, so that a check never touches its data."""
    kept = {key: value for key, value in os.environ.items() if key not in {"DATABASE_URL", "REDIS_URL"}}
    return kept | {"INTERLOCK_VAR": SCRATCH.name}


def lint() -> bool:
    return call([str(BIN / "ruff"), "check", "."])


def layout() -> bool:
    return call([str(BIN / "ruff"), "format", "--check", "."])


def types() -> bool:
    folders = [str(path.relative_to(ROOT)) for pattern in TYPED for path in sorted(ROOT.glob(pattern))]
    return call([str(BIN / "mypy"), *folders])


def browser_libraries() -> bool:
    return call([*MANAGE, "collect_browser"])


def migrations() -> bool:
    return call([*MANAGE, "makemigrations", "--check", "--dry-run"])


def openapi() -> bool:
    """Whether the committed API description is the one that the code generates."""
    committed = ROOT / "docs" / "openapi.yaml"
    with tempfile.TemporaryDirectory() as folder:
        made = Path(folder) / "openapi.yaml"
        if not call([*MANAGE, "spectacular", "--validate", "--fail-on-warn", "--file", str(made)]):
            return False
        if committed.exists() and filecmp.cmp(made, committed, shallow=False):
            return True
    print("docs/openapi.yaml is not what the code generates: run 'make openapi' and commit the result.")
    return False


def embedded_suite() -> bool:
    return call([*PYTEST, "-n", "auto", "-m", "not browser"])


def server_suite() -> bool:
    """The same suite on PostgreSQL and Redis. Raises Missing with the one that does not answer."""
    database = os.environ.get("TEST_DATABASE_URL") or POSTGRES
    redis = os.environ.get("TEST_REDIS_URL") or REDIS
    require_postgres(database)
    require_redis(redis)
    suite = [*PYTEST, "-n", "auto", "-m", "not browser and not slow"]
    return call(suite, DATABASE_URL=database, REDIS_URL=redis)


def require_postgres(url: str) -> None:
    import psycopg

    server = url.rsplit("/", 1)[0] + "/postgres"
    try:
        psycopg.connect(server, connect_timeout=3).close()
    except psycopg.OperationalError as refused:
        said = str(refused).strip().splitlines()[0]
        raise Missing(f"PostgreSQL is missing (TEST_DATABASE_URL chooses another one): {said}") from None


def require_redis(url: str) -> None:
    import redis

    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3) as server:
            server.ping()
    except redis.RedisError as refused:
        raise Missing(f"Redis is missing (TEST_REDIS_URL chooses another one): {refused}") from None


def browser_suite() -> bool:
    """Journeys in real Chromium. Raises Missing where there is none."""
    named = os.environ.get("CHROMIUM")
    found = named or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        raise Missing("Chromium is missing: install it, or name it with CHROMIUM.")
    return call([*PYTEST, "-m", "browser"], CHROMIUM=found, DJANGO_ALLOW_ASYNC_UNSAFE="1")


CHECKS: Mapping[str, tuple[str, Callable[[], bool]]] = {
    "lint": ("ruff check", lint),
    "format": ("ruff format", layout),
    "types": ("mypy", types),
    "libraries": ("browser libraries and icons", browser_libraries),
    "migrations": ("no migration is missing", migrations),
    "openapi": ("OpenAPI as committed", openapi),
    "sqlite": ("tests on SQLite", embedded_suite),
    "servers": ("tests on PostgreSQL and Redis", server_suite),
    "browser": ("tests in Chromium", browser_suite),
}


def verdict(check: Callable[[], bool]) -> tuple[str, str]:
    """passed, FAILED or skipped, and what is missing. In CI nothing may be missing."""
    try:
        return ("passed", "") if check() else ("FAILED", "")
    except Missing as what:
        print(what, flush=True)
        return ("FAILED" if os.environ.get("CI") == "true" else "skipped", str(what))


def main(names: list[str]) -> int:
    unknown = set(names) - CHECKS.keys()
    if unknown:
        print(f"No such check: {', '.join(sorted(unknown))}. There are {', '.join(CHECKS)}.")
        return 2
    rows = []
    for name in names or CHECKS:
        title, check = CHECKS[name]
        print(f"\n== {title}", flush=True)
        started = time.monotonic()
        rows.append((*verdict(check), title, time.monotonic() - started))
    print("\n== summary")
    for result, missing, title, took in rows:
        print(f"  {result:<8} {took:7.1f} s  {title}{': ' + missing if missing else ''}")
    return 1 if any(result == "FAILED" for result, *_ in rows) else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit("\nStopped.")
