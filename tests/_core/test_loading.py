"""What of a request has to be read or fetched for a model, and what becomes of it; nothing is read here."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core.addresses import NotFetchedError, Permission
from llmring._core.fit import Target
from llmring._core.inline import Content
from llmring._core.loading import Need, Taker, attachments, filled, need
from llmring._core.media_types import is_text, media_type, named_type, plain_type
from llmring._core.normalise import normalise
from llmring._core.request import NormalRequest
from llmring._gen.providers import PROVIDERS
from llmring.exceptions import FileSizeError, InvalidMessageError
from llmring.schemas import AudioPart, DocumentPart, ImagePart, Message, TextPart, ToolResultPart, VideoPart

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.message import Part

PNG = b"\x89PNG\r\n\x1a\n rest"
PDF = b"%PDF-1.7 rest"
NONE = Permission()
FETCHING = Permission.read("1")


def taker(provider: str = "anthropic", permission: Permission = NONE, **limits: int) -> Taker:
    """Give a model of *provider* as attachments see it, with *limits* instead of its own."""
    row = PROVIDERS[provider]
    target = Target(name=f"{provider}:some", protocol=row["protocols"][0], capabilities=row["capabilities"])
    return Taker(target, limits or row["limits"], permission)


def asked(*parts: Part) -> NormalRequest:
    """Give a request of one message with *parts*."""
    return NormalRequest(messages=(Message(role="user", content=list(parts)),))


def filled_part(part: Part, contents: Mapping[str, Content] | None = None, by: Taker | None = None) -> Any:
    """Give what *part* becomes."""
    request = asked(part)
    done = filled(request, attachments(request.messages), contents or {}, by or taker())
    content = done.messages[0].content
    assert isinstance(content, list)
    return content[0]


def needed(part: Part, by: Taker) -> Need | None:
    """Give what has to be got for *part*."""
    (place,) = attachments(asked(part).messages)
    return need(place, by)


def data_url(data: bytes, kind: str = "image/png") -> str:
    """Write a data URL."""
    return f"data:{kind};base64,{base64.b64encode(data).decode()}"


# --- what there is -----------------------------------------------------------------------------------


def test_finds_attachments_wherever_they_stand() -> None:
    """Texts have none; parts of messages and of tools' results may be some, each with the path that errors name."""
    result = ToolResultPart(tool_call_id="1", content=[TextPart(text="See"), ImagePart(path="c.png")])
    messages = (
        Message(role="system", content="Be brief."),
        Message(role="user", content=[TextPart(text="Hi"), ImagePart(path="a.png"), DocumentPart(path="b.pdf")]),
        Message(role="user", content=[AudioPart(path="d.wav"), VideoPart(path="e.mp4"), ToolResultPart(tool_call_id="2"), result]),
        Message(role="assistant"),
    )
    assert [(place.path, place.part.path) for place in attachments(messages)] == [
        ("messages[1].content[1]", "a.png"),
        ("messages[1].content[2]", "b.pdf"),
        ("messages[2].content[0]", "d.wav"),
        ("messages[2].content[1]", "e.mp4"),
        ("messages[2].content[3].content[1]", "c.png"),
    ]


@pytest.mark.parametrize(
    "part",
    [
        ImagePart(data=PNG),
        ImagePart(file_id="file-1"),
        ImagePart(url=data_url(PNG)),
        ImagePart(url="https://example.com/a.png"),
        DocumentPart(url="https://example.com/a.pdf"),
        DocumentPart(text="all there", path="a.txt"),
        AudioPart(path="a.wav"),  # which Anthropic does not take: fitting says so
        AudioPart(transcript="Hello"),
    ],
)
def test_needs_nothing_for_what_is_there(part: Part) -> None:
    """Bytes, ids, texts and data URLs are there; addresses are the provider's to fetch; what is not taken is not read."""
    assert needed(part, taker("anthropic")) is None
    assert filled_part(part) is part


@pytest.mark.parametrize(
    "provider, part, fetched",
    [
        ("openai", ImagePart(url="https://example.com/a.png"), True),
        ("openai", DocumentPart(url="https://example.com/a.pdf"), False),
        ("openai", AudioPart(url="https://example.com/a.wav"), False),
        ("google", ImagePart(url="https://example.com/a.png"), True),
        ("google", ImagePart(url="https://example.com/a", media_type="image/png"), True),
        ("google", ImagePart(url="https://example.com/a"), False),
        ("google", ImagePart(url="http://example.com/a.png"), False),
        ("google", ImagePart(url="https://example.com/a.pdf"), False),
        ("google", DocumentPart(url="https://example.com/a.pdf"), True),
        ("google", DocumentPart(url="https://example.com/a.csv"), True),
        ("google", DocumentPart(url="https://example.com/a.docx"), False),
        ("google", AudioPart(url="https://example.com/a.wav"), False),
        ("google", ImagePart(url="https://generativelanguage.googleapis.com/v1beta/files/a"), True),
        ("google", DocumentPart(url="gs://bucket/a.pdf"), True),
        ("google", VideoPart(url="https://www.youtube.com/watch?v=1"), True),
        ("google", VideoPart(url="https://example.com/a.mp4"), False),
        ("ollama", ImagePart(url="https://example.com/a.png"), False),
    ],
)
def test_passes_addresses_to_those_who_fetch_them(provider: str, part: ImagePart, *, fetched: bool) -> None:
    """An address goes through where the provider gets it itself; elsewhere the ring needs the user's permission."""
    if fetched:
        assert needed(part, taker(provider)) is None
        return
    with pytest.raises(NotFetchedError, match=r"^messages\[0\].content\[0\].url: .*LLMRING_ALLOW_REMOTE_URLS to example.com") as caught:
        needed(part, taker(provider))
    assert caught.value.path == "messages[0].content[0].url"
    found = needed(part, taker(provider, FETCHING))
    assert found is not None
    assert (found.kind, found.where, found.path) == ("address", part.url, "messages[0].content[0].url")


@pytest.mark.parametrize("url", ["ftp://example.com/a.png", "file:///etc/passwd", "a.png", "https://", "gs://bucket/a.png"])
def test_knows_no_other_schemes(url: str) -> None:
    """What is neither http nor https nor data is refused, whatever is allowed."""
    with pytest.raises(InvalidMessageError, match=r"^messages\[0\].content\[0\].url must be an http, https or data URL$"):
        needed(ImagePart(url=url), taker("ollama", FETCHING))


def test_a_file_is_to_be_read_within_the_providers_limits() -> None:
    """The least of the limits that apply counts; a whole request's is in base64."""
    assert needed(ImagePart(path="a.png"), taker()) == Need("file", "a.png", "messages[0].content[0].path", 5_242_880)
    limits = [needed(part, taker(request_bytes=4000, image_bytes=5000)) for part in (ImagePart(path="a"), DocumentPart(path="a"))]
    assert [found and found.limit for found in limits] == [3000, 3000]
    found = needed(DocumentPart(path="a"), taker("openai"))
    assert found is not None
    assert found.limit == PROVIDERS["openai"]["limits"]["request_bytes"] * 3 // 4 < PROVIDERS["openai"]["limits"]["file_bytes"]
    found = needed(ImagePart(path="a"), taker("ollama"))
    assert found is not None
    assert found.limit is None


# --- what becomes of it --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "part, content, kind",
    [
        (ImagePart(path="a.jpg"), Content(PNG), "image/png"),
        (ImagePart(path="a.jpg", media_type="image/webp"), Content(PNG), "image/webp"),
        (ImagePart(path="a.bmp"), Content(b"BM..."), "image/bmp"),
        (ImagePart(path="a"), Content(b"BM...", "image/bmp; charset=x"), "image/bmp"),
        (ImagePart(path="a.tiff"), Content(b"II*.", "application/octet-stream"), "image/tiff"),
        (AudioPart(path="a.m4a"), Content(b"\0\0\0 ftypmp42"), "audio/mp4"),
        (AudioPart(path="a.weba"), Content(b"\x1aE\xdf\xa3..."), "audio/webm"),
        (AudioPart(path="a.wav"), Content(b"RIFF....WAVE"), "audio/wav"),
        (VideoPart(path="a.mov"), Content(b"\0\0\0 ftypqt  "), "video/quicktime"),
    ],
)
def test_tells_what_was_read(part: ImagePart, content: Content, kind: str) -> None:
    """What the part says counts first, then the bytes, then what the server said, then the name."""
    by = taker("google")
    assert part.path is not None
    done = filled_part(part, {part.path: content}, by)
    assert (done.data, done.media_type, done.path, done.url) == (content.data, kind, None, None)


def test_keeps_the_rest_of_a_part_and_of_the_request() -> None:
    """Only the content changes, in tools' results too; what was given stays as it was."""
    result = ToolResultPart(tool_call_id="1", content=[TextPart(text="See"), ImagePart(url="http://x.example/c.png")])
    image = ImagePart(path="a.png", detail="low", cache_control={"type": "ephemeral"})
    request = asked(TextPart(text="Hi"), image, result)
    contents = {"a.png": Content(PNG), "http://x.example/c.png": Content(PNG)}
    done = filled(request, attachments(request.messages), contents, taker())
    loaded = ImagePart(data=PNG, media_type="image/png", detail="low", cache_control={"type": "ephemeral"})
    inner = ToolResultPart(tool_call_id="1", content=[TextPart(text="See"), ImagePart(data=PNG, media_type="image/png")])
    assert done.messages == (Message(role="user", content=[TextPart(text="Hi"), loaded, inner]),)
    assert request == asked(TextPart(text="Hi"), image, result)


@pytest.mark.parametrize(
    "part, expected",
    [
        (DocumentPart(path="docs/a.pdf"), DocumentPart(data=PDF, media_type="application/pdf", name="a.pdf")),
        (DocumentPart(url="https://x.example/b.pdf?q=/1"), DocumentPart(data=PDF, media_type="application/pdf", name="b.pdf")),
        (DocumentPart(path="a.pdf", name="Law"), DocumentPart(data=PDF, media_type="application/pdf", name="Law")),
        (DocumentPart(path="/"), DocumentPart(data=PDF, media_type="application/pdf")),
    ],
)
def test_a_document_gets_a_name(part: DocumentPart, expected: DocumentPart) -> None:
    """A document that has no name is called like its file."""
    assert filled_part(part, {part.path or part.url or "": Content(PDF)}) == expected


@pytest.mark.parametrize(
    "part, data, kind",
    [
        (DocumentPart(path="a.txt"), "Grüße".encode(), "text/plain"),
        (DocumentPart(path="a.csv"), b"\xef\xbb\xbfGr\xc3\xbc\xc3\x9fe", "text/csv"),
        (DocumentPart(path="a.json"), "Grüße".encode(), "application/json"),
        (DocumentPart(path="README"), "Grüße".encode(), "text/plain"),
    ],
)
def test_a_document_in_characters_becomes_text(part: DocumentPart, data: bytes, kind: str) -> None:
    """Text has a place in every protocol, so a document that is text is told as one."""
    assert part.path is not None
    done = filled_part(part, {part.path: Content(data)}, taker("ollama"))
    assert done == DocumentPart(text="Grüße", media_type=kind, name=part.path)


def test_text_given_as_bytes_becomes_text() -> None:
    """Bytes that are said to be text are text, and so is a data URL; other documents stay."""
    assert filled_part(DocumentPart(data=b"a,b", media_type="text/csv")) == DocumentPart(text="a,b", media_type="text/csv")
    assert filled_part(DocumentPart(url=data_url(b"a,b", "text/csv"))) == DocumentPart(text="a,b", media_type="text/csv")
    assert filled_part(DocumentPart(url="data:,a%2Cb")) == DocumentPart(text="a,b", media_type="text/plain")
    for part in (DocumentPart(data=PDF), DocumentPart(url=data_url(PDF, "application/pdf")), DocumentPart(url=data_url(PDF, ""))):
        assert filled_part(part) is part


def test_a_data_url_may_be_written_otherwise() -> None:
    """Line breaks in base64 and percent signs instead of it become bytes; providers take neither."""
    broken = "data:image/png;base64," + base64.encodebytes(PNG * 20).decode()
    assert filled_part(ImagePart(url=broken)) == ImagePart(data=PNG * 20, media_type="image/png")
    assert filled_part(ImagePart(url="data:image/svg+xml,%3Csvg/%3E")) == ImagePart(data=b"<svg/>", media_type="image/svg+xml")


@given(st.binary(min_size=1))
def test_any_bytes_make_a_data_url(data: bytes) -> None:
    """A well-formed data URL stays as it is."""
    part = ImagePart(url=data_url(data))
    assert filled_part(part) is part


@pytest.mark.parametrize(
    "part, data, path, what",
    [
        (ImagePart(path="a.png"), b"", "path", "is empty"),
        (ImagePart(data=b""), b"", "data", "is empty"),
        (ImagePart(path="a"), b"????", "path", "does not tell what kind of image it is; give its media_type"),
        (ImagePart(url="https://x.example/a"), PDF, "url", "is application/pdf, not an image"),
        (AudioPart(path="a.txt"), b"RIFF", "path", "is text/plain, not sound"),
        (VideoPart(path="a.png"), PNG, "path", "is image/png, not a video"),
        (DocumentPart(path="a"), b"\0\1", "path", "does not tell what kind of document it is"),
        (DocumentPart(path="a.txt"), b"\xff\xfe", "path", "is text/plain, but not in UTF-8"),
        (ImagePart(url="data:image/png"), b"", "url", "is no data URL; one is data:<media type>;base64,<data>"),
        (ImagePart(url="data:image/png;base64,"), b"", "url", "is empty"),
        (ImagePart(url="data:image/png;base64,a§"), b"", "url", "is not valid base64"),
        (ImagePart(url="data:image/png;base64,abc"), b"", "url", "is not valid base64"),
    ],
)
def test_says_what_is_wrong(part: ImagePart, data: bytes, path: str, what: str) -> None:
    """Each fault names its place in the request."""
    with pytest.raises(InvalidMessageError) as caught:
        filled_part(part, {part.path or part.url or "": Content(data)} if data or part.path else None, taker("google"))
    assert caught.value.path == f"messages[0].content[0].{path}"
    assert caught.value.message.startswith(f"messages[0].content[0].{path} {what}")


@pytest.mark.parametrize("part", [ImagePart(data=PNG), ImagePart(url=data_url(PNG)), ImagePart(path="a.png")])
def test_refuses_what_is_too_large(part: ImagePart) -> None:
    """One attachment beyond the provider's limit is refused with both sizes."""
    with pytest.raises(FileSizeError, match=r"13 bytes are more than the 10 that") as caught:
        filled_part(part, {"a.png": Content(PNG)}, taker(image_bytes=10))
    assert (caught.value.size, caught.value.limit) == (13, 10)


def test_refuses_what_is_too_large_together() -> None:
    """All attachments together have to fit into one request, in base64."""
    request = asked(ImagePart(data=PNG), TextPart(text="and"), ImagePart(url=data_url(PNG)))
    places = attachments(request.messages)
    assert filled(request, places, {}, taker(request_bytes=40)) == request
    with pytest.raises(FileSizeError, match=r"content\[2\]: with it the attachments have 40 bytes in base64") as caught:
        filled(request, places, {}, taker(request_bytes=39))
    assert (caught.value.size, caught.value.limit, caught.value.path) == (40, 39, "messages[0].content[2]")


def test_leaves_alone_what_is_not_taken() -> None:
    """A kind that the model does not take is for fitting to refuse, malformed or not."""
    part = AudioPart(url="data:nothing")
    assert filled_part(part, by=taker("anthropic")) is part


def test_takes_what_callers_write() -> None:
    """The same holds for parts in OpenAI's and Anthropic's style."""
    request = normalise([{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,=="}}]}], {})
    with pytest.raises(InvalidMessageError, match=r"messages\[0\].content\[0\].url is not valid base64"):
        filled(request, attachments(request.messages), {}, taker())


# --- kinds of files ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data, kind",
    [
        (PNG, "image/png"), (b"\xff\xd8\xff\xe0", "image/jpeg"), (b"GIF89a", "image/gif"), (PDF, "application/pdf"), (b"ID3", "audio/mpeg"),
        (b"RIFF....WEBP", "image/webp"),
        (b"RIFF....????", None), (b"....ftypavif", "image/avif"), (b"....ftypisom", "video/mp4"), (b"", None),
    ],
)  # fmt: skip
def test_tells_files_by_their_beginning(data: bytes, kind: str | None) -> None:
    """The first bytes tell most kinds."""
    assert media_type(data) == kind


@pytest.mark.parametrize(
    "name, kind",
    [
        ("a.PNG", "image/png"), ("/x/a.b.csv", "text/csv"), ("https://x.example/a.pdf?size=1#page", "application/pdf"),
        (r"C:\docs\a.md", "text/markdown"), ("a.unknown", None), ("png", None), (".png", None), ("", None), ("dir.png/", None),
    ],
)  # fmt: skip
def test_tells_files_by_their_name(name: str, kind: str | None) -> None:
    """The ending tells, of paths and of addresses."""
    assert named_type(name) == kind


def test_knows_text_from_what_is_not() -> None:
    """Text is told by its media type; what a server says of everything says nothing."""
    assert [is_text(kind) for kind in ("text/html", "application/json", "application/ld+json")] == [True] * 3
    assert [is_text(kind) for kind in ("application/pdf", "image/svg+xml", "image/png")] == [False] * 3
    assert [plain_type(kind) for kind in (None, "", "application/octet-stream", "Text/HTML; charset=utf-8")] == [
        None,
        None,
        None,
        "text/html",
    ]
