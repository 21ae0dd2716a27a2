"""Packed bytes cut anywhere unpack to the same, and never to more than is allowed."""

from __future__ import annotations

import gzip
import zlib
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._io.inflate import Inflater
from llmring.exceptions import ProviderResponseError

if TYPE_CHECKING:
    from collections.abc import Callable


def raw(data: bytes) -> bytes:
    """Pack *data* without any header."""
    packer = zlib.compressobj(wbits=-15)
    return packer.compress(data) + packer.flush()


@given(st.binary(max_size=2000), st.sampled_from([("gzip", gzip.compress), ("deflate", zlib.compress), ("deflate", raw)]), st.data())
def test_cut_anywhere(body: bytes, packing: tuple[str, Callable[[bytes], bytes]], data: st.DataObject) -> None:
    """Cutting never changes what comes out."""
    name, pack = packing
    packed = pack(body)
    cuts = sorted(data.draw(st.sets(st.integers(1, len(packed) - 1), max_size=5)))
    inflater = Inflater(name, 2000)
    assert b"".join(inflater.feed(packed[a:b]) for a, b in pairwise([0, *cuts, len(packed)])) == body
    inflater.finish()


def test_raw_deflate() -> None:
    """Deflate without a header is recognised by its first bytes."""
    inflater = Inflater("deflate", 100)
    assert inflater.feed(raw(b"text")) == b"text"
    inflater.finish()


def test_limits() -> None:
    """One byte too many is too many; an empty body is none."""
    packed = gzip.compress(bytes(101))
    assert len(Inflater("gzip", 101).feed(packed)) == 101
    with pytest.raises(ProviderResponseError, match="larger than 100 bytes"):
        Inflater("gzip", 100).feed(packed)
    Inflater("gzip", 100).finish()


def test_garbage_later_on() -> None:
    """What begins well and goes on badly is broken."""
    inflater = Inflater("gzip", 10_000)
    inflater.feed(gzip.compress(b"the quick brown fox " * 100)[:20])
    with pytest.raises(ProviderResponseError, match="broken"):
        inflater.feed(bytes(200))
