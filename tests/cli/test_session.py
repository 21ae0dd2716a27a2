"""A conversation on a terminal: messages, commands, several lines, Ctrl-C and Ctrl-D."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from tests.cli.test_terminal import Terminal

if TYPE_CHECKING:
    from pathlib import Path

    from llmring.testing.simulator import Simulator

SAYING = "openai:gpt-5.4-mini+say="


def sent(simulator: Simulator) -> list[list[tuple[str, Any]]]:
    """Give the turns of every request."""
    return [[(turn["role"], turn["content"]) for turn in request.body["messages"]] for request in simulator.requests]


def talk(*lines: str, model: str = f"{SAYING}Yes.", options: tuple[str, ...] = ()) -> str:
    """Type *lines* one after the other, each once it is asked for, and give the screen."""
    with Terminal("chat", "-m", model, "--plain", *options) as terminal:
        for number, line in enumerate(lines, 1):
            terminal.read_until_nth("> ", number)
            terminal.write(line)
        screen = terminal.read()
    assert terminal.process.returncode == 0, screen
    return screen


def test_remembers_what_was_said(user: Path, simulator: Simulator) -> None:
    """Each request has all turns so far."""
    screen = talk("One?", "Two?", "/quit", options=("-s", "Be brief."))
    assert screen.count("\nYes.") == 2
    system = ("developer", "Be brief.") if ("developer", "Be brief.") in sent(simulator)[0] else ("system", "Be brief.")
    assert sent(simulator) == [[system, ("user", "One?")], [system, ("user", "One?"), ("assistant", "Yes."), ("user", "Two?")]]


def test_messages_may_have_several_lines(user: Path, simulator: Simulator) -> None:
    """By a backslash, or between quotes."""
    with Terminal("chat", "-m", f"{SAYING}Yes.", "--plain") as terminal:
        terminal.read_until("> ")
        terminal.write("one\\", "two")
        terminal.read_until_nth("> ", 2)
        terminal.write('"""three', "", 'four"""')
        terminal.read_until_nth("> ", 3)
        terminal.write("/quit")
        terminal.read()
    assert [turns[-1] for turns in sent(simulator)] == [("user", "one\ntwo"), ("user", "three\n\nfour")]


def test_goes_on_with_another_model(user: Path, simulator: Simulator) -> None:
    """An unknown one is told, and the model stays."""
    screen = talk("/model nothing", "/model anthropic:claude-haiku-4-5-20251001", "Hi", "/model", "/quit")
    assert "Unknown alias 'nothing'" in screen
    assert "model: anthropic:claude-haiku-4-5-20251001" in screen
    assert simulator.requests[0].body["model"] == "claude-haiku-4-5-20251001"


def test_forgets_on_request(user: Path, simulator: Simulator) -> None:
    """The next message is the first one again."""
    talk("One?", "/clear", "Two?", "/quit")
    assert sent(simulator)[1] == [("user", "Two?")]


def test_writes_the_conversation_down(user: Path) -> None:
    """As JSON, as Markdown, and never over a file that is there."""
    screen = talk("One?", "/save talk.json", "/save talk.md", "/save talk.md", "/save", "/quit")
    assert [turn["content"] for turn in json.loads((user / "talk.json").read_text())["messages"]] == ["One?", "Yes."]
    assert (user / "talk.md").read_text() == "## user\n\nOne?\n\n## assistant\n\nYes.\n"
    assert "talk.md is there already" in screen
    assert "/save: name a file" in screen


def test_sends_files_along_once(user: Path, simulator: Simulator) -> None:
    """With the next message alone."""
    (user / "note.txt").write_text("a note")
    screen = talk("/file none.txt", "/file note.txt", "/system Be brief.", "One?", "/quit", model="ollama:qwen3:8b")
    assert "none.txt: name a file that is there" in screen
    assert "a note" in json.dumps(simulator.requests[0].body)
    assert "Be brief." in json.dumps(simulator.requests[0].body)


def test_a_failure_leaves_the_conversation_as_it_was(user: Path, simulator: Simulator) -> None:
    """The message that failed is no turn."""
    screen = talk(
        "One?", "/model openai:gpt-5.4-mini+say=Yes.", "Two?", "/nothing", "/help", "/quit", model="openai:gpt-5.4-mini+fault=401"
    )
    assert "error:" in screen
    assert sent(simulator)[-1] == [("user", "Two?")]
    assert "there is no /nothing" in screen
    assert "/save PATH" in screen


def test_ctrl_c_stops_the_answer_and_keeps_the_session(user: Path, simulator: Simulator) -> None:
    """What had come is a turn; at the prompt it only says how to end; Ctrl-D ends."""
    with Terminal("chat", "-m", f"{SAYING}First%20second%20third+fault=stall+after=3", "--plain") as terminal:
        terminal.read_until("> ")
        terminal.write("Hi")
        terminal.read_until("First second")
        terminal.interrupt_until("stopped")
        terminal.read_until_nth("> ", 2)
        terminal.interrupt_until("Ctrl-D or /quit ends")
        terminal.read_until_nth("> ", 3)
        terminal.write("/model openai:gpt-5.4-mini+say=Yes.")
        terminal.read_until_nth("> ", 4)
        terminal.write("And?")
        terminal.read_until_nth("> ", 5)
        terminal.end()
        terminal.read()
    assert terminal.process.returncode == 0
    assert [role for role, _ in sent(simulator)[-1]] == ["user", "assistant", "user"]
    assert sent(simulator)[-1][1][1].startswith("First second")


def test_the_session_is_kept_in_the_ledger(user: Path) -> None:
    """Each answer is a call."""
    talk("One?", "Two?", "/quit")
    from llmring.ledger import Ledger

    assert [call.outcome for call in Ledger().records()] == ["ok", "ok"]
