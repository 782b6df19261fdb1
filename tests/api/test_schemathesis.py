"""The whole API as its document describes it, asked with what the document allows and with what it forbids.

No input may be answered by a fault of ours, and every answer is one that the document announces. Each example is
asked by a person and by a machine, again about records that exist, and once more with a value that breaks columns.
What it changed is taken back.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
import yaml
from django.conf import settings
from django.core.signals import got_request_exception, request_finished, request_started
from django.db import close_old_connections, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, given, seed
from hypothesis import settings as examples
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import content_type_conformance, status_code_conformance

from governance.wsgi import application
from tests.factories.showcase import everywhere_member, meeting_on, shown
from tests.own_cache import start_empty

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
DOCUMENT = settings.BASE_DIR / "docs" / "openapi.yaml"
DESCRIBED = yaml.safe_load(DOCUMENT.read_text())
CHECKS = [not_a_server_error, content_type_conformance, status_code_conformance]
PER_OPERATION = 12
CSRF = "c" * 32
#: What has broken doors elsewhere: too large for a column, too long, not storable, not comparable, of another type.
HOSTILE = st.sampled_from(
    [
        10**30, -(2**63) - 1, 2**63, 2**31, -1, 1e308, 0.1, True, None, "", " ", "x" * 5_000, "\x00", "\x7f", "🜚" * 200,
        "2026-13-45", "9999-12-31T23:59:59-23:59", "0001-01-01T00:00:00+14:00", "00000000-0000-0000-0000-000000000000",
        "NaN", [], [None], [[[]]], ["x"] * 500, {}, {"": None}, {"a": {"b": [10**30]}}, [{"x": 1}],
    ]
)  # fmt: skip


@pytest.fixture
def faults() -> Iterator[list[BaseException]]:
    """What was raised inside the application and answered by 500, to be told with the example that raised it."""
    caught: list[BaseException] = []

    def note(sender: Any, **said: Any) -> None:
        caught.append(sys.exc_info()[1])

    got_request_exception.connect(note)
    yield caught
    got_request_exception.disconnect(note)


@pytest.fixture(autouse=True)
def one_connection() -> Iterator[None]:
    """The end of a request would close the test's own connection, as Django's test client knows too."""
    for signal in (request_started, request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (request_started, request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def askers(cast, hal_token) -> list[dict[str, Any]]:
    """Headers and cookies of a person who sees everything, and of a machine with every scope."""
    browser = Client()
    browser.force_login(everywhere_member(cast), backend="django.contrib.auth.backends.ModelBackend")
    session = browser.cookies["sessionid"].value
    return [
        {"cookies": {"sessionid": session, "csrftoken": CSRF}, "headers": {"X-CSRFToken": CSRF}},
        {"headers": {"Authorization": f"Bearer {hal_token}"}},
    ]


def test_no_input_is_answered_by_a_fault_of_ours(cast, seed_tables, board, askers, faults):
    record = shown(cast, submitted=True)
    meeting_on(cast, record.change)
    existing = record.address_values()
    failed = {}
    for found in described().get_all_operations():
        operation = found.ok()
        known = existing.get(operation.path.split("/")[3], {})
        try:
            ask_all(operation, known, askers, faults)
        except (Exception, FailureGroup) as wrong:  # noqa: BLE001 - each operation is asked, whatever another answered
            failed[operation.label] = "".join(traceback.format_exception(wrong)[-6:])
    assert not failed, "\n\n".join(f"{label}\n{told}" for label, told in failed.items())


def described() -> Any:
    """The document, asked with our own credentials only."""
    api = schemathesis.openapi.from_path(str(DOCUMENT))
    api.config.generation.update(with_security_parameters=False)
    return api


def ask_all(operation: Any, known: dict[str, Any], askers: list[dict[str, Any]], faults: list[BaseException]) -> None:
    """Examples that the document allows and such as it forbids, each as it came and about what exists."""

    @seed(20260526)
    @examples(
        max_examples=PER_OPERATION, deadline=None, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(asked_of(operation), HOSTILE, st.integers(0, 99))
    def ask(case: Any, hostile: Any, number: int) -> None:
        for who in askers:
            check_answer(case, who, faults)
        if case.path_parameters:
            case.path_parameters.update({name: known[name] for name in case.path_parameters if name in known})
            check_answer(case, askers[0], faults)
        if fields := fields_of(operation):
            case.body = {**(case.body if isinstance(case.body, dict) else {}), fields[number % len(fields)]: hostile}
            case.media_type = "application/json"
            check_answer(case, askers[0], faults)

    ask()


def asked_of(operation: Any) -> st.SearchStrategy:
    allowed = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    if any(one.media_type == "application/x-ndjson" for one in operation.body):
        return allowed  # no bytes are forbidden
    return allowed | operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)


def fields_of(operation: Any) -> list[str]:
    """The names that the operation's JSON body may have."""
    given = DESCRIBED["paths"][operation.path][operation.method].get("requestBody", {}).get("content", {})
    place = given.get("application/json", {}).get("schema", {}).get("$ref", "")
    return sorted(DESCRIBED["components"]["schemas"][place.rpartition("/")[2]].get("properties", {})) if place else []


@schemathesis.serializer("application/x-ndjson")
def as_it_is(context: Any, value: Any) -> Any:
    return value


def check_answer(case: Any, who: dict[str, Any], faults: list[BaseException]) -> None:
    start_empty()
    with transaction.atomic():
        response = case.call(app=application, base_url="http://localhost", **who)
        transaction.set_rollback(True)
    if faults:
        raise faults.pop()
    assert response.status_code != 401, "the asker was not known"
    case.validate_response(response, checks=CHECKS)
