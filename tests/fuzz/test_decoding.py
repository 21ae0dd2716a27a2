"""Whatever a provider's bytes have become, decoding them gives an answer or an error of ours: never another, never without end."""

from __future__ import annotations

import resource
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, note

from tests.fuzz.corpus import PROTOCOLS, own
from tests.fuzz.judging import judge
from tests.fuzz.spoiling import HEADERS, NUMBERS, SPOILS, changed, one_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.fuzz.mutations import Mutation

ALLOWED = 256 * 1024
"""Kilobytes by which all examples together may raise the peak of the process."""


@pytest.fixture(scope="module", autouse=True)
def memory() -> Iterator[None]:
    """Bound what decoding may take."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < ALLOWED


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_reads_samples_as_they_are(protocol: str) -> None:
    """What was said, read in every way there is, right ones and wrong ones."""
    for sample in own(protocol):
        assert judge(sample).total() >= 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(at=NUMBERS, mutations=SPOILS, headers=HEADERS, seed=NUMBERS)
def test_reads_spoiled_samples(protocol: str, at: int, mutations: tuple[Mutation, ...], headers: dict[str, str], seed: int) -> None:
    """Bytes flipped, cut, doubled, swapped; values of other types, of absurd size, depth or spelling."""
    sample = changed(one_of(own(protocol), at), mutations, headers)
    note(f"{sample.name}: {sample.body[:2000]!r}")
    assert judge(sample, seed=seed).total() >= 5
