"""Every address is guarded: nobody gets in unasked, outsiders see nothing of others, the administration only shows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.test.client import MULTIPART_CONTENT
from django.urls import URLPattern, URLResolver, get_resolver

from governance.models import User
from tests.factories.showcase import Shown, meeting_on, shown

from .tree import APPS

pytestmark = pytest.mark.django_db
#: What anybody may ask: the way in, how the process is, and what a problem's code means.
OPEN = {
    "accounts/inactive/",
    "accounts/login/",
    "accounts/login/code/confirm/",
    "accounts/password/reset/",
    "accounts/password/reset/done/",
    "accounts/password/reset/key/NONE-NONE/",
    "accounts/password/reset/key/done/",
    "accounts/signup/",
    "accounts/confirm-email/",
    "accounts/confirm-email/NONE/",
    "api/problems/NOT_FOUND",
    "api/problems/NOT_FOUND/",
    "csp-report/",
    "healthz",
    "metrics",
    "readyz",
}
GUARDED = {302, 401, 403, 404, 405}
PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
#: Records that everybody who signed in may read: policy, teams, where we are, and figures over what the reader sees.
SHARED = {
    "api/problems/{code}",
    "api/problems/{code}/",
    "api/v1/domains/{key}/",
    "api/v1/facilities/{key}/",
    "api/v1/kpis/{key}/",
    "api/v1/tables/{key}/",
    "api/v1/tables/{key}/versions/",
    "api/v1/tables/{key}/versions/{version}/",
    "api/v1/tables/{key}/versions/{version}/compare/",
    "api/v1/tables/{key}/versions/{version}/standing/",
    "api/v1/teams/{key}/",
    "tables/{key}/",
    "tables/{key}/{version}/",
    "tables/{key}/{version}/compare/",
}


def addresses() -> Iterator[tuple[str, list[str]]]:
    """Every address of the project as a template, with the names of its parameters."""
    yield from walked(get_resolver().url_patterns, "")


def walked(patterns: list[Any], before: str) -> Iterator[tuple[str, list[str]]]:
    for one in patterns:
        path = before + re.sub(r"[\^$?]|\\Z", "", PARAMETER.sub(r"{\1\2}", str(one.pattern)))
        if isinstance(one, URLResolver):
            yield from walked(one.url_patterns, path)
        elif isinstance(one, URLPattern):
            yield path, re.findall(r"{(\w+)}", path)


ADDRESSES = sorted(addresses())


def filled(path: str, names: list[str], one: Shown) -> str:
    """The address with the keys of records that exist."""
    words = path.split("/")
    place = 2 if path.startswith("api/v1/") else int(words[1:2] in (["systems"], ["findings"]))
    word = words[place]
    if path.startswith(("changes/of/", "changes/new/", "changes/submit/")):
        word = "contracts"
    if path.startswith("changes/meetings/"):
        word = "meetings"
    fixed = {"code": "NOT_FOUND", "verb": "withdraw", "binding": one.interface.bindings.get().pk}
    known = {**fixed, **one.address_values().get(word, {})}
    return path.format(**{name: known.get(name, "NONE") for name in names})


@pytest.fixture
def resolved() -> None:
    """The addresses are loaded, and with them what closes the administration."""
    get_resolver().url_patterns  # noqa: B018


@pytest.fixture
def one(cast, seed_tables) -> Shown:
    made = shown(cast)
    meeting_on(cast, made.change)
    return made


def test_nobody_is_asked_to_sign_in(one, client):
    for path, names in ADDRESSES:
        address = filled(path, names, one)
        for ask in (client.get, client.post):
            status = ask(f"/{address}").status_code
            assert address in OPEN or status in GUARDED, f"/{address} answers {status} to nobody"


def test_outsider_is_shown_no_record_of_others(one, cast, as_user):
    """Not there (404), not this way (405), not yours (403): a record's own address never opens."""
    eve = as_user(cast("eve"))
    for path, address in asked_as_outsider(one):
        if "{" not in path or path in SHARED:
            continue
        answers = {eve.get(address).status_code, eve.post(address, {}, content_type=content_type(path)).status_code}
        assert answers <= (GUARDED - {401}) | {400, 415}, f"{path} answers {sorted(answers)} to an outsider"


def test_outsider_reads_of_no_record_of_others_in_a_list(one, cast, as_user):
    eve = as_user(cast("eve"))
    secret = [
        text.encode() for text in (one.interface.key, one.interface.name, one.change.key, one.interface.source.key)
    ]
    for path, address in asked_as_outsider(one):
        if "{" in path:
            continue
        answer = eve.get(address)
        shown_text = b"".join(answer.streaming_content) if answer.streaming else answer.content
        assert not [text for text in secret if text in shown_text], f"{path} shows an outsider what others own"


def asked_as_outsider(one: Shown) -> Iterator[tuple[str, str]]:
    """All addresses but those that sign out."""
    for path, names in ADDRESSES:
        if not path.startswith(("accounts/", "admin/")):
            yield path, f"/{filled(path, names, one)}"


def content_type(path: str) -> str:
    return "application/json" if path.startswith("api/") else MULTIPART_CONTENT


def test_administration_changes_nothing(cast, rf, resolved):
    """Whoever is let in there (a superuser) may look, and has neither forms nor actions."""
    request = rf.get("/admin/")
    request.user = User(username="root", is_active=True, is_staff=True, is_superuser=True)
    for model, page in admin.site._registry.items():
        allowed = [
            page.has_add_permission(request),
            page.has_change_permission(request),
            page.has_delete_permission(request),
        ]
        assert allowed == [False, False, False], model
        assert page.get_actions(request) == {}, model
        assert page.has_view_permission(request), model


def test_administration_is_closed_to_everybody_else(cast, as_user):
    for name in ("quinn", "ada"):
        assert as_user(cast(name)).get("/admin/").status_code == 302


def test_administration_shows_every_record_of_ours():
    too_many_to_leaf_through = {"observability.Measurement", "observability.Rollup"}
    ours = {model for app in APPS for model in apps.get_app_config(app).get_models()}
    assert {model._meta.label for model in ours - set(admin.site._registry)} == too_many_to_leaf_through
