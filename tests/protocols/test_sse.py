"""Server-sent events, cut anywhere, give the same payloads."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring.exceptions import ProviderResponseError
from llmring.protocols.sse import SseDecoder

LINES = st.sampled_from(
    [
        "data: {}",
        "data:x",
        'data:  {"a": "é\u2028"}  ',
        ": comment",
        "event: ping",
        "id: 1",
        "",
        "",
        "data",
        "data:",
        "retry: 5",
        "nonsense",
    ]
)
ENDS = st.sampled_from(["\n", "\r\n", "\r"])


def payloads(chunks: list[bytes]) -> list[bytes]:
    """Decode *chunks* to their end."""
    decoder = SseDecoder()
    return [payload for chunk in chunks for payload in decoder.feed(chunk)] + decoder.flush()


def pieces(data: bytes, places: list[int]) -> list[bytes]:
    """Cut *data* at *places*."""
    at = [0, *sorted({place % (len(data) + 1) for place in places}), len(data)]
    return [data[start:end] for start, end in pairwise(at)]


@given(st.lists(LINES), ENDS, st.lists(st.integers(0, 10_000)))
def test_chunking_never_changes_payloads(lines: list[str], end: str, places: list[int]) -> None:
    """Bytes cut anywhere, inside characters and line ends too, decode to the same payloads."""
    data = "".join(line + end for line in lines).encode()
    assert payloads(pieces(data, places)) == payloads([data])


@given(st.lists(LINES), ENDS)
def test_line_ends_do_not_matter(lines: list[str], end: str) -> None:
    """The three line ends of the standard mean the same."""
    assert payloads(["".join(line + end for line in lines).encode()]) == payloads(["".join(line + "\n" for line in lines).encode()])


def test_only_data_counts() -> None:
    """Names, ids and comments are dropped; padding is no part of the data."""
    assert payloads([b": hello\n\nevent: message\nid: 4\ndata: {}   \n\ndata:[DONE]\n\n"]) == [b"{}", b"[DONE]"]


def test_data_lines_of_one_event_are_joined() -> None:
    """Several data lines make one payload."""
    assert payloads([b'data: {"a":\ndata: 1}\n\n']) == [b'{"a":\n1}']


def test_a_byte_order_mark_is_no_data() -> None:
    """A mark before the first event is dropped, cut in two or not, and also where the only event is not closed."""
    assert payloads([b"\xef", b"\xbb\xbfdata: 1\n\n"]) == [b"1"]
    assert payloads([b"\xef\xbb\xbfdata: 1"]) == [b"1"]


def test_an_event_is_given_as_soon_as_it_is_whole() -> None:
    """Nothing waits for what comes after."""
    decoder = SseDecoder()
    assert decoder.feed(b"data: 1\n") == []
    assert decoder.feed(b"\ndata") == [b"1"]
    assert decoder.feed(b": 2\r\n\r") == []
    assert decoder.feed(b"\n") == [b"2"]


def test_the_end_closes_a_whole_event_and_drops_a_cut_one() -> None:
    """A body may end without a blank line; one that was cut short says nothing."""
    assert payloads([b'data: {"a": 1}']) == [b'{"a": 1}']
    assert payloads([b"data: [DONE]\n"]) == [b"[DONE]"]
    assert payloads([b'data: {"a": ']) == []
    assert payloads([b": bye"]) == []


@pytest.mark.parametrize("body", [b"<html>\n\n<p>Log in</p></html>", b'{"choices": [], "error": null}', b"[1,\n\n2]", b"\xef\xbb\xbf{"])
def test_what_is_no_stream_is_told(body: bytes) -> None:
    """A page or a whole answer is none, however it is cut; it is not taken for a stream that broke off."""
    for chunks in ([body], [body[:1], body[1:]]):
        with pytest.raises(ProviderResponseError, match="the answer is no stream of events"):
            payloads(chunks)


def test_an_error_may_come_by_itself() -> None:
    """An object that tells of an error stands for an event; after events it stands for nothing."""
    assert payloads([b'{"error": {"message": "no"}}\n']) == [b'{"error": {"message": "no"}}']
    assert payloads([b'data: {}\n\n{"error": "no"}']) == [b"{}"]


def test_named_events_give_their_data() -> None:
    """A name says nothing that the data does not; one line of data or several, it is the data that counts."""
    decoder = SseDecoder()
    assert decoder.feed(b'event: ping\ndata: {"a": 1}  \n\n') == [b'{"a": 1}']
    assert decoder.feed(b"event: ping\nid: 3\ndata: 1\n\nevent: x\ndata: 2\ndata: 3\n\nevent: alone\n\n") == [b"1", b"2\n3"]
