"""How people sign in: accounts are registered by an administrator, never by visitors; second factors are their own."""

from base64 import urlsafe_b64encode

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from cryptography.fernet import Fernet
from django.http import HttpRequest

from ..domain.seals import derived_key


class ClosedSignUp(DefaultAccountAdapter):
    """No self-registration: a person comes through ``register_person`` or the hospital's identity provider."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False


class SecondFactors(DefaultMFAAdapter):
    """The secrets of authenticator apps and recovery codes are stored encrypted, with a key outside the database."""

    def encrypt(self, text: str) -> str:
        return cipher().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        return cipher().decrypt(encrypted_text.encode()).decode()


def cipher() -> Fernet:
    return Fernet(urlsafe_b64encode(derived_key("second-factor")))
