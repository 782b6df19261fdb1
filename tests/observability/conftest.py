"""The stage of these tests: an estate of two systems, interfaces between them, and who may watch them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pytest

from governance.models import User
from tests.cast import Cast
from tests.factories.servers import WebServer, web_server
from tests.observability.estate import Estate


@pytest.fixture
def estate(cast: Cast) -> Estate:
    return Estate(cast)


@pytest.fixture
def ada(cast: Cast, estate: Estate) -> User:
    """The architect of the domain that owns the interfaces."""
    return cast("ada")


@pytest.fixture
def server() -> Iterator[WebServer]:
    with web_server() as running:
        yield running


@pytest.fixture
def later(now: dt.datetime) -> dt.datetime:
    return now + dt.timedelta(hours=1)
