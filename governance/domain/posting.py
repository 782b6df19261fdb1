"""One POST to an address that people typed: guarded, bounded, never redirected, its answer's body never kept."""

from __future__ import annotations

import math
import socket
import ssl
from dataclasses import dataclass
from typing import Any

import pycurl

from ..kernel.errors import Forbidden
from ..kernel.net import NetworkPolicy

TIMEOUT_S = 10.0
READ_AT_MOST = 64 * 1024
WEB = pycurl.PROTO_HTTP | pycurl.PROTO_HTTPS
SENTENCES = {
    pycurl.E_OPERATION_TIMEDOUT: "No complete answer within {timeout:g} s.",
    pycurl.E_COULDNT_RESOLVE_HOST: "The host's name has no address.",
    pycurl.E_COULDNT_CONNECT: "The connection was refused, or the host cannot be reached.",
    pycurl.E_WRITE_ERROR: "The answer is larger than any acknowledgement.",
    pycurl.E_SSL_CONNECT_ERROR: "The TLS connection failed.",
    pycurl.E_PEER_FAILED_VERIFICATION: "The host's certificate is not trusted.",
}


@dataclass(frozen=True)
class Answer:
    """The status that came back (None: none did), and in a sentence what went wrong; empty when it was taken."""

    status: int | None
    error: str = ""

    @property
    def taken(self) -> bool:
        return not self.error


class LentSocket(socket.socket):
    """A socket that curl duplicates and lets go: closed then, and without the warning of a forgotten one."""

    def __del__(self) -> None:
        self.close()


class Guarded:
    """Every address that the name leads to passes the guard when it is connected to; what it refused is remembered."""

    def __init__(self, policy: NetworkPolicy) -> None:
        self.policy, self.refused, self.read = policy, "", 0

    def open_socket(self, _purpose: int, peer: Any) -> LentSocket | int:
        try:
            self.policy.guard_address(peer.addr[0])
            return LentSocket(peer.family, peer.socktype, peer.protocol)
        except Forbidden as refused:
            self.refused = refused.message
        except OSError:  # no IPv6 here: the next address is tried
            pass
        return pycurl.SOCKET_BAD

    def drop(self, chunk: bytes) -> int | None:
        self.read += len(chunk)
        return None if self.read <= READ_AT_MOST else -1


def post(
    url: str, body: bytes, headers: dict[str, str], *, policy: NetworkPolicy, timeout_s: float = TIMEOUT_S
) -> Answer:
    """Send ``body``; taken is what answers 2xx within the time. Nothing is raised for a host that does not."""
    try:
        policy.read_target(url)
    except Forbidden as refused:
        return Answer(None, refused.message)
    guard, curl = Guarded(policy), pycurl.Curl()
    try:
        prepare(curl, guard, url, body, headers, timeout_s)
        curl.perform()
        status = curl.getinfo(pycurl.RESPONSE_CODE)
    except pycurl.error as failed:
        said = SENTENCES.get(failed.args[0], "The exchange broke off (curl {code}).")
        said = guard.refused or said.format(timeout=timeout_s, code=failed.args[0])
        return Answer(curl.getinfo(pycurl.RESPONSE_CODE) or None, said)
    finally:
        curl.close()
    if 200 <= status < 300:
        return Answer(status)
    moved = " Redirects are not followed: correct the address." if 300 <= status < 400 else ""
    return Answer(status or None, f"Answered {status or 'nothing'}, not 2xx.{moved}")


def prepare(
    curl: pycurl.Curl, guard: Guarded, url: str, body: bytes, headers: dict[str, str], timeout_s: float
) -> None:
    timeout_ms = max(1, math.ceil(timeout_s * 1000))
    options: dict[int, Any] = {
        pycurl.URL: url,
        pycurl.POST: True,
        pycurl.POSTFIELDS: body,
        pycurl.HTTPHEADER: [*(f"{name}: {value}" for name, value in headers.items()), "Expect:"],
        pycurl.USERAGENT: "Interlock-Webhook",
        pycurl.TIMEOUT_MS: timeout_ms,
        pycurl.CONNECTTIMEOUT_MS: timeout_ms,
        pycurl.NOSIGNAL: True,
        pycurl.PROTOCOLS: WEB,
        pycurl.FOLLOWLOCATION: False,
        pycurl.PROXY: "",  # the guard sees the real address only on a direct connection
        pycurl.FRESH_CONNECT: True,
        pycurl.FORBID_REUSE: True,
        pycurl.WRITEFUNCTION: guard.drop,
        pycurl.OPENSOCKETFUNCTION: guard.open_socket,
    }
    if ca_file := ssl.get_default_verify_paths().cafile:
        options[pycurl.CAINFO] = ca_file
    for option, value in options.items():
        curl.setopt(option, value)
