"""Thinking asked for in the words that a model knows."""

from __future__ import annotations

from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.fit import Target, fit
from llmring._core.model_info import ModelInfo
from llmring._core.reasoning import AMOUNTS, BUDGETS, EFFORTS, Settled, Thinking, amount_of, budget_of, room, settle
from llmring._core.reasoning_options import thinks
from llmring._core.request import NormalRequest
from llmring._gen.message import Message
from llmring._gen.tool import Tool
from llmring.exceptions import UnsupportedParameterError

PROTOCOLS = ("openai_chat", "openai_responses", "anthropic_messages", "gemini_generate", "ollama_chat")
ADAPTIVE = Thinking(efforts=("low", "medium", "high", "max"), budget=(1024, None), adaptive=True)
ALWAYS = Thinking(efforts=("low", "high"), adaptive=True, always=True)
BUDGET = Thinking(budget=(1024, None))
GEMINI = Thinking(budget=(128, 24576))
SWITCHED = Thinking(toggle=True, budget=(512, 24576))
LEVELS = Thinking(efforts=("low", "medium", "high"))
WORDS = Thinking(efforts=("none", "low", "high"))
TOGGLE = Thinking(toggle=True)
LEVELLED = Thinking(efforts=("high", "max"), toggle=True)

CASES: list[tuple[str, Thinking | None, Any, Any, bool]] = [
    ("openai_chat", WORDS, "low", "low", False),
    ("openai_chat", WORDS, "max", "high", True),
    ("openai_chat", WORDS, "minimal", "low", True),
    ("openai_chat", WORDS, "none", "none", False),
    ("openai_chat", WORDS, 20000, "high", True),
    ("openai_responses", LEVELS, 900, "low", True),
    ("openai_responses", LEVELS, {"effort": "max", "summary": "auto"}, {"effort": "high", "summary": "auto"}, True),
    ("openai_responses", LEVELS, {"effort": "low", "summary": "auto"}, {"effort": "low", "summary": "auto"}, False),
    ("openai_responses", LEVELS, {"summary": "auto"}, {"summary": "auto"}, False),
    ("openai_chat", None, 9000, "medium", True),
    ("openai_chat", None, "low", "low", False),
    ("openai_chat", None, 0, 0, False),
    ("openai_chat", TOGGLE, 9000, "medium", True),
    ("openai_chat", TOGGLE, "high", "high", False),
    ("openai_chat", BUDGET, 1000, "low", True),
    ("anthropic_messages", ADAPTIVE, "medium", "medium", False),
    ("anthropic_messages", ADAPTIVE, "minimal", "low", True),
    ("anthropic_messages", ADAPTIVE, 5000, 5000, False),
    ("anthropic_messages", ADAPTIVE, "none", "none", False),
    ("anthropic_messages", ALWAYS, 30000, "high", True),
    ("anthropic_messages", BUDGET, "high", 24576, False),
    ("anthropic_messages", BUDGET, "minimal", 1024, False),
    ("anthropic_messages", BUDGET, 10, 1024, True),
    ("anthropic_messages", BUDGET, {"effort": "low"}, {"budget_tokens": 1024}, False),
    ("anthropic_messages", BUDGET, {"type": "enabled", "budget_tokens": 9}, {"type": "enabled", "budget_tokens": 9}, False),
    ("anthropic_messages", None, 7, 7, False),
    ("gemini_generate", GEMINI, "max", 24576, False),
    ("gemini_generate", GEMINI, 99999, 24576, True),
    ("gemini_generate", GEMINI, -1, -1, False),
    ("gemini_generate", SWITCHED, "none", "none", False),
    ("gemini_generate", Thinking(budget=(0, 10)), 0, 0, False),
    ("gemini_generate", LEVELS, "xhigh", "high", True),
    ("gemini_generate", LEVELS, 8192, "medium", True),
    ("gemini_generate", TOGGLE, "low", "low", False),
    ("ollama_chat", TOGGLE, "low", True, True),
    ("ollama_chat", TOGGLE, "medium", True, False),
    ("ollama_chat", TOGGLE, 500, True, True),
    ("ollama_chat", TOGGLE, "none", "none", False),
    ("ollama_chat", TOGGLE, {"effort": "high"}, True, True),
    ("ollama_chat", LEVELLED, "max", {"level": "max"}, False),
    ("ollama_chat", LEVELLED, "low", {"level": "high"}, True),
    ("ollama_chat", None, "low", "low", False),
    ("ollama_chat", WORDS, "none", "none", False),
    ("openai_chat", WORDS, "enormous", "enormous", False),
    ("openai_chat", WORDS, {"effort": True}, {"effort": True}, False),
]


@pytest.mark.parametrize("protocol, thinking, wanted, sent, told", CASES)
def test_settles(protocol: str, thinking: Thinking | None, wanted: Any, sent: Any, told: bool) -> None:  # noqa: FBT001
    """What is asked becomes what the model takes, and it is said where that is not quite the same."""
    settled = settle(wanted, thinking, protocol, {})
    assert (settled.value, type(settled.value)) == (sent, type(sent))
    assert (settled.why is not None) is told
    assert not settled.refused


@pytest.mark.parametrize("style", ["object", "thinking", "flag"])
def test_dialects_with_budgets_keep_them(style: str) -> None:
    """Where chat completions take more than an effort."""
    assert settle(2048, None, "openai_chat", {"reasoning_style": style}) == Settled(2048)


@pytest.mark.parametrize(
    "protocol, thinking, least",
    [
        ("openai_chat", LEVELS, "low"),
        ("anthropic_messages", ALWAYS, "low"),
        ("gemini_generate", GEMINI, 128),
        ("ollama_chat", LEVELS, {"level": "low"}),
        ("openai_chat", Thinking(always=True), None),
    ],
)
def test_some_cannot_stop(protocol: str, thinking: Thinking, least: Any) -> None:
    """Then it is refused, or the least is asked for."""
    settled = settle("none", thinking, protocol, {})
    assert (settled.value, settled.refused) == (least, True)


@given(
    st.sampled_from(PROTOCOLS),
    st.sampled_from([None, ADAPTIVE, ALWAYS, BUDGET, GEMINI, SWITCHED, LEVELS, WORDS, TOGGLE, LEVELLED]),
    st.sampled_from(EFFORTS) | st.integers(0, 100_000),
    st.sampled_from([None, "effort", *AMOUNTS]),
)
def test_what_is_settled_stays(protocol: str, thinking: Thinking | None, amount: Any, key: str | None) -> None:
    """Settling again changes nothing and says nothing."""
    once = settle(amount if key is None else {key: amount}, thinking, protocol, {})
    again = settle(once.value, thinking, protocol, {})
    assert again.value == once.value
    assert again.why is None


def test_what_the_registry_knows() -> None:
    """Nothing, or how a model is asked."""
    known: dict[str, Any] = {"provider": "p", "id": "m", "abilities": {}, "as_of": "2026-01-01"}
    assert Thinking.of(None) is None
    assert Thinking.of(ModelInfo(**known)) is None
    info = ModelInfo(**known, efforts=("low",), budget=(1, 2), thinking=frozenset({"adaptive", "always"}))
    assert Thinking.of(info) == Thinking(efforts=("low",), budget=(1, 2), adaptive=True, always=True)


def test_budgets_grow_with_efforts() -> None:
    """Every effort has one, and a stronger one more."""
    assert list(BUDGETS) == list(EFFORTS[1:])
    assert list(BUDGETS.values()) == sorted(set(BUDGETS.values()))


@pytest.mark.parametrize(
    "wanted, tokens", [(5, 5), (0, None), ("low", None), ({"budget": 7}, 7), ({"type": "enabled", "budget_tokens": 8}, 8), (None, None)]
)
def test_budget_of(wanted: Any, tokens: int | None) -> None:
    """The tokens that thoughts may take."""
    assert budget_of(wanted) == tokens
    assert (amount_of(wanted) is None) is (wanted is None or (isinstance(wanted, dict) and "type" in wanted))


@given(st.integers(1, 200_000), st.integers(1, 200_000), st.none() | st.integers(2, 200_000))
def test_there_is_room(limit: int, budget: int, most: int | None) -> None:
    """Thoughts leave room for an answer, and the model's limit is kept where the caller kept it."""
    raised, left = room(limit, budget, most)
    assert raised >= limit
    assert 1 <= left <= budget
    assert left < raised or raised == 1
    assert room(raised, left, most) == (raised, left) or raised == 1
    if most is not None and limit <= most:
        assert raised <= most


@pytest.mark.parametrize(
    "wanted, thinking",
    [("none", False), (0, False), ({"type": "disabled"}, False), (None, False), ("low", True), (9, True), ({"type": "adaptive"}, True)],
)
def test_thinks(wanted: Any, thinking: bool) -> None:  # noqa: FBT001
    """Whether thoughts are asked for."""
    assert thinks(wanted) is thinking


# --- as part of a request ------------------------------------------------------------------------


def model(protocol: str = "anthropic_messages", **more: Any) -> Target:
    """Make a model."""
    given: dict[str, Any] = {"name": "p:m", "protocol": protocol, "capabilities": {}, **more}
    return Target(**given)


def asked(**options: Any) -> NormalRequest:
    """Make a request."""
    return NormalRequest(messages=(Message(role="user", content="Hi"),), options=options)


def test_says_what_is_sent_instead() -> None:
    """A warning names both, unless the caller wants to hear of nothing."""
    limits = model("openai_chat", thinking=LEVELS)
    fitted = fit(asked(reasoning="max"), limits)
    assert fitted.request.options == {"reasoning": "high"}
    assert fitted.warnings == ("p:m: reasoning='max' was sent as 'high', for it knows low, medium, high",)
    assert fit(asked(reasoning="max"), limits, "drop").warnings == ()


def test_refuses_what_cannot_stop() -> None:
    """Before anything is sent; with ``warn`` it is asked for the least."""
    limits = model("openai_chat", thinking=LEVELS)
    with pytest.raises(UnsupportedParameterError, match="p:m does not take 'none' for reasoning"):
        fit(asked(reasoning="none"), limits)
    fitted = fit(asked(reasoning="none"), limits, "warn")
    assert fitted.request.options == {"reasoning": "low"}
    assert len(fitted.warnings) == 1
    assert fit(asked(reasoning="none"), model("openai_chat", thinking=Thinking(always=True)), "warn").request.options == {}


@pytest.mark.parametrize("name, value", [("reasoning", "none"), ("reasoning", 0), ("temperature", 1), ("top_p", 1.0)])
def test_what_happens_anyway_needs_no_word(name: str, value: Any) -> None:
    """A model that never thinks is asked not to think; one that chooses by itself, to choose freely."""
    able: Any = {name: "unsupported"}
    fitted = fit(asked(**{name: value}), model("openai_chat", capabilities=able))
    assert (fitted.request.options, fitted.warnings) == ({}, ())


@pytest.mark.parametrize(
    "options, most, sent",
    [
        ({"reasoning": 2048, "max_tokens": 4000}, None, {"reasoning": 2048, "max_tokens": 4000}),
        ({"reasoning": 2048, "max_tokens": 500}, None, {"reasoning": 2048, "max_tokens": 2548}),
        ({"reasoning": 30000, "max_tokens": 8000}, 32000, {"reasoning": 30000, "max_tokens": 32000}),
        ({"reasoning": 40000, "max_tokens": 8000}, 32000, {"reasoning": 24000, "max_tokens": 32000}),
        ({"reasoning": {"budget": 2048}, "max_tokens": 500}, 2000, {"reasoning": {"budget_tokens": 1500}, "max_tokens": 2000}),
        ({"reasoning": "low", "max_tokens": 500}, None, {"reasoning": "low", "max_tokens": 500}),
    ],
)
def test_leaves_room_for_the_answer(options: dict[str, Any], most: int | None, sent: dict[str, Any]) -> None:
    """Thoughts count as output, so the limit is raised, as far as the model goes."""
    fitted = fit(asked(**options), model(max_output=most))
    assert fitted.request.options == sent
    assert len(fitted.warnings) == (options != sent)
    assert fit(fitted.request, model(max_output=most)).request is fitted.request


@pytest.mark.parametrize("name, value, fine", [("temperature", 0.5, 1), ("top_p", 0.5, 0.99), ("top_k", 5, None)])
def test_thinking_goes_not_with_everything(name: str, value: Any, fine: Any) -> None:
    """Anthropic's models choose words by themselves while they think."""
    options = {"reasoning": "low", "max_tokens": 9, name: value}
    with pytest.raises(UnsupportedParameterError, match=f"beside reasoning {name}"):
        fit(asked(**options), model())
    assert fit(asked(**options), model(), "warn").request.options == {"reasoning": "low", "max_tokens": 9}
    assert fit(asked(**{**options, "reasoning": "none"}), model()).warnings == ()
    if fine is not None:
        assert fit(asked(**{**options, name: fine}), model()).warnings == ()


@pytest.mark.parametrize("limits, options", [(model(), {"reasoning": 2000}), (model("openai_chat", forced_tools=False), {})])
def test_some_cannot_be_forced(limits: Target, options: dict[str, Any]) -> None:
    """To call a tool: Anthropic's that think within a budget, and those of which the registry knows it."""
    request = NormalRequest(
        messages=(Message(role="user", content="Hi"),),
        options={"max_tokens": 9, **options},
        tools=(Tool(name="f"),),
        tool_choice="required",
    )
    with pytest.raises(UnsupportedParameterError, match="a forced tool_choice"):
        fit(request, limits)
    assert fit(request, limits, "drop").request.tool_choice is None


@pytest.mark.parametrize("wanted", ["high", {"type": "adaptive"}, "none", 0])
def test_some_are_forced_while_they_think(wanted: Any) -> None:
    """Anthropic's that think as much as they find fit."""
    request = attrs.evolve(asked(max_tokens=9, reasoning=wanted), tools=(Tool(name="f"),), tool_choice="required")
    assert fit(request, model()).request.tool_choice == "required"


def test_too_hot() -> None:
    """A temperature beyond the provider's range is refused."""
    with pytest.raises(UnsupportedParameterError, match="more than 1 for temperature"):
        fit(asked(temperature=1.5), model("openai_chat", hottest=1))
    assert fit(asked(temperature=1), model("openai_chat", hottest=1)).warnings == ()
