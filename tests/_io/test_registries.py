"""Registries from elsewhere: fetched once, kept, looked at again, and never believed unseen."""

from __future__ import annotations

import gzip
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from importlib.resources import files
from typing import TYPE_CHECKING, Any, cast

import pytest

from llmring import LLMRing
from llmring._io import registries, registry_cache, registry_fetch
from llmring.exceptions import ConfigurationError, RegistryError
from llmring.registry import Registry, cache_folder, cached, clear_cache, load, refresh

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUNDLED = (files("llmring") / "_data" / "registry.json").read_text(encoding="utf-8")


def registry(context: int) -> bytes:
    """Write a registry of one model."""
    data: dict[str, Any] = json.loads(BUNDLED)
    return json.dumps(data | {"models": {"acme": {"one": {"c": context}}}}).encode()


class Host(ThreadingHTTPServer):
    """Serves one registry, with an ETag."""

    content = b""
    status = 200
    headers: tuple[tuple[str, str], ...] = ()
    asked = 0

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://127.0.0.1:{self.server_port}/registry.json"


class Handler(BaseHTTPRequestHandler):
    """Answers with what its server holds."""

    @property
    def host(self) -> Host:
        """The server."""
        return cast("Host", self.server)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the parent's name
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer, or say that nothing has changed."""
        host = self.host
        host.asked += 1
        tag = f'"{hash(host.content)}"'
        known = self.headers.get("if-none-match") == tag
        self.send_response(304 if known else host.status)
        for name, value in (("etag", tag), *host.headers):
            self.send_header(name, value)
        if not known:
            self.send_header("content-length", str(len(host.content)))
        self.end_headers()
        if not known:
            self.wfile.write(host.content)


@pytest.fixture(name="host")
def running_host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    """Serve a registry to a user without a cache."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(registries, "_looked", set[str]())
    with Host(("127.0.0.1", 0), Handler) as host:
        host.content = registry(1000)
        thread = threading.Thread(target=host.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield host
        host.shutdown()
        thread.join()


def context(url: str) -> int | None:
    """Look the one model up."""
    found = load(url).find("acme", "one")
    return found and found.context


def test_a_refreshed_registry_is_in_force(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """For whoever names its address, by argument or by environment; for others the bundled one is."""
    done = refresh(host.url)
    assert (done.copy.url, done.changed, done.new, done.copy.stale) == (host.url, True, ("acme:one",), False)
    assert context(host.url) == 1000
    assert load().find("acme", "one") is None
    monkeypatch.setenv("LLMRING_REGISTRY_URL", host.url)
    with LLMRing() as ring:
        assert ring._shared.core.registry.find("acme", "one")
        assert ring._shared.core.registry is ring._shared.core.registry


def test_what_has_not_changed_is_not_fetched_again(host: Host) -> None:
    """The ETag is sent, and the copy is known to be good as of now."""
    refresh(host.url)
    done = refresh(host.url)
    assert (host.asked, done.changed, done.new) == (2, False, ())
    assert done.copy.checked >= done.copy.fetched
    assert context(host.url) == 1000
    host.content = registry(2000)
    assert refresh(host.url).changed
    assert context(host.url) == 2000


@pytest.mark.parametrize(
    "content, told",
    [
        (b"<html>", "gives no registry that can be used: it is no JSON"),
        (b"\xff", "gives no registry that can be used"),
        (registry(-1), "'c' of acme:'one' is not what it should be"),
        (b"[" * 100_000, "it is nested too deeply"),
        (b" " * (registry_fetch.MOST_BYTES + 1), "is larger than 8 MB"),
    ],
    ids=["page", "bytes", "entry", "depth", "size"],
)
def test_what_is_no_registry_is_refused(host: Host, content: bytes, told: str) -> None:
    """The copy that was there stays in force; without one the bundled registry does."""
    host.content = content
    with pytest.raises(RegistryError, match=told):
        refresh(host.url)
    assert cached() == []
    host.content = registry(1000)
    refresh(host.url)
    host.content = content
    with pytest.raises(RegistryError, match=told):
        refresh(host.url)
    assert context(host.url) == 1000


def test_a_packed_registry_is_unpacked(host: Host) -> None:
    """As far as the limit, and no further."""
    host.headers = (("content-encoding", "gzip"),)
    host.content = gzip.compress(registry(3000))
    refresh(host.url)
    assert context(host.url) == 3000
    host.content = gzip.compress(b" " * (registry_fetch.MOST_BYTES + 1))
    with pytest.raises(RegistryError):
        refresh(host.url)


@pytest.mark.parametrize("status", [403, 404, 500, 204])
def test_a_refusal_is_told(host: Host, status: int) -> None:
    """With its status, and without what may be secret in the address."""
    host.status = status
    with pytest.raises(RegistryError, match=rf"^http://127\.0\.0\.1:\d+/registry\.json answers with status {status}$"):
        refresh(host.url.replace("http://", "http://user:secret@") + "?key=secret")


def test_encryption_is_not_given_up() -> None:
    """A redirect that leads away from it is refused, even where the next one leads back."""
    import httpx2

    plain = httpx2.Response(200, request=httpx2.Request("GET", "http://example.invalid/"))
    back = httpx2.Response(200, request=httpx2.Request("GET", "https://example.invalid/"), history=[plain])
    for response in (plain, back):
        with pytest.raises(RegistryError, match="leads to an address without encryption"):
            registry_fetch._check("https://example.invalid/", response)


def test_one_that_takes_too_long_is_left(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """All of it has a limit, not only each wait."""
    monkeypatch.setattr(registry_fetch, "WHOLE", -1.0)
    with pytest.raises(RegistryError, match="takes longer than"):
        refresh(host.url)


@pytest.mark.parametrize("url", ["ftp://example.invalid/x", "file:///etc/passwd", "registry.json"])
def test_only_web_addresses_are_fetched(url: str) -> None:
    """Anything else is told."""
    with pytest.raises(RegistryError, match="begins with https:// or http://"):
        refresh(url)


def test_no_address_is_told() -> None:
    """It is said how to name one."""
    with pytest.raises(RegistryError, match="LLMRING_REGISTRY_URL"):
        refresh()


def test_offline_the_copy_serves(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """However old it is; the thread that looks for a newer one fails alone."""
    refresh(host.url)
    host.status, host.content = 500, b""
    monkeypatch.setattr(registry_cache, "LIFETIME", 0)
    registries._looked.clear()
    assert context(host.url) == 1000
    finish()
    assert host.asked == 2
    assert context(host.url) == 1000
    with pytest.raises(RegistryError, match="cannot be reached"):
        refresh("http://127.0.0.1:1/registry.json")


def test_a_stale_copy_is_looked_at_again_behind_the_scenes(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """Once a process; whoever asks meanwhile has the old one."""
    refresh(host.url)
    host.content = registry(2000)
    monkeypatch.setattr(registry_cache, "LIFETIME", 0)
    registries._looked.clear()
    load(host.url)
    load(host.url)
    finish()
    assert host.asked == 2
    assert context(host.url) == 2000


def test_an_address_that_was_never_fetched_gives_the_bundled_one(host: Host) -> None:
    """Nobody waits for it; the next process has it."""
    assert load(host.url) is registries.bundled()
    finish()
    assert context(host.url) == 1000


def finish() -> None:
    """Wait for the thread that looks for a newer copy."""
    for thread in threading.enumerate():
        if thread.name == "llmring-registry":
            thread.join(10)


@pytest.mark.parametrize("broken", ["text", "about", "both"])
def test_a_broken_copy_counts_as_none(host: Host, tmp_path: Path, broken: str) -> None:
    """What does not match its digest is not read."""
    refresh(host.url)
    for path in (tmp_path / "cache" / "llmring" / "registries").iterdir():
        if broken == "both" or path.name.endswith(".about.json") is (broken == "about"):
            path.write_text("{}")
    assert cached() == []
    assert load(host.url) is registries.bundled()
    finish()


def test_a_copy_of_another_format_counts_as_none(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """A version that reads another format has the bundled one until it has fetched its own."""
    refresh(host.url)
    monkeypatch.setattr("llmring._core.registry.FORMAT", 99)
    assert load(host.url) is registries.bundled()


def test_a_copy_of_another_format_is_fetched_anew(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    """That the address still gives the same would not make it of any use."""
    refresh(host.url)
    host.content = registry(2000).replace(b'"format": 1', b'"format": 99')
    for place in ("registry", "registry_check"):
        monkeypatch.setattr(f"llmring._core.{place}.FORMAT", 99)
    monkeypatch.setattr("llmring.registry.bundled", lambda: Registry(host.content.decode()))
    assert refresh(host.url).changed
    assert context(host.url) == 2000


def test_what_the_package_brings_is_not_new(host: Host) -> None:
    """The first copy of the bundled registry has nothing that was not known."""
    host.content = BUNDLED.encode()
    assert refresh(host.url).new == ()


def test_a_folder_that_cannot_be_written_is_told(host: Host, tmp_path: Path) -> None:
    """Refreshing fails; nothing else does."""
    (tmp_path / "cache").touch()
    with pytest.raises(RegistryError, match="the registry cannot be kept"):
        refresh(host.url)
    assert load(host.url) is registries.bundled()
    finish()


def test_copies_can_be_listed_and_removed(host: Host) -> None:
    """All of them, and what is left of broken ones."""
    refresh(host.url)
    (one,) = cached()
    assert (one.url, one.size, one.stale) == (host.url, len(host.content), False)
    files, size = clear_cache()
    assert files == 2
    assert size > one.size
    assert (cached(), clear_cache()) == ([], (0, 0))
    assert cache_folder().endswith("registries")


def test_a_file_can_be_the_registry(tmp_path: Path) -> None:
    """It is read as it is, with every ring."""
    path = tmp_path / "own.json"
    path.write_bytes(registry(5000))
    with LLMRing(registry=path) as ring:
        assert ring._shared.core.registry.find("acme", "one")
    path.write_text("{}")
    with pytest.raises(RegistryError, match=r"own\.json' cannot be used: it is no registry of format 1"):
        load(path)
    with pytest.raises(RegistryError, match="cannot be read: No such file"):
        load(tmp_path / "none.json")
    path.write_bytes(b" " * (registry_fetch.MOST_BYTES + 1))
    with pytest.raises(RegistryError, match="is larger than 8 MB"):
        load(path)


def test_a_choice_that_is_none_is_told_at_once() -> None:
    """When the ring is made."""
    with pytest.raises(ConfigurationError, match="registry must be a path, an address or None"):
        LLMRing(registry=3)  # pyright: ignore[reportArgumentType] - what is refused
