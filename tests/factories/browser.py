"""Real browsers for tests: a server on a database file, people signed in at it, and a watch over every page."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.db import connections
from django.test import Client, TransactionTestCase
from django.test.utils import setup_databases, teardown_databases
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from governance.domain import people, tables
from tests.cast import Cast

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response

CHROMIUM = os.environ.get("CHROMIUM") or next(
    filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None
)
ARGUMENTS = (
    "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync",
    "--disable-component-update", "--force-color-profile=srgb",
)  # fmt: skip
AXE = settings.BASE_DIR / "node_modules" / "axe-core" / "axe.min.js"
TELL_BREACHES = """
addEventListener("securitypolicyviolation", (told) =>
  console.error(`policy breach: ${told.effectiveDirective} refuses ${told.blockedURI || "inline"} ${told.sample}`));
"""
UNDER_WAY = ".loading, .htmx-request"
PATIENCE_MS = 10_000
#: The installation's own database, as the settings name it before any test database is made.
REAL = str(settings.DATABASES["default"]["NAME"])


def missing(part: str) -> None:
    """A part that the machine lacks is named, and is a failure where CI=true says that nothing may be missing."""
    (pytest.fail if os.environ.get("CI") == "true" else pytest.skip)(part)


def require_parts() -> None:
    if not CHROMIUM:
        missing("Chromium is missing: install it, or name it with CHROMIUM.")
    if not finders.find("htmx.min.js"):
        missing("The browser libraries are missing in var/browser: run 'manage.py collect_browser'.")
    if not AXE.exists():
        missing("axe-core is missing in node_modules: 'make test' installs it.")


@dataclass
class Watch:
    """What went wrong on the pages of one test, besides the refusals that the test expects."""

    home: str
    expected: set[int] = field(default_factory=set)
    faults: list[str] = field(default_factory=list)

    def follow(self, page: Page) -> None:
        page.on("console", self.heard)
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("request", self.asked)
        page.on("response", self.answered)

    def heard(self, message: ConsoleMessage) -> None:
        refused = message.text.startswith("Failed to load resource")  # told again, with its status, by the response
        if message.type == "error" and not refused:
            self.faults.append(f"console: {message.text}")

    def asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme in ("http", "https", "ws", "wss") and address.netloc != self.home:
            self.faults.append(f"another host: {request.url}")
        if address.path == "/csp-report/":
            self.faults.append(f"policy report: {request.post_data}")

    def answered(self, response: Response) -> None:
        if response.status >= 400 and response.status not in self.expected:
            self.faults.append(f"{response.status}: {response.request.method} {urlsplit(response.url).path}")


@dataclass
class Desk:
    """Where people sit down: ``desk("ada")`` is a page in ada's own browser; ``desk(None)`` is a stranger's."""

    browser: Browser
    cast: Cast
    url: str
    watch: Watch
    opened: list[Any] = field(default_factory=list)

    def __call__(
        self, name: str | None, path: str = "/", *, width: int = 1440, scheme: str = "light", axe: bool = False
    ) -> Page:
        context = self.browser.new_context(
            base_url=self.url, viewport={"width": width, "height": 900}, color_scheme=scheme, reduced_motion="reduce"
        )
        self.opened.append(context)
        context.add_init_script(TELL_BREACHES)
        if axe:
            context.add_init_script(path=AXE)
        if name:
            context.add_cookies([self.cookie(name)])
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        self.watch.follow(page)
        return go(page, path)

    def cookie(self, name: str) -> Any:
        client = Client()
        client.force_login(self.cast(name), backend="django.contrib.auth.backends.ModelBackend")
        return {"name": "sessionid", "value": client.cookies["sessionid"].value, "url": self.url}

    def expect(self, *statuses: int) -> None:
        """The refusals that belong to what the test shows."""
        self.watch.expected |= set(statuses)

    def close(self) -> None:
        for context in self.opened:
            context.close()


def go(page: Page, path: str) -> Page:
    """Open an address and wait until every part of the page has arrived."""
    page.goto(path)
    return settled(page)


def settled(page: Page) -> Page:
    """Wait until no fragment is under way. Asked from outside: the policy forbids a predicate inside the page."""
    from playwright.sync_api import expect

    expect(page.locator(UNDER_WAY)).to_have_count(0, timeout=PATIENCE_MS)
    return page


@pytest.fixture(scope="session")
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """pytest-django makes a test database only for tests that ask for one by its own fixtures; for ours it is made
    here, unless such a test is in the session too."""
    if connections["default"].settings_dict["NAME"] != REAL:
        yield
        return
    with django_db_blocker.unblock():
        made = setup_databases(verbosity=0, interactive=False, aliases={"default"})
    yield
    with django_db_blocker.unblock():
        teardown_databases(made, verbosity=0)


def require_test_database() -> None:
    """These tests write, and empty what they wrote: never in the installation's own database."""
    if str(connections["default"].settings_dict["NAME"]) == REAL:
        raise RuntimeError(f"{REAL} is the installation's own database; the browser tests need a test database.")


@pytest.fixture(scope="module")
def stage(own_database: None, django_db_blocker: Any, policy: dict[str, dict]) -> Iterator[Cast]:
    """A committed database that the tests of one module share, with the board and the tables; emptied at the end."""
    require_parts()
    require_test_database()
    before = os.environ.get("DJANGO_ALLOW_ASYNC_UNSAFE")
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"  # the driver runs a loop in this thread; nothing here is async
    with django_db_blocker.unblock():
        cast = Cast(timezone.now(), people.clock_user())
        for document in policy.values():
            if isinstance(document, dict) and "rules" in document:
                tables.seed_table(document, now=cast.now, actor=cast.clock)
        cast.board()
        yield cast
        empty_database()
    if before is None:
        del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


def empty_database() -> None:
    """As after a transactional test: conftest lifts the audit's triggers around it."""
    require_test_database()
    TransactionTestCase(methodName="debug")._fixture_teardown()
    connections.close_all()


@pytest.fixture(scope="module")
def served(stage: Cast) -> Iterator[str]:
    server = LiveServer("127.0.0.1")
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def chromium(stage: Cast) -> Iterator[Browser]:
    """One browser for a module: its driver must not outlive the module, or other tests' drivers could not start."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=CHROMIUM, args=list(ARGUMENTS))
        yield running
        running.close()


@pytest.fixture
def desk(chromium: Browser, stage: Cast, served: str) -> Iterator[Desk]:
    """Sign people in. A console error, a policy breach, an unexpected refusal or another host fails the test."""
    watch = Watch(urlsplit(served).netloc)
    sitting = Desk(chromium, stage, served, watch)
    yield sitting
    sitting.close()
    if watch.faults:
        pytest.fail("\n".join(watch.faults), pytrace=False)
