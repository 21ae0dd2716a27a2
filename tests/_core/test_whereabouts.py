"""Where in a lockfile a thing is that an error or a finding is about."""

from __future__ import annotations

import pytest

from llmring._core import lockfile
from llmring._core.lockfile_lines import line_of
from llmring._core.whereabouts import binding, subject

TEXT = """\
[extends]
packages = [
    "lib",
]

[[profiles.default.bindings]]
alias = "fast"
models = [
    "openai:gpt-5",
    "anthropic:claude-1",
]
[profiles.default.registry_versions]
openai = 27

[[profiles.dev.bindings]]
alias = "fast"
models = ["openai:gpt-5"]

[pins."openai:gpt-5"]
id = "gpt-5"
"""
LOCK = lockfile.parse(TEXT)


@pytest.mark.parametrize(
    "name, line",
    [
        ("openai:gpt-5", 19), ("anthropic:claude-1", 10), ("default/fast", 7), ("dev/fast", 16), ("default/openai", 13), ("lib", 3),
        ("default/lib:deep", 3), ("default/nothing", None), ("dev/openai", None), ("pins", None), ("none/fast", None),
    ],
)  # fmt: skip
def test_what_a_finding_is_about_has_its_line(name: str, line: int | None) -> None:
    """A pin goes before the models that it pins; what the lockfile does not say is on no line."""
    place = subject(LOCK, name)
    assert (line_of(TEXT, place) if place else None) == line


def test_a_model_of_a_binding_has_its_line() -> None:
    """That of the model itself where it is bound, else that of the alias, or of the package that brings it."""
    assert line_of(TEXT, binding(LOCK, "default", "fast", "anthropic:claude-1")) == 10
    assert line_of(TEXT, binding(LOCK, "dev", "fast", "anthropic:claude-1")) == 16
    assert line_of(TEXT, binding(LOCK, "default", "lib:deep", "x:y")) == 3
    assert binding(LOCK, "nowhere", "fast") == ()
