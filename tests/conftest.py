"""The stage of all tests: the cast, the policy, the clock, and an audit that can be flushed between tests only."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.test import Client, TransactionTestCase
from django.utils import timezone
from rest_framework.test import APIClient

from governance.domain import audit_triggers, people, tables
from governance.models import DecisionTable, Scope, User
from tests.cast import PLAYED, Cast
from tests.own_cache import cache_key, start_empty

ROOT = Path(__file__).resolve().parent.parent
NOW = dt.datetime(2026, 5, 26, 9, 0, tzinfo=dt.UTC)
settings.CACHES["default"]["KEY_FUNCTION"] = cache_key  # for the threads that serve, which open it themselves
SERVED = {"live_server", "page", "browser"}


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """A server in another thread, and what it serves, need a database file; in memory is faster for all else."""
    config.stash[needs_file] = any(
        item.get_closest_marker("browser") or SERVED & set(getattr(item, "fixturenames", ())) for item in items
    )


needs_file = pytest.StashKey[bool]()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    django_db_modify_db_settings_parallel_suffix: None,
) -> None:
    database = settings.DATABASES["default"]
    if request.config.stash.get(needs_file, False) and database["ENGINE"].endswith("sqlite3"):
        database.setdefault("TEST", {})["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def audit_lifted_around_flush() -> Iterator[None]:
    """The flush after a transactional test is the one thing that may empty the audit.

    It ends with ``post_migrate``, which restores the triggers, the chain's head and the clock's user.
    """
    flush = TransactionTestCase._fixture_teardown

    def lifted(case: TransactionTestCase) -> None:
        for alias in case._databases_names(include_mirrors=False):
            audit_triggers.remove(connections[alias])
        flush(case)

    TransactionTestCase._fixture_teardown = lifted
    yield
    TransactionTestCase._fixture_teardown = flush


@pytest.fixture(scope="session", autouse=True)
def light_hashing() -> None:
    """Stretching the hash of a password that only tests know costs every test seconds and protects nothing."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher", *settings.PASSWORD_HASHERS]


@pytest.fixture(scope="session", autouse=True)
def static_files_on_demand() -> None:
    """Found when asked for: otherwise each client would list all of them anew."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def loopback_may_be_probed() -> None:
    """The tests' servers listen there; the product's own default opens no private network.

    For the whole session: what a module shares is made before any test's own settings.
    """
    settings.PROBE_ALLOWED_NETWORKS = ["127.0.0.0/8", "::1/128"]


@pytest.fixture(autouse=True)
def own_files(settings, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Each test has its own seals and sealing key, and no rate left over from another."""
    folder = tmp_path_factory.mktemp("seals")
    settings.AUDIT_SEAL_KEY_FILE = folder / "key.pem"
    settings.AUDIT_SEAL_EXPORT = folder / "seals.jsonl"
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    cache.key_func = cache_key
    start_empty()


@pytest.fixture
def now() -> dt.datetime:
    return NOW


@pytest.fixture
def cast(db: None, now: dt.datetime) -> Cast:
    return Cast(now, people.clock_user())


def member(name: str) -> Callable[[Cast], User]:
    @pytest.fixture(name=name)
    def made(cast: Cast) -> User:
        return cast(name)

    return made


for _name in [*PLAYED, "system"]:
    globals()[f"cast_{_name}"] = member(_name)


@pytest.fixture
def board(cast: Cast):
    """The integration governance board with its five seats."""
    return cast.board()


@pytest.fixture(scope="session")
def policy() -> dict[str, dict]:
    """The seed tables as documents, by key."""
    return json.loads((ROOT / "demo" / "policy" / "tables.json").read_text())


@pytest.fixture
def seed_tables(cast: Cast, policy: dict[str, dict]) -> dict[str, DecisionTable]:
    """The four tables in force, by key."""
    return {
        key: tables.seed_table(document, now=cast.now, actor=cast.clock)
        for key, document in policy.items()
        if isinstance(document, dict) and "rules" in document
    }


@pytest.fixture
def as_user() -> Callable[[User | None], Client]:
    """A browser in which somebody is signed in."""

    def signed_in(user: User | None) -> Client:
        client = Client()
        if user:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


@pytest.fixture
def api() -> Callable[..., APIClient]:
    """A program: ``api(user)`` by session, ``api(token=secret)`` by bearer token, ``api()`` as nobody."""

    def calling(user: User | None = None, *, token: str = "") -> APIClient:
        client = APIClient()
        if user:
            client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
        if token:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {token}")
        return client

    return calling


@pytest.fixture
def hal_token(cast: Cast) -> str:
    """A live token of hal's with every scope."""
    return cast.token(*Scope.values, now=timezone.now())
