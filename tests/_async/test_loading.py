"""Files and addresses come into the request before it is sent; nothing private is ever fetched."""

from __future__ import annotations

import base64
import json
import os
from typing import TYPE_CHECKING

import pytest

from llmring._async.fetching import AsyncFetcher
from llmring._async.ring import AsyncLLMRing
from llmring._core.addresses import Permission
from llmring._core.inline import Content
from llmring._core.loading import Need
from llmring._core.timeouts import Timeout
from llmring._io.resolving import addresses_of
from llmring.exceptions import FileSizeError, InvalidMessageError, UnsupportedParameterError
from llmring.schemas import AudioPart, DocumentPart, ImagePart, Message, TextPart
from tests.pictures import BIG, PNG, Pictures
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from llmring.schemas import Part
    from llmring.testing.simulator import Simulator

EVERY = pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
ENCODED = base64.b64encode(PNG).decode()
VARIABLE = "LLMRING_ALLOW_REMOTE_URLS"


@pytest.fixture
def pictures() -> Iterator[Pictures]:
    """Serve pictures."""
    with Pictures() as running:
        yield running


def asking(*parts: Part) -> list[Message]:
    """Give a conversation about *parts*."""
    return [Message(role="user", content=[TextPart(text="What is this?"), *parts])]


def sent(simulator: Simulator) -> str:
    """Give the last body that was sent."""
    return json.dumps(simulator.requests[-1].body)


# --- files of this machine -----------------------------------------------------------------------------


@EVERY
async def test_reads_a_file(ring: AsyncLLMRing, simulator: Simulator, model: str, tmp_path: Path) -> None:
    """An image on this machine goes out as its bytes, in an answer as in a stream."""
    (tmp_path / "a.png").write_bytes(PNG)
    assert (await ring.chat(model, asking(ImagePart(path=str(tmp_path / "a.png"))))).content
    assert ENCODED in sent(simulator)
    stream = ring.chat_stream(model, asking(ImagePart(path=str(tmp_path / "a.png"))))
    assert [event async for event in stream]
    assert ENCODED in sent(simulator)


@EVERY
async def test_tells_a_text_file_as_text(ring: AsyncLLMRing, simulator: Simulator, model: str, tmp_path: Path) -> None:
    """A document of characters reaches every model as text."""
    (tmp_path / "a.csv").write_text("name,people", encoding="utf-8")
    assert (await ring.chat(model, asking(DocumentPart(path=str(tmp_path / "a.csv"))))).content
    assert "name,people" in sent(simulator)


async def test_counts_what_it_would_send(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """Tokens are counted with the file's content."""
    (tmp_path / "a.png").write_bytes(PNG)
    for name in ("anthropic", "google"):
        assert (await ring.count_tokens(MODELS[name], asking(ImagePart(path=str(tmp_path / "a.png"))))).tokens
        assert ENCODED in sent(simulator)


async def test_reads_for_the_model_that_takes_it(simulator: Simulator, tmp_path: Path) -> None:
    """What the first model does not take, or not so large, the next one may."""
    (tmp_path / "a.wav").write_bytes(b"RIFF....WAVE")
    (tmp_path / "a.png").write_bytes(PNG + bytes(6_000_000))
    path = lockfile(tmp_path, able=[MODELS["anthropic"], MODELS["google"]])
    async with AsyncLLMRing(**settings(simulator), lockfile_path=path) as ring:
        for part in (AudioPart(path=str(tmp_path / "a.wav")), ImagePart(path=str(tmp_path / "a.png"))):
            response = await ring.chat("able", asking(part))
            assert response.model == MODELS["google"]


@pytest.mark.parametrize(
    "name, what", [("none.png", "No such file or directory"), ("", "Is a directory"), ("pipe", "is no regular file"), ("a\0b", "null byte")]
)
async def test_says_which_file_is_missing(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, name: str, what: str) -> None:
    """A file that cannot be read is told by place and name, before anything is sent."""
    descriptor = None
    if name == "pipe":
        os.mkfifo(tmp_path / name)
        descriptor = os.open(tmp_path / name, os.O_RDWR)  # lest reading waits for someone to write
    before = len(simulator.requests)
    with pytest.raises(InvalidMessageError, match=what) as caught:
        await ring.chat(MODELS["openai"], asking(ImagePart(path=str(tmp_path / name))))
    assert caught.value.path == "messages[0].content[1].path"
    assert repr(str(tmp_path / name)) in caught.value.message
    assert len(simulator.requests) == before
    if descriptor is not None:
        os.close(descriptor)


async def test_does_not_read_what_is_too_large(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """A file beyond the provider's limit is refused with both sizes."""
    with (tmp_path / "a.png").open("wb") as file:
        file.truncate(5_242_881)
    with pytest.raises(FileSizeError, match=r"5,242,881 bytes; the provider takes 5,242,880") as caught:
        await ring.chat(MODELS["anthropic"], asking(ImagePart(path=str(tmp_path / "a.png"))))
    assert (caught.value.size, caught.value.limit) == (5_242_881, 5_242_880)
    assert caught.value.path == "messages[0].content[1].path"


async def test_refuses_what_is_malformed(ring: AsyncLLMRing) -> None:
    """A broken data URL is told by its place."""
    with pytest.raises(InvalidMessageError, match="is not valid base64") as caught:
        await ring.chat(MODELS["openai"], asking(ImagePart(url="data:image/png;base64,??")))
    assert caught.value.path == "messages[0].content[1].url"


async def test_refuses_a_kind_that_is_not_taken(ring: AsyncLLMRing) -> None:
    """What the model does not take is refused as such, whether the file is there or not."""
    with pytest.raises(UnsupportedParameterError, match="does not take audio"):
        await ring.chat(MODELS["anthropic"], asking(AudioPart(path="none.wav")))


# --- addresses of others -------------------------------------------------------------------------------


async def test_passes_an_address_on(ring: AsyncLLMRing, simulator: Simulator) -> None:
    """A provider that fetches gets the address as it is."""
    for name in ("openai", "responses", "anthropic"):
        await ring.chat(MODELS[name], asking(ImagePart(url="https://example.com/a.png")))
        assert "https://example.com/a.png" in sent(simulator)


async def test_fetches_nothing_unless_allowed(ring: AsyncLLMRing, pictures: Pictures) -> None:
    """Without permission nobody is asked for anything."""
    with pytest.raises(InvalidMessageError, match=f"set {VARIABLE} to localhost, or to 1 for every public host") as caught:
        await ring.chat(MODELS["ollama"], asking(ImagePart(url=f"{pictures.url}/picture.png")))
    assert caught.value.path == "messages[0].content[1].url"
    assert not pictures.seen


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
async def test_never_fetches_from_this_machine(ring: AsyncLLMRing, pictures: Pictures, monkeypatch: pytest.MonkeyPatch, host: str) -> None:
    """Permission for a name is none for what is private behind it, however it is written."""
    monkeypatch.setenv(VARIABLE, "1")
    with pytest.raises(InvalidMessageError, match=r"messages\[0\].content\[1\].url is not fetched: .* which is not public"):
        await ring.chat(MODELS["ollama"], asking(ImagePart(url=f"http://{host}:{pictures.port}/picture.png")))
    assert not pictures.seen


async def test_another_model_may_fetch_by_itself(simulator: Simulator, tmp_path: Path) -> None:
    """An address that the first provider does not fetch goes to the next one, which does."""
    path = lockfile(tmp_path, seeing=[MODELS["ollama"], MODELS["openai"]])
    async with AsyncLLMRing(**settings(simulator), lockfile_path=path) as ring:
        response = await ring.chat("seeing", asking(ImagePart(url="https://example.com/a.png")))
    assert response.model == MODELS["openai"]


async def test_fetches_what_is_allowed(
    ring: AsyncLLMRing, simulator: Simulator, pictures: Pictures, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With permission, and from an address that passes for public, the bytes go out; once, however often they are shown."""
    monkeypatch.setenv(VARIABLE, "localhost")
    monkeypatch.setattr("llmring._async.fetching.is_public", {"127.0.0.1", "::1"}.__contains__)
    image = ImagePart(url=f"{pictures.url}/picture.png")
    assert (await ring.chat(MODELS["ollama"], asking(image, image))).content
    assert sent(simulator).count(ENCODED) == 2
    ((path, headers),) = pictures.seen
    assert path == "/picture.png"
    assert "authorization" not in headers
    assert headers["user-agent"].startswith("llmring/")


# --- fetching ------------------------------------------------------------------------------------------


async def fetched(url: str, *, value: str = "1", seconds: float | None = 10, limit: int | None = None) -> Content:
    """Fetch *url* from loopback, as if that were public."""
    fetcher = AsyncFetcher(Permission.read(value), Timeout(attempt=seconds), lambda address: address == "127.0.0.1")
    try:
        return await fetcher.fetch(Need("address", url, "here", limit))
    finally:
        await fetcher.aclose()


def on_both(host: str, port: int) -> list[str]:
    """Resolve *host*; the name of this machine has an address of each family."""
    return ["127.0.0.1", "::1"] if host == "localhost" else addresses_of(host, port)


def standing_for(*addresses: str) -> Callable[[str, int], list[str]]:
    """Resolve every host to *addresses*."""

    def resolve(host: str, port: int) -> list[str]:
        return list(addresses)

    return resolve


@pytest.mark.parametrize("path", ["picture.png", "to//picture.png", "to//to//to//picture.png"])
async def test_follows_a_few_redirections(pictures: Pictures, path: str) -> None:
    """A file may be elsewhere, and that place elsewhere again."""
    local = f"http://127.0.0.1:{pictures.port}"
    assert await fetched(f"{local}/{path}") == Content(PNG, "image/png")
    assert await fetched(f"{local}/to/{local}/picture.png", seconds=None) == Content(PNG, "image/png")


async def test_unpacks(pictures: Pictures) -> None:
    """What comes compressed is unpacked."""
    assert (await fetched(f"http://127.0.0.1:{pictures.port}/packed.png")).data == PNG


@pytest.mark.parametrize(
    "path, what",
    [
        ("none.png", "could not be fetched: the server answered 404"),
        ("round", "is redirected more than 3 times"),
        ("nowhere", "is redirected to what is no address"),
        ("to/ftp://127.0.0.1/a.png", "is redirected to what is no address"),
        ("to/http://[::1/", "is redirected to what is no address"),
        ("to/http://localhost:{port}/picture.png", "is not fetched: localhost has the address ::1, which is not public"),
        ("to/http://[::1]:{port}/picture.png", "is not fetched: ::1 has the address ::1, which is not public"),
        ("to/http://nobody.invalid/", "could not be fetched: nobody.invalid: "),
        ("to/http://127.0.0.1:1/", "could not be fetched: 127.0.0.1: cannot connect"),
    ],
)
async def test_says_why_it_did_not_fetch(pictures: Pictures, monkeypatch: pytest.MonkeyPatch, path: str, what: str) -> None:
    """Whatever goes wrong is an error of the message, at its place; each redirection is judged like the first address."""
    monkeypatch.setattr("llmring._async.fetching.addresses_of", on_both)
    with pytest.raises(InvalidMessageError) as caught:
        await fetched(f"http://127.0.0.1:{pictures.port}/{path.format(port=pictures.port)}")
    assert what in caught.value.message
    assert caught.value.path == "here"


async def test_a_list_of_hosts_holds_for_redirections(pictures: Pictures) -> None:
    """Where only some hosts are allowed, no redirection leads to another."""
    with pytest.raises(InvalidMessageError, match=f"may not fetch from localhost; add it to {VARIABLE}"):
        await fetched(f"http://127.0.0.1:{pictures.port}/to/{pictures.url}/picture.png", value="127.0.0.1")
    assert [path for path, _ in pictures.seen] == [f"/to/{pictures.url}/picture.png"]


async def test_tries_every_address_of_a_host(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host of which one address does not answer is fetched from at the next; one without any is an error."""
    monkeypatch.setattr("llmring._async.fetching.is_public", {"127.0.0.1", "127.0.0.2"}.__contains__)
    monkeypatch.setattr("llmring._async.fetching.addresses_of", standing_for("127.0.0.2", "127.0.0.1"))
    fetcher = AsyncFetcher(Permission.read("1"), Timeout())
    need = Need("address", f"http://pictures.invalid:{pictures.port}/picture.png", "here", None)
    assert (await fetcher.fetch(need)).data == PNG
    ((_, headers),) = pictures.seen
    assert headers["host"] == f"pictures.invalid:{pictures.port}"
    await fetcher.aclose()
    monkeypatch.setattr("llmring._async.fetching.addresses_of", standing_for())
    with pytest.raises(InvalidMessageError, match=r"no address for pictures\.invalid"):
        await fetcher.fetch(need)
    await fetcher.aclose()


async def test_never_becomes_less_safe(monkeypatch: pytest.MonkeyPatch) -> None:
    """From https no redirection leads to http; the certificate is the name's, whatever address was dialled."""
    from tests.servers import AUTHORITY, Server

    monkeypatch.setenv("SSL_CERT_FILE", str(AUTHORITY))
    monkeypatch.setattr("llmring._async.fetching.addresses_of", standing_for("127.0.0.1"))
    with Server(tls=True) as server:
        assert (await fetched(f"{server.url}/open")).data == b"1"
        fetcher = AsyncFetcher(Permission.read("1"), Timeout())
        with pytest.raises(InvalidMessageError, match="less safe"):
            fetcher._next(f"{server.url}/open", "http://localhost/", "here")
        await fetcher.aclose()


@pytest.mark.parametrize("path", ["announced.png", "endless.png"])
@pytest.mark.parametrize("limit", [None, BIG, 1000])
async def test_takes_only_so_much(pictures: Pictures, path: str, limit: int | None) -> None:
    """No more is read than the provider would take, and never more than twenty mebibytes."""
    with pytest.raises(FileSizeError) as caught:
        await fetched(f"http://127.0.0.1:{pictures.port}/{path}", limit=limit)
    assert caught.value.limit == (1000 if limit == 1000 else 20 * 1024 * 1024)
    assert caught.value.path == "here"


async def test_waits_only_so_long(pictures: Pictures) -> None:
    """Fetching ends with the call's time."""
    with pytest.raises(InvalidMessageError, match=r"could not be fetched: 127.0.0.1: no complete answer within 0.\d+ s"):
        await fetched(f"http://127.0.0.1:{pictures.port}/slow.png", seconds=0.1)


async def test_needs_no_proxy(pictures: Pictures, monkeypatch: pytest.MonkeyPatch) -> None:
    """A proxy would connect to whatever it likes, so none is used."""
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:1")
    assert (await fetched(f"http://127.0.0.1:{pictures.port}/picture.png")).data == PNG
