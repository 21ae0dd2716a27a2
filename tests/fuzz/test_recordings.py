"""What real providers said, spoiled, decodes to an answer or an error of ours, too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from hypothesis import given, note

from tests.fuzz.corpus import PROTOCOLS, recorded
from tests.fuzz.judging import judge
from tests.fuzz.spoiling import HEADERS, NUMBERS, SPOILS, changed, one_of

if TYPE_CHECKING:
    from tests.fuzz.mutations import Mutation

pytestmark = pytest.mark.conformance
FEWEST = 50


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_reads_recordings_as_they_are(protocol: str) -> None:
    """What was said, read in every way there is, right ones and wrong ones."""
    assert len(recorded(protocol)) >= FEWEST
    for sample in recorded(protocol):
        assert judge(sample).total() >= 5


@pytest.mark.parametrize("protocol", PROTOCOLS)
@given(at=NUMBERS, mutations=SPOILS, headers=HEADERS, seed=NUMBERS)
def test_reads_spoiled_recordings(protocol: str, at: int, mutations: tuple[Mutation, ...], headers: dict[str, str], seed: int) -> None:
    """The same mutations, on bodies that no simulator thinks of."""
    sample = changed(one_of(recorded(protocol), at), mutations, headers)
    note(f"{sample.name}: {sample.body[:2000]!r}")
    assert judge(sample, seed=seed).total() >= 5
