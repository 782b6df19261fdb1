"""One request to the server, and what can go wrong with it."""

from __future__ import annotations

import http.client
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from . import VERSION

TIMEOUT_S = 60
JSON, NDJSON = "application/json", "application/x-ndjson"


class Unasked(Exception):
    """The question could not be put: wrong usage, no connection, or an answer that is none."""


@dataclass(frozen=True)
class Answer:
    """Status and body as they came."""

    status: int
    text: str

    @property
    def ok(self) -> bool:
        return 200 <= self.status < 300

    @property
    def document(self) -> Any:
        try:
            return json.loads(self.text)
        except ValueError:
            raise Unasked(f"The server answered {self.status} with something that is not JSON.") from None


class SameServer(urllib.request.HTTPRedirectHandler):
    """A redirect is not followed: the token is for the server that was named."""

    def redirect_request(self, *_given: Any) -> None:
        return None


class Server:
    """The server of ``INTERLOCK_URL``, asked in the name of ``INTERLOCK_TOKEN``."""

    def __init__(self, environment: Mapping[str, str] = os.environ) -> None:
        self.url = environment.get("INTERLOCK_URL", "").rstrip("/")
        self.token = environment.get("INTERLOCK_TOKEN", "").strip()
        if not self.url or not self.token:
            missing = [name for name in ("INTERLOCK_URL", "INTERLOCK_TOKEN") if not environment.get(name, "").strip()]
            raise Unasked(f"Set {' and '.join(missing)} in the environment.")
        if urllib.parse.urlsplit(self.url).scheme not in ("http", "https"):
            raise Unasked("INTERLOCK_URL must begin with http:// or https://.")
        if not self.token.isascii() or not self.token.isprintable():
            raise Unasked("INTERLOCK_TOKEN holds characters that no token has.")
        self.opener = urllib.request.build_opener(SameServer)

    def get(self, path: str, query: Mapping[str, str]) -> Answer:
        return self.ask("GET", f"{path}?{urllib.parse.urlencode(query)}")

    def post(self, path: str, body: Mapping[str, Any]) -> Answer:
        return self.ask("POST", path, json.dumps(body).encode(), JSON)

    def send_lines(self, path: str, content: bytes) -> Answer:
        return self.ask("POST", path, content, NDJSON)

    def ask(self, method: str, path: str, body: bytes | None = None, kind: str = "") -> Answer:
        """The server's answer, whatever its status. Raises ``Unasked`` when there is none."""
        headers = {
            "Authorization": f"Bearer {self.token}",
            "User-Agent": f"interlock-cli/{VERSION} Python/{sys.version_info.major}.{sys.version_info.minor}",
            "Accept": f"{JSON}, {NDJSON}" if kind == NDJSON else JSON,
            **({"Content-Type": kind} if kind else {}),
        }
        request = urllib.request.Request(f"{self.url}/api/v1/{path}", body, headers, method=method)
        try:
            with self.opener.open(request, timeout=TIMEOUT_S) as response:
                return Answer(response.status, response.read().decode("utf-8"))
        except urllib.error.HTTPError as refused:
            return Answer(refused.code, refused.read().decode("utf-8", errors="replace"))
        except (OSError, http.client.HTTPException, UnicodeError) as failed:
            reason = getattr(failed, "reason", None) or failed
            raise Unasked(f"{self.url} could not be asked: {reason}") from None


def quoted(name: str) -> str:
    """A key or version as one segment of a path."""
    return urllib.parse.quote(name, safe="")
