"""Every way of calling a chat verb, and every wrong one."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from llmring._core.asked import Limits, limits_of, understand_call
from llmring._core.defaults import Defaults
from llmring._core.recovery import Policy
from llmring._core.timeouts import Timeout
from llmring._gen.message import Message
from llmring._gen.request import LLMRequest
from llmring.exceptions import InvalidMessageError, RequestError

HI = Message(role="user", content="Hi")
DEFAULTS = Defaults(profile="dev", limit=60, max_retries=3, on_unsupported="warn")


def ask(model: Any, messages: Any = None, response_format: Any = None, **options: Any) -> Any:
    """Call as a chat verb is called."""
    return understand_call(model, messages, response_format, options, DEFAULTS)


def test_names_messages_and_options() -> None:
    """What is not said is the ring's."""
    asked = ask("fast", "Hi", temperature=0.5)
    assert (asked.name, asked.profile, asked.timeout) == ("fast", "dev", Timeout(attempt=60))
    assert (asked.policy, asked.on_unsupported) == (Policy(3), "warn")
    assert asked.request.messages == (HI,)
    assert asked.request.options == {"temperature": 0.5}
    assert asked.request.stream is False
    assert understand_call("fast", "Hi", None, {}, DEFAULTS, stream=True).request.stream is True


def test_what_is_said_counts() -> None:
    """For this call."""
    asked = ask("fast", [HI], {"type": "json_object"}, profile="prod", timeout=5, on_unsupported="drop", max_cost=Decimal(1))
    assert (asked.profile, asked.timeout, asked.on_unsupported) == ("prod", Timeout(attempt=5), "drop")
    assert asked.request.response_format.kind == "json_object"
    assert ask("fast", "Hi", timeout=Timeout(total=9)).timeout == Timeout(total=9)


def test_a_whole_request() -> None:
    """Means the same; a profile beside it goes before its own."""
    request = LLMRequest[Any](
        model="fast", messages=[HI], temperature=0.5, stop=["x"], profile="prod", response_format={"type": "json_object"}
    )
    same = ask("fast", [HI], {"type": "json_object"}, temperature=0.5, stop=["x"], profile="prod")
    assert ask(request) == same
    assert ask(request, profile="dev").profile == "dev"


@pytest.mark.parametrize("beside", [{"messages": "Hi"}, {"response_format": {"type": "json_object"}}, {"temperature": 1}])
def test_nothing_else_beside_a_request(beside: dict[str, Any]) -> None:
    """It would not be clear what counts."""
    with pytest.raises(TypeError, match="with an LLMRequest only profile may be given beside it"):
        ask(LLMRequest[Any](model="fast", messages="Hi"), **beside)


def test_wrong_names_go_before_that() -> None:
    """A typo is told as one."""
    with pytest.raises(TypeError, match="did you mean 'profile'"):
        ask(LLMRequest[Any](model="fast", messages="Hi"), profil="dev")
    with pytest.raises(TypeError, match="did you mean 'temperature'"):
        ask("fast", "Hi", temprature=1)


def test_messages_are_needed() -> None:
    """As an argument; a request that has none is a wrong request."""
    with pytest.raises(TypeError, match="needs messages"):
        ask("fast")
    with pytest.raises(InvalidMessageError, match="messages must be a list of messages or one string, not null"):
        ask(LLMRequest[Any](model="fast", messages=None))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "model, options, path",
    [
        (None, {}, "model"),
        ("", {}, "model"),
        (5, {}, "model"),
        ([HI], {}, "model"),
        (LLMRequest[Any](model=5, messages="Hi"), {}, "model"),  # type: ignore[arg-type]
        ("fast", {"profile": 5}, "profile"),
        ("fast", {"profile": ""}, "profile"),
        ("fast", {"timeout": "soon"}, "timeout"),
        ("fast", {"timeout": 0}, "timeout"),
        ("fast", {"timeout": []}, "timeout"),
        ("fast", {"on_unsupported": "ignore"}, "on_unsupported"),
        ("fast", {"on_unsupported": {}}, "on_unsupported"),
        ("fast", {"temperature": "hot"}, "temperature"),
    ],
)
def test_wrong_values_are_told_by_name(model: Any, options: dict[str, Any], path: str) -> None:
    """Before anything is planned."""
    with pytest.raises(RequestError, match=f"^{path} must be ") as caught:
        ask(model, None if isinstance(model, LLMRequest) else "Hi", **options)
    assert caught.value.path == path


def test_limits_of_other_verbs() -> None:
    """Name, profile, timeout and what to do with what is not taken."""
    assert limits_of("fast", {"timeout": 5}, DEFAULTS) == Limits(
        name="fast", profile="dev", timeout=Timeout(attempt=5), policy=Policy(3), on_unsupported="warn"
    )
    with pytest.raises(RequestError, match="on_unsupported must be"):
        limits_of("fast", {"on_unsupported": "x"}, DEFAULTS)
