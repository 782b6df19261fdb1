"""How people sign in: accounts are registered by an administrator, never by visitors."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest


class ClosedSignUp(DefaultAccountAdapter):
    """No self-registration: a person comes through ``register_person`` or the hospital's identity provider."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return False
