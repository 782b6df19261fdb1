"""Every kind of refusal has its status and its shape, whichever layer refused."""

import json

import pytest
from django.core.exceptions import ValidationError as ModelInvalid
from django.db import IntegrityError, OperationalError, transaction
from django.http import Http404
from django.test import RequestFactory
from rest_framework import exceptions as rest

from governance.domain.context import working_via
from governance.doors.codes import explanations, raised_codes
from governance.doors.http import problem, status_of
from governance.doors.translation import refusal_from
from governance.kernel import errors as kinds
from governance.models import Membership, TeamRole


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        (kinds.Invalid, 400),
        (kinds.Malformed, 400),
        (kinds.NotAuthenticated, 401),
        (kinds.NotAllowed, 403),
        (kinds.NotFound, 404),
        (kinds.WrongState, 409),
        (kinds.Conflict, 409),
        (kinds.StaleRevision, 412),
        (kinds.TooLarge, 413),
        (kinds.NotReady, 422),
        (kinds.Forbidden, 422),
        (kinds.RevisionRequired, 428),
    ],
)
def test_each_kind_has_its_status(kind, status):
    assert status_of(kind("no")) == status


def test_a_code_may_have_a_status_of_its_own_and_a_subclass_follows_its_kind():
    class Special(kinds.Conflict):
        code = "SPECIAL"

    assert status_of(kinds.Invalid("no", code="BUMP_TOO_SMALL")) == 422
    assert status_of(Special("no")) == 409


def test_a_problem_carries_everything_a_program_needs():
    error = kinds.Invalid("Correct it.", errors={"name": ["too long"]}, details={"limit": 3, "status": "not mine"})
    with working_via("API", "req-12345"):
        answer = problem(RequestFactory().get("/api/v1/things/?secret=1"), error)
    assert answer["Content-Type"] == "application/problem+json"
    assert json.loads(answer.content) == {
        "type": "/api/problems/INVALID",
        "title": "Invalid",
        "status": 400,
        "detail": "Correct it.",
        "code": "INVALID",
        "instance": "/api/v1/things/",
        "request_id": "req-12345",
        "errors": {"name": ["too long"]},
        "limit": 3,
    }


@pytest.mark.parametrize(
    ("raised", "code", "status"),
    [
        (rest.NotAuthenticated(), "NOT_AUTHENTICATED", 401),
        (rest.PermissionDenied(), "NOT_ALLOWED", 403),
        (rest.NotFound(), "NOT_FOUND", 404),
        (Http404(), "NOT_FOUND", 404),
        (rest.MethodNotAllowed("PUT"), "METHOD_NOT_ALLOWED", 405),
        (rest.NotAcceptable(), "NOT_ACCEPTABLE", 406),
        (rest.UnsupportedMediaType("text/plain"), "UNSUPPORTED_MEDIA_TYPE", 415),
        (rest.Throttled(wait=3), "THROTTLED", 429),
        (rest.ParseError(), "MALFORMED", 400),
        (ModelInvalid({"name": ["wrong"]}), "INVALID", 400),
        (OverflowError("Python int too large to convert to SQLite INTEGER"), "CONSTRAINT", 400),
    ],
)
def test_what_frameworks_raise_is_said_as_ours(raised, code, status):
    error = refusal_from(raised)
    assert (error.code, status_of(error)) == (code, status)


def test_a_fault_stays_a_fault():
    assert refusal_from(ValueError("a bug")) is None
    assert refusal_from(IntegrityError("not null")) is None
    assert refusal_from(OperationalError("no such table")) is None


def test_nested_fields_are_named_by_their_path():
    error = refusal_from(rest.ValidationError({"items": [{}, {"key": ["taken"]}], "non_field_errors": ["both"]}))
    assert error.errors == {"items.1.key": ["taken"], "": ["both"]}
    assert error.message == "Correct items.1.key."


def test_a_unique_constraint_is_a_duplicate_and_a_check_is_named(cast, now):
    team = cast.team("architects")
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        TeamRole.objects.create(team=team, role="ARCHITECT")
    assert refusal_from(raised.value).code == "DUPLICATE"
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        type(cast.clock).objects.filter(pk=cast.clock.pk).update(is_staff=True)
    error = refusal_from(raised.value)
    assert (error.code, "only_persons_are_staff" in error.message) == ("CONSTRAINT", True)
    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        Membership.objects.create(team=None, user=cast.clock, since=now)
    assert refusal_from(raised.value) is None


def test_every_code_that_is_raised_is_explained():
    assert raised_codes(["governance"]) - set(explanations()) == set()


def test_explained_statuses_are_those_of_the_table(client, db):
    answer = client.get("/api/problems/SOD_AUTHOR")
    assert answer.json() == {
        "code": "SOD_AUTHOR",
        "status": 403,
        "explanation": "An author of a proposal may not decide or vote on it.",
    }
    assert client.get("/api/problems/NOTHING").status_code == 404
