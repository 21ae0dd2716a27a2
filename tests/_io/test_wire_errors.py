"""Our network fails in words that the HTTP library knows too."""

from __future__ import annotations

from typing import TYPE_CHECKING

import httpcore2
import httpx2
import pytest

from llmring._core.timeouts import Timeout, Waits
from llmring._io import wire_errors
from llmring._io.failures import WIRE, failure, librarys
from llmring._io.wire_errors import WireError
from llmring._sync.library import worded

if TYPE_CHECKING:
    from collections.abc import Iterator


def kinds(of: type[WireError] = WireError) -> Iterator[type[WireError]]:
    """Give all kinds of errors below *of*."""
    for kind in of.__subclasses__():
        yield kind
        yield from kinds(kind)


@pytest.mark.parametrize("kind", list(kinds()))
def test_every_error_has_its_namesake(kind: type[WireError]) -> None:
    """The library gets its own error, of the same name, with the same text."""
    said = worded(kind("it broke"))
    assert type(said) is getattr(httpcore2, kind.__name__)
    assert str(said) == "it broke"


@pytest.mark.parametrize("kind", list(kinds()))
def test_a_caller_hears_the_same_of_either(kind: type[WireError]) -> None:
    """What becomes of our error is what becomes of the library's."""
    waits = Waits(Timeout(attempt=3), 0, stream=False)
    ours, theirs = (failure(error, waits, "host", 1) for error in (kind("it broke"), getattr(httpx2, kind.__name__)("it broke")))
    assert (type(ours), str(ours)) == (type(theirs), str(theirs))


def test_what_the_library_fails_with_holds_what_we_fail_with() -> None:
    """Whoever expects the library's errors expects ours as well."""
    assert set(WIRE) < set(librarys())
    assert wire_errors.WireError in WIRE
