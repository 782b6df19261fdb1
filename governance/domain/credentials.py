"""Proving oneself again in the moment of signing: a password or a one-time code, and few wrong tries.

What was typed is compared and forgotten: it is in no record, no log line and no representation of an object.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import structlog
from allauth.mfa.models import Authenticator
from django.contrib.auth.hashers import check_password
from django.core.cache import cache

from ..kernel.errors import NotAllowed, NotReady
from ..models import User

log = structlog.get_logger("interlock.credentials")
PASSWORD, TOTP = "PASSWORD", "TOTP"
METHODS = (PASSWORD, TOTP)
TRIES, LOCKED_S = 5, 300


@dataclass(frozen=True)
class Credential:
    """What somebody typed to prove themselves, and of which kind it is."""

    method: str
    secret: str = field(repr=False)


def has_one_time_code(person: User) -> bool:
    """Has this person set up an authenticator app?"""
    return Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).exists()


def prove_oneself(person: User, given: Credential | None) -> str:
    """The method by which ``person`` has just proved who they are.

    Raises ``NotReady`` (SIGNATURE_REQUIRED) for nothing or an unknown method, ``NotAllowed`` (SIGNATURE_WRONG) for
    a wrong one, and (SIGNATURE_LOCKED) from the sixth try on until five minutes after the first wrong one. A try is
    counted before it is compared, so that many at once are no more than five either.
    """
    if given is None or not given.secret or given.method not in METHODS:
        said = "Sign with your password or a one-time code."
        raise NotReady(said, code="SIGNATURE_REQUIRED", errors={"signature": [said]})
    key = f"signature-tries:{person.pk}"
    if tries_with_this(key) > TRIES:
        log.warning("signature locked", person=str(person.pk))
        said = f"Too many wrong tries. Signing is closed for you for {LOCKED_S // 60} minutes."
        raise NotAllowed(said, code="SIGNATURE_LOCKED", errors={"signature": [said]})
    if not is_right(person, given):
        log.warning("signature wrong", person=str(person.pk), method=given.method)
        said = "The password is not right." if given.method == PASSWORD else "The one-time code is not right."
        raise NotAllowed(f"{said} Nothing was signed.", code="SIGNATURE_WRONG", errors={"signature": [said]})
    cache.delete(key)
    return given.method


def tries_with_this(key: str) -> int:
    cache.add(key, 0, LOCKED_S)
    try:
        return cache.incr(key)
    except ValueError:  # it ran out in between
        cache.set(key, 1, LOCKED_S)
        return 1


def is_right(person: User, given: Credential) -> bool:
    if not (person.is_person and person.is_active):
        return False
    if given.method == PASSWORD:
        return check_password(given.secret, person.password)
    app = Authenticator.objects.filter(user=person, type=Authenticator.Type.TOTP).first()
    return app is not None and app.wrap().validate_code(given.secret.strip())
