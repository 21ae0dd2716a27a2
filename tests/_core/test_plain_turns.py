"""The quick way of understanding a message gives what the thorough one gives, or leaves it to that."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.messages import message_of
from llmring._core.normalise import normalise_messages
from llmring._core.plain_turns import MANY, plain_text, plain_texts, plain_turn
from llmring._core.request import Texts

CALL = {"id": "call_1", "type": "function", "function": {"name": "look", "arguments": "{}"}}

PLAIN: list[dict[str, Any]] = [
    {"role": "user", "content": "Hi"},
    {"role": "developer", "content": ""},
    {"role": "tool", "tool_call_id": "call_1", "content": "18"},
    {"role": "tool", "tool_call_id": "call_1", "content": "18", "name": "look"},
    {"role": "tool", "tool_call_id": "call_1", "content": "18", "name": None},
    {"role": "assistant", "content": None, "tool_calls": [CALL]},
    {"role": "assistant", "tool_calls": [CALL, {**CALL, "id": "call_2"}]},
    {"role": "assistant", "content": "So:", "tool_calls": [CALL]},
]

OTHERS: list[dict[str, Any]] = [
    {},
    {"role": None, "content": "Hi"},
    {"role": "user", "content": ["Hi"]},
    {"role": "user", "content": "Hi", "name": "Ada"},
    {"role": "narrator", "content": "Hi"},
    {"role": "tool", "content": "18"},
    {"role": "tool", "content": "18", "tool_call_id": ""},
    {"role": "tool", "content": ["18"], "tool_call_id": "call_1"},
    {"role": "tool", "content": "18", "tool_call_id": "call_1", "name": 1},
    {"role": "tool", "content": "18", "tool_call_id": "call_1", "is_error": True},
    {"role": "assistant", "content": None},
    {"role": "assistant", "content": None, "tool_calls": []},
    {"role": "assistant", "content": None, "tool_calls": {"0": CALL}},
    {"role": "assistant", "content": None, "tool_calls": [CALL], "refusal": "No."},
    {"role": "assistant", "content": None, "tool_calls": ["look"]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "index": 0}]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "type": "custom"}]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "function": "look"}]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "function": {"name": "look"}}]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "function": {"name": "", "arguments": "{}"}}]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "function": {"name": "look", "arguments": {}}}]},
    {"role": "assistant", "content": None, "tool_calls": [{**CALL, "id": 1}]},
]


@pytest.mark.parametrize("item", PLAIN, ids=str)
def test_understands_what_is_common(item: dict[str, Any]) -> None:
    """A plain message is understood at once, and as it would be otherwise."""
    made = plain_text(item) or plain_turn(item)
    assert made is not None
    assert made == message_of(item, 3)
    assert made.to_dict() == message_of(item, 3).to_dict()


@pytest.mark.parametrize("item", OTHERS, ids=str)
def test_leaves_the_rest(item: dict[str, Any]) -> None:
    """Anything out of the ordinary is left to be understood, or refused, thoroughly."""
    assert plain_turn(item) is None


@given(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "developer", "user", "assistant", "tool"])},
        optional={
            "content": st.one_of(st.none(), st.text(max_size=5)),
            "tool_call_id": st.sampled_from(["call_1", ""]),
            "name": st.one_of(st.none(), st.sampled_from(["", "look"])),
            "tool_calls": st.lists(st.just(CALL), max_size=2),
        },
    )
)
def test_never_disagrees(item: dict[str, Any]) -> None:
    """Whatever the quick way takes, the thorough one takes alike."""
    made = plain_text(item) or plain_turn(item)
    assert made is None or made == message_of(item, 0)


@pytest.mark.parametrize("items", [[], ["Hi"], PLAIN, [OTHERS[1]], [OTHERS[2]], [OTHERS[4]], [{"role": "user", "text": "Hi"}]], ids=str)
def test_leaves_what_is_no_conversation_of_texts(items: list[Any]) -> None:
    """Of many messages one that is no text leaves all of them to be understood one by one."""
    assert plain_texts(items) is None


@given(
    st.lists(st.fixed_dictionaries({"role": st.sampled_from(["system", "user", "assistant"]), "content": st.text(max_size=5)}), min_size=1)
)
def test_understands_texts_at_once(items: list[dict[str, Any]]) -> None:
    """A conversation of nothing but texts is understood at once, and each as it would be alone."""
    made = plain_texts(items)
    assert made is not None
    assert made == [message_of(item, at) for at, item in enumerate(items)]
    assert len({id(turn.tool_calls) for turn in made}) == len(items)


@pytest.mark.parametrize("odd", [None, {"role": "user", "content": "Hi", "name": "Ada"}], ids=["texts", "one-odd"])
def test_long_conversations_are_understood_as_short_ones(odd: dict[str, Any] | None) -> None:
    """However many messages there are, and whatever is among them, each is understood as it would be alone."""
    items: list[Any] = [{"role": "user", "content": str(at)} for at in range(MANY)] + ([odd] if odd else [])
    turns = normalise_messages(items)
    assert list(turns) == [message_of(item, at) for at, item in enumerate(items)]
    assert (type(turns) is Texts) == (odd is None)
