"""``llmring chat``: the answer on stdout, everything else on stderr."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest

from llmring.cli.chat import ATTEMPT, SHAPE
from tests.cli.conftest import KEY

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from llmring.testing.simulator import Simulator
    from tests.cli.conftest import Outcome

    Command = Callable[..., Outcome]

PNG = b"\x89PNG\r\n\x1a\n and some more"
SAYING = "openai:gpt-5.4-mini+say="


@pytest.mark.parametrize("live", ["--stream", "--no-stream"])
def test_writes_the_answer_and_nothing_else(llmring: Command, live: str) -> None:
    """The answer ends with one line feed, streamed or not."""
    assert llmring("chat", "Hi", "-m", f"{SAYING}Hello%2C%20you.", live) == (0, "Hello, you.\n", "")


def test_adds_no_second_line_feed_to_a_stream(llmring: Command) -> None:
    """A streamed answer that ends its line is left as it is."""
    assert llmring("chat", "Hi", "-m", f"{SAYING}Hello.%0A", "--stream").out == "Hello.\n"


def test_asks_the_alias_fast_unless_told_otherwise(llmring: Command, simulator: Simulator) -> None:
    """Without ``--model`` the lockfile's alias is asked."""
    assert llmring("chat", "Hi").code == 0
    assert simulator.requests[0].body["model"] == "gpt-5.4-mini"


@pytest.mark.parametrize(
    "prompt, piped, sent",
    [(("Explain:",), "x = 1\n", "Explain:\n\nx = 1"), ((), "only this\n", "only this"), (("only that",), " \n", "only that")],
)
def test_reads_what_is_piped_in(llmring: Command, simulator: Simulator, prompt: tuple[str, ...], piped: str, sent: str) -> None:
    """Alone it is the prompt, beside one it follows; white space alone is nothing."""
    assert llmring("chat", *prompt, piped=piped).code == 0
    assert simulator.requests[0].body["messages"][-1]["content"] == sent


def test_passes_options_on(llmring: Command, simulator: Simulator) -> None:
    """Instructions, temperature and limit reach the provider."""
    assert llmring("chat", "Hi", "-m", "openai:gpt-4.1-mini", "-s", "Be terse.", "-t", "0.5", "--max-tokens", "50").code == 0
    body = simulator.requests[0].body
    assert body["temperature"] == 0.5
    assert body["max_completion_tokens"] == 50
    assert [message["content"] for message in body["messages"]] == ["Be terse.", "Hi"]


def test_takes_the_profile_that_is_named(llmring: Command, user: Path) -> None:
    """``--profile`` wins over the lockfile's default."""
    with (user / "llmring.lock").open("a", encoding="utf-8") as file:
        file.write('\n[[profiles.dev.bindings]]\nalias = "fast"\nmodels = ["ollama:qwen3:8b"]\n')
    answer = json.loads(llmring("chat", "Hi", "--profile", "dev", "--json").out)
    assert (answer["model"], answer["profile"]) == ("ollama:qwen3:8b", "dev")


@pytest.mark.parametrize("live", ["--stream", "--no-stream"])
@pytest.mark.parametrize("model", ["pool", "ollama:qwen3:8b"])
def test_json_has_one_shape(llmring: Command, model: str, live: str) -> None:
    """Every key is always there, in the same order, whoever answered and however."""
    code, out, _ = llmring("chat", "Hi", "-m", model, "--json", live)
    answer: dict[str, Any] = json.loads(out)
    assert (code, tuple(answer)) == (0, SHAPE)
    assert {tuple(attempt) for attempt in answer["attempts"]} == {ATTEMPT}


def test_verbose_tells_how_the_answer_came_about(llmring: Command) -> None:
    """Model, tokens, cost and every attempt are on stderr."""
    _, out, err = llmring("chat", "Hi", "-m", "pool", "--verbose")
    assert out.count("\n") == 1
    assert "model: anthropic:claude-haiku-4-5-20251001 (alias pool, profile default)" in err
    assert "cost: $0.0" in err
    assert "attempt: openai:gpt-5.4-mini+fault=503: ProviderOverloadedError" in err
    assert "attempt: anthropic:claude-haiku-4-5-20251001: ok" in err


def test_verbose_tells_how_no_answer_came_about(llmring: Command) -> None:
    """The attempts of a call that failed are told before its error."""
    code, out, err = llmring("chat", "Hi", "-m", "openai:gpt-5.4-mini+fault=403", "-v")
    assert (code, out) == (1, "")
    assert err.startswith("attempt: openai:gpt-5.4-mini+fault=403: ProviderPermissionError")


def test_warnings_are_told_on_request(llmring: Command) -> None:
    """A warning is shown with ``--verbose`` alone."""
    assert "warning: no cost:" in llmring("chat", "Hi", "-m", "ollama:qwen3:8b", "-v").err
    assert llmring("chat", "Hi", "-m", "ollama:qwen3:8b").err == ""


def test_says_that_an_answer_was_cut_off(llmring: Command) -> None:
    """A limit that was hit is told, though the answer is written."""
    code, out, err = llmring("chat", "Hi", "--max-tokens", "2")
    assert (code, err) == (0, "the answer was cut off at the limit of tokens; raise --max-tokens\n")
    assert out


def test_shows_why_the_model_declined(llmring: Command) -> None:
    """Words of refusal are no answer: they are told on stderr."""
    code, out, err = llmring("chat", "Hi", "-m", "openai:gpt-5.4-mini+finish=refusal")
    assert (code, out) == (0, "\n")
    assert err == "declined: I cannot help with that.\n"


@pytest.mark.parametrize(
    "arguments, message",
    [
        (("-m", "fsat"), "error: Unknown alias 'fsat'"),
        (("-m", "fsat"), "did you mean 'fast'?"),
        (("-m", "opnai:x"), "error: Unknown provider 'opnai'"),
        (("-m", "google:gemini-3.5-flash-lite"), "error: No key for google: set GEMINI_API_KEY"),
        (("--profile", "dve"), "error: Unknown profile 'dve'"),
        (("-t", "-1"), "error: temperature must be at least 0"),
        (("-m", "openai:gpt-5.4-mini+fault=401"), "error: openai:gpt-5.4-mini+fault=401: "),
    ],
)
def test_failures_are_one_line_on_stderr(llmring: Command, arguments: tuple[str, ...], message: str) -> None:
    """What went wrong is said in one line, with code 1 and nothing on stdout."""
    code, out, err = llmring("chat", "Hi", *arguments)
    assert (code, out, err.count("\n")) == (1, "", 1)
    assert message in err
    assert KEY not in err


def test_tells_what_failed_before(llmring: Command, user: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The failures of a pool's earlier models stand below the last one."""
    monkeypatch.delenv("ANTHROPIC_API_KEY")
    _, _, err = llmring("chat", "Hi", "-m", "pool")
    assert err.splitlines()[0].startswith("error: No key for anthropic: set ANTHROPIC_API_KEY")
    assert err.splitlines()[1].startswith("  before that, openai:gpt-5.4-mini+fault=503: ProviderOverloadedError")


def test_keeps_what_came_before_a_stream_broke(llmring: Command) -> None:
    """The piece that came stands on its own line, then comes the error."""
    code, out, err = llmring("chat", "Hi", "-m", "openai:gpt-5.4-mini+fault=cut+after=8", "--stream")
    assert code == 1
    assert len(out) > 1
    assert out.endswith("\n")
    assert err.startswith("error: openai:gpt-5.4-mini")


@pytest.mark.parametrize("arguments", [(), ("--modle", "fast", "Hi"), ("Hi", "--max-tokens", "0"), ("Hi", "-t", "hot")])
def test_misuse_is_told_in_one_line(llmring: Command, arguments: tuple[str, ...]) -> None:
    """Wrong arguments are code 2, and where to read on."""
    code, out, err = llmring("chat", *arguments)
    assert (code, out) == (2, "")
    assert err.startswith("error: ")
    assert err.endswith("(see: llmring chat --help)\n")


def test_takes_arguments_that_are_no_text(llmring: Command, simulator: Simulator) -> None:
    """Bytes that are no UTF-8 come from the shell as half characters, and are replaced."""
    assert llmring("chat", "caf\udce9").code == 0
    assert simulator.requests[0].body["messages"][-1]["content"] == "caf?"


def test_hands_control_characters_on_where_there_is_no_terminal(llmring: Command) -> None:
    """What is piped on is the model's answer, byte for byte."""
    assert llmring("chat", "Hi", "-m", f"{SAYING}%1B%5B31mred").out == "\x1b[31mred\n"


def test_sends_files_before_the_prompt(llmring: Command, simulator: Simulator, user: Path) -> None:
    """A picture as a picture, a text as what it says."""
    (user / "dot.png").write_bytes(PNG)
    assert llmring("chat", "What is this?", "--file", "dot.png").code == 0
    parts = simulator.requests[0].body["messages"][-1]["content"]
    assert [part["type"] for part in parts] == ["image_url", "text"]
    (user / "note.md").write_text("a note")
    assert llmring("chat", "What is this?", "-f", "note.md", "-m", "ollama:qwen3:8b").code == 0
    assert "a note" in json.dumps(simulator.requests[1].body)


def test_a_file_that_cannot_be_sent_is_named(llmring: Command, user: Path) -> None:
    """Not its place in a request that the user never saw; other faults are told as they are."""
    (user / "empty.txt").touch()
    (user / "some.bin").write_bytes(b"\0\1\2\3")
    (user / "good.txt").write_text("x", encoding="utf-8")
    assert llmring("chat", "Hi", "-f", "good.txt", "-f", "empty.txt").err == "error: empty.txt is empty\n"
    told = "error: some.bin does not tell what kind of document it is; give it a name that ends in .pdf, .docx, .png or the like\n"
    assert llmring("chat", "Hi", "-f", "some.bin") == (1, "", told)
    assert llmring("chat", "Hi", "-f", "good.txt", "-m", "openai:gpt-5.4-mini+fault=401").code == 1


def test_a_file_that_is_not_there_is_misuse(llmring: Command) -> None:
    """It is named."""
    code, _, err = llmring("chat", "Hi", "--file", "none.png")
    assert code == 2
    assert "none.png" in err


@pytest.mark.parametrize("wrapped", [False, True])
def test_an_answer_can_be_held_to_a_schema(llmring: Command, user: Path, wrapped: bool) -> None:  # noqa: FBT001
    """Its text is JSON that fits, and ``--json`` has the value."""
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"], "additionalProperties": False}
    (user / "a city.json").write_text(json.dumps({"name": "city", "schema": schema} if wrapped else schema))
    assert list(json.loads(llmring("chat", "Where?", "--schema", "a city.json").out)) == ["city"]
    assert list(json.loads(llmring("chat", "Where?", "--schema", "a city.json", "--json").out)["parsed"]) == ["city"]


@pytest.mark.parametrize("text, told", [("{", "is no JSON"), ("[]", "is no JSON Schema")])
def test_what_is_no_schema_is_misuse(llmring: Command, user: Path, text: str, told: str) -> None:
    """It is said what is wrong with it."""
    (user / "s.json").write_text(text)
    code, _, err = llmring("chat", "Hi", "--schema", "s.json")
    assert code == 2
    assert told in err
