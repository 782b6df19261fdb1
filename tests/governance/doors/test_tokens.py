"""Machines at the door: what a token opens, and what it says when it does not."""

import datetime as dt

import pytest
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.test import APIRequestFactory

from governance.domain import people
from governance.domain.requests import note_token_use
from governance.doors.tokens import ServiceTokenAuthentication, needs_scope
from governance.kernel.errors import NotAllowed
from governance.models import Scope, ServiceToken

ME = "/api/v1/people/me/"


def code_of(answer):
    return answer.status_code, answer.json()["code"]


def test_a_live_token_is_its_service_account(api, hal, hal_token):
    answer = api(token=hal_token).get(ME)
    assert answer.status_code == 200
    assert answer.json() | {"id": ""} == {
        "id": "",
        "username": "hal",
        "name": "Hal",
        "kind": "SERVICE",
        "roles": ["CI"],
        "teams": ["pipelines"],
        "scopes": sorted(Scope.values),
        "csrf_token": None,
    }


@pytest.mark.parametrize("secret", ["ilk_wrong", "", " ", "\x00", "é"])
def test_an_unknown_token_is_refused(api, db, secret):
    answer = api().get(ME, HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert code_of(answer) == (401, "TOKEN_UNKNOWN")
    assert answer["WWW-Authenticate"] == 'Bearer realm="interlock", error="invalid_token"'


def test_an_expired_token_is_refused(api, cast):
    past = timezone.now() - dt.timedelta(days=2)
    secret = cast.token(Scope.GATE_READ, now=past, life=dt.timedelta(days=1))
    assert code_of(api(token=secret).get(ME)) == (401, "TOKEN_EXPIRED")


def test_a_revoked_token_is_refused(api, cast, hal_token):
    people.revoke_token(ServiceToken.objects.get(), now=timezone.now(), actor=cast.clock)
    assert code_of(api(token=hal_token).get(ME)) == (401, "TOKEN_REVOKED")


def test_a_deactivated_machine_is_unknown(api, hal, hal_token, cast, now):
    people.deactivate_person(hal, now=now, actor=cast.clock)
    assert code_of(api(token=hal_token).get(ME)) == (401, "TOKEN_UNKNOWN")


def test_use_is_noted_once_a_minute(api, hal_token):
    api(token=hal_token).get(ME)
    token = ServiceToken.objects.get()
    first = token.last_used_at
    assert timezone.now() - first < dt.timedelta(seconds=30)
    api(token=hal_token).get(ME)
    assert ServiceToken.objects.get().last_used_at == first
    note_token_use(token, now=first + dt.timedelta(minutes=1))
    assert ServiceToken.objects.get().last_used_at == first + dt.timedelta(minutes=1)


def asking(**headers):
    return Request(APIRequestFactory().get("/", **headers), authenticators=[ServiceTokenAuthentication()])


def test_a_scope_is_needed_of_tokens_and_not_of_people(cast, ada):
    secret = cast.token(Scope.GATE_READ, now=timezone.now())
    token_request = asking(HTTP_AUTHORIZATION=f"Bearer {secret}")
    assert needs_scope(Scope.GATE_READ)().has_permission(token_request, None)
    with pytest.raises(NotAllowed) as refused:
        needs_scope(Scope.CONTRACTS_WRITE)().has_permission(token_request, None)
    assert refused.value.code == "SCOPE_MISSING"
    assert refused.value.details == {"needed": "contracts:write", "scopes": ["gate:read"]}

    session = asking()
    session.user = ada
    assert needs_scope(Scope.CONTRACTS_WRITE)().has_permission(session, None)
    assert not needs_scope(Scope.CONTRACTS_WRITE)().has_permission(asking(), None)


def test_the_secret_is_never_stored(hal_token):
    token = ServiceToken.objects.get()
    assert hal_token not in str(vars(token))
    assert token.digest == people.token_digest(hal_token)
