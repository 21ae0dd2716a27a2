"""Registered files in requests: named anywhere, judged by kind, replaced in place."""

from __future__ import annotations

from typing import Any

import pytest

from llmring._core.file_parts import Kind, check_size, kind_of, mentioned, part_for, placed, uploaded_as
from llmring._core.fit import Target
from llmring._core.request import NormalRequest
from llmring._core.uploads import Copy, Kept, Look, Received
from llmring._gen.message import AudioPart, DocumentPart, FilePart, ImagePart, Message, TextPart, ToolResultPart, VideoPart
from llmring.exceptions import FileSizeError, RequestError, UnsupportedParameterError


def kept(media_type: str = "application/pdf", size: int = 3) -> Kept:
    """Give a registered file."""
    return Kept(id="x", path="/a/b.c", look=Look(size=size, changed=1, inode=1, media_type=media_type))


def target(**capabilities: str) -> Target:
    """Give a model with *capabilities*."""
    able: Any = {"files": "native", **capabilities}
    return Target(name="p:m", protocol="anthropic_messages", capabilities=able)


@pytest.mark.parametrize(
    "media_type,kind",
    [
        ("image/png", "image"),
        ("image/svg+xml", "text"),
        ("audio/wav", "audio"),
        ("video/mp4", "video"),
        ("text/csv", "text"),
        ("application/json", "text"),
        ("application/pdf", "document"),
        ("application/octet-stream", "document"),
    ],
)
def test_kinds(media_type: str, kind: Kind) -> None:
    """What is written in characters is text, whatever it describes."""
    assert kind_of(media_type) == kind


def test_finds_every_mention() -> None:
    """In ``files``, in messages, inside tools' results; each once, where it comes first."""
    messages = (
        Message(role="user", content="Hi"),
        Message(role="user", content=[TextPart(text="Look"), FilePart(file_id="b"), FilePart(file_id="a")]),
        Message(
            role="tool",
            content=[ToolResultPart(tool_call_id="1", content=[FilePart(file_id="c")]), ToolResultPart(tool_call_id="2", content="No")],
        ),
    )
    request = NormalRequest(messages=messages, options={"files": ["a", "d"]})
    assert mentioned(request) == {
        "a": "files[0]",
        "d": "files[1]",
        "b": "messages[1].content[1].file_id",
        "c": "messages[2].content[0].content[0].file_id",
    }
    assert mentioned(NormalRequest(messages=messages[:1])) == {}


# --- how a file goes -------------------------------------------------------------------------------


def test_uploads_what_the_api_takes() -> None:
    """As the media type that it says."""
    assert uploaded_as(kept(), "files[0]", target(), lambda kind: f"{kind}!") == "application/pdf!"


@pytest.mark.parametrize(
    "media_type,capabilities,taken",
    [
        ("application/pdf", {}, None),
        ("application/pdf", {"files": "emulated"}, str),
        ("application/pdf", {"files": "unsupported"}, str),
        ("text/csv", {"pdf": "unsupported"}, str),
    ],
)
def test_sends_content_where_copies_cannot_be_named(media_type: str, capabilities: dict[str, str], taken: Any) -> None:
    """Without a files API, and for text that a model takes in no other way."""
    assert uploaded_as(kept(media_type), "files[0]", target(**capabilities), taken) is None


@pytest.mark.parametrize(
    "media_type,capabilities",
    [
        ("image/png", {"vision": "unsupported"}),
        ("audio/wav", {"audio_input": "unsupported"}),
        ("video/mp4", {"video_input": "unsupported"}),
        ("text/csv", {"text_document": "unsupported"}),
        ("application/pdf", {"pdf": "unsupported"}),
        ("application/zip", {}),
    ],
)
def test_refuses_what_the_model_does_not_take(media_type: str, capabilities: dict[str, str]) -> None:
    """By a typed error that says which file, and where it is named."""
    with pytest.raises(UnsupportedParameterError, match=rf"^files\[0\]: p:m does not take b.c, which is {media_type}$") as refused:
        uploaded_as(kept(media_type), "files[0]", target(**capabilities), lambda kind: None if kind == "application/zip" else kind)
    assert (refused.value.parameter, refused.value.model, refused.value.path) == ("files", "p:m", "files[0]")


def test_sizes_are_checked() -> None:
    """Before anything is read."""
    check_size(kept(), "files[0]", "p:m", None)
    check_size(kept(), "files[0]", "p:m", 3)
    with pytest.raises(FileSizeError, match=r"^files\[0\]: /a/b.c has 3 bytes; p:m takes files of at most 2$") as large:
        check_size(kept(), "files[0]", "p:m", 2)
    assert (large.value.size, large.value.limit, large.value.path) == (3, 2, "files[0]")
    with pytest.raises(RequestError, match="is empty"):
        check_size(kept(size=0), "files[0]", "p:m", None)


# --- what stands in its place ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "media_type,part",
    [
        ("image/png", ImagePart(file_id="f1", media_type="m/t")),
        ("audio/wav", AudioPart(file_id="f1", media_type="m/t")),
        ("video/mp4", VideoPart(file_id="f1", media_type="m/t")),
        ("text/csv", DocumentPart(file_id="f1", media_type="m/t", name="b.c")),
    ],
)
def test_copies_stand_for_files(media_type: str, part: Any) -> None:
    """Each kind in a part of its own, by the provider's name for the copy."""
    copy = Copy(provider="p", digest="d", media_type="m/t", received=Received(file_id="f1"))
    assert part_for(kept(media_type), copy) == part


@pytest.mark.parametrize("media_type,told", [("application/pdf", "application/pdf"), ("image/svg+xml", "text/xml")])
def test_paths_stand_for_files_without_copies(media_type: str, told: str) -> None:
    """A picture that is text goes as text."""
    assert part_for(kept(media_type), None) == DocumentPart(path="/a/b.c", media_type=told, name="b.c")


PNG, PDF = ImagePart(file_id="1"), DocumentPart(file_id="2")
PARTS = {"a": PNG, "b": PDF}
MARK = {"type": "ephemeral"}


def test_parts_go_where_files_are_named() -> None:
    """Inside tools' results too; cache breakpoints stay, other messages are left as they are."""
    plain = Message(role="user", content=[TextPart(text="Hi")])
    result = ToolResultPart(tool_call_id="1", content=[FilePart(file_id="b")])
    named = Message(role="user", content=[FilePart(file_id="a", cache_control=MARK), result, TextPart(text="?")])
    request = placed(NormalRequest(messages=(plain, named)), PARTS)
    assert request.messages[0] is plain
    assert request.messages[1].content == [
        ImagePart(file_id="1", cache_control=MARK),
        ToolResultPart(tool_call_id="1", content=[PDF]),
        TextPart(text="?"),
    ]


@pytest.mark.parametrize(
    "content,expected",
    [
        ("Read", [PNG, PDF, TextPart(text="Read")]),
        (None, [PNG, PDF]),
        ([ToolResultPart(tool_call_id="1"), TextPart(text="So?")], [ToolResultPart(tool_call_id="1"), PNG, PDF, TextPart(text="So?")]),
    ],
)
def test_files_go_before_the_users_last_words(content: Any, expected: list[Any]) -> None:
    """But after results, which have to come first; the option is gone then, the others stay."""
    messages = (Message(role="user", content="Earlier"), Message(role="user", content=content), Message(role="assistant", content="Well"))
    request = placed(NormalRequest(messages=messages, options={"files": ["a", "b", "a"], "seed": 1}), PARTS)
    assert [message.content for message in request.messages] == ["Earlier", expected, "Well"]
    assert request.options == {"seed": 1}


def test_files_without_a_user() -> None:
    """Are a message of their own."""
    request = placed(NormalRequest(messages=(Message(role="system", content="Hi"),), options={"files": ["a"]}), PARTS)
    assert request.messages[1] == Message(role="user", content=[PNG])
