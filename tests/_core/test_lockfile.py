"""Lockfiles as text and as values: what is read, written, and the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from llmring._core import lockfile
from llmring.exceptions import LockfileParseError
from tests._core.lockfile_texts import locks

if TYPE_CHECKING:
    from llmring._core.lockfile import Lock, Syntax

SHORT = '[[profiles.default.bindings]]\nalias = "fast"\nmodels = ["openai:gpt-5.4-mini"]\n'


@given(locks(), st.sampled_from(["toml", "json"]))
def test_what_is_written_is_read(lock: Lock, syntax: Syntax) -> None:
    """Rendering and parsing again changes nothing."""
    text = lockfile.render(lock, syntax)
    assert lockfile.parse(text) == lock
    assert lockfile.syntax(text) == syntax


@given(locks())
def test_the_digest_is_of_what_is_said(lock: Lock) -> None:
    """Syntax, comments and the order of keys do not matter to the digest."""
    backwards: Any = dict(reversed(lock.items()))
    commented = "# a comment\n\n" + lockfile.render(lock)
    assert lockfile.digest(lock) == lockfile.digest(backwards) == lockfile.digest(lockfile.parse(commented))


def test_the_digest_changes_with_the_order_of_models() -> None:
    """The first model is the preferred one."""
    one = lockfile.parse(SHORT.replace("[", '["ollama:llama3.2", ', 1).replace('["ollama:llama3.2", [profiles', "[[profiles", 1))
    two = lockfile.parse(SHORT.replace('["openai', '["ollama:llama3.2", "openai'))
    assert lockfile.digest(one) != lockfile.digest(two)


def test_a_short_lockfile_is_filled_in() -> None:
    """Version, default profile, name, and the profile's own header may be left out."""
    binding = {"alias": "fast", "models": ["openai:gpt-5.4-mini"]}
    assert lockfile.parse(SHORT) == {
        **lockfile.empty(),
        "profiles": {"default": {"name": "default", "registry_versions": {}, "bindings": [binding]}},
    }
    assert lockfile.parse("") == lockfile.parse("{}") == lockfile.empty()


def test_the_format_of_the_contract_is_read() -> None:
    """Everything that a lockfile may say is kept."""
    text = (
        'version = "1.0"\ndefault_profile = "default"\ncreated_at = 2026-01-01T00:00:00Z\n[extends]\npackages = ["my-library"]\n'
        '[profiles.default]\nname = "default"\n[profiles.default.registry_versions]\nopenai = 27\n' + SHORT + 'constraints = ["tools"]\n'
    )
    lock = lockfile.parse(text)
    assert lock["extends"] == ["my-library"]
    assert lock["profiles"]["default"]["registry_versions"] == {"openai": 27}
    assert lock["profiles"]["default"]["bindings"][0].get("constraints") == {"can": ["tools"]}


@pytest.mark.parametrize(
    "text, line, reason",
    [
        ('version = "1.0"\nmodels = [\n', 3, "not valid TOML"),
        ('a = 1\na = "2"\n', 2, "not valid TOML: Cannot overwrite a value: the key is there already; keep one"),
        ("a = 1\n\nb =", 3, "not valid TOML: Invalid value"),
        ("a = " + "[" * 100_000, None, "not valid TOML: nested too deeply"),
        ('{\n "version": }', 2, "not valid JSON: Expecting value"),
        ('{"profiles": {}, "profiles": {}}', 1, "'profiles' occurs twice"),
        ('{"profiles": {"dev":\n{"name": "x",\n"name": "y"}},\n"profiles": {}}', 3, "'name' occurs twice in one object; keep one"),
        ('{"a":' * 100_000, None, "not valid JSON: nested too deeply"),
        ("a = " + "9" * 5000, None, "not valid TOML: Exceeds the limit"),
        ('{"a": ' + "9" * 5000 + "}", None, "not valid JSON: Exceeds the limit"),
    ],
    ids=lambda value: repr(value)[:20],
)
def test_broken_text_is_told_with_its_line(text: str, line: int | None, reason: str) -> None:
    """What is neither TOML nor JSON says where."""
    with pytest.raises(LockfileParseError) as caught:
        lockfile.parse(text, "/x/llmring.lock")
    assert reason in str(caught.value)
    assert str(caught.value).startswith("/x/llmring.lock")
    assert caught.value.line == line
    assert caught.value.lockfile == "/x/llmring.lock"


def test_text_is_utf8_with_or_without_a_mark() -> None:
    """A byte order mark is dropped; other encodings are told with the line of the first wrong byte."""
    assert lockfile.decode(b"\xef\xbb\xbf" + SHORT.encode(), "x") == SHORT
    with pytest.raises(LockfileParseError, match=r"^x, line 3: not UTF-8 \(byte 0xe4\); save the file as UTF-8$") as caught:
        lockfile.decode(b"a = 1\n\nb = '\xe4'\n", "x")
    assert caught.value.line == 3
