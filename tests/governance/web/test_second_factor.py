"""One-time codes through their pages: set up, sign in with, recovery codes, taken away; secrets stay encrypted."""

import re
import time

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.test import Client

from governance.domain.credentials import Credential, prove_oneself
from governance.kernel.errors import NotAllowed
from tests.cast import PASSWORD

pytestmark = pytest.mark.django_db
AT = "/accounts/second-factor/"


def code(secret, *, steps=0):
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def di(cast):
    return cast("di")


@pytest.fixture
def signed_in(di):
    client = Client()
    client.post("/accounts/login/", {"login": "di", "password": PASSWORD})
    return client


@pytest.fixture
def secret(signed_in):
    asked = signed_in.get(f"{AT}totp/activate/", follow=True)
    assert "Is it you?" in asked.content.decode()
    page = signed_in.post(asked.redirect_chain[-1][0], {"password": PASSWORD}, follow=True).content.decode()
    assert "data:image/svg+xml;base64," in page
    secret = re.search(r"<code>([A-Z2-7]{16,})</code>", page)[1]
    assert signed_in.post(f"{AT}totp/activate/", {"code": "000000"}).status_code == 200
    assert signed_in.post(f"{AT}totp/activate/", {"code": code(secret)}).status_code == 302
    return secret


def test_its_secret_is_not_in_the_database(di, secret):
    stored = Authenticator.objects.get(user=di, type="totp").data["secret"]
    assert secret not in stored


def test_pages_show_what_is_set_up_and_link_from_the_menu(signed_in, secret):
    page = signed_in.get(AT).content.decode()
    for said in ("Set up", "Take it away", "10 are left", f'href="{AT}"'):
        assert said in page
    assert len(re.findall(r"<li><code>\w+", signed_in.get(f"{AT}recovery-codes/").content.decode())) == 10


def test_signing_in_asks_for_the_second_step(di, secret):
    client = Client()
    asked = client.post("/accounts/login/", {"login": "di", "password": PASSWORD}, follow=True)
    assert "One-time code" in asked.content.decode()
    assert client.get("/").status_code == 302
    client.post(f"{AT}authenticate/", {"code": code(secret, steps=1)})
    assert client.get("/").status_code == 200


def test_a_code_proves_a_person_once(di, secret):
    typed = code(secret, steps=1)
    assert prove_oneself(di, Credential("TOTP", typed)) == "TOTP"
    with pytest.raises(NotAllowed) as refused:
        prove_oneself(di, Credential("TOTP", typed))
    assert refused.value.code == "SIGNATURE_WRONG"


def test_it_is_taken_away(signed_in, secret, di):
    assert signed_in.get(f"{AT}totp/deactivate/").status_code == 200
    assert signed_in.post(f"{AT}totp/deactivate/").status_code == 302
    assert not Authenticator.objects.filter(user=di).exists()
