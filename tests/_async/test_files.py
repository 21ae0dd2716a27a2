"""Registered files through a ring: uploaded once, reused, renewed, refused before sending, deleted everywhere."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from llmring._async import sending
from llmring._async.engine import AsyncEngine
from llmring._async.ring import AsyncLLMRing
from llmring._gen.message import FilePart, Message, TextPart, ToolResultPart
from llmring._io import aio
from llmring.exceptions import (
    FileSizeError,
    InvalidMessageError,
    InvalidRequestError,
    ProviderServerError,
    ProviderTimeoutError,
    RequestError,
    UnsupportedParameterError,
)
from llmring.testing.simulator import Simulator
from llmring.testing.simulator import files as simulated
from llmring.testing.simulator.values import RejectedError
from tests.rings import MODELS, lockfile, settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

UPLOADING = {name: MODELS[name] for name in ("openai", "responses", "anthropic", "google")}
CHAT_ONLY = "compatible:some-model"
PNG = b"\x89PNG\r\n\x1a\n" + bytes(8)
PDF = b"%PDF-1.4\n"
CSV = b"city,people\nOslo,709037\n"


@pytest.fixture
async def ring(simulator: Simulator) -> AsyncIterator[AsyncLLMRing]:
    """Give a ring that is closed afterwards."""
    simulator.requests.clear()
    given = settings(simulator)
    given["providers"]["compatible"] = {"protocol": "openai_chat", "base_url": simulator.urls["openai"], "api_key": "sk-simulated-0001"}
    async with AsyncLLMRing(**given) as made:
        yield made


def written(folder: Path, name: str, data: bytes, *, aged: bool = True) -> Path:
    """Write a file that was, if *aged*, not touched for a while."""
    path = folder / name
    path.write_bytes(data)
    if aged:
        age(path)
    return path


def age(path: Path) -> None:
    """Let a file's time tell its content: it was written a minute ago."""
    minute = 60_000_000_000
    then = path.stat().st_mtime_ns - minute
    os.utime(path, ns=(then, then))


def paths(simulator: Simulator) -> list[tuple[str, str]]:
    """Give what was asked of the providers' file APIs, by method and path."""
    found = [(request.method, request.path.partition("?")[0]) for request in simulator.requests]
    return [(method, path) for method, path in found if "/files" in path]


# --- looking -----------------------------------------------------------------------------------------


async def test_registering_sends_nothing(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """A file is looked at: its size, and by its first bytes or its name what it is."""
    for name, data, kind in (
        ("a.png", PNG, "image/png"),
        ("picture", PNG, "image/png"),
        ("b.csv", CSV, "text/csv"),
        ("notes", b"plain words", "text/plain"),
        ("blob", b"\0\1\2", "application/octet-stream"),
    ):
        path = written(tmp_path, name, data)
        file_id = ring.register_file(path)
        told = ring.list_registered_files()[-1]
        assert (told.id, told.path, told.name, told.size, told.media_type) == (file_id, str(path), name, len(data), kind)
        assert (told.digest, told.uploads) == (None, [])
    assert simulator.requests == []


async def test_the_same_file_has_the_same_id(ring: AsyncLLMRing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """However its path is written; copies of the ring know it too."""
    path = written(tmp_path, "a.csv", CSV)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path))
    ids = {ring.register_file(each) for each in (path, str(path), "a.csv", "./x/../a.csv", "~/a.csv")}
    assert len(ids) == len(ring.list_registered_files()) == 1
    assert ring.with_options(timeout=3).list_registered_files() == ring.list_registered_files()


@pytest.mark.parametrize(
    "path,reason",
    [("missing.pdf", "it is not there"), (".", "it is a folder"), ("a\0b", "null"), (None, "NoneType"), (b"bytes", "bytes")],
)
async def test_what_is_no_file_is_refused(ring: AsyncLLMRing, path: Any, reason: str, tmp_path: Path, monkeypatch: Any) -> None:
    """At once, saying why."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(RequestError, match=reason) as refused:
        ring.register_file(path)
    assert refused.value.path == "path"


async def test_a_pipe_holds_up_nobody(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """It is no regular file."""
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(RequestError, match="regular file"):
        ring.register_file(tmp_path / "pipe")


# --- uploading -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("model", UPLOADING.values(), ids=list(UPLOADING))
async def test_uploads_at_first_use_and_no_more(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, model: str) -> None:
    """Files of each kind, named by option or by part; the provider's copies stand in the request."""
    ids = [ring.register_file(written(tmp_path, name, data)) for name, data in (("a.png", PNG), ("b.pdf", PDF), ("c.csv", CSV))]
    await ring.chat(model, "Read these.", files=ids)
    uploads = [each for each in paths(simulator) if each[0] == "POST"]
    assert len(uploads) == len(ids) * (2 if model == MODELS["google"] else 1)
    content = [FilePart(file_id=ids[1]), TextPart(text="Again?")]
    await ring.chat(model, [Message(role="user", content=content)], files=ids[:1])
    stream = ring.chat_stream(model, "And streamed?", files=ids[2:])
    assert [event async for event in stream][-1].finish_reason == "stop"
    assert [each for each in paths(simulator) if each[0] == "POST"] == uploads
    for told in ring.list_registered_files():
        (upload,) = told.uploads
        assert upload.digest == told.digest
        assert upload.provider == model.partition(":")[0]
        assert (upload.uri or upload.file_id) in str(simulator.requests[-3].body)


async def test_each_provider_has_its_own_copy(ring: AsyncLLMRing, tmp_path: Path) -> None:
    """And its own name for it; text is plain text to Anthropic."""
    file_id = ring.register_file(written(tmp_path, "a.csv", CSV))
    for model in UPLOADING.values():
        await ring.chat(model, "Read.", files=[file_id])
    (told,) = ring.list_registered_files()
    assert [(each.provider, each.media_type) for each in told.uploads] == [
        ("openai", "text/csv"),
        ("responses", "text/csv"),
        ("anthropic", "text/plain"),
        ("google", "text/csv"),
    ]
    assert [each.expires_at is None for each in told.uploads] == [True, True, True, False]


async def test_openai_switches_to_responses(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """Where an uploaded file of any kind can be named."""
    response = await ring.chat(MODELS["openai"], "Look.", files=[ring.register_file(written(tmp_path, "a.png", PNG))])
    assert simulator.requests[-1].path.endswith("/responses")
    assert simulator.requests[-1].body["input"][0]["content"][0]["type"] == "input_image"
    assert [attempt.outcome for attempt in response.attempts] == ["ok"]


async def test_files_inside_results_of_tools(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """Are found there too."""
    file_id = ring.register_file(written(tmp_path, "a.png", PNG))
    await ring.chat(
        MODELS["anthropic"],
        [
            Message(role="user", content="Draw."),
            Message(role="assistant", tool_calls=[{"id": "t1", "name": "draw", "arguments": {}}]),
            Message(role="user", content=[ToolResultPart(tool_call_id="t1", content=[FilePart(file_id=file_id)])]),
        ],
    )
    (block,) = simulator.requests[-1].body["messages"][-1]["content"][0]["content"]
    assert (block["type"], block["source"]["type"]) == ("image", "file")


@pytest.mark.parametrize("aged", [True, False], ids=["by its time", "within the same moment"])
async def test_changed_content_is_uploaded_again(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, *, aged: bool) -> None:
    """Also where size and time do not tell; content that comes back finds its first copy."""
    path = written(tmp_path, "a.csv", CSV, aged=aged)
    before = path.stat().st_mtime_ns
    file_id = ring.register_file(path)
    for number, data in enumerate((CSV, CSV.replace(b"Oslo", b"Rome"), CSV)):
        with path.open("r+b") as file:
            file.write(data)
        then = before + number * aged
        os.utime(path, ns=(then, then))
        await ring.chat(MODELS["anthropic"], "Read.", files=[file_id])
    assert paths(simulator) == [("POST", "/v1/files")] * 2
    (told,) = ring.list_registered_files()
    assert len(told.uploads) == 2
    assert told.digest == told.uploads[0].digest
    assert told.uploads[0].file_id in str(simulator.requests[-1].body)


async def test_a_touch_is_no_change(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """The content counts: it is read again, and found to be the same."""
    path = written(tmp_path, "a.csv", CSV)
    file_id = ring.register_file(path)
    for _ in range(2):
        await ring.chat(MODELS["anthropic"], "Read.", files=[file_id])
        age(path)
        ring.register_file(path)
    assert paths(simulator) == [("POST", "/v1/files")]


async def test_expired_copies_are_renewed(
    ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Google forgets a file after two days; nobody asks it then to delete one."""
    file_id = ring.register_file(written(tmp_path, "a.csv", CSV))
    await ring.chat(MODELS["google"], "Read.", files=[file_id])
    later = datetime.now(UTC) + timedelta(days=2)
    monkeypatch.setattr(AsyncEngine, "now", staticmethod(lambda: later))
    await ring.chat(MODELS["google"], "Read.", files=[file_id])
    assert len(paths(simulator)) == 4
    monkeypatch.setattr(AsyncEngine, "now", staticmethod(lambda: later + timedelta(hours=1)))
    assert len(ring.list_registered_files()[0].uploads) == 2
    await ring.deregister_file(file_id)
    assert len(paths(simulator)) == 4


@pytest.fixture
def states(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Let Google's files have these states, one after the other; without any left they are ready."""
    left: list[str] = []
    shown = simulated._shown

    def with_state(kept: Any, call: Any) -> dict[str, Any]:
        return {**shown(kept, call), "state": left.pop(0) if left else "ACTIVE"}

    monkeypatch.setattr(simulated, "_shown", with_state)
    return left


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note pauses instead of making them."""
    made: list[float] = []

    async def note(seconds: float) -> None:
        made.append(seconds)

    monkeypatch.setattr(aio, "sleep", note)
    return made


async def test_waits_until_a_file_is_ready(
    ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, states: list[str], pauses: list[float]
) -> None:
    """Google works on some for a while."""
    states += ["PROCESSING", "PROCESSING", "PROCESSING"]
    await ring.chat(MODELS["google"], "Watch.", files=[ring.register_file(written(tmp_path, "a.mp4", b"\0\0\0\x18ftypmp42"))])
    assert pauses == [0.2, 0.4, 0.8]
    assert [method for method, _ in paths(simulator)] == ["POST", "POST", "GET", "GET", "GET"]


@pytest.mark.usefixtures("pauses")
async def test_does_not_wait_for_ever(
    ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, states: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is not ready in time is told; a later call goes on waiting, and uploads nothing again."""
    states += ["PROCESSING"] * 40
    file_id = ring.register_file(written(tmp_path, "a.mp4", b"\0\0\0\x18ftypmp42"))
    with monkeypatch.context() as hasty:
        hasty.setattr(sending, "PATIENCE", 0.0)
        with pytest.raises(ProviderTimeoutError, match=f"{tmp_path}/a.mp4 was uploaded, but not ready for use within 0 s") as late:
            await ring.chat(MODELS["google"], "Watch.", files=[file_id])
    assert (late.value.provider, late.value.model) == ("google", MODELS["google"])
    assert [method for method, _ in paths(simulator)] == ["POST", "POST", "GET"]
    states.clear()
    await ring.chat(MODELS["google"], "Watch.", files=[file_id])
    assert [method for method, _ in paths(simulator)] == ["POST", "POST", "GET", "GET"]


async def test_a_file_that_cannot_be_processed(ring: AsyncLLMRing, tmp_path: Path, states: list[str], pauses: list[float]) -> None:
    """Is the request's fault."""
    states += ["PROCESSING", "FAILED"]
    with pytest.raises(InvalidRequestError, match="could not be processed"):
        await ring.chat(MODELS["google"], "Watch.", files=[ring.register_file(written(tmp_path, "a.mp4", b"\0\0\0\x18ftypmp42"))])


@pytest.mark.parametrize("model", UPLOADING.values(), ids=list(UPLOADING))
async def test_files_are_counted(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, model: str) -> None:
    """By the same copies as a call has."""
    file_id = ring.register_file(written(tmp_path, "a.pdf", PDF))
    count = await ring.count_tokens(model, "Read.", files=[file_id])
    assert not count.estimated
    upload = ring.list_registered_files()[0].uploads[0]
    assert (upload.uri or upload.file_id) in str(simulator.requests[-1].body)
    count = await ring.count_tokens(MODELS["ollama"], "Read.", files=[file_id])
    assert count.estimated
    assert count.tokens > 1000


# --- content instead of copies -------------------------------------------------------------------------


@pytest.mark.parametrize("model", [MODELS["ollama"], CHAT_ONLY])
async def test_content_goes_where_copies_cannot(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, model: str) -> None:
    """Pictures as pictures, text as text; nothing is uploaded."""
    ids = [ring.register_file(written(tmp_path, name, data)) for name, data in (("a.png", PNG), ("b.csv", CSV), ("c.svg", b"<svg/>"))]
    await ring.chat(model, "Read.", files=ids)
    assert paths(simulator) == []
    sent = str(simulator.requests[-1].body)
    assert "iVBORw0KGgo" in sent
    assert "city,people" in sent
    assert "<svg/>" in sent


@pytest.mark.parametrize("name,data", [("a.pdf", PDF), ("a.zip", b"PK\3\4"), ("a.wav", b"RIFF\0\0\0\0WAVE"), ("a.docx", b"PK\3\4")])
async def test_refuses_content_that_a_model_cannot_take(
    ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, name: str, data: bytes
) -> None:
    """Before anything is sent."""
    with pytest.raises(UnsupportedParameterError, match=rf"files\[0\]: ollama:\S+ does not take {name}"):
        await ring.chat(MODELS["ollama"], "Read.", files=[ring.register_file(written(tmp_path, name, data))])
    assert simulator.requests == []


async def test_text_must_be_text(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """In UTF-8, where it goes into a request."""
    with pytest.raises(InvalidMessageError, match="UTF-8"):
        await ring.chat(MODELS["ollama"], "Read.", files=[ring.register_file(written(tmp_path, "a.txt", "é".encode("latin-1")))])
    assert simulator.requests == []


async def test_the_next_model_gets_what_it_takes(simulator: Simulator, tmp_path: Path) -> None:
    """A file goes as content to one, as a copy to the next; what the first cannot take at all is the next one's."""
    path = lockfile(tmp_path, reader=[MODELS["ollama"] + "+fault=500", MODELS["anthropic"]])
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator)) as ring:
        for name, data, outcomes in (("a.csv", CSV, ["ProviderServerError", "ok"]), ("b.pdf", PDF, ["ok"])):
            response = await ring.chat("reader", "Read.", files=[ring.register_file(written(tmp_path, name, data))])
            assert response.model == MODELS["anthropic"]
            assert [attempt.outcome for attempt in response.attempts] == outcomes


# --- refused before sending ----------------------------------------------------------------------------


async def test_unknown_ids_are_refused(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """Wherever they stand, with what was probably meant."""
    with pytest.raises(RequestError, match=r"files\[0\]: no file 'local-x' is registered"):
        await ring.chat(MODELS["openai"], "Read.", files=["local-x"])
    file_id = ring.register_file(written(tmp_path, "a.csv", CSV))
    with pytest.raises(RequestError, match=f"did you mean '{file_id}'") as unknown:
        await ring.chat(MODELS["ollama"], [{"role": "user", "content": [{"type": "file", "file_id": file_id + "0"}]}])
    assert unknown.value.path == "messages[0].content[0].file_id"
    with pytest.raises(RequestError, match="is registered"):
        await ring.deregister_file("local-x")
    assert simulator.requests == []


@pytest.mark.parametrize("model", [MODELS["openai"], MODELS["ollama"]])
async def test_a_file_that_vanished_is_told(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, model: str) -> None:
    """With its path, and what to do."""
    path = written(tmp_path, "a.csv", CSV)
    file_id = ring.register_file(path)
    path.unlink()
    with pytest.raises(RequestError, match=rf"files\[0\]: {path}, registered as {file_id}, cannot be read: it is not there; put it back"):
        await ring.chat(model, "Read.", files=[file_id])
    assert simulator.requests == []
    await ring.deregister_file(file_id)
    assert ring.list_registered_files() == []


@pytest.mark.parametrize("model", [MODELS["anthropic"], MODELS["ollama"]])
async def test_empty_files_are_refused(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, model: str) -> None:
    """No provider takes one."""
    with pytest.raises(RequestError, match="is empty"):
        await ring.chat(model, "Read.", files=[ring.register_file(written(tmp_path, "a.csv", b""))])
    assert simulator.requests == []


@pytest.mark.parametrize("name,limit", [("anthropic", 524288000), ("openai", 536870912), ("google", 2147483648)])
async def test_files_that_are_too_large(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, name: str, limit: int) -> None:
    """Are neither read nor sent."""
    path = written(tmp_path, "a.csv", CSV)
    os.truncate(path, limit + 1)
    with pytest.raises(FileSizeError, match=f"takes files of at most {limit:,}") as large:
        await ring.chat(MODELS[name], "Read.", files=[ring.register_file(path)])
    assert (large.value.size, large.value.limit, large.value.path) == (limit + 1, limit, "files[0]")
    assert simulator.requests == []


@pytest.mark.parametrize("name", ["anthropic", "google"])
async def test_a_pdf_of_too_many_pages(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, name: str) -> None:
    """Is read and counted, but not sent."""
    book = ring.register_file(written(tmp_path, "a.pdf", b"%PDF-1.4\n<</Type/Pages/Count 1001>>" + b" " * 60_000))
    with pytest.raises(FileSizeError, match="has 1001 pages") as large:
        await ring.chat(MODELS[name], "Read.", files=[book])
    assert (large.value.size, large.value.path) == (1001, "files[0]")
    assert simulator.requests == []


async def test_one_bad_file_keeps_all_from_being_sent(ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path) -> None:
    """All are judged before the first is uploaded."""
    ids = [ring.register_file(written(tmp_path, name, data)) for name, data in (("a.csv", CSV), ("b.zip", b"PK\3\4"))]
    with pytest.raises(UnsupportedParameterError, match=r"b\.zip"):
        await ring.chat(MODELS["anthropic"], "Read.", files=ids)
    assert simulator.requests == []


# --- leaving -------------------------------------------------------------------------------------------


def forgetful(store: simulated.FileStore, name: str) -> Any:
    """Know no file, as the providers would say it."""
    del store._kept[name]
    return REAL_FIND(store, name)


REAL_FIND = simulated.FileStore.find


@pytest.mark.parametrize("gone", [False, True])
async def test_deregistering_deletes_everywhere(
    ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, gone: bool
) -> None:
    """Every provider's copy, then the file is forgotten; one that is gone already is no failure."""
    file_id = ring.register_file(written(tmp_path, "a.csv", CSV))
    for model in UPLOADING.values():
        await ring.chat(model, "Read.", files=[file_id])
    (told,) = ring.list_registered_files()
    ours = {upload.provider: upload.file_id for upload in told.uploads}
    simulator.requests.clear()
    if gone:
        monkeypatch.setattr(simulated.FileStore, "find", forgetful)
    await ring.deregister_file(file_id)
    assert sorted(path.rpartition("/")[2] for method, path in paths(simulator) if method == "DELETE") == sorted(
        name.removeprefix("files/") for name in ours.values()
    )
    assert ring.list_registered_files() == []
    with pytest.raises(RequestError, match="is registered"):
        await ring.chat(MODELS["openai"], "Read.", files=[file_id])


async def test_a_partial_failure_forgets_nothing(
    ring: AsyncLLMRing, simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What could not be deleted stays known, the file usable, and another call deletes the rest."""
    file_id = ring.register_file(written(tmp_path, "a.csv", CSV))
    for model in (MODELS["openai"], MODELS["anthropic"]):
        await ring.chat(model, "Read.", files=[file_id])
    first, second = ring.list_registered_files()[0].uploads
    with monkeypatch.context() as broken:
        broken.setattr(simulated.FileStore, "drop", failing(simulated.FileStore.drop))
        with pytest.raises(
            ProviderServerError, match=rf"^{file_id} stays registered, for anthropic still has {second.file_id}: .*again"
        ) as kept:
            await ring.deregister_file(file_id)
    assert kept.value.provider == "anthropic"
    assert kept.value.status_code == 500
    assert [each.uploads for each in ring.list_registered_files()] == [[second]]
    simulator.requests.clear()
    await ring.chat(MODELS["anthropic"], "Read.", files=[file_id])
    assert paths(simulator) == []
    await ring.deregister_file(file_id, timeout=5)
    assert ring.list_registered_files() == []
    assert first.file_id not in str(simulator.requests[-1].path)


def failing(work: Callable[..., Any]) -> Callable[..., Any]:
    """Do *work* for every provider but Anthropic, which is down."""

    def instead(store: simulated.FileStore, *given: Any) -> Any:
        if store.family == "anthropic":
            raise RejectedError(500, "no file can be changed now")
        return work(store, *given)

    return instead


async def test_a_failed_upload_is_an_attempt(simulator: Simulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is tried again as calls are; its failures count, and the next model is tried after them."""
    path = lockfile(tmp_path, reader=[MODELS["anthropic"], MODELS["openai"]])

    async def no_pause(seconds: float) -> None:
        pass

    monkeypatch.setattr(aio, "sleep", no_pause)
    monkeypatch.setattr(simulated.FileStore, "add", failing(simulated.FileStore.add))
    async with AsyncLLMRing(lockfile_path=path, **settings(simulator, max_retries=1)) as ring:
        file_id = ring.register_file(written(tmp_path, "a.csv", CSV))
        response = await ring.chat("reader", "Read.", files=[file_id])
        assert response.model == MODELS["openai"]
        assert [(attempt.model, attempt.outcome) for attempt in response.attempts] == [
            (MODELS["anthropic"], "ProviderServerError"),
            (MODELS["anthropic"], "ProviderServerError"),
            (MODELS["openai"], "ok"),
        ]
        with pytest.raises(ProviderServerError) as failed:
            await ring.chat(MODELS["anthropic"], "Read.", files=[file_id])
        assert (failed.value.provider, failed.value.model) == ("anthropic", MODELS["anthropic"])
        assert len(failed.value.attempts) == 2
