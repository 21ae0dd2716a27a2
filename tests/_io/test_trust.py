"""TLS trusts whom the HTTP library would trust, and the environment's proxies are those that the standard library reads."""

from __future__ import annotations

import ssl
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.request import getproxies_environment

import httpcore2
import pytest

from llmring._io import trust
from llmring._io.environment import proxy_for

if TYPE_CHECKING:
    from collections.abc import Callable

CERTIFICATE = Path(__file__).parents[1] / "certificates"


def trusted(context: ssl.SSLContext) -> tuple[object, ...]:
    """Say what decides whether *context* accepts a host."""
    authorities = sorted(str(each) for each in context.get_ca_certs())
    return authorities, context.verify_mode, context.check_hostname, context.verify_flags, context.minimum_version, context.options


@pytest.fixture
def same(monkeypatch: pytest.MonkeyPatch) -> Callable[..., bool]:
    """Compare our context with the library's, in an environment that says so."""

    def compare(**variables: str) -> bool:
        for name in ("SSL_CERT_FILE", "SSL_CERT_DIR"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return trusted(trust.trusting_context()) == trusted(httpcore2.default_ssl_context())

    return compare


def test_the_systems_certificates(same: Callable[..., bool]) -> None:
    """Without a word from the environment, they are the system's."""
    assert same()


def test_a_file_of_ones_own(same: Callable[..., bool]) -> None:
    """A file named by the environment takes their place."""
    bundle = next(path for path in sorted(CERTIFICATE.iterdir()) if b"BEGIN CERTIFICATE" in path.read_bytes())
    assert same(SSL_CERT_FILE=str(bundle), SSL_CERT_DIR="/nowhere")


def test_a_folder_of_ones_own(same: Callable[..., bool], tmp_path: Path) -> None:
    """So does a folder."""
    assert same(SSL_CERT_DIR=str(tmp_path))


def test_an_openssl_that_looks_where_nothing_is(same: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Then the usual places are searched."""
    paths = ssl.DefaultVerifyPaths("", "", "SSL_CERT_FILE", str(tmp_path / "none"), "SSL_CERT_DIR", str(tmp_path))
    monkeypatch.setattr(ssl, "get_default_verify_paths", lambda: paths)
    assert same()


@pytest.mark.parametrize("scheme", ["http", "https"])
@pytest.mark.parametrize(
    "variable", ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy", "NO_PROXY", "FTP_PROXY"]
)
@pytest.mark.parametrize("value", ["http://proxy:1", ""])
def test_proxies_are_those_of_the_environment(monkeypatch: pytest.MonkeyPatch, scheme: str, variable: str, value: str) -> None:
    """A look at the variables' names misses none."""
    monkeypatch.setenv(variable, value)
    named = getproxies_environment()
    assert proxy_for(scheme, "host.invalid", None) == (named.get(scheme) or named.get("all"))
