"""Whom a server lets in, by where it listens; and where its token comes from."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring.exceptions import ConfigurationError
from llmring.mcp.serve import Listening
from llmring.mcp.serve.guard import Visitors
from llmring.mcp.serve.tokens import find_token

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.extra


@pytest.mark.parametrize(
    "host, header, known",
    [
        ("127.0.0.1", "127.0.0.1:8123", True),
        ("127.0.0.1", "localhost", True),
        ("127.0.0.1", "192.168.0.7", False),
        ("127.0.0.1", "ring.example", False),
        ("127.0.0.1", None, False),
        ("127.0.0.1", "", False),
        ("0.0.0.0", "192.168.0.7:8123", True),
        ("0.0.0.0", "[fe80::1]:8123", True),
        ("0.0.0.0", "localhost:8123", True),
        ("0.0.0.0", "ring.example", False),
        ("ring.example", "ring.example:8123", True),
        ("ring.example", "RING.example", True),
        ("ring.example", "other.example", False),
    ],
)
def test_names(host: str, header: str | None, *, known: bool) -> None:
    """An address is known where it may be the server's; a name where it is."""
    assert Visitors(host).knows(header) is known


@pytest.mark.parametrize(
    "host, origin, allowed",
    [
        ("127.0.0.1", None, True),
        ("127.0.0.1", "http://127.0.0.1:6274", True),
        ("127.0.0.1", "http://[::1]:6274", True),
        ("127.0.0.1", "https://evil.example", False),
        ("127.0.0.1", "http://[::1", False),
        ("0.0.0.0", "http://localhost:6274", False),
        ("0.0.0.0", "http://192.168.0.7", False),
        ("0.0.0.0", None, True),
    ],
)
def test_origins(host: str, origin: str | None, *, allowed: bool) -> None:
    """Pages of this machine may call a server that is of this machine alone."""
    assert Visitors(host).allows(origin) is allowed


@pytest.mark.parametrize(
    "address, host, port",
    [("8123", "127.0.0.1", 8123), ("0.0.0.0:0", "0.0.0.0", 0), ("[::1]:80", "::1", 80), (":80", "127.0.0.1", 80)],
)
def test_addresses(address: str, host: str, port: int) -> None:
    """Without a host, this machine alone is served."""
    found = Listening.at(address)
    assert (found.host, found.port) == (host, port)


@pytest.mark.parametrize("address", ["", "localhost", "localhost:", "1:70000", "127.0.0.1:-1", "1:\u0663"])
def test_no_addresses(address: str) -> None:
    """What is no address is told."""
    with pytest.raises(ConfigurationError, match="is no address to listen at"):
        Listening.at(address)


def test_a_token_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable that was named is read."""
    monkeypatch.setenv("MY_TOKEN", " secret\n")
    assert find_token("0.0.0.0", "MY_TOKEN") == ("secret", False)


def test_a_token_in_a_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file comes before the variable."""
    monkeypatch.setenv("MY_TOKEN", "other")
    (tmp_path / "token").write_text("secret\n")
    assert find_token("0.0.0.0", "MY_TOKEN", str(tmp_path / "token")) == ("secret", False)


@pytest.mark.parametrize("content, says", [(b" \n", "is empty"), (b"\xff", "cannot be read")])
def test_a_file_without_a_token(tmp_path: Path, content: bytes, says: str) -> None:
    """It is told."""
    (tmp_path / "token").write_bytes(content)
    with pytest.raises(ConfigurationError, match=says):
        find_token("127.0.0.1", "MY_TOKEN", str(tmp_path / "token"))


def test_no_token_on_this_machine_alone() -> None:
    """One is made, another each time."""
    first, second = find_token("localhost", "MY_TOKEN"), find_token("127.0.0.1", "MY_TOKEN")
    assert first[1]
    assert second[1]
    assert first[0] != second[0]


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.168.0.7", "ring.example"])
def test_no_token_for_other_machines(host: str) -> None:
    """None is served without one."""
    with pytest.raises(ConfigurationError, match=f"{host} is reached from other machines: set a token in MY_TOKEN"):
        find_token(host, "MY_TOKEN")
