"""Hypothesis strategies over spoiled replies: which sample, which mutations, where the bytes are cut; all of it shrinks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs
from hypothesis import strategies as st

from tests.fuzz.mutations import LIKELY, WAYS, Mutation, spoiled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.fuzz.corpus import Sample

NUMBERS = st.integers(0, 2**16)
MUTATIONS = st.builds(Mutation, st.sampled_from([*LIKELY, *WAYS]), NUMBERS, NUMBERS)
SPOILS = st.lists(MUTATIONS, min_size=1, max_size=4).map(tuple)
TYPES = st.sampled_from(("text/html", "application/json", "text/event-stream", "application/octet-stream", "", "\x00"))
WAITS = st.sampled_from(("0", "-1", "1e400", "nan", "", "Wed, 21 Oct 2026 07:28:00 GMT", "1 Jan 99999999999999999999 0:0:0 +0000"))
DATES = st.sampled_from(("Wed, 21 Oct 2026 07:27:00 GMT", "yesterday", "1 Jan 99999999999999999999 0:0:0 +0000"))
HEADERS = st.fixed_dictionaries({}, optional={"content-type": TYPES, "retry-after": WAITS, "retry-after-ms": WAITS, "date": DATES})


def changed(sample: Sample, mutations: tuple[Mutation, ...], headers: dict[str, str]) -> Sample:
    """Give *sample* with its body spoiled, and under other *headers*."""
    return attrs.evolve(sample, headers=sample.headers | headers, body=spoiled(sample.body, mutations))


def one_of(samples: Sequence[Sample], at: int) -> Sample:
    """Pick one of *samples* by a number of any size."""
    return samples[at % len(samples)]
