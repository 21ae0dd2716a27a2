"""What Anthropic really sent decodes to what it said, however its bytes are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from llmring.protocols import anthropic_extras, anthropic_messages
from tests.protocols.wire import cases, cut, differences, replay

if TYPE_CHECKING:
    from tests.protocols.wire import Exchange

pytestmark = pytest.mark.conformance

SEEDS: Final = (1, 2)
EXCHANGES: Final = cases("anthropic", "messages")
STREAMS: Final = [exchange for exchange in EXCHANGES if exchange.framing == "sse"]


def test_recordings_are_read() -> None:
    """There is something to check: answers, streams and errors."""
    assert len(EXCHANGES) >= 83
    assert len(STREAMS) >= 35
    assert any(exchange.failed for exchange in EXCHANGES)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_decodes(exchange: Exchange) -> None:
    """Text, thoughts, calls, usage, reason or error are those recorded."""
    assert differences(exchange, replay(anthropic_messages, exchange)) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exchange", STREAMS, ids=str)
def test_cutting_changes_nothing(exchange: Exchange, seed: int) -> None:
    """Bytes cut anywhere give the same events."""
    outcome = replay(anthropic_messages, exchange, cut(exchange.body, seed, longest=60))
    assert outcome == replay(anthropic_messages, exchange)
    assert outcome.ended


@pytest.mark.parametrize("exchange", [each for each in EXCHANGES if not each.failed], ids=str)
def test_answers_survive_their_plain_form(exchange: Exchange) -> None:
    """A message is rebuilt from its plain form with all that is opaque in it."""
    response = replay(anthropic_messages, exchange).response
    assert response is not None
    assert response.message is not None
    assert type(response.message).from_dict(response.message.to_dict()) == response.message


@pytest.mark.parametrize("exchange", cases("anthropic", "count_tokens", kinds=["count_tokens"]), ids=str)
def test_counts(exchange: Exchange) -> None:
    """The count is the one recorded."""
    assert anthropic_extras.decode_count(exchange.reply) == exchange.expected["count"]


@pytest.mark.parametrize("exchange", cases("anthropic", "models", kinds=["models"]), ids=str)
def test_lists_models(exchange: Exchange) -> None:
    """All models of the page are there, in their order."""
    models, after = anthropic_extras.decode_models(exchange.reply)
    wanted: dict[str, Any] = exchange.expected
    assert len(models) == wanted["model_count"]
    assert [model["id"] for model in models[:5]] == wanted["model_ids"][:5]
    assert after is None
