"""The door to providers: how each would be reached, and never a key."""

from __future__ import annotations

import pytest

from llmring.exceptions import UnknownProviderError
from llmring.providers import ABILITIES, provider_names, provider_status


def test_tells_where_the_key_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The variable, and not what it holds."""
    assert not provider_status("gemini").usable
    monkeypatch.setenv("GOOGLE_API_KEY", "sk-secret")
    status = provider_status("gemini")
    assert (status.name, status.key_from, status.protocol, status.usable) == ("google", "GOOGLE_API_KEY", "gemini_generate", True)
    assert status.variables[0] == "GEMINI_API_KEY"
    assert "sk-secret" not in repr(status)


def test_tells_where_the_address_is_from(monkeypatch: pytest.MonkeyPatch) -> None:
    """The usual one, or that of a variable; a server of one's own needs no key."""
    assert provider_status("ollama").base_url_from is None
    assert provider_status("ollama").usable
    monkeypatch.setenv("OLLAMA_HOST", "gpu:1234")
    assert (provider_status("ollama").base_url, provider_status("ollama").base_url_from) == ("http://gpu:1234", "OLLAMA_HOST")


def test_tells_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    """An address that nobody knows is a fault, and no error here; a provider of one's own is told too."""
    status = provider_status("azure")
    assert not status.usable
    assert status.fault
    assert status.base_url is None
    own = provider_status("corp", {"corp": {"protocol": "openai_chat", "base_url": "https://llm.example/v1"}})
    assert (own.doc, own.base_url, own.usable) == ("", "https://llm.example/v1", True)
    with pytest.raises(UnknownProviderError):
        provider_status("opnai")


def test_names_are_listed() -> None:
    """Each can be asked for."""
    assert {"openai", "anthropic", "google", "ollama"} <= set(provider_names())
    assert all(provider_status(name).name == name for name in provider_names())
    assert "tools" in ABILITIES
