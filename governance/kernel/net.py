"""The one guard of outbound traffic: which addresses the product may connect to.

People type the addresses of probes and webhooks; unguarded they reach cloud credentials and loopback. Two
checks work together: ``read_target`` judges what is written, ``guard_address`` the address that is connected
to, from the client's socket hook, so that a name which changes its address meanwhile gains nothing.
"""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple
from urllib.parse import urlsplit

from .errors import Forbidden

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
DEFAULT_PORTS = {"http": 80, "https": 443}
# Metadata: AWS with GCP and OpenStack, Alibaba, Azure, Oracle; on IPv6 AWS, GCP, Scaleway.
_METADATA = "169.254.169.254 100.100.100.200 168.63.129.16 192.0.0.192 fd00:ec2::/32 fd20:ce::254 fd00:42::42"
_ALWAYS_REFUSED = {
    "a cloud metadata service": _METADATA,
    "link-local": "169.254.0.0/16 fe80::/10 fec0::/10",
    "unspecified": "0.0.0.0/8 ::",
    "multicast": "224.0.0.0/4 ff00::/8",
    "broadcast or reserved": "240.0.0.0/4",
    "a local translation prefix": "64:ff9b:1::/48",  # RFC 8215: what it leads to cannot be read from it
}
ALWAYS_REFUSED = [(what, ipaddress.ip_network(c)) for what, cs in _ALWAYS_REFUSED.items() for c in cs.split()]
# IPv6 forms that stand for an IPv4 address, and the bits to its right: compatible and mapped (RFC 4291),
# translated (RFC 2765), NAT64 (RFC 6052), 6to4 (RFC 3056).
_CARRIERS = {"::/96": 0, "::ffff:0:0/96": 0, "::ffff:0:0:0/96": 0, "64:ff9b::/96": 0, "2002::/16": 80}
CARRIERS = [(ipaddress.IPv6Network(cidr), shift) for cidr, shift in _CARRIERS.items()]
PLAIN = re.compile(r"[!#-;=?-\[\]_a-z~]{1,2048}")  # ASCII without blanks, controls, and \ < > " ` { } ^ |
NUMERIC_HOST = re.compile(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*\.?")
CLOUD_NAMES = {"metadata", "metadata.google.internal", "metadata.goog", "instance-data", "instance-data.ec2.internal"}
HOST = re.compile(r"[a-z0-9._-]{1,253}")


def refusal(host: str, why: str) -> Forbidden:
    """The refusal of one target, in a sentence that shows its host and nothing else of it."""
    return Forbidden(f"The target {host[:253] or '(no host)'} {why}.", details={"host": host[:253]})


class Target(NamedTuple):
    """A host that passed the guard as it is written; its addresses are judged when they are connected to."""

    scheme: str
    host: str
    port: int


@dataclass(frozen=True, slots=True)
class NetworkPolicy:
    """What a setting opens and closes: non-public networks, further networks, all that is public."""

    allow: tuple[Network, ...] = ()
    deny: tuple[Network, ...] = ()
    public: bool = True

    @classmethod
    def from_cidrs(cls, allow: Iterable[str], deny: Iterable[str] = (), public: bool = True) -> NetworkPolicy:
        """Read the setting's CIDR lists; raises ``ValueError`` naming the entry that is not a network."""
        return cls(tuple(map(ipaddress.ip_network, allow)), tuple(map(ipaddress.ip_network, deny)), public)

    def guard_address(self, ip: str) -> None:
        """Raise ``Forbidden`` unless this address may be connected to; call it at connect time."""
        try:
            address = ipaddress.ip_address(ip.partition("%")[0])
        except ValueError:
            raise refusal(ip, "is not an IP address; give the one that is connected to") from None
        if int(address) > 1:  # :: and ::1 are themselves
            shift = next((shift for network, shift in CARRIERS if address in network), None)
            address = address if shift is None else ipaddress.IPv4Address(int(address) >> shift & 0xFFFFFFFF)
        if what := next((what for what, network in ALWAYS_REFUSED if address in network), ""):
            raise refusal(ip, f"is {what}, which is never connected to; name the service's own address")
        if any(address in network for network in self.deny):
            raise refusal(ip, "is in a network that the settings close; choose another or ask an operator")
        if any(address in network for network in self.allow):
            return
        if not address.is_global:
            raise refusal(ip, "is loopback, private or reserved; ask an operator to allow its network")
        if not self.public:
            raise refusal(ip, "is public and the settings allow private networks only; ask an operator")

    def read_target(self, text: str) -> Target:
        """Judge what is written, without asking DNS: ``http(s)://host[:port]/...`` or ``host[:port]``.

        Raises ``Forbidden`` for another scheme, a user or password, a port outside 1-65535, characters that
        two parsers may read differently, for a literal address, in any notation, that is not allowed, and for
        the names of metadata services.
        """
        if not PLAIN.fullmatch(text):
            raise refusal("", "is empty, over 2048 characters, or not plain ASCII; encode its letters")
        try:
            parts = urlsplit(text if "://" in text else f"http://{text}")
            host, port = parts.hostname or "", parts.port
        except ValueError:
            raise refusal("", "is not a readable address; write http(s)://host:port/path") from None
        if parts.scheme not in DEFAULT_PORTS or port == 0:
            raise refusal(host, "is not asked for by http or https on a port from 1 to 65535; correct it")
        if "@" in parts.netloc:
            raise refusal(host, "comes with a user or password in its address; keep credentials apart")
        if NUMERIC_HOST.fullmatch(host):
            try:  # the C library reads decimal, octal, hex and short forms, and so does the client
                host = socket.inet_ntoa(socket.inet_aton(host.rstrip(".")))
            except OSError:
                raise refusal(host, "is not an IP address in any notation; correct it") from None
        if ":" in host or NUMERIC_HOST.fullmatch(host):
            self.guard_address(host)
        elif not HOST.fullmatch(host) or "[" in parts.netloc:
            raise refusal(host, "is not a host name; use letters, digits, dots, hyphens, or punycode")
        elif host.rstrip(".") in CLOUD_NAMES:
            raise refusal(host, "names a cloud metadata service, which is never connected to; name your own service")
        return Target(parts.scheme, host, port or DEFAULT_PORTS[parts.scheme])
