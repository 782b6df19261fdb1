"""The estate's heartbeat sender: an interface that calls in, as one behind a firewall would."""

from __future__ import annotations

import http.client
import json
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit


def send_beat(url: str, token: str, *, timeout_s: float = 10.0) -> int:
    """POST one beat and return the answer's status; raises ``OSError`` or ``HTTPException`` without one.

    Neither proxies nor redirects are followed: the token goes to the address that was given and nowhere else.
    """
    parts = urlsplit(url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=timeout_s)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    body = json.dumps({"sent_at": datetime.now(UTC).isoformat()})
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    try:
        connection.request("POST", path, body=body, headers=headers)
        return connection.getresponse().status
    finally:
        connection.close()


def beat_until(
    stop: threading.Event, urls: Sequence[str], token: str, *, every_s: float, tell: Callable[[str], None]
) -> None:
    """Send a beat to each address now and every ``every_s`` until ``stop``; a failure is told once and tried again."""
    told = dict.fromkeys(urls, "")
    while not stop.is_set():
        for url in urls:
            trouble = trouble_of(url, token)
            if trouble != told[url]:
                tell(f"beat: the product {trouble}; trying again" if trouble else "beat: the product answers")
            told[url] = trouble
        stop.wait(every_s)


def trouble_of(url: str, token: str) -> str:
    """What is wrong with one beat; empty when it was taken."""
    try:
        status = send_beat(url, token)
    except (OSError, http.client.HTTPException) as failed:
        return f"could not be reached ({type(failed).__name__})"
    return "" if 200 <= status < 300 else f"answered {status}"
