"""Whatever is done to a draft, in whatever order: it can be undone, comments stay, and it can be made again to another file."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from hypothesis import given
from hypothesis import strategies as st

from llmring.advice import Advisor
from llmring.exceptions import LLMRingError
from llmring.lockfile import Lockfile
from tests._core.small_registry import registry
from tests.test_advice_door import CHANGES, DAY, TEXT

if TYPE_CHECKING:
    from collections.abc import Generator

Change = Callable[[Advisor], Any]

changes = st.lists(st.sampled_from([change for _, change, _ in CHANGES]), max_size=6)


@contextlib.contextmanager
def drafted(done: list[Change], text: str = TEXT) -> Generator[tuple[Advisor, Path]]:
    """Give an advisor on a file with *text*, after what can be *done*."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "llmring.lock"
        path.write_text(text, encoding="utf-8")
        advisor = Advisor(path, registry=registry(), today=DAY)
        for change in done:
            with contextlib.suppress(LLMRingError):
                change(advisor)
        yield advisor, path


@given(changes)
def test_all_that_was_done_can_be_undone(done: list[Change]) -> None:
    """One by one, and then there is no difference; the file is not touched."""
    with drafted(done) as (advisor, path):
        assert "# Ours.\n" in advisor.lockfile.text
        assert len(advisor.changes) <= len(done)
        while advisor.undo()["undone"]:
            assert "# Ours.\n" in advisor.lockfile.text
        assert (advisor.lockfile.text, advisor.diff()["diff"]) == (TEXT, "")
        assert path.read_text(encoding="utf-8") == TEXT


@given(changes)
def test_a_draft_is_made_again_as_if_it_had_begun_there(done: list[Change]) -> None:
    """On a file to which somebody has added something meanwhile."""
    more = TEXT + '\n# Theirs.\n[[profiles.default.bindings]]\nalias = "theirs"\nmodels = ["openai:gpt-5"]\n'
    with drafted(done) as (advisor, path), drafted(done, more) as (fresh, _):
        path.write_text(more, encoding="utf-8")
        caught = advisor.catch_up()
        assert (caught.moved, caught.lost) == (True, ())
        assert advisor.lockfile.text == fresh.lockfile.text
        assert path.read_text(encoding="utf-8") == more


@given(changes)
def test_what_is_saved_is_what_was_shown(done: list[Change]) -> None:
    """And it can be read."""
    with drafted(done) as (advisor, path):
        proposal = advisor.proposal()
        advisor.save(proposal)
        assert path.read_text(encoding="utf-8") == proposal.after == Lockfile.load(path).text
        assert (advisor.changes, advisor.proposal().diff) == ((), "")
