"""Real local servers that probes are tested against, each in a thread of the test's process."""

from __future__ import annotations

import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass
class WebServer:
    """A running server: its address, what it was asked, and how many were asking at the same time."""

    port: int = 0
    scheme: str = "http"
    together: int = 1
    paths: list[str] = field(default_factory=list)
    now_open: int = 0
    most_open: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)
    crowd: threading.Event = field(default_factory=threading.Event)
    closing: threading.Event = field(default_factory=threading.Event)

    def url(self, path: str = "/health") -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}{path}"

    @contextmanager
    def counted(self, path: str) -> Iterator[None]:
        with self.lock:
            self.paths.append(path)
            self.now_open += 1
            self.most_open = max(self.most_open, self.now_open)
            if self.now_open >= self.together:
                self.crowd.set()
        try:
            yield
        finally:
            with self.lock:
                self.now_open -= 1


class _Listener(ThreadingHTTPServer):
    request_queue_size = 512
    daemon_threads = True
    state: WebServer

    def handle_error(self, request: object, client_address: object) -> None:
        """A probe that hangs up early is what is being tested, not an error to print."""


class _Handler(BaseHTTPRequestHandler):
    """/health 200, /status/N, /redirect?to, /big (endless), /silent (never answers), /crowd (waits for all)."""

    server: _Listener
    timeout = 20

    def do_GET(self) -> None:
        state = self.server.state
        with state.counted(self.path):
            if self.path.startswith("/silent"):
                state.closing.wait(20)
                return
            if self.path.startswith("/crowd"):
                state.crowd.wait(20)
            if self.path.startswith("/redirect?"):
                self._answer(302, location=self.path.partition("?")[2])
            elif self.path.startswith("/big"):
                self._endless(state)
            elif self.path.startswith("/garbage"):
                self.wfile.write(b"SSH-2.0-OpenSSH_9.6\r\n")
            elif self.path.startswith("/status/"):
                self._answer(int(self.path.removeprefix("/status/")))
            else:
                self._answer(200)

    def do_HEAD(self) -> None:
        self.do_GET()

    def _answer(self, status: int, *, location: str = "") -> None:
        body = b"" if self.command == "HEAD" else b'{"status": "UP"}'
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def _endless(self, state: WebServer) -> None:
        self.send_response(200)
        self.end_headers()
        while not state.closing.is_set():
            self.wfile.write(b"x" * 65536)

    def log_message(self, format: str, *args: object) -> None:
        """Silent: pytest's output is for the tests."""


@contextmanager
def web_server(*, together: int = 1, tls: tuple[Path, Path] | None = None) -> Iterator[WebServer]:
    """Run a server on a free loopback port; ``together`` is how many /crowd requests set each other free."""
    listener = _Listener(("127.0.0.1", 0), _Handler)
    state = WebServer(port=listener.server_port, together=together)
    listener.state = state
    if tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*tls)
        listener.socket = context.wrap_socket(listener.socket, server_side=True, do_handshake_on_connect=False)
        state.scheme = "https"
    thread = threading.Thread(target=listener.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield state
    finally:
        state.closing.set()
        state.crowd.set()
        listener.shutdown()
        listener.server_close()
        thread.join(5)


def free_port() -> int:
    """A loopback port on which nothing listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def self_signed(folder: Path, *, not_after: datetime) -> tuple[Path, Path]:
    """A certificate for 127.0.0.1 that signs itself, and its key, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(not_after - timedelta(days=365))
        .not_valid_after(not_after)
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    certificate_file, key_file = folder / "certificate.pem", folder / "key.pem"
    certificate_file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    key_file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    )
    return certificate_file, key_file
