"""A conversation of nothing but texts is understood by a short way, which says what the long one says."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from llmring._core.crossing import cross
from llmring._core.fit_content import check_content
from llmring._core.fitting import Target
from llmring._core.loading import attachments
from llmring._core.readying import wants_alternate
from llmring._core.request import NormalRequest, Texts
from llmring._gen.message import Message
from llmring.protocols.openai_chat_messages import turns

if TYPE_CHECKING:
    from collections.abc import Callable

MODEL = Target(name="p:m", protocol="openai_chat", capabilities={})
LOOKS: dict[str, Callable[[tuple[Message, ...]], object]] = {
    "what crosses": lambda messages: cross(messages, "openai_chat", {}),
    "how many characters": lambda messages: check_content(messages, MODEL),
    "attachments": attachments,
    "whether it needs Responses": lambda messages: wants_alternate(NormalRequest(messages=messages)),
    "chat completions": lambda messages: turns(messages, {}, "m"),
    "an older dialect": lambda messages: turns(messages, {"developer_role": "system"}, "m"),
}


@pytest.mark.parametrize("look", LOOKS.values(), ids=LOOKS)
def test_the_short_way_says_what_the_long_one_says(look: Callable[[tuple[Message, ...]], object]) -> None:
    """Whoever looks, and whichever roles speak."""
    messages = tuple(Message(role=role, content=f"I am {role}.") for role in ("system", "developer", "user", "assistant", "user"))
    assert look(Texts(messages)) == look(messages)
