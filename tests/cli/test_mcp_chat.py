"""``llmring mcp chat`` without a terminal: what is typed is given, what a server and a model do is real."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any
from unittest.mock import Mock

import pytest

from llmring.cli import mcp_chat
from llmring.cli.mcp_chat import Setting, talk
from llmring.cli.mcp_stop import Stop, StoppedError
from llmring.sessions import Sessions
from tests.rings import lockfile

if TYPE_CHECKING:
    from collections.abc import Callable

    from llmring.testing.simulator import Simulator
    from tests.cli.conftest import Outcome

pytestmark = pytest.mark.extra

SCRIPT = str(Path(__file__).with_name("stdio_server.py"))
SERVER = {"small": {"command": sys.executable, "args": [SCRIPT]}}


def calls(*names: str, **arguments: Any) -> dict[str, Any]:
    """Give a turn of the model's that calls tools."""
    return {"calls": [{"name": name, "arguments": arguments} for name in names]}


class Typed:
    """Somebody who types: messages and answers in their order; an error is what a key does."""

    def __init__(self, messages: list[Any], answers: list[Any]) -> None:
        """Type these."""
        self.messages, self.answers = messages, answers
        self.asked: list[str] = []
        self.drafts: list[str] = []

    async def message(self, default: str = "") -> str:
        """Type the next message."""
        self.drafts.append(default)
        return self._next(self.messages) if self.messages else self._next([EOFError()])

    async def ask(self, question: str) -> str:
        """Answer a question."""
        self.asked.append(" ".join(question.split()))
        return self._next(self.answers)

    def refresh(self) -> None:
        """Do nothing."""

    def _next(self, given: list[Any]) -> str:
        value = given.pop(0)
        if isinstance(value, Exception):
            raise value
        return value


class Talk:
    """What a conversation left behind."""

    def __init__(self, typed: Typed, code: int, simulator: Simulator, captured: Any) -> None:
        """Look at it."""
        self.typed, self.code = typed, code
        self.out, self.err = captured
        self.sent = [request.body for request in simulator.requests]

    def results(self, at: int = -1) -> list[str]:
        """Give what the model was told of its calls in a request."""
        return [turn["content"] for turn in self.sent[at]["messages"] if turn["role"] == "tool"]


@pytest.fixture
def converse(user: Path, simulator: Simulator, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Callable[..., Talk]:
    """Give a function that has a conversation with a model that follows a script."""

    def run(
        script: list[Any],
        messages: list[Any],
        answers: tuple[Any, ...] = (),
        *,
        servers: Any = SERVER,
        typist: type[Typed] = Typed,
        **setting: Any,
    ) -> Talk:
        lockfile(user, fast=[f"openai:gpt-5.4-mini+script={json.dumps(script).replace('+', '%2B').replace(',', '%2C')}"])
        typed = typist(messages, list(answers))
        monkeypatch.setattr("llmring.cli.mcp_input.Input", Mock(return_value=typed))
        code = talk(Setting(servers=(servers,) if servers else (), model="fast", markdown=False, **setting))
        return Talk(typed, code, simulator, capsys.readouterr())

    return run


def test_without_servers_it_is_a_plain_conversation(converse: Callable[..., Talk]) -> None:
    """No tools are offered, and /tools says how to have some."""
    left = converse(["Hello.", "Bye."], ["Hi", "/tools", "Bye", "/exit"], servers=None)
    assert left.code == 0
    assert left.out == "Hello.\nBye.\n"
    assert "there are no servers" in left.err
    assert "tools" not in left.sent[1]
    assert len(left.sent[1]["messages"]) == 3


def test_a_tool_is_called_when_the_user_lets_it(converse: Callable[..., Talk]) -> None:
    """The call is shown, then asked for, then its result is shown and told the model."""
    left = converse([calls("add", a=2, b=40), "42 it is."], ["Add"], ("", "perhaps", "y"))
    assert left.typed.asked == ["let it run? [y]es, [n]o, [a]lways this tool:"] * 3
    assert left.results() == ["42"]
    assert "→ add(a=2, b=40)\n" in left.err
    assert "  │ 42\n" in left.err
    assert left.out == "42 it is.\n"


def test_what_the_user_declines_is_not_called(converse: Callable[..., Talk]) -> None:
    """The model is told; the conversation goes on."""
    left = converse([calls("die"), "Well."], ["Go"], ("n",))
    assert left.results() == ["The user declined this call; it has not been made."]
    assert left.out == "Well.\n"


def test_always_is_for_one_tool(converse: Callable[..., Talk]) -> None:
    """Another one is asked for, even where its server says that it only reads."""
    left = converse([calls("fail"), calls("fail"), calls("add", a=1, b=2), "Done."], ["Go"], ("always", "yes"))
    assert len(left.typed.asked) == 2
    assert left.results() == ["no way", "no way", "3"]


@pytest.mark.parametrize("approve, told", [("always", "3"), ("never", "The user lets no tool be called in this conversation.")])
def test_nobody_is_asked_where_it_is_settled(converse: Callable[..., Talk], approve: str, told: str) -> None:
    """By ``--approve``."""
    left = converse([calls("add", a=1, b=2), "Done."], ["Go"], approve=approve)
    assert (left.typed.asked, left.results()) == ([], [told])


def test_no_tools_are_offered_where_none_are_wanted(converse: Callable[..., Talk]) -> None:
    """They can still be looked at."""
    left = converse(["Hello."], ["Hi", "/tools"], tools=False)
    assert "tools" not in left.sent[0]
    assert "--no-tools: the model is not told of them" in left.err


@pytest.mark.parametrize(
    "call, told", [(calls("multiply"), "There is no tool 'multiply'."), (calls("add", a="x", b=1), "MCP"), (calls("die"), "MCPError")]
)
def test_what_goes_wrong_is_told_the_model(converse: Callable[..., Talk], call: dict[str, Any], told: str) -> None:
    """An unknown tool, a server that errs or ends; the conversation goes on."""
    left = converse([call, "Sorry."], ["Go"], approve="always")
    assert told in left.results()[0]
    assert left.out == "Sorry.\n"


def test_a_server_that_is_not_there_is_told(converse: Callable[..., Talk]) -> None:
    """The message is not sent; the next one tries again."""
    broken = {"broken": {"command": sys.executable, "args": ["-c", "import sys; sys.exit('no database')"]}}
    left = converse(["Hello."], ["Hi", "Hi"], servers=broken)
    assert left.err.count("error: ") == 2
    assert "no database" in left.err
    assert left.sent == []


def test_a_failure_leaves_the_conversation_as_it_was(converse: Callable[..., Talk]) -> None:
    """The message that failed is no turn."""
    left = converse(["Hello."], ["/model openai:gpt-5.4-mini+fault=401", "One?", "/model fast", "Two?"], servers=None)
    assert [turn["content"] for turn in left.sent[-1]["messages"]] == ["Two?"]


def test_ctrl_c_stops_a_tool_and_keeps_the_conversation(converse: Callable[..., Talk], monkeypatch: pytest.MonkeyPatch) -> None:
    """The model is told that its call was stopped."""
    stop = Stop()

    class Pressing(Typed):
        async def ask(self, question: str) -> str:
            asyncio.get_running_loop().call_later(0.2, stop.press)
            return await super().ask(question)

    monkeypatch.setattr(mcp_chat, "Stop", Mock(return_value=stop))
    left = converse([calls("hang"), "Hello."], ["Go", "And?"], ("y",), typist=Pressing)
    assert "stopped\n" in left.err
    assert left.results() == ["The user stopped this call; whether it did anything is not known."]
    assert left.out == "Hello.\n"
    assert left.code == 0


def test_ctrl_c_at_a_question_stops_the_answer(converse: Callable[..., Talk]) -> None:
    """So does Ctrl-D there."""
    left = converse([calls("die"), "Hello."], ["Go", "And?"], (StoppedError(),))
    assert left.results() == ["The user stopped this call; whether it did anything is not known."]
    left = converse([calls("die"), "Hello."], ["Go", "And?"], (EOFError(),))
    assert "stopped\n" in left.err


def test_twice_quickly_leaves(converse: Callable[..., Talk]) -> None:
    """With the code of an interruption."""
    assert converse([], [StoppedError(), StoppedError(), "Hi"], servers=None).code == 130


def test_presses_far_apart_do_not_leave() -> None:
    """Only the second within a second does."""
    now = iter([0.0, 5.0, 5.5])
    stop = Stop(lambda: next(now))
    stop.press()
    stop.press()
    assert not stop.leaving
    stop.press()
    assert stop.leaving


def test_a_server_may_ask_the_user(converse: Callable[..., Talk]) -> None:
    """Field by field, until the answer is one; or not at all."""
    left = converse([calls("ask"), "Fine."], ["Go"], ("y", "blue", "gr"), approve="always")
    assert left.typed.asked == ["answer? [y]es, [n]o:", "colour [red/green]:", "colour [red/green]:"]
    assert "small asks: Which colour?" in left.err
    assert "colour must be one of red, green" in left.err
    assert left.results() == ['accept: {"colour": "green"}']
    assert converse([calls("ask"), "Fine."], ["Go"], ("n",), approve="always").results()[0].startswith("decline")


def test_a_prompt_becomes_a_draft(converse: Callable[..., Talk]) -> None:
    """Which the user sees before it is sent."""
    left = converse(["Hello."], ["/prompts", '/prompts review code="a b"', "/prompts review 'x", "/prompts review x"])
    assert left.typed.drafts[2] == "Review a b."
    assert "review code=  Asks for a review." in left.err
    assert "error: /prompts: No closing quotation" in left.err
    assert "error: an argument is key=value, not 'x'" in left.err


def test_a_resource_goes_with_the_next_message(converse: Callable[..., Talk]) -> None:
    """With its address, once."""
    left = converse(["Hello.", "Bye."], ["/resources", "/resources memo://one", "What is it?", "And?"])
    assert "goes with the next message: memo://one (19 bytes)" in left.err
    assert "memo://{name}  memo" in left.err
    said = json.dumps(left.sent[0]["messages"][0]["content"])
    assert "memo://one:" in said
    assert "a memo" in said
    assert left.sent[1]["messages"][-1]["content"] == "And?"


def test_tells_all_of_a_tool(converse: Callable[..., Talk]) -> None:
    """With what its server says of it, which need not be true."""
    left = converse([], ["/tools add"])
    assert "add: add, of small" in left.err or "add: " in left.err
    assert "  a: integer, needed." in left.err
    assert "hints of the server, which need not be true: readOnly" in left.err


def test_a_session_goes_on_after_a_crash(converse: Callable[..., Talk]) -> None:
    """Calls and results are in it; a torn line is said."""
    converse([calls("add", a=1, b=2), "Three."], ["Add"], approve="always")
    kept = Sessions().recent()[0]
    path = Sessions().open(kept.name).path
    assert path is not None
    with path.open("a", encoding="utf-8") as file:
        file.write('{"turns": [{"ro')
    left = converse([calls("add", a=1, b=2), "Three.", "Yes."], ["/load 1", "Sure?", "/cost"])
    assert "4 turns with fast" in left.err
    assert "1 line(s) of it could not be read" in left.err
    assert [turn["role"] for turn in left.sent[-1]["messages"]] == ["user", "assistant", "tool", "assistant", "user"]
    assert "3 answers" in left.err


def test_completes_commands_and_what_they_take(converse: Callable[..., Talk], user: Path) -> None:
    """Commands with what they do, aliases, and what was listed."""
    from llmring.cli.conversation import Conversation
    from llmring.cli.mcp_page import Page
    from llmring.cli.mcp_talk_commands import ToolCommands

    async def nobody() -> Any:
        raise AssertionError

    commands = ToolCommands(Conversation("fast"), str, Page(markdown=False), nobody, offered=True)
    assert list(commands.complete("/mo", {})) == [("/model", "show the model, or go on with another one")]
    assert list(commands.complete("/model f", {"/model": ["fast", "deep"]})) == [("/model fast", "")]
    assert list(commands.complete("/nothing f", {})) == []


def test_what_is_piped_in_is_one_message(llmring: Callable[..., Outcome], user: Path, simulator: Simulator) -> None:
    """Its answer alone is on stdout; nobody can be asked, so no tool is called unless that is said."""
    script = json.dumps([calls("add", a=1, b=2), "Three."]).replace(",", "%2C")
    arguments = ("mcp", "chat", "--server", SCRIPT, "-m", f"openai:gpt-5.4-mini+script={script}")
    code, out, err = llmring(*arguments, piped="Add\n")
    assert (code, out) == (0, "Three.\n")
    assert "→ add(a=1, b=2)\n" in err
    assert "Nobody is there to be asked" in simulator.requests[-1].body["messages"][-1]["content"]
    llmring(*arguments, "--approve", "always", piped="Add\n")
    assert simulator.requests[-1].body["messages"][-1]["content"] == "3"
    assert Sessions().recent() == []
    assert llmring(*arguments, piped="").code == 2
