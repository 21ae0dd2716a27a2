"""HTTP/1.1 as a client reads and writes it, against h11 and against bytes that are none."""

from __future__ import annotations

import h11
import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring.protocols.http1 import Answer, request_head
from llmring.protocols.http1_chunks import LONGEST_HEAD, MalformedError, chunk

OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"


def read(answer: Answer, *pieces: bytes) -> bytes:
    """Give the body that *pieces* hold."""
    return b"".join([answer.feed(piece) for piece in pieces])


def cut(raw: bytes, data: st.DataObject) -> list[bytes]:
    """Cut *raw* anywhere, never into empty pieces."""
    places = sorted(data.draw(st.sets(st.integers(1, max(1, len(raw) - 1)), max_size=12)))
    return [piece for a, b in zip([0, *places], [*places, len(raw)], strict=True) if (piece := raw[a:b])]


# --- what is sent --------------------------------------------------------------------------------


def test_a_request() -> None:
    """A head is rendered but for the empty line that ends it."""
    head = request_head(b"POST", b"/v1?x=1", [(b"host", b"example.com"), (b"accept", b"*/*")])
    assert head == b"POST /v1?x=1 HTTP/1.1\r\nhost: example.com\r\naccept: */*\r\n"


@given(st.lists(st.binary(min_size=1), max_size=5))
def test_chunks_are_read_back(pieces: list[bytes]) -> None:
    """What is framed in chunks is what a reader takes out of them."""
    answer = Answer()
    assert read(answer, CHUNKED + b"".join(map(chunk, [*pieces, b""]))) == b"".join(pieces)
    assert answer.over


# --- heads ---------------------------------------------------------------------------------------


def test_a_head() -> None:
    """Status, reason, version and headers as they were spelt."""
    answer = Answer()
    assert read(answer, b"HTTP/1.1 404 Not Found\r\nX-One:  1 \r\nx-one:2\r\ncontent-length: 2\r\n\r\nhi") == b"hi"
    assert (answer.status, answer.reason, answer.version) == (404, "Not Found", "HTTP/1.1")
    assert answer.fields == [("X-One", "1"), ("x-one", "2"), ("content-length", "2")]
    assert (answer.over, answer.keeps) == (True, True)


def test_lines_that_end_alone() -> None:
    """A bare line feed ends a line as well, wherever it stands."""
    answer = Answer()
    assert read(answer, b"HTTP/1.1 200\nA: b\nContent-Length: 2\n\nhi\r\n\r\n") == b"hi"
    assert (answer.reason, answer.fields) == ("", [("A", "b"), ("Content-Length", "2")])


def test_folded_headers() -> None:
    """A header that goes on in the next line is one header."""
    answer = Answer()
    read(answer, OK + b"A: one\r\n  two\r\n\tthree\r\ncontent-length: 0\r\n\r\n")
    assert answer.fields == [("A", "one two three"), ("content-length", "0")]


def test_informational_answers() -> None:
    """What a server says before its answer is passed over."""
    answer = Answer()
    assert (
        read(answer, b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n", OK + b"content-length: 1\r\n\r\nx")
        == b"x"
    )
    assert answer.status == 200


@pytest.mark.parametrize(
    "raw, says",
    [
        (b"SSH-2.0-OpenSSH\r\n\r\n", "does not begin with a status line"),
        (b"HTTP/2 200\r\n\r\n", "does not begin with a status line"),
        (b"\r\n\r\n" + OK + b"\r\n", "does not begin with a status line"),
        (OK + b"a b: c\r\n\r\n", "a line that is no header"),
        (OK + b"a : c\r\n\r\n", "a line that is no header"),
        (OK + b" a: c\r\n\r\n", "a line that is no header"),
        (OK + b"a: c\x00\r\n\r\n", "a line that is no header"),
        (OK + b"nothing\r\n more\r\n\r\n", "a line that is no header"),
        (b"HTTP/1.1 101 Switching\r\n\r\n", "nobody asked for"),
        (OK + b"transfer-encoding: gzip\r\n\r\n", "a transfer coding that nobody asked for: 'gzip'"),
        (OK + b"transfer-encoding: gzip\r\ntransfer-encoding: chunked\r\n\r\n", "nobody asked for"),
        (OK + b"content-length: 1\r\ncontent-length: 2\r\n\r\n", "length is unclear: '1, 2'"),
        (OK + b"content-length: -1\r\n\r\n", "length is unclear"),
        (OK + b"content-length: 0x1\r\n\r\n", "length is unclear"),
        (OK + b"content-length: \xb2\r\n\r\n", "length is unclear"),
        (OK + b"content-length: " + b"9" * 21 + b"\r\n\r\n", "length is unclear"),
        (b"x" * (LONGEST_HEAD + 1), "longer than"),
        (OK + b"a: " + b"x" * LONGEST_HEAD + b"\r\n\r\n", "longer than"),
        (CHUNKED + b"z\r\n", "no size of a chunk"),
        (CHUNKED + b"+1\r\n", "no size of a chunk"),
        (CHUNKED + b"1" * 17 + b"\r\n", "no size of a chunk"),
        (CHUNKED + b"1" * 5000, "no size of a chunk"),
        (CHUNKED + b"1\r\nxx\r\n", "does not end where it should"),
        (CHUNKED + b"0\r\n" + b"x" * (LONGEST_HEAD + 1), "the trailers of the body are longer"),
    ],
)
def test_what_is_no_http(raw: bytes, says: str) -> None:
    """Whatever is malformed is said to be so."""
    with pytest.raises(MalformedError, match=says):
        read(Answer(), raw)


# --- bodies and connections ----------------------------------------------------------------------


@pytest.mark.parametrize(
    "raw, body, keeps",
    [
        (OK + b"content-length: 2\r\n\r\nhi", b"hi", True),
        (OK + b"content-length: 2, 2\r\n\r\nhi", b"hi", True),
        (OK + b"content-length: 2\r\ncontent-length: 2\r\n\r\nhi", b"hi", True),
        (OK + b"content-length: 0\r\n\r\n", b"", True),
        (OK + b"content-length: 0\r\n\r\nmore", b"", False),
        (OK + b"content-length: 2\r\n\r\nhi there", b"hi", False),
        (OK + b"content-length: 2\r\nConnection: Close\r\n\r\nhi", b"hi", False),
        (OK + b"content-length: 2\r\nconnection: x\r\nconnection: close, y\r\n\r\nhi", b"hi", False),
        (b"HTTP/1.0 200 OK\r\ncontent-length: 2\r\n\r\nhi", b"hi", False),
        (b"HTTP/1.1 204 No Content\r\n\r\n", b"", True),
        (b"HTTP/1.1 304 Not Modified\r\ncontent-length: 5\r\n\r\n", b"", True),
        (CHUNKED + b"2\r\nhi\r\n0\r\n\r\n", b"hi", True),
        (CHUNKED + b"2;a=b\r\nhi\r\n1 \r\n!\r\n0\r\n\r\n", b"hi!", True),
        (CHUNKED + b"2\nhi\r\n0\n\n", b"hi", True),
        (CHUNKED + b"0\r\nTrailer: x\r\nOther: y\r\n\r\n", b"", True),
        (CHUNKED + b"0\r\n\r\nmore", b"", False),
        (OK + b"transfer-encoding: chunked\r\ncontent-length: 7\r\n\r\n0\r\n\r\n", b"", False),
    ],
)
@given(data=st.data())
def test_bodies(raw: bytes, body: bytes, keeps: bool, data: st.DataObject) -> None:  # noqa: FBT001
    """The body, and whether the connection lives on, however the bytes are cut."""
    answer = Answer()
    got = b""
    for piece in cut(raw, data):
        if not answer.over:
            got += answer.feed(piece)
    assert (got, answer.over) == (body, True)
    assert answer.keeps is keeps or (not keeps and raw.endswith((b"more", b"there")))


def test_no_body_for_a_head_request() -> None:
    """The answer to HEAD has a length and no body."""
    answer = Answer(bodiless=True)
    assert read(answer, OK + b"content-length: 100\r\n\r\n") == b""
    assert (answer.over, answer.keeps) == (True, True)


def test_a_body_that_ends_with_its_connection() -> None:
    """Without a length the end of the connection is the end of the body."""
    answer = Answer()
    assert read(answer, OK + b"\r\none", b"two", b"") == b"onetwo"
    assert (answer.over, answer.keeps) == (True, False)


def test_chunks_that_came_together_are_one_piece() -> None:
    """Many chunks in one packet cost their consumer one step."""
    answer = Answer()
    answer.feed(CHUNKED)
    assert answer.feed(b"3\r\none\r\n3\r\ntwo\r\n5\r\nth") == b"onetwoth"
    assert answer.feed(b"ree\r") == b"ree"
    assert answer.feed(b"\n0\r\n\r\n") == b""
    assert answer.over


@pytest.mark.parametrize(
    "raw, says",
    [
        (b"", "without an answer"),
        (b"HTTP/1.1 2", "in the midst of a head"),
        (OK + b"content-length: 5\r\n\r\nhi", "complete: 3 bytes too early"),
        (CHUNKED + b"5\r\nhi", "in the midst of its chunks"),
        (CHUNKED + b"0\r\nTrailer: x\r\n", "in the midst of its chunks"),
    ],
)
def test_an_early_end(raw: bytes, says: str) -> None:
    """A connection that ends too early says what is missing."""
    answer = Answer()
    if raw:
        answer.feed(raw)
    with pytest.raises(MalformedError, match=says):
        answer.feed(b"")


def test_an_end_after_the_end() -> None:
    """Hanging up after a complete answer is no fault; the connection is gone."""
    answer = Answer()
    read(answer, OK + b"content-length: 0\r\n\r\n", b"")
    assert (answer.over, answer.keeps) == (True, False)


# --- against another reader ----------------------------------------------------------------------

NAMES = st.from_regex(rb"[A-Za-z][A-Za-z0-9-]{0,8}", fullmatch=True).filter(
    lambda name: name.lower() not in {b"content-length", b"transfer-encoding", b"connection"}
)
VALUES = st.from_regex(rb"[!-~\x80-\xff]([ \t!-~\x80-\xff]{0,10}[!-~\x80-\xff])?", fullmatch=True)


@given(
    status=st.integers(200, 599),
    fields=st.lists(st.tuples(NAMES, VALUES), max_size=6),
    pieces=st.lists(st.binary(min_size=1, max_size=40), max_size=6),
    framing=st.sampled_from(["length", "chunked", "close"]),
    closing=st.booleans(),
    data=st.data(),
)
def test_reads_what_another_reader_reads(  # noqa: PLR0917
    status: int,
    fields: list[tuple[bytes, bytes]],
    pieces: list[bytes],
    framing: str,
    closing: bool,  # noqa: FBT001
    data: st.DataObject,
) -> None:
    """Status, headers and body are h11's, however the bytes are cut."""
    body = b"".join(pieces)
    head = [*fields, *([(b"Connection", b"close")] if closing else [])]
    head += {"length": [(b"Content-Length", b"%d" % len(body))], "chunked": [(b"Transfer-Encoding", b"chunked")], "close": []}[framing]
    raw = b"HTTP/1.1 %d Any Reason\r\n" % status + b"".join(b"%b: %b\r\n" % field for field in head) + b"\r\n"
    if status not in {204, 304}:
        raw += b"".join(map(chunk, [*pieces, b""])) if framing == "chunked" else body
    answer = Answer()
    got = b"".join([answer.feed(piece) for piece in [*cut(raw, data), b""] if not answer.over])
    peer = h11.Connection(h11.CLIENT)
    peer.send(h11.Request(method="GET", target="/", headers=[("host", "x")]))
    peer.send(h11.EndOfMessage())
    peer.receive_data(raw)
    peer.receive_data(b"")
    events = [peer.next_event() for _ in range(2)]
    assert isinstance(events[0], h11.Response)
    while isinstance(events[-1], h11.Data):
        events.append(peer.next_event())
    assert answer.status == events[0].status_code
    assert [(name.encode("latin-1"), value.encode("latin-1")) for name, value in answer.fields] == list(events[0].headers.raw_items())
    assert got == b"".join([bytes(event.data) for event in events if isinstance(event, h11.Data)])
    assert isinstance(events[-1], h11.EndOfMessage)


@given(
    st.sampled_from([OK + b"A: b\r\nContent-Length: 5\r\n\r\nhello", CHUNKED + b"5\r\nhello\r\n0\r\nX: y\r\n\r\n", OK + b"\r\nhello"]),
    st.lists(st.tuples(st.integers(0, 80), st.binary(max_size=3)), max_size=5),
    st.data(),
)
def test_whatever_arrives(raw: bytes, changes: list[tuple[int, bytes]], data: st.DataObject) -> None:
    """Bytes changed anywhere are read or refused, never anything else."""
    for place, new in changes:
        raw = raw[:place] + new + raw[place + len(new) :]
    answer = Answer()
    try:
        for piece in [*cut(raw or b"x", data), b""]:
            if not answer.over:
                answer.feed(piece)
    except MalformedError:
        return
    assert answer.over
