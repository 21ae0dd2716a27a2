"""What tools show is moved after their results, where these may hold text alone."""

from __future__ import annotations

from llmring._core.fit import Target, fit
from llmring._core.request import NormalRequest
from llmring._core.tool_media import media_apart
from llmring._gen.message import ImagePart, Message, TextPart, ToolResultPart

HI = Message(role="user", content="Hi")
IMAGE = ImagePart(data=b"1")
OTHER = ImagePart(data=b"2")
NOTE = TextPart(text="(What the tool gave is shown after its results.)")
FROM = TextPart(text="From the tool look:")


def result(*parts: TextPart | ImagePart) -> ToolResultPart:
    """Make a result of *parts*."""
    return ToolResultPart(tool_call_id="1", name="look", content=list(parts))


def tool(*parts: TextPart | ImagePart | ToolResultPart) -> Message:
    """Make a tool's message of *parts*."""
    return Message(role="tool", tool_call_id="1", name="look", content=list(parts))


def test_results_of_text_stay() -> None:
    """The very same messages."""
    messages = (
        HI,
        Message(role="user", content=[IMAGE]),
        tool(TextPart(text="a")),
        tool(result(TextPart(text="a"))),
        Message(role="assistant"),
    )
    assert media_apart(messages) is messages
    plain = (Message(role="user", content=[ToolResultPart(tool_call_id="1", content="a")]),)
    assert media_apart(plain) is plain


def test_images_follow_all_results() -> None:
    """For nothing may come between a turn that calls and its results."""
    told = media_apart((tool(result(TextPart(text="a"), IMAGE)), tool(TextPart(text="b")), tool(OTHER), HI))
    assert told == (
        tool(result(TextPart(text="a"))),
        tool(TextPart(text="b")),
        tool(NOTE),
        Message(role="user", content=[FROM, IMAGE, FROM, OTHER]),
        HI,
    )
    nameless = Message(role="tool", tool_call_id="1", content=[IMAGE])
    assert media_apart((nameless,))[1].content == [TextPart(text="From the tool:"), IMAGE]


def test_images_stay_in_the_turn_of_a_user() -> None:
    """Where results are parts of a user's turn, so are images."""
    turn = Message(role="user", content=[result(IMAGE), result(TextPart(text="a")), TextPart(text="So?")])
    kept = [result(NOTE), result(TextPart(text="a")), TextPart(text="So?"), FROM, IMAGE]
    assert media_apart((turn,)) == (Message(role="user", content=kept),)


def test_only_where_it_must_be() -> None:
    """Other wire formats take images in results."""
    request = NormalRequest(messages=(HI, tool(result(IMAGE))))
    assert len(fit(request, Target(name="p:m", protocol="openai_chat", capabilities={})).request.messages) == 3
    for protocol in ("openai_responses", "gemini_generate", "ollama_chat"):
        assert fit(request, Target(name="p:m", protocol=protocol, capabilities={})).request.messages == request.messages


def test_what_stands_beside_a_result_is_moved_too() -> None:
    """A tool's message may hold a result and, beside it, a picture; nothing is left to be moved another time."""
    told = media_apart((tool(OTHER, result(TextPart(text="a"), IMAGE)),))
    assert told == (tool(result(TextPart(text="a"))), Message(role="user", content=[FROM, OTHER, FROM, IMAGE]))
    assert media_apart(told) is told
