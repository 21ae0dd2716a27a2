"""Payloads become JSON objects, or a typed error."""

from __future__ import annotations

import pytest

from llmring._core.http import HttpReply
from llmring.exceptions import ProviderResponseError
from llmring.protocols import framing
from llmring.protocols.framing import decoder, frame, whole
from llmring.protocols.ndjson import NdjsonDecoder
from llmring.protocols.sse import SseDecoder


@pytest.fixture(autouse=True, params=[True, False], ids=["orjson", "json"])
def library(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask orjson first where it is installed, and do without it."""
    monkeypatch.setattr(framing, "INSTALLED", request.param)


def test_each_framing_has_its_decoder() -> None:
    """The protocol's word picks the decoder."""
    assert isinstance(decoder("sse"), SseDecoder)
    assert isinstance(decoder("ndjson"), NdjsonDecoder)


def test_the_end_marker_and_nothing_are_no_frames() -> None:
    """``[DONE]`` and an empty payload hold no object."""
    assert frame(b"[DONE]") is None
    assert frame(b"") is None
    assert frame(b'{"a": 1}') == {"a": 1}


@pytest.mark.parametrize("data", [b"{", b"oops", b"[1]", b"null", b'{"a": 1} x', b"\xff", b"[" * 100_000])
def test_anything_else_is_a_typed_error(data: bytes) -> None:
    """What is no JSON object is told, with its beginning."""
    with pytest.raises(ProviderResponseError, match="not") as caught:
        frame(data)
    assert len(caught.value.message) < 500


@pytest.mark.parametrize("body", [b"<html>", b"[]", b"", b"[" * 100_000])
def test_a_whole_body_must_be_an_object(body: bytes) -> None:
    """A body that is no JSON object is told, with its status."""
    with pytest.raises(ProviderResponseError) as caught:
        whole(HttpReply(201, {}, body))
    assert caught.value.status_code == 201


def test_a_whole_body_is_read() -> None:
    """An object is given as it is."""
    assert whole(HttpReply(200, {}, b'{"a": null}')) == {"a": None}
