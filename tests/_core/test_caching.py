"""What ``cache`` and cache marks ask for, in the words of each provider."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.caching import anthropic_mark, anthropic_words, gemini_words, openai_mark, openai_words, wish_of
from llmring._core.fit import Target, fit
from llmring._core.request import NormalRequest, Texts
from llmring._gen.message import Message, TextPart, ToolResultPart
from llmring._gen.tool import Tool
from llmring.exceptions import RequestError, UnsupportedParameterError


def fitted(protocol: str, cache: Any, on_unsupported: Any = "error") -> tuple[dict[str, Any], tuple[str, ...]]:
    """Fit a request with *cache*; give its options and the warnings."""
    request = NormalRequest(messages=(Message(role="user", content="Hi"),), options={"max_tokens": 5, "cache": cache})
    found = fit(request, Target(name="p:m", protocol=protocol, capabilities={}), on_unsupported)
    return dict(found.request.options), found.warnings


@pytest.mark.parametrize(
    "cache, path, said",
    [
        (3, "cache", "must be true, false, a time"),
        ("soon", "cache", "must be a time such as"),
        ({"ttl": "1 h"}, "cache.ttl", "must be a time such as"),
        ({"ttl": 3600}, "cache.ttl", "must be a string"),
        ({"key": ""}, "cache.key", "must be a string"),
        ({"nane": "x"}, "cache.nane", "is unknown; did you mean 'name'?"),
    ],
)
def test_says_what_is_wrong(cache: Any, path: str, said: str) -> None:
    """By path, before anything is sent."""
    with pytest.raises(RequestError) as caught:
        wish_of(cache)
    assert caught.value.path == path
    assert str(caught.value).startswith(f"{path} {said}")


@pytest.mark.parametrize(
    "cache, told",
    [
        (True, {"type": "ephemeral"}),
        ("5m", {"type": "ephemeral", "ttl": "5m"}),
        ("10m", {"type": "ephemeral", "ttl": "1h"}),
        ({"ttl": "1h", "key": "k"}, {"type": "ephemeral", "ttl": "1h"}),
        ({"type": "ephemeral"}, {"type": "ephemeral"}),
        (False, None),
    ],
)
def test_anthropic_knows_two_times(cache: Any, told: Any) -> None:
    """Five minutes and an hour; a longer wish gets the longer one."""
    assert anthropic_words(cache) == told


def test_marks_of_others_become_anthropics() -> None:
    """A time that Anthropic does not know becomes one that it does."""
    assert anthropic_mark({"type": "ephemeral", "ttl": "30m"}) == {"type": "ephemeral", "ttl": "1h"}
    assert anthropic_mark({"type": "ephemeral"}) == {"type": "ephemeral"}


@pytest.mark.parametrize(
    "cache, chat, responses, older",
    [
        (True, {}, {}, {}),
        ("5m", {}, {}, {}),
        ("30m", {}, {}, {"prompt_cache_retention": "24h"}),
        ("1h", {"prompt_cache_retention": "24h"}, {"prompt_cache_options": {"ttl": "12h"}}, {"prompt_cache_retention": "24h"}),
        ({"key": "k"}, {"prompt_cache_key": "k"}, {"prompt_cache_key": "k"}, {"prompt_cache_key": "k"}),
        (False, {"prompt_cache_options": {"mode": "explicit"}}, {"prompt_cache_options": {"mode": "explicit"}}, {}),
    ],
)
def test_openai_by_model_and_api(cache: Any, chat: Any, responses: Any, older: Any) -> None:
    """Models that know breakpoints are asked otherwise than older ones, and chat completions otherwise than Responses."""
    assert openai_words(cache, marked=True, responses=False) == chat
    assert openai_words(cache, marked=True, responses=True) == responses
    assert openai_words(cache, marked=False, responses=False) == openai_words(cache, marked=False, responses=True) == older


def test_openais_marks() -> None:
    """A breakpoint lasts half an hour or twelve."""
    assert openai_mark({"type": "ephemeral"}) == openai_mark({"type": "ephemeral", "ttl": "5m"}) == {"mode": "explicit"}
    assert openai_mark({"type": "ephemeral", "ttl": "1h"}) == {"mode": "explicit", "ttl": "12h"}


def test_gemini_by_name() -> None:
    """What was cached before is named; nothing else is said."""
    assert gemini_words({"name": "cachedContents/a"}) == {"cachedContent": "cachedContents/a"}
    assert gemini_words("1h") == gemini_words({}) == {}


def test_a_name_is_googles_alone() -> None:
    """Elsewhere the prompt would lack what the name stands for."""
    assert fitted("gemini_generate", {"name": "cachedContents/a"}) == ({"max_tokens": 5, "cache": {"name": "cachedContents/a"}}, ())
    with pytest.raises(UnsupportedParameterError, match="a name for cache") as caught:
        fitted("openai_chat", {"name": "cachedContents/a"})
    assert caught.value.path == "cache.name"
    options, warnings = fitted("openai_chat", {"name": "cachedContents/a"}, "warn")
    assert options == {"max_tokens": 5}
    assert warnings == ("p:m does not take a name for cache; it was left out",)


@pytest.mark.parametrize(
    "protocol, cache, left, said",
    [
        ("anthropic_messages", {"key": "k"}, {}, "p:m finds cached prompts by themselves; cache.key was left out"),
        ("anthropic_messages", "2h", {"ttl": "1h"}, "p:m caches prompts for 1h at most, not 2h"),
        ("openai_chat", {"ttl": "3d", "key": "k"}, {"ttl": "24h", "key": "k"}, "p:m caches prompts for 24h at most, not 3d"),
        ("gemini_generate", "1h", {}, "p:m decides itself how long prompts are cached; 1h was left out"),
    ],
)
def test_warns_of_what_is_not_heeded(protocol: str, cache: Any, left: Any, said: str) -> None:
    """A wish about caching changes no answer, so it is never an error."""
    assert fitted(protocol, cache) == ({"max_tokens": 5, "cache": left}, (said,))
    assert fitted(protocol, cache, "drop")[1] == ()


@pytest.mark.parametrize("protocol", ["anthropic_messages", "openai_chat", "openai_responses", "gemini_generate"])
def test_usual_wishes_fit(protocol: str) -> None:
    """Caching at all is no reason to warn."""
    assert fitted(protocol, {})[1] == ()


MARK = {"type": "ephemeral"}
TEXT = TextPart(text="a", cache_control=MARK)
MANY: dict[str, tuple[Any, str]] = {
    "parts": ((Message(role="user", content=[TEXT, TEXT, TEXT, TEXT, TEXT]),), "messages[0].content[4].cache_control"),
    "messages": ((Message(role="user", content="a", metadata={"cache_control": MARK}),) * 5, "messages[4].metadata.cache_control"),
    "results": (
        (Message(role="user", content=[ToolResultPart(tool_call_id="1", content=[TEXT, TEXT, TEXT, TEXT], cache_control=MARK)]),),
        "messages[0].content[0].content[3].cache_control",
    ),
}


def marked(messages: tuple[Message, ...], most: int | None = 4, **more: Any) -> NormalRequest:
    """Fit a request whose provider takes *most* marks."""
    limits = {} if most is None else {"cache_breakpoints": most}
    target = Target(name="p:m", protocol="anthropic_messages", capabilities={}, limits=limits)
    given: dict[str, Any] = {"options": {"max_tokens": 5}} | more
    return fit(NormalRequest(messages=messages, **given), target, "drop").request


@pytest.mark.parametrize("name", MANY)
def test_more_marks_than_a_provider_takes_are_refused(name: str) -> None:
    """Wherever they stand; where no number is known, nobody counts."""
    messages, path = MANY[name]
    with pytest.raises(UnsupportedParameterError, match="more than 4 cache breakpoints, and there are 5") as caught:
        marked(messages)
    assert caught.value.path == path
    assert marked(messages, None).messages == messages


def test_every_kind_of_mark_counts() -> None:
    """Tools, messages and the wish to cache share one number; a message's mark that its last part has too is one."""
    tools = (Tool(name="look", parameters={}, cache_control=MARK), Tool(name="leap", parameters={}))
    both = Message(role="user", content=[ToolResultPart(tool_call_id="1", content="a"), TEXT], metadata={"cache_control": MARK})
    assert marked((both, both, Message(role="user", content="Hi")), tools=tools).tools == tools
    for cache, most in ((True, 4), (False, 3)):
        marked((both, both), most, tools=tools, options={"max_tokens": 5, "cache": cache})
    with pytest.raises(UnsupportedParameterError) as caught:
        marked((both, both), 3, tools=tools, options={"max_tokens": 5, "cache": True})
    assert caught.value.path == "cache"


def test_texts_have_no_marks() -> None:
    """Nobody looks for any."""
    texts = Texts((Message(role="user", content="Hi"),))
    assert marked(texts).messages is texts
