"""A URL is read here as the HTTP library reads it, or by the library."""

from __future__ import annotations

import httpx2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._io.places import Place, everyday, unusual
from llmring.exceptions import ConfigurationError

PIECES = st.sampled_from(
    [*"abz09AZ-._~%:/?#@[]!$&'()*+,;=\\ \"<>{}|^`", "//", "/.", "/..", "xn--", "%2F", "%zz", "é", "localhost", "10", "255", "256", ".1",
     ":80", ":443", ":0", "v1/chat", "?alt=sse", "\n"]
)  # fmt: skip
AUTHORITIES = st.one_of(
    st.sampled_from(["localhost", "127.0.0.1", "api.openai.com", "my_host", "1.2.3", "a.1.2.3.4"]),
    st.lists(PIECES, max_size=5).map("".join),
)
URLS = st.tuples(
    st.sampled_from(["http://", "https://", "HTTP://", "ftp://", ""]),
    AUTHORITIES,
    st.sampled_from(["", ":80", ":443", ":8080", ":08", ":99999", ":"]),
    st.lists(PIECES, max_size=8).map("".join),
).map("".join)


@given(URLS)
def test_reads_as_the_library_does(text: str) -> None:
    """Whatever is read without the library has the same scheme, host, port and target."""
    read = everyday(text)
    assert read is None or read == unusual(text)


@given(
    st.sampled_from(["http", "https"]),
    st.from_regex(r"([a-z][a-z0-9-]{0,9}\.){0,3}[a-z][a-z0-9-]{0,9}", fullmatch=True).filter(lambda host: "xn--" not in host),
    st.none() | st.integers(1, 65535),
    st.from_regex(r"(/[A-Za-z0-9_:~-]{1,9}){0,4}/?(\?[a-z]{1,5}=[A-Za-z0-9.%2F/-]{0,5})?".replace("%2F", ""), fullmatch=True),
)
def test_everyday_urls_need_no_library(scheme: str, host: str, port: int | None, rest: str) -> None:
    """Host, header and target of an ordinary URL are the library's, found without it."""
    text = f"{scheme}://{host}{'' if port is None else f':{port}'}{rest}"
    place, url = Place(text), httpx2.URL(text)
    assert everyday(text) is not None
    assert (place.host, place.netloc, place.target) == (url.host, url.netloc, url.raw_path)
    assert place.origin == (scheme, host, port or {"http": 80, "https": 443}[scheme])
    assert place.url == url


@pytest.mark.parametrize(
    "text",
    ["https://EXAMPLE.org/", "http://[::1]:11434/api", "https://bücher.example/", "https://xn--bcher-kva.example/", "http://user:key@host/",
     "http://host/a/../b", "http://host/a b", "http://host/#top", "http://host:080/", "http://1.2.3.4.5/", "http://host/%zz", "http://999.1.1.1/"],
)  # fmt: skip
def test_the_unusual_is_left_to_the_library(text: str) -> None:
    """Whatever wants decoding, escaping, lowering, resolving or refusing is not read here."""
    assert everyday(text) is None


@pytest.mark.parametrize(
    "text,fault",
    [("ftp://host/", "must begin with http"), ("host/path", "must begin with http"), ("http://", "must begin with http"),
     ("http://host:port/", "malformed"), ("http://999.1.1.1/", "malformed"), ("http://host/\x00", "malformed")],
)  # fmt: skip
def test_what_is_no_url_is_refused(text: str, fault: str) -> None:
    """The error says what is wrong with it."""
    with pytest.raises(ConfigurationError, match=fault):
        Place(text)


def test_an_ipv6_host_is_written_in_brackets() -> None:
    """The header has them, the connection does not want them."""
    place = Place("http://[::1]:11434/api/chat")
    assert (place.netloc, place.origin, place.host) == (b"[::1]:11434", ("http", "::1", 11434), "::1")
