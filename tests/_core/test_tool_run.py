"""A tool loop knows what to ask next, which calls are its own, when to end, and what all rounds add up to."""

from __future__ import annotations

from decimal import Decimal
from math import inf
from typing import TYPE_CHECKING, Any

import attrs
import pytest

from llmring._core.defaults import Defaults
from llmring._core.timeouts import Timeout
from llmring._core.tool_asked import tools_asked
from llmring._core.tool_results import error_turn, result_events, result_turn, words_for
from llmring.exceptions import BudgetExceededError, RequestError, ToolError
from llmring.schemas import (
    Attempt,
    Cost,
    ImagePart,
    LLMRequest,
    LLMResponse,
    Message,
    TextPart,
    ToolCall,
    ToolResultEvent,
    ToolResultPart,
    Usage,
)

if TYPE_CHECKING:
    from llmring._core.tool_run import ToolRun

DEFAULTS = Defaults(profile=None, limit=600.0, max_retries=2, on_unsupported="error")
BASH = {"type": "bash"}
DICT = {"type": "function", "function": {"name": "ask_user", "parameters": {"type": "object"}}}


def add(a: int, b: int) -> int:
    """Add."""
    return a + b


def begun(*tools: Any, **options: Any) -> ToolRun:
    """Begin a run of *tools*."""
    return tools_asked("fast", "Hi", None, {**options, "tools": list(tools)}, DEFAULTS).run()


def calling(*names: str, cost: str | None = "0.10", **more: Any) -> LLMResponse[Any]:
    """Answer with calls of the tools so named."""
    calls = [ToolCall(id=f"call_{at}", name=name, arguments={"a": 1, "b": 2}) for at, name in enumerate(names)]
    return LLMResponse(
        message=Message(role="assistant", content="Let me see.", tool_calls=calls),
        tool_calls=calls,
        usage=Usage(input_tokens=10, output_tokens=5, total_tokens=15),
        cost=None if cost is None else Cost(output=Decimal(cost), total=Decimal(cost), price_id="p:m@1"),
        attempts=[Attempt(model="p:m", outcome="ok")],
        model="p:m",
        latency=1.0,
        **more,
    )


ANSWER = attrs.evolve(calling(), content="3", message=Message(role="assistant", content="3"), finish_reason="stop")


def told(run: ToolRun, calls: list[ToolCall]) -> None:
    """Note results for *calls*."""
    run.answered([result_turn(call, 3) for call in calls])


# --- rounds ------------------------------------------------------------------------------------------


def test_rounds_add_up() -> None:
    """The conversation grows by each turn, and the answer counts what all rounds used."""
    run = begun(add)
    assert [message.content for message in run.asked.request.messages] == ["Hi"]
    told(run, run.take(calling("add", "add", warnings=["dropped"])))
    assert [message.role for message in run.asked.request.messages] == ["user", "assistant", "tool", "tool"]
    told(run, run.take(calling("add", warnings=["dropped", "guessed"])))
    assert run.take(ANSWER) == []
    assert run.over
    response = run.response(9.5)
    assert (response.content, response.finish_reason, response.latency) == ("3", "stop", 9.5)
    assert response.usage == Usage(input_tokens=30, output_tokens=15, total_tokens=45)
    assert response.cost == Cost(output=Decimal("0.30"), total=Decimal("0.30"), price_id="p:m@1")
    assert len(response.attempts) == 3
    assert response.warnings == ["dropped", "guessed"]
    assert [turn.role for turn in response.turns] == ["assistant", "tool", "tool", "assistant", "tool", "assistant"]
    assert response.turns[-1] is response.message


def test_costs_that_are_not_known() -> None:
    """One round without a price leaves the sum without one."""
    run = begun(add)
    told(run, run.take(calling("add", cost=None)))
    run.take(ANSWER)
    assert run.response().cost is None
    assert run.response().latency == 2.0


def test_a_call_is_forced_once() -> None:
    """Or the loop would have no end."""
    run = begun(add, tool_choice={"type": "function", "function": {"name": "add"}})
    assert (run.asked.request.tool_choice, run.asked.request.tool_name) == ("function", "add")
    told(run, run.take(calling("add")))
    assert (run.asked.request.tool_choice, run.asked.request.tool_name) == (None, None)
    run = begun(add, tool_choice="none")
    told(run, run.take(calling("add")))
    assert run.asked.request.tool_choice == "none"


def test_a_pause_is_gone_on_from() -> None:
    """A provider that pauses its own tools wants its turn back."""
    run = begun(add)
    assert run.take(attrs.evolve(calling(), finish_reason="pause")) == []
    assert not run.over
    assert run.asked.request.messages[-1].role == "assistant"


# --- whose calls -------------------------------------------------------------------------------------


def test_calls_of_the_callers_tools_end_the_loop() -> None:
    """Ours are still made; those that are left are the answer's."""
    run = begun(add, DICT, max_rounds=1)
    ours = run.take(calling("add", "ask_user", "nothing"))
    assert [call.name for call in ours] == ["add", "nothing"]
    assert run.over
    told(run, ours)
    response = run.response()
    assert [call.name for call in response.tool_calls] == ["ask_user"]
    assert [turn.role for turn in response.turns] == ["assistant", "tool", "tool"]


def test_hosted_tools_that_the_caller_runs() -> None:
    """A hosted tool does not tell its name, so an unknown one may be its."""
    run = begun(add, BASH)
    assert run.take(calling("bash")) == []
    assert run.over
    assert [call.name for call in run.response().tool_calls] == ["bash"]


# --- bounds ------------------------------------------------------------------------------------------


def test_rounds_end() -> None:
    """After the last round the error holds all that there is."""
    run = begun(add, max_rounds=2)
    told(run, run.take(calling("add")))
    with pytest.raises(ToolError, match="After 2 rounds") as caught:
        run.take(calling("add"))
    assert caught.value.response is not None
    assert caught.value.response.usage.total_tokens == 30
    assert [call.name for call in caught.value.response.tool_calls] == ["add"]
    assert [message.role for message in caught.value.messages] == ["user", "assistant", "tool", "assistant"]


def test_money_ends() -> None:
    """No further round is asked for once the money is spent; an answer is an answer."""
    run = begun(add, max_cost="0.15")
    told(run, run.take(calling("add")))
    with pytest.raises(BudgetExceededError, match=r"max_cost=0\.15 is spent \(0\.20\)") as caught:
        run.take(calling("add"))
    assert caught.value.path == "max_cost"
    assert caught.value.response is not None
    assert len(caught.value.messages) == 4
    assert begun(add, max_cost=0.01).take(ANSWER) == []


def test_money_is_held_over_all_rounds() -> None:
    """Each round may cost what those before have left."""
    run = begun(add, max_cost="0.15")
    assert run.asked.max_cost == Decimal("0.15")
    told(run, run.take(calling("add")))
    assert run.asked.max_cost == Decimal("0.05")
    error = run.told(BudgetExceededError("No."))
    assert error.response is not None
    assert error.response.cost == Cost(output=Decimal("0.10"), total=Decimal("0.10"), price_id="p:m@1")
    assert len(error.messages) == 3
    assert begun(add).told(BudgetExceededError("No.")).response is None


def test_money_that_cannot_be_counted() -> None:
    """What costs nobody knows what is not gone on with."""
    with pytest.raises(BudgetExceededError, match="what p:m costs is not known"):
        begun(add, max_cost=1).take(calling("add", cost=None))


def test_time_is_held_over_all_rounds() -> None:
    """Each round may take what is left, and no longer than a call may anyway."""
    run = begun(add)
    assert run.asked_within(inf) == run.asked
    assert run.asked_within(3.0).timeout == Timeout(attempt=600.0, total=3.0)
    assert begun(add, timeout=Timeout(total=2)).asked_within(3.0).timeout.total == 2
    assert 0 < (run.asked_within(-1.0).timeout.total or 0) < 0.001


def test_time_ends() -> None:
    """The error holds all that there is."""
    run = begun(add, max_seconds=30)
    run.take(calling("add"))
    error = run.late()
    assert "After max_seconds=30 " in error.message
    assert error.response is not None
    assert [message.role for message in error.messages] == ["user", "assistant"]


@pytest.mark.parametrize(
    "wrong, path",
    [
        ({"max_rounds": 0}, "max_rounds"),
        ({"parallel": "8"}, "parallel"),
        ({"max_seconds": 0}, "max_seconds"),
        ({"max_seconds": "soon"}, "max_seconds"),
        ({"max_seconds": float("inf")}, "max_seconds"),
        ({"approve": True}, "approve"),
        ({"n": 2}, "n"),
        ({"max_cost": "much"}, "max_cost"),
        ({"mcp": "server.py"}, "mcp"),
        ({"mcp": {"command": "server"}}, "mcp"),
    ],
)
def test_bounds_that_are_none(wrong: dict[str, Any], path: str) -> None:
    """They are refused before anything is sent."""
    with pytest.raises(RequestError) as caught:
        begun(add, **wrong)
    assert caught.value.path == path


def test_tools_are_needed() -> None:
    """A loop without tools is a chat."""
    with pytest.raises(TypeError, match="needs tools"):
        tools_asked("fast", "Hi", None, {}, DEFAULTS).run()


@pytest.mark.parametrize("name, hint", [("max_round", "max_rounds"), ("temperatur", "temperature"), ("xyz", "extra_params")])
def test_unknown_options(name: str, hint: str) -> None:
    """They are told with the near match, among what shapes a run as well."""
    with pytest.raises(TypeError, match=rf"run_tools\(\) got an unexpected option '{name}'.*{hint}"):
        begun(add, **{name: 1})


def test_a_whole_request() -> None:
    """Tools and budget may stand in the request."""
    request = LLMRequest[Any](model="fast", messages="Hi", tools=[DICT, add], max_cost=1)
    run = tools_asked(request, None, None, {}, DEFAULTS).run()
    assert [(name, each.path) for name, each in run.functions.items()] == [("add", "tools[1]")]


def test_servers_tools_join_when_they_are_known() -> None:
    """What is wrong is told before, but a choice may name a tool that a server has."""
    asked = tools_asked("fast", "Hi", None, {"mcp": ["server.py"], "tool_choice": {"type": "tool", "name": "add"}}, DEFAULTS)
    run = asked.run([add], ["math is down"])
    assert [each.path for each in run.functions.values()] == ["tools[0]"]
    with pytest.raises(RequestError, match="temperature"):
        tools_asked("fast", "Hi", None, {"mcp": ["server.py"], "temperature": "hot"}, DEFAULTS)


# --- results -----------------------------------------------------------------------------------------

CALL = ToolCall(id="call_1", name="add")
IMAGE = ImagePart(data=b"\x89PNG", media_type="image/png")


@attrs.frozen
class Person:
    """A value."""

    name: str


TEXTS: list[tuple[Any, str]] = [
    ("as it is", "as it is"),
    (None, "null"),
    (3, "3"),
    ({"größe": [1, None]}, '{"größe": [1, null]}'),
    ([], "[]"),
    (["a", "b"], '["a", "b"]'),
    ([{"type": "house", "rooms": 3}], '[{"type": "house", "rooms": 3}]'),
    ([{"type": "tool_use", "id": "1", "name": "x", "input": {}}], '[{"type": "tool_use", "id": "1", "name": "x", "input": {}}]'),
    (Person("Ann"), '{"name": "Ann"}'),
    ({Person("Ann").name}, '["Ann"]'),
    (Decimal("1.10"), '"1.10"'),
]


@pytest.mark.parametrize("value, content", TEXTS, ids=str)
def test_results_as_text(value: Any, content: str) -> None:
    """A text stays, and any other value is JSON."""
    assert result_turn(CALL, value) == Message(role="tool", tool_call_id="call_1", name="add", content=content)


@pytest.mark.parametrize(
    "value, parts",
    [
        (IMAGE, [IMAGE]),
        (["See:", IMAGE], [TextPart(text="See:"), IMAGE]),
        ((TextPart(text="Hi"),), [TextPart(text="Hi")]),
        (
            [{"type": "text", "text": "See:"}, {"type": "image_url", "image_url": {"url": "https://x.org/a.png"}}],
            [TextPart(text="See:"), ImagePart(url="https://x.org/a.png")],
        ),
    ],
    ids=["image", "text and image", "text", "mappings"],
)
def test_results_as_parts(value: Any, parts: list[Any]) -> None:
    """Parts of any style stay parts."""
    assert result_turn(CALL, value).content == [ToolResultPart(tool_call_id="call_1", name="add", content=parts)]


def test_results_that_cannot_be_told() -> None:
    """A value that is no JSON is an error for the model."""
    with pytest.raises(ToolError, match=r"The tool's result\.a: object has no plain form"):
        result_turn(CALL, {"a": object()})


def test_errors() -> None:
    """The model is told type and message, and nothing else; our own words say all."""
    assert words_for(ValueError("no luck")) == "ValueError: no luck"
    assert words_for(KeyError()) == "KeyError"
    assert words_for(ToolError("no luck")) == "no luck"
    part = ToolResultPart(tool_call_id="call_1", name="add", content="no luck", is_error=True)
    assert error_turn(CALL, "no luck") == Message(role="tool", tool_call_id="call_1", name="add", content=[part])


def test_results_are_told_as_events() -> None:
    """Each beside its call, and whether it is an error."""
    turns = [result_turn(CALL, 3), result_turn(CALL, IMAGE), error_turn(CALL, "no luck")]
    events = result_events([CALL, CALL, CALL], turns)
    assert [(event.tool_call, event.message, event.is_error) for event in events if isinstance(event, ToolResultEvent)] == [
        (CALL, turns[0], False),
        (CALL, turns[1], False),
        (CALL, turns[2], True),
    ]
