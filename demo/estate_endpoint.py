"""One endpoint of the demo estate: a small HTTP server that answers as its system would."""

from __future__ import annotations

import json
import random
import socketserver
import threading
import time
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

DEFINITIONS = Path(__file__).with_name("endpoints.json")


@dataclass(frozen=True)
class Endpoint:
    """What one endpoint is called, how fast it answers, and what it knows besides its health."""

    name: str
    title: str
    version: str
    latency_ms: tuple[float, float]
    resources: dict[str, Any] = field(default_factory=dict)


def load_endpoints() -> dict[str, Endpoint]:
    """All endpoints of the estate by name, in the order that gives them their ports."""
    rows = json.loads(DEFINITIONS.read_text(encoding="utf-8"))
    return {row["name"]: Endpoint(**{**row, "latency_ms": tuple(row["latency_ms"])}) for row in rows}


class EndpointServer(ThreadingHTTPServer):
    """Listens from construction on; ``serve_forever`` answers. ``flap_s`` > 0 alternates well and ill."""

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 256

    def __init__(self, host: str, port: int, endpoint: Endpoint, *, flap_s: float = 0.0) -> None:
        self.endpoint = endpoint
        self.flap_s = flap_s
        self.began = time.monotonic()
        super().__init__((host, port), EndpointHandler)

    def server_bind(self) -> None:
        """Bind without the reverse DNS lookup of http.server, which can hang on an offline machine."""
        socketserver.TCPServer.server_bind(self)
        self.server_name, self.server_port = str(self.server_address[0]), self.server_address[1]

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that hangs up early is everyday life, not an error to print."""

    @property
    def healthy(self) -> bool:
        return not self.flap_s or int((time.monotonic() - self.began) / self.flap_s) % 2 == 0


class EndpointHandler(BaseHTTPRequestHandler):
    """GET and HEAD of /health and of the endpoint's resources; everything else is 404."""

    server: EndpointServer
    server_version = "LakeshoreEstate"
    sys_version = ""
    protocol_version = "HTTP/1.1"
    timeout = 15

    def do_GET(self) -> None:
        endpoint = self.server.endpoint
        threading.Event().wait(random.uniform(*endpoint.latency_ms) / 1000)
        path = urlsplit(self.path).path
        if not self.server.healthy:
            self._answer(503, {"status": "DOWN", "service": endpoint.name})
        elif path == "/health":
            uptime = round(time.monotonic() - self.server.began, 1)
            facts = {"status": "UP", "service": endpoint.name, "title": endpoint.title}
            self._answer(200, {**facts, "version": endpoint.version, "uptime_s": uptime})
        elif path in endpoint.resources:
            self._answer(200, endpoint.resources[path])
        else:
            self._answer(404, {"status": "NOT_FOUND", "service": endpoint.name})

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, document: Any) -> None:
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Cache-Control", "no-store")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: Any) -> None:
        """Silent: probes come every few seconds."""
