"""Every vendor of the spec answers through its protocol, in its dialect; a new file there brings its own cases."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import pytest

from codegen.load import SpecError, load_spec
from codegen.providers import PAGE, resolved
from llmring import LLMRing
from llmring._gen.providers import NAMES, PROVIDERS
from llmring.exceptions import UnsupportedParameterError
from llmring.schemas import Message, ReasoningPart, ToolCall
from tests.recording.notation import load
from tests.scenarios.abilities import ABILITIES, WEATHER

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from llmring.testing.simulator import Simulator

ROOT: Final = Path(__file__).parents[1]
ENTRIES: Final[Mapping[str, Any]] = {
    path.stem: load(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "spec/providers").glob("*.yaml"))
}
ROWS: Final = {name: resolved(entry, ENTRIES) for name, entry in ENTRIES.items()}
"""What the spec itself says of each vendor, apart from what was generated of it."""
WAYS: Final = [(name, protocol) for name, row in ROWS.items() for protocol in row["protocols"]]
REFUSED: Final = [(name, cell) for name, row in ROWS.items() for cell in ABILITIES if row["capabilities"][cell] == "unsupported"]
KEY: Final = "the-dummy-key"
BASES: Final = {"anthropic_messages": "anthropic", "gemini_generate": "google", "ollama_chat": "ollama"}
"""The simulator's names; of the protocols that are not here, ``openai``."""
NOWHERE: Final = "http://127.0.0.1:9"


def preset(name: str, protocol: str, simulator: Simulator, header: str = "", **more: Any) -> dict[str, dict[str, Any]]:
    """Give the ``providers`` of a ring that reaches the vendor *name* at *simulator*, its key in *header* or the usual one."""
    base = simulator.urls[BASES.get(protocol, "openai")]
    foreign = (header or ROWS[name]["auth"][0]["header"]) not in {"authorization", "x-api-key", "x-goog-api-key"}
    # The simulator knows its four providers' headers only; what a vendor sends beside them is looked at by the tests.
    headers = {"headers": {"authorization": "Bearer for-the-simulator"}} if foreign else {}
    chosen = {} if protocol == ROWS[name]["protocols"][0] else {"protocol": protocol}
    return {name: {"base_url": base, **headers, **chosen, **more}}


def proof(name: str) -> tuple[str, str]:
    """Give the header by which the vendor *name* knows its callers, and its value."""
    way = ROWS[name]["auth"][0]
    return way["header"], f"{way['scheme']} {KEY}".strip()


@pytest.mark.parametrize("name, protocol", WAYS)
def test_answers_blocking(simulator: Simulator, name: str, protocol: str) -> None:
    """The preset is enough: a key, and an answer comes, whole and streamed, in the protocol's words."""
    with LLMRing(providers=preset(name, protocol, simulator, api_key=KEY), max_retries=0) as ring:
        response = ring.chat(f"{name}:some-model", "Hello", max_tokens=500)
        stream = ring.chat_stream(f"{name}:some-model", "Hello", max_tokens=500)
        streamed = "".join(event.delta for event in stream)
    assert response.content
    assert streamed == stream.response.content
    assert (response.provider, response.model) == (name, f"{name}:some-model")
    header, value = proof(name)
    assert simulator.requests[-1].headers[header] == value
    assert ROWS[name]["headers"].items() <= simulator.requests[-1].headers.items()


@pytest.mark.parametrize("name, protocol", WAYS)
async def test_answers_awaited(simulator: Simulator, name: str, protocol: str) -> None:
    """The same from an event loop."""
    async with LLMRing(providers=preset(name, protocol, simulator, api_key=KEY), max_retries=0) as ring:
        response = await ring.chat(f"{name}:some-model", "Hello", max_tokens=500)
        stream = ring.chat_stream(f"{name}:some-model", "Hello", max_tokens=500)
        streamed = [event.delta async for event in stream]
    assert response.content
    assert "".join(streamed) == stream.response.content
    header, value = proof(name)
    assert simulator.requests[-1].headers[header] == value


@pytest.mark.parametrize(
    "name, variable", [(name, variable) for name, row in ROWS.items() for way in row["auth"] for variable in way["env"]]
)
def test_finds_its_key(simulator: Simulator, monkeypatch: pytest.MonkeyPatch, name: str, variable: str) -> None:
    """Each variable of the spec holds the key, and the header that goes with it carries it."""
    way = next(way for way in ROWS[name]["auth"] if variable in way["env"])
    monkeypatch.setenv(variable, KEY)
    with LLMRing(providers=preset(name, ROWS[name]["protocols"][0], simulator, way["header"]), max_retries=0) as ring:
        assert ring.chat(f"{name}:some-model", "Hello", max_tokens=500).content
    assert simulator.requests[-1].headers[way["header"]] == f"{way['scheme']} {KEY}".strip()


# --- dialects ------------------------------------------------------------------------------------


def _field(body: Mapping[str, Any], value: Any, names: tuple[str, ...], wanted: Any) -> bool:
    """Tell whether of all *names* just the one that is *value* holds what is *wanted*."""
    return {name: body[name] for name in names if name in body} == {value: wanted}


def _assistant(body: Mapping[str, Any]) -> dict[str, Any]:
    return next(turn for turn in body["messages"] if turn["role"] == "assistant")


STYLES: Final[Mapping[str, Mapping[str, Any]]] = {
    "effort": {"reasoning_effort": "low"},
    "object": {"reasoning": {"effort": "low"}},
    "thinking": {"thinking": {"type": "enabled"}},
    "flag": {"enable_thinking": True},
}
OWN: Final = ReasoningPart(text="Let me look.", protocol="openai_chat", native={"thoughts": None})
FOREIGN: Final = ReasoningPart(text="Hm.")
MARK: Final = {"type": "ephemeral"}
QUIRKS: Final[Mapping[str, Callable[[Mapping[str, Any], Any], bool]]] = {
    "max_tokens_field": lambda body, value: _field(body, value, ("max_tokens", "max_completion_tokens"), 500),
    "seed_field": lambda body, value: _field(body, value, ("seed", "random_seed"), 7),
    "developer_role": lambda body, value: {"role": value, "content": "Be brief."} in body["messages"],
    "stream_options": lambda body, value: ("stream_options" in body) is value,
    "hosted_tools": lambda body, value: ({"type": "vendors_own"} in body["tools"]) is value,
    "reasoning_style": lambda body, value: {key: body[key] for style in STYLES.values() for key in style if key in body} == STYLES[value],
    "reasoning_field": lambda body, value: _assistant(body).get(value) == FOREIGN.text,
    "reasoning_back": lambda body, value: (_assistant(body).get("thoughts") == OWN.text) is value,
    "cache_control": lambda body, value: ("cache_control" in str(body["messages"])) is value,
    "cache_breakpoints": lambda body, value: ("prompt_cache_breakpoint" in str(body["messages"])) is bool(re.search(value, "some-model")),
    "thought_signatures": lambda body, value: ("extra_content" in _assistant(body)["tool_calls"][0]) is value,
}
"""What a body must show of each quirk."""


def asked(name: str) -> dict[str, Any]:
    """Give options that bring out every quirk of the vendor *name*, as far as it takes them."""
    can = ROWS[name]["capabilities"]
    options: dict[str, Any] = {"max_tokens": 500, "seed": 7, "reasoning": "low"}
    options["tools"] = [WEATHER, *([{"type": "vendors_own"}] if ROWS[name]["quirks"].get("hosted_tools") else [])]
    return {key: value for key, value in options.items() if can.get(key) not in {"unsupported", "emulated"}}


TALK: Final = [
    Message(role="developer", content="Be brief."),
    Message(role="user", content="What is the weather in Paris?", metadata={"cache_control": MARK}),
    Message(
        role="assistant",
        content=[FOREIGN, OWN],
        tool_calls=[ToolCall(id="call_1", name="weather", arguments={"city": "Paris"}, signature="c2lnbmVk")],
    ),
    Message(role="tool", tool_call_id="call_1", content="Sunny"),
]


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if row["protocols"][0] == "openai_chat"])
def test_honours_its_quirks(simulator: Simulator, name: str) -> None:
    """What is sent is in the vendor's dialect."""
    providers = preset(name, "openai_chat", simulator, api_key=KEY)
    providers[name]["protocol"] = "openai_chat"  # and none of the others that it may speak
    options = asked(name)
    with LLMRing(providers=providers, max_retries=0) as ring:
        assert list(ring.chat_stream(f"{name}:some-model", TALK, **options))
    body = simulator.requests[-1].body
    needs = {"seed_field": "seed", "reasoning_style": "reasoning", "hosted_tools": "tools"}
    quirks = {key: value for key, value in ROWS[name]["quirks"].items() if needs.get(key, "max_tokens") in options}
    assert {key: value for key, value in quirks.items() if not QUIRKS[key](body, value)} == {}


def test_every_quirk_can_be_shown() -> None:
    """What a dialect can be in the spec has its proof here."""
    schema = (ROOT / "spec/meta.yaml").read_text(encoding="utf-8")
    known = re.findall(r"^        (\w+): \{description", schema.partition("\n    quirks:\n")[2].partition("\n  $defs:")[0], re.MULTILINE)
    assert known
    assert QUIRKS.keys() >= set(known)


# --- capabilities --------------------------------------------------------------------------------


@pytest.mark.parametrize("name, cell", REFUSED)
def test_refuses_what_it_cannot(name: str, cell: str) -> None:
    """A call that needs an unsupported cell raises, before anything is sent."""
    talk = ABILITIES[cell]  # pyright: ignore[reportArgumentType] - a capability by its name
    options: dict[str, Any] = {**talk.options}
    with LLMRing(providers={name: {"api_key": KEY, "base_url": NOWHERE}}, max_retries=0) as ring, pytest.raises(UnsupportedParameterError):
        ring.chat(f"{name}:some-model", talk.messages, **options)


@pytest.mark.parametrize("wrong", ["telepathy: native", "vision: perhaps", "stop: 0", "vision: true"])
def test_an_unknown_cell_is_rejected(tmp_path: Path, wrong: str) -> None:
    """A cell that the matrix does not have, and a value that it does not know, are told with their file."""
    shutil.copytree(ROOT / "spec", tmp_path / "spec", ignore=shutil.ignore_patterns("models"))
    place = tmp_path / "spec/providers/groq.yaml"
    place.write_text(re.sub(r"capabilities: \{.*\}", f"capabilities: {{{wrong}}}", place.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(SpecError, match=r"spec/providers/groq\.yaml:\d+: capabilities"):
        load_spec(tmp_path)


# --- what appears by itself ----------------------------------------------------------------------


@pytest.mark.parametrize("name", ROWS)
def test_is_in_table_and_docs(name: str) -> None:
    """The generated table has the vendor under all its names, and the reference has its row."""
    row = ROWS[name]
    assert dict(PROVIDERS[name]) == row
    assert {NAMES[each] for each in (name, *row["aliases"])} == {name}
    page = (ROOT / PAGE).read_text(encoding="utf-8")
    assert f"\n| {', '.join(f'`{each}`' for each in (name, *row['aliases']))} |" in page


NEWCOMER: Final = """\
id: newcomer
doc: "Models of somebody who came later."
protocol: openai_chat
aliases: [nc]
base_url: {default: "https://api.newcomer.example/v1", env: [NEWCOMER_BASE_URL]}
auth: {header: x-newcomer-key, env: [NEWCOMER_API_KEY]}
page: "https://newcomer.example/docs"
capabilities: {vision: unsupported, n: unsupported}
quirks: {max_tokens_field: max_completion_tokens, reasoning_style: thinking}
"""
COPIED: Final = ("spec", "codegen", "src", "docs/reference", "tests/_async", "tests/oracles", "tests/recording", "tests/scenarios")


def copied(folder: Path) -> Path:
    """Copy to *folder* what codegen and this file's tests need, bytecode included, which is as good there."""
    for name in COPIED:
        shutil.copytree(ROOT / name, folder / name)
    for name in ("pyproject.toml", "tests/conftest.py", "tests/test_vendors.py"):
        shutil.copy(ROOT / name, folder / name)
    return folder


def run(folder: Path, *arguments: str) -> str:
    """Run Python in *folder*, whose package shadows the installed one; give what it says."""
    environment = {**os.environ, "PYTHONPATH": str(folder / "src")}
    done = subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


def test_a_vendor_is_one_file(tmp_path: Path) -> None:
    """One YAML file and one command: the table has the row, the docs have it, and the tests of the vendor are there and pass."""
    folder = copied(tmp_path)
    (folder / "spec/providers/newcomer.yaml").write_text(NEWCOMER, encoding="utf-8")
    run(folder, "-m", "codegen")
    table = (folder / "src/llmring/_gen/providers.py").read_text(encoding="utf-8")
    assert '    "newcomer": {' in table
    page = (folder / PAGE).read_text(encoding="utf-8")
    assert "| `newcomer`, `nc` | `openai_chat` | `https://api.newcomer.example/v1` |" in page
    said = run(folder, "-m", "pytest", "-p", "no:cacheprovider", "-v", "tests/test_vendors.py", "-k", "newcomer")
    passed = set(re.findall(r"::(\S+) PASSED", said))
    assert passed == {
        "test_answers_blocking[newcomer-openai_chat]",
        "test_answers_awaited[newcomer-openai_chat]",
        "test_finds_its_key[newcomer-NEWCOMER_API_KEY]",
        "test_honours_its_quirks[newcomer]",
        "test_is_in_table_and_docs[newcomer]",
        *(f"test_refuses_what_it_cannot[newcomer-{cell}]" for name, cell in REFUSED if name == "openai-compatible"),
        "test_refuses_what_it_cannot[newcomer-vision]",
        "test_refuses_what_it_cannot[newcomer-n]",
    }
