"""What of a growing Markdown text cannot change any more."""

from __future__ import annotations

import pytest

from llmring.cli.writers import settled


@pytest.mark.parametrize(
    "text, whole",
    [
        ("", ""),
        ("one", ""),
        ("one\n", ""),
        ("one\n\n", "one\n\n"),
        ("one\n\ntwo", "one\n\n"),
        ("one\n\ntwo\n\nthree", "one\n\ntwo\n\n"),
        ("\n\n", ""),
        ("```\na\n\nb", ""),
        ("```py\na\n\n```\n\nb", "```py\na\n\n```\n\n"),
        ("~~~~\n\n~~~\n\n~~~~\n\n", "~~~~\n\n~~~\n\n~~~~\n\n"),
    ],
)
def test_blocks_are_settled_once_they_are_whole(text: str, whole: str) -> None:
    """A blank line ends a block, unless it is part of code."""
    assert text[: settled(text)] == whole
