"""What people really sent to each API, asked of the ring, goes out saying the same."""

from __future__ import annotations

import sys
from collections import Counter
from typing import TYPE_CHECKING, Any, Final

import attrs
import pytest

from llmring.exceptions import ProviderError, RequestError, SchemaValidationError
from tests.conformance import requests_anthropic, requests_chat, requests_gemini, requests_ollama, requests_responses
from tests.conformance.calls import ring_for
from tests.conformance.peer import Peer
from tests.conformance.requests import differences, recorded_body
from tests.protocols.wire import cases

if TYPE_CHECKING:
    from llmring import LLMRing
    from tests.conformance.requests import Body, Dialect
    from tests.protocols.wire import Exchange

pytestmark = pytest.mark.conformance


@attrs.frozen
class Api:
    """One API of one provider."""

    protocol: str
    dialect: Dialect
    paths: tuple[tuple[str, str], ...]
    """Providers and their names of it, as the recordings are sorted."""
    fewest: int
    """Requests that must be there, so that a missing folder is no success."""


APIS: Final = {
    "chat completions": Api("openai_chat", requests_chat, (("openai", "chat_completions"), ("openai_compatible", "chat_completions")), 200),
    "Responses": Api("openai_responses", requests_responses, (("openai", "responses"), ("openai_compatible", "responses")), 50),
    "Messages": Api("anthropic_messages", requests_anthropic, (("anthropic", "messages"),), 75),
    "generateContent": Api("gemini_generate", requests_gemini, (("gemini", "generateContent"), ("gemini", "streamGenerateContent")), 70),
    "Ollama's chat": Api("ollama_chat", requests_ollama, (("ollama", "chat"),), 30),
}


def requests_of(api: Api) -> tuple[list[Exchange], Counter[str]]:
    """Give the exchanges whose request can be asked of the ring, and count the others by reason."""
    found: list[Exchange] = []
    others: Counter[str] = Counter()
    for provider, name in api.paths:
        for exchange in cases(provider, name, left_out=True):
            body = recorded_body(exchange)
            reason = "no body" if body is None else "request_elided" if "request_elided" in exchange.tags else api.dialect.left_out(body)
            if reason is None:
                found.append(exchange)
            else:
                others[reason] += 1
    return found, others


def _refused(ring: LLMRing, model: str, messages: list[Any], options: Body) -> str | None:
    """Ask *model*, and say what kept the request from being sent; what came back is another test's business."""
    try:
        ring.chat(model, messages, **options)
    except RequestError as error:
        return f"refused: {error}"
    except (ProviderError, SchemaValidationError):
        return None
    return None


@pytest.mark.parametrize("name", APIS)
def test_says_the_same(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Messages and options give an equivalent body."""
    api = APIS[name]
    found, others = requests_of(api)
    misses: dict[str, list[str]] = {}
    with Peer(found) as peer, ring_for(peer, [api.protocol] * len(found)) as ring:
        for at, exchange in enumerate(found):
            body = recorded_body(exchange)
            assert body is not None
            refused = _refused(ring, f"case-{at}:{body.get('model') or 'model'}", *api.dialect.call_of(body))
            lines = [refused] if refused else list(differences(api.dialect, body, peer.asked[at]))
            if lines:
                misses[exchange.name] = lines
    with capsys.disabled():
        left = ", ".join(f"{count} {reason}" for reason, count in sorted(others.items())) or "none"
        sys.stdout.write(f"\n{name:<17} {len(found) - len(misses):>4} of {len(found):>4} requests go out equivalent; left out: {left}\n")
    assert len(found) >= api.fewest
    assert not misses, "\n".join(f"{name}: {'; '.join(lines)}"[:700] for name, lines in misses.items())
