"""The network guard: what is refused always, what a setting opens, and every way to write it differently."""

from __future__ import annotations

import pytest

from governance.kernel.errors import Forbidden
from governance.kernel.net import NetworkPolicy, Target

CLOSED = NetworkPolicy()
EVERYTHING = NetworkPolicy.from_cidrs(["0.0.0.0/0", "::/0"])
LOOPBACK = NetworkPolicy.from_cidrs(["127.0.0.0/8", "::1/128"])


def verdict(policy: NetworkPolicy, target: str) -> str:
    """The code of the refusal, or the host that would be connected to."""
    try:
        return policy.read_target(target).host
    except Forbidden as refused:
        return refused.code


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.0.1",
        "100.100.100.200",
        "168.63.129.16",
        "192.0.0.192",
        "fd00:ec2::254",
        "fd20:ce::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "0.0.0.0",
        "0.1.2.3",
        "::",
        "224.0.0.1",
        "239.255.255.250",
        "ff02::1",
        "255.255.255.255",
        "240.0.0.1",
        "::ffff:169.254.169.254",
        "::ffff:a9fe:a9fe",
        "::169.254.169.254",
        "::ffff:0:169.254.169.254",
        "2002:a9fe:a9fe::1",
        "64:ff9b::169.254.169.254",
        "64:ff9b:1::8.8.8.8",
    ],
)
def test_address_is_refused_whatever_the_setting_says(address):
    with pytest.raises(Forbidden) as refused:
        EVERYTHING.guard_address(address)

    assert refused.value.code == "FORBIDDEN_TARGET"
    assert refused.value.details == {"host": address}
    assert refused.value.message.endswith("which is never connected to; name the service's own address.")


@pytest.mark.parametrize(
    ("address", "cidr"),
    [
        ("127.0.0.1", "127.0.0.0/8"),
        ("::1", "::1/128"),
        ("10.1.2.3", "10.0.0.0/8"),
        ("172.16.5.4", "172.16.0.0/12"),
        ("192.168.1.1", "192.168.1.0/24"),
        ("100.64.0.7", "100.64.0.0/10"),
        ("fd12:3456::1", "fd00::/8"),
        ("192.0.2.1", "192.0.2.0/24"),
        ("::ffff:10.1.2.3", "10.0.0.0/8"),
        ("2002:0a01:0203::1", "10.0.0.0/8"),
        ("64:ff9b::10.1.2.3", "10.0.0.0/8"),
        ("::127.0.0.1", "127.0.0.0/8"),
    ],
)
def test_private_address_needs_a_network_that_covers_it(address, cidr):
    NetworkPolicy.from_cidrs([cidr]).guard_address(address)

    for policy in (CLOSED, NetworkPolicy.from_cidrs(["10.99.0.0/16"])):
        with pytest.raises(Forbidden, match="ask an operator to allow its network"):
            policy.guard_address(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::8.8.8.8"])
def test_public_address_is_allowed_unless_the_setting_closes_it(address):
    CLOSED.guard_address(address)

    with pytest.raises(Forbidden, match="is public and the settings allow private networks only"):
        NetworkPolicy(public=False).guard_address(address)
    with pytest.raises(Forbidden, match="is in a network that the settings close"):
        NetworkPolicy.from_cidrs([], deny=["8.8.8.0/24", "2606:4700::/32"]).guard_address(address)


def test_closed_network_wins_over_allowed_one():
    policy = NetworkPolicy.from_cidrs(["10.0.0.0/8"], deny=["10.7.0.0/16"])

    policy.guard_address("10.6.0.1")
    with pytest.raises(Forbidden):
        policy.guard_address("10.7.0.1")


@pytest.mark.parametrize("address", ["", "localhost", "1.2.3", "127.0.0.1/8", "::g"])
def test_guard_refuses_what_is_not_an_address(address):
    with pytest.raises(Forbidden, match="is not an IP address"):
        EVERYTHING.guard_address(address)


@pytest.mark.parametrize(
    "target",
    [
        "http://2852039166/latest/meta-data/",
        "http://0xa9fea9fe/",
        "http://0XA9.0XFE.0XA9.0XFE/",
        "http://0251.0376.0251.0376/",
        "http://169.254.43518/",
        "http://169.254.169.254./",
        "http://metadata/",
        "http://METADATA.google.internal./computeMetadata/v1/",
        "http://metadata.goog:80/",
        "instance-data:80",
        "http://instance-data.ec2.internal/latest/",
        "http://[::ffff:169.254.169.254]/",
        "http://[fe80::1%25eth0]/",
        "http://0/",
        "http://0x/",
        "http://1.2.3.4.5/",
        "http://999.1.1.1/",
        "http://user:secret@127.0.0.1/",
        "http://127.0.0.1@8.8.8.8/",
        "http://@127.0.0.1/",
        "http://8.8.8.8\\@127.0.0.1/",
        "http://127.0.0.1:0/",
        "http://127.0.0.1:65536/",
        "http://127.0.0.1:-1/",
        "http://127.0.0.1:8o/",
        "http://127.0.0.1 /",
        "http://127.0.0.1/\r\nX-Evil: 1",
        "http://127.0.0.1/\x00",
        "http://１２７.0.0.1/",  # noqa: RUF100
        "http://127。0。0。1/",
        "http://bücher.example/",
        "http://\u212aelvin.example/",
        "http://exa%6dple.com/",
        "http://[::1/",
        "http://[v1.x]/",
        "http:///path",
        "http://",
        "",
        "file:///etc/passwd",
        "gopher://127.0.0.1:6379/_INFO",
        "ftp://127.0.0.1/",
        "javascript:alert(1)",
        "//127.0.0.1/",
        "/etc/passwd",
        "http://" + "a" * 254 + ".example/",
        "http://127.0.0.1/" + "a" * 2048,
    ],
)
def test_hostile_target_is_refused_before_any_traffic(target):
    assert verdict(EVERYTHING, target) == "FORBIDDEN_TARGET"


@pytest.mark.parametrize(
    "target", ["http://2130706433/", "http://0x7f.1/", "http://0177.0.0.1", "http://127.1", "127.0.0.1:81"]
)
def test_other_notations_of_an_address_are_judged_as_that_address(target):
    assert verdict(LOOPBACK, target) == "127.0.0.1"
    assert verdict(CLOSED, target) == "FORBIDDEN_TARGET"


def test_read_target_names_scheme_host_and_port():
    assert LOOPBACK.read_target("HTTPS://[::1]/a?b=c#d") == Target("https", "::1", 443)
    assert CLOSED.read_target("example.org") == Target("http", "example.org", 80)
    assert CLOSED.read_target("example.org:8443") == Target("http", "example.org", 8443)
    assert CLOSED.read_target("http://EHR_A.example.org:1/x") == Target("http", "ehr_a.example.org", 1)


def test_refusal_never_shows_path_or_credentials():
    with pytest.raises(Forbidden) as refused:
        LOOPBACK.read_target("http://bob:hunter2@127.0.0.1/token-in-path?key=k")

    assert refused.value.message == (
        "The target 127.0.0.1 comes with a user or password in its address; keep credentials apart."
    )


def test_setting_that_is_not_a_network_is_named():
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8 has host bits set"):
        NetworkPolicy.from_cidrs(["10.0.0.1/8"])
