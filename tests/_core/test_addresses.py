"""What may be fetched: only what the user allows, and never an address that is not public."""

from __future__ import annotations

import ipaddress
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.addresses import NotFetchedError, Permission, host_of, is_public, refusal
from llmring._core.recovery import falls_back
from llmring.exceptions import InvalidMessageError

PRIVATE = [
    "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.255.255.254", "169.254.169.254", "172.16.0.1", "192.168.1.1", "198.18.0.1",
    "224.0.0.1", "240.0.0.1", "255.255.255.255",
    "::", "::1", "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1", "2001:db8::1", "64:ff9b:1::1",
    "::ffff:127.0.0.1", "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::",
    "localhost", "", "2130706433",
]  # fmt: skip
PUBLIC = ["1.1.1.1", "8.8.8.8", "93.184.215.14", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808", "2002:808:808::"]


@pytest.mark.parametrize("address", PRIVATE)
def test_knows_what_is_not_public(address: str) -> None:
    """Private, local, reserved and multicast addresses are not public, nor is IPv6 that leads to one, nor what is no address."""
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_knows_what_is_public(address: str) -> None:
    """Addresses of the Internet are public, in every spelling."""
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_spelling_changes_nothing(address: ipaddress.IPv4Address) -> None:
    """An IPv4 address is as public inside IPv6 as it is by itself."""
    number = int(address)
    spellings = [(0xFFFF << 32) | number, (0x0064FF9B << 96) | number, number, (0x2002 << 112) | (number << 80)]
    assert {is_public(str(ipaddress.IPv6Address(each))) for each in spellings} == {is_public(str(address))}


@pytest.mark.parametrize("value", [None, "", "0", "false", "No", " off "])
def test_nothing_is_allowed_by_default(value: str | None) -> None:
    """Without the variable, or with a no in it, nothing is fetched."""
    permission = Permission.read(value)
    assert not permission
    assert not permission.allows("example.com")


@pytest.mark.parametrize("value", ["1", "true", "YES", "on", "*"])
def test_everything_may_be_allowed(value: str) -> None:
    """A yes stands for every host; whether its address is public is asked when connecting."""
    assert Permission.read(value)
    assert Permission.read(value).allows("anything.example.com")


def test_some_hosts_may_be_allowed() -> None:
    """A list names hosts; with a dot before it, a domain with all that is below."""
    permission = Permission.read("Images.example.com, .cdn.example.org")
    assert permission
    assert [permission.allows(host) for host in ("images.example.com", "IMAGES.example.com.", "eu.cdn.example.org")] == [True] * 3
    assert [permission.allows(host) for host in ("example.com", "evil-images.example.com", "cdn.example.org", "xcdn.example.org")] == [
        False
    ] * 4


@pytest.mark.parametrize(
    "url, host",
    [
        ("https://example.com/a.png", "example.com"),
        ("http://user:word@Example.com:8080/?q", "example.com"),
        ("http://[::1]/", "::1"),
        ("ftp://example.com/a", None),
        ("file:///etc/passwd", None),
        ("example.com/a.png", None),
        ("https:///a.png", None),
        ("http://[::1/", None),
        ("http://example.com:port/", None),
        ("http://example.com:0/", None),
    ],
)
def test_finds_the_host(url: str, host: str | None) -> None:
    """Only http and https have a host to fetch from."""
    assert host_of(url) == host


@pytest.mark.parametrize("value, hint", [("", "set LLMRING_ALLOW_REMOTE_URLS to example.com, or to 1"), ("other.com", "add it to")])
def test_a_refusal_says_what_to_do(value: str, hint: str) -> None:
    """The error names place, host and remedy, and lets the next model try, whose provider may fetch."""
    error = refusal("example.com", Permission.read(value), "messages[0].content[1].url")
    assert isinstance(error, InvalidMessageError)
    assert error.path == "messages[0].content[1].url"
    assert hint in error.message
    assert "give the bytes as data" in error.message
    assert falls_back(error)
    assert isinstance(pickle.loads(pickle.dumps(error)), NotFetchedError)
    assert refusal("example.com", Permission.read("1"), "x") is None
