"""Ask several models the same question at once: ``python compare.py [question]``."""

from __future__ import annotations

import asyncio
import sys

from llmring import AsyncLLMRing, LLMRingError

MODELS = ("openai:gpt-5.4-mini", "anthropic:claude-haiku-4-5-20251001", "ollama:qwen3:8b")


async def ask(ring: AsyncLLMRing, model: str, question: str) -> str:
    """Give the answer of *model*, or why there is none."""
    try:
        response = await ring.chat(model, question, max_tokens=300, timeout=60)
    except LLMRingError as error:
        return f"{model}: {type(error).__name__}: {error}"
    return f"{model} ({response.latency:.1f} s, {response.usage.output_tokens} tokens): {response.content}"


async def main(question: str) -> None:
    """Ask all models and print the answers as they arrive."""
    async with AsyncLLMRing() as ring:
        for answer in asyncio.as_completed([ask(ring, model, question) for model in MODELS]):
            print(await answer, flush=True)


if __name__ == "__main__":
    asyncio.run(main(" ".join(sys.argv[1:]) or "In one sentence: what makes a good error message?"))
