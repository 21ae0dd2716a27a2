"""What Gemini really sent decodes to what it said, however its bytes are cut."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pytest

from llmring.protocols import gemini_extras, gemini_generate
from tests.protocols.wire import cases, cut, differences, replay

if TYPE_CHECKING:
    from tests.protocols.wire import Exchange

pytestmark = pytest.mark.conformance

SEEDS: Final = (1, 2)
EXCHANGES: Final = [*cases("gemini", "generateContent"), *cases("gemini", "streamGenerateContent")]
LISTED: Final = cases("gemini", "streamGenerateContent", left_out=True)
EMBEDDED: Final = [
    exchange for api in ("batchEmbedContents", "embedContent") for exchange in cases("gemini", api, kinds=["embeddings"], left_out=True)
]
STREAMS: Final = [exchange for exchange in EXCHANGES if exchange.framing == "sse"]


def test_recordings_are_read() -> None:
    """There is something to check: answers, streams and errors."""
    assert len(EXCHANGES) >= 74
    assert len(STREAMS) >= 24
    assert any(exchange.failed for exchange in EXCHANGES)


@pytest.mark.parametrize("exchange", EXCHANGES, ids=str)
def test_decodes(exchange: Exchange) -> None:
    """Text, thoughts, calls, usage, reason or error are those recorded."""
    assert differences(exchange, replay(gemini_generate, exchange)) == []


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("exchange", STREAMS, ids=str)
def test_cutting_changes_nothing(exchange: Exchange, seed: int) -> None:
    """Bytes cut anywhere give the same events."""
    outcome = replay(gemini_generate, exchange, cut(exchange.body, seed, longest=60))
    assert outcome == replay(gemini_generate, exchange)
    assert outcome.ended


@pytest.mark.parametrize("exchange", [each for each in EXCHANGES if not each.failed], ids=str)
def test_answers_survive_their_plain_form(exchange: Exchange) -> None:
    """A message is rebuilt from its plain form with all that is opaque in it."""
    response = replay(gemini_generate, exchange).response
    if response is not None:
        assert response.message is not None
        assert type(response.message).from_dict(response.message.to_dict()) == response.message


@pytest.mark.parametrize("exchange", [each for each in LISTED if each.framing == "json_array"], ids=str)
def test_a_list_of_chunks_is_a_whole_answer(exchange: Exchange) -> None:
    """A stream that was not asked for events comes as one JSON list, and reads as whole."""
    response = gemini_generate.decode(exchange.reply)
    assert response.content == exchange.expected["text"]
    assert response.raw_finish_reason == "STOP"


@pytest.mark.parametrize("exchange", cases("gemini", "countTokens", kinds=["count_tokens"]), ids=str)
def test_counts(exchange: Exchange) -> None:
    """The count is the one recorded."""
    assert gemini_extras.decode_count(exchange.reply) == exchange.expected["count"]


@pytest.mark.parametrize("exchange", cases("gemini", "models", kinds=["models"]), ids=str)
def test_lists_models(exchange: Exchange) -> None:
    """All models of the page are there, in their order, and there is another page."""
    models, after = gemini_extras.decode_models(exchange.reply)
    wanted: dict[str, Any] = exchange.expected
    assert len(models) == wanted["model_count"]
    assert [model["name"] for model in models[:5]] == wanted["model_ids"][:5]
    assert [f"models/{model['id']}" for model in models[:5]] == wanted["model_ids"][:5]
    assert (after is not None) == wanted["has_more"]


@pytest.mark.parametrize("exchange", EMBEDDED, ids=str)
def test_embeds(exchange: Exchange) -> None:
    """There are as many vectors, of as many numbers, as were recorded."""
    vectors, _ = gemini_extras.decode_embed(exchange.reply)
    assert (len(vectors), len(vectors[0])) == (exchange.expected["vectors"], exchange.expected["dims"])
