"""JSON lines, cut anywhere, give the same payloads."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from llmring.protocols.ndjson import NdjsonDecoder
from tests.protocols.wire import cut

LINES = st.sampled_from(["{}", '{"a": "é\u2028\u0085"}', "", "   ", "[1]", "{}\r", '{"long": "' + "x" * 300 + '"}'])


def payloads(chunks: list[bytes]) -> list[bytes]:
    """Decode *chunks* to their end."""
    decoder = NdjsonDecoder()
    return [payload for chunk in chunks for payload in decoder.feed(chunk)] + decoder.flush()


@given(st.lists(LINES), st.integers(0, 1000), st.integers(1, 50))
def test_chunking_never_changes_payloads(lines: list[str], seed: int, longest: int) -> None:
    """Bytes cut anywhere decode to the same payloads."""
    data = "\n".join(lines).encode()
    assert payloads(cut(data, seed, longest)) == payloads([data])


def test_only_line_feeds_end_a_line() -> None:
    """Separators of Unicode may stand inside JSON; carriage returns and blank lines say nothing."""
    assert payloads(['{"a": "\u2028\u0085"}\r\n\n  \n{}\n'.encode()]) == ['{"a": "\u2028\u0085"}'.encode(), b"{}"]


def test_the_end_closes_a_whole_line_and_drops_a_cut_one() -> None:
    """A body may end without a line feed."""
    assert payloads([b'{"a": 1}']) == [b'{"a": 1}']
    assert payloads([b'{"a": 1}\n{"b"']) == [b'{"a": 1}']


def test_what_is_no_object_was_not_cut_short() -> None:
    """A page that ends without a line feed is given as it is, for whoever reads it to refuse."""
    assert payloads([b"<html>"]) == [b"<html>"]
    assert payloads([b" "]) == []
