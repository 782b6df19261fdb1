"""Who is asking: a person's browser session, or a machine's bearer token with its scopes."""

from __future__ import annotations

from typing import Any

from django.utils import timezone
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import PermissionDenied
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from ..domain.people import authenticate_token
from ..domain.requests import note_token_use
from ..kernel.errors import NotAllowed, NotAuthenticated


class ServiceTokenAuthentication(BaseAuthentication):
    """``Authorization: Bearer <secret>`` of a service account; ``request.auth`` is the token."""

    def authenticate(self, request: Request) -> tuple[Any, Any] | None:
        kind, _, secret = request.headers.get("Authorization", "").partition(" ")
        if kind.lower() != "bearer":
            return None
        if not secret.strip():
            raise NotAuthenticated("The Authorization header carries no token.", code="TOKEN_UNKNOWN")
        now = timezone.now()
        token = authenticate_token(secret.strip(), now=now)
        note_token_use(token, now=now)
        return token.account.user, token

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="interlock"'


class BrowserSession(SessionAuthentication):
    """The signed-in browser; what changes something needs the CSRF token as well."""

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="interlock"'

    def enforce_csrf(self, request: Request) -> None:
        try:
            super().enforce_csrf(request)
        except PermissionDenied:
            raise NotAllowed(
                "The CSRF token is missing or wrong. Send the csrftoken cookie's value as X-CSRFToken.",
                code="CSRF_FAILED",
            ) from None


def needs_scope(scope: str) -> type[BasePermission]:
    """A permission class: a token must carry ``scope`` (403 SCOPE_MISSING); for people the domain's rules decide."""

    class NeedsScope(BasePermission):
        required = str(scope)

        def has_permission(self, request: Request, view: Any) -> bool:
            if not request.user or not request.user.is_authenticated:
                return False
            scopes = getattr(request.auth, "scopes", None)
            if scopes is not None and self.required not in scopes:
                raise NotAllowed(
                    f"This token may not do this: it lacks the scope {self.required}.",
                    code="SCOPE_MISSING",
                    details={"needed": self.required, "scopes": list(scopes)},
                )
            return True

    return NeedsScope


class ServiceTokenScheme(OpenApiAuthenticationExtension):
    target_class = "governance.doors.tokens.ServiceTokenAuthentication"
    name = "serviceToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "http", "scheme": "bearer", "description": "A service account's token, with its scopes."}


class BrowserSessionScheme(OpenApiAuthenticationExtension):
    target_class = "governance.doors.tokens.BrowserSession"
    name = "browserSession"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        return {"type": "apiKey", "in": "cookie", "name": "sessionid", "description": "A signed-in browser."}
