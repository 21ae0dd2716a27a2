"""One cassette, four tests: what is sent, what is read, and (in ``_async`` and ``_sync``) what both twins make of it."""

from __future__ import annotations

import inspect
import json
import re
from typing import TYPE_CHECKING, Any, Final

import pytest

from llmring._gen.providers import PROVIDERS as TABLE
from tests._async import test_beside, test_files
from tests.recording.camera import KEPT_OF_REQUESTS, KEPT_OF_RESPONSES
from tests.recording.outcome import decoded
from tests.recording.pure import encoded, told, told_by
from tests.recording.studio import kept, real_key, record
from tests.recording.tape import FOLDER, Cassette, cassette, packed, path_of, readable
from tests.scenarios import ABILITIES, KEY, PROVIDERS, SCENARIOS, Scenario, said, scenarios

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.providers import Protocol

FAILED: Final = 400
WHOLE: Final = [scenario for scenario in SCENARIOS.values() if not scenario.stream]
STREAMS: Final = [scenario for scenario in SCENARIOS.values() if scenario.stream]
SECRET: Final = re.compile(
    r"\b(sk|pk|rk|gsk|xai|key)[-_][A-Za-z0-9_-]{12,}|\bAIza[A-Za-z0-9_-]{20,}|(?i:bearer \S|(authorization|(x-)?[a-z-]*api-key):)"
)
OF_INTERRUPTIONS: Final = frozenset({"class", "retryable"})
"""What a ring says otherwise of a failure that comes after the first event."""


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=str)
def test_encodes_what_was_sent(scenario: Scenario) -> None:
    """Encoding what the scenario asks gives the recorded request."""
    tape, call = cassette(scenario), encoded(scenario)
    assert (call.method, call.url) == (tape.request["method"], tape.request["uri"])
    assert json.loads(call.content) == tape.request["body"]
    assert call.stream is scenario.stream


@pytest.mark.parametrize("scenario", WHOLE, ids=str)
def test_decodes_what_was_said(scenario: Scenario) -> None:
    """Decoding the recorded reply gives the recorded answer or error."""
    tape = cassette(scenario)
    assert decoded(told(scenario, tape.reply)) == decoded(tape.answer or tape.error or {})


@pytest.mark.parametrize("size", [1, 100_000])
@pytest.mark.parametrize("scenario", STREAMS, ids=str)
def test_reads_what_was_streamed(scenario: Scenario, size: int) -> None:
    """Reading the recorded stream gives the recorded answer or error, however it is cut."""
    tape = cassette(scenario)
    reply = tape.reply
    if reply.status >= FAILED:
        assert decoded(told(scenario, reply)) == tape.error
        return
    pieces = [reply.body[at : at + size] for at in range(0, len(reply.body), size)]
    got, wanted = decoded(told_by(scenario, pieces)), decoded(tape.answer or tape.error or {})
    unsaid = OF_INTERRUPTIONS if "partial" in wanted else {"partial"}
    assert {key: value for key, value in got.items() if key not in unsaid} == {
        key: value for key, value in wanted.items() if key not in unsaid
    }


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=str)
def test_says_where_it_was_recorded(scenario: Scenario) -> None:
    """A cassette names its scenario, its source and its day; it fails just where it should."""
    tape = cassette(scenario)
    assert (tape.protocol, tape.scenario) == (scenario.protocol, scenario.name)
    assert tape.recorded["from"] in {"simulator", "provider"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", tape.recorded["date"])
    assert (tape.error is not None, tape.answer is not None) == (scenario.talk.fails, not scenario.talk.fails)


@pytest.mark.parametrize("scenario", SCENARIOS.values(), ids=str)
def test_holds_no_key(scenario: Scenario) -> None:
    """Headers are those of the allow-lists, the host is the provider's own, and nothing looks like a key."""
    tape, text = cassette(scenario), path_of(scenario).read_text(encoding="utf-8")
    assert tape.request["headers"].keys() <= KEPT_OF_REQUESTS
    assert tape.response["headers"].keys() <= KEPT_OF_RESPONSES
    assert tape.request["uri"].startswith(f"{TABLE[scenario.provider]['base_url']}/")
    assert SECRET.search(text) is None
    assert KEY not in text
    assert "127.0.0.1" not in text


def simulated(scenario: Scenario) -> bool:
    """Tell whether *scenario* was, or has to be, recorded from the simulator."""
    path = path_of(scenario)
    return not path.exists() or "\n  from: simulator\n" in path.read_text(encoding="utf-8")


@pytest.mark.parametrize("scenario", list(filter(simulated, SCENARIOS.values())), ids=str)
def test_recording_again_changes_nothing(scenario: Scenario) -> None:
    """The simulator says the same again, and the file stays as it is, to the byte; the day of the recording stays too."""
    old = cassette(scenario)
    assert kept(record(scenario, {}), old).text() == path_of(scenario).read_text(encoding="utf-8")


def test_every_cassette_has_its_scenario() -> None:
    """No cassette is left over, none is missing."""
    assert set(FOLDER.rglob("*.yaml")) == {path_of(scenario) for scenario in SCENARIOS.values()}


ELSEWHERE: Final = frozenset({"files", "embeddings", "count_tokens", "list_models"})
"""What is no part of a chat."""
BESIDE: Final[Mapping[str, Any]] = {
    "files": test_files.test_uploads_at_first_use_and_no_more,
    "embeddings": test_beside.test_embeds,
    "count_tokens": test_beside.test_counts_by_the_provider,
    "list_models": test_beside.test_lists_models,
}
"""The test that shows each of them, provider by provider; where support is emulated, a second one."""
EMULATED: Final[Mapping[str, Any]] = {
    "files": test_files.test_content_goes_where_copies_cannot,
    "count_tokens": test_beside.test_estimates_where_nobody_counts,
}
BY_OTHERS: Final[Mapping[Protocol, frozenset[str]]] = {
    "openai_chat": frozenset({"hosted_tools"}),
    "openai_responses": frozenset({"audio_input", "stop", "seed", "penalties", "n"}),
    "anthropic_messages": frozenset(),
    "gemini_generate": frozenset(),
    "ollama_chat": frozenset({"image_url"}),
}
"""Cells of a provider for which the protocol has no words: another of the provider's has, or nothing needs to be said."""


@pytest.mark.parametrize("protocol", PROVIDERS)
def test_every_supported_cell_has_evidence(protocol: Protocol) -> None:
    """What the matrix says that a provider can do, some cassette shows; every cell has a talk that needs it."""
    cells = TABLE[PROVIDERS[protocol]]["capabilities"]
    assert cells.keys() == ABILITIES.keys() | ELSEWHERE
    shown = {cell for scenario in scenarios(protocol) for cell in scenario.talk.shows}
    claimed = {cell for cell, support in cells.items() if support != "unsupported"} - ELSEWHERE
    wordless = {cell for cell, talk in ABILITIES.items() if not said(protocol, cell, talk)}
    assert claimed - wordless - shown == set()
    assert wordless & claimed == BY_OTHERS[protocol] & claimed


@pytest.mark.parametrize("cell", sorted(ELSEWHERE))
@pytest.mark.parametrize("provider", sorted(set(PROVIDERS.values())))
def test_what_is_beside_chat_has_evidence_too(cell: Any, provider: str) -> None:
    """A cell that says that something works has a test that does it with that provider."""
    support = TABLE[provider]["capabilities"][cell]
    if support == "unsupported":
        return
    test = (EMULATED if support == "emulated" else BESIDE)[cell]
    named = f"{inspect.getsource(test)} {[(mark.args, mark.kwargs) for mark in getattr(test, 'pytestmark', ())]}"
    assert any(word in named for word in {"openai": ("openai", "responses")}.get(provider, (provider,)))


def test_keys_are_not_used_in_continuous_integration() -> None:
    """A key in the environment makes a recording real, save where tests run, and where only the simulator can fail."""
    plain, failing = SCENARIOS["openai_chat/answer"], SCENARIOS["openai_chat/server_error"]
    assert real_key(plain, {"OPENAI_API_KEY": "k"}) == "k"
    assert real_key(plain, {"OPENAI_API_KEY": "k", "CI": "1"}) is None
    assert real_key(failing, {"OPENAI_API_KEY": "k"}) is None


@pytest.mark.parametrize("body", [b'{"a": [1, null, "\xe2\x80\xa8"]}', b"data: x\n\ndata: y\n\n", b"\xff\x00", b"", b"{half", b'"text"'])
def test_bodies_survive_being_readable(body: bytes) -> None:
    """What is written for people gives the same bytes again, of JSON the same value."""
    again = packed(readable(body, "application/json"))
    assert again == body or json.loads(again) == json.loads(body)


def test_cassettes_read_as_they_are_written() -> None:
    """Reading and writing one gives the same text."""
    path = path_of(SCENARIOS["openai_chat/odd_text_stream"])
    assert Cassette.read(path).text() == path.read_text(encoding="utf-8")
