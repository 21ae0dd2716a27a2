"""Hold every chat body that a ring prepares to the official types; for a fixture that every test uses."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from llmring._core.target import Ready
from llmring._io.locks import new_lock
from tests.oracles.bodies import check_body

if TYPE_CHECKING:
    import pytest

    from llmring._core.http import HttpCall
    from llmring._core.request import NormalRequest
    from llmring._core.wire_call import PreparedCall

OFFICIAL: Final = frozenset({"openai", "anthropic", "google", "ollama"})
"""Providers whose dialect is their SDK's; others may say what the SDKs do not know."""

SDKS: Final = ("openai", "anthropic", "google.genai", "ollama")


_ONE_AT_A_TIME: Final = new_lock()
"""The SDKs' validators are built while they are first used, which two threads must not do at once; a forked child has it free."""


def installed() -> bool:
    """Tell whether every SDK is there to ask."""
    try:
        return all(find_spec(name) is not None for name in SDKS)
    except ModuleNotFoundError:  # the parent of a dotted name
        return False


def watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """Check every body from here on, save for what the caller put into it by ``extra_params`` or asked of a hosted tool."""
    prepare = Ready.prepare

    def checked(ready: Ready, call: HttpCall, request: NormalRequest | None = None) -> PreparedCall:
        official = ready.endpoint.entry["id"] in OFFICIAL and ready.candidate.provider in OFFICIAL
        if official and request is not None and isinstance(call.body, dict) and not request.extra:
            name = ready.protocol.NAME
            with _ONE_AT_A_TIME:
                check_body(name, {"model": ready.candidate.model, **call.body} if name != "gemini_generate" else call.body)
        return prepare(ready, call, request)

    monkeypatch.setattr(Ready, "prepare", checked)
