"""Read the price list bundled in the litellm wheel; the package is opened as an archive, never installed."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zipfile import ZipFile

from codegen.registry.claims import EFFORTS, MODALITIES, Record, Source, Value, dollars, rate_key

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date
    from pathlib import Path

MEMBER = "litellm/model_prices_and_context_window_backup.json"
PROVIDERS = {
    "openai": "openai",
    "anthropic": "anthropic",
    "gemini": "google",
    "deepseek": "deepseek",
    "groq": "groq",
    "mistral": "mistral",
    "xai": "xai",
}
KINDS = {
    "chat": "chat",
    "responses": "chat",
    "completion": "completion",
    "embedding": "embedding",
    "image_generation": "image",
    "video_generation": "video",
    "audio_speech": "speech",
    "audio_transcription": "transcription",
    "realtime": "realtime",
    "moderation": "moderation",
    "ocr": "ocr",
}
FLAGS = {
    "supports_function_calling": "capabilities.tools",
    "supports_parallel_function_calling": "capabilities.parallel_tools",
    "supports_forced_tool_use": "capabilities.forced_tools",
    "supports_response_schema": "capabilities.structured",
    "supports_reasoning": "capabilities.reasoning",
    "supports_prompt_caching": "capabilities.caching",
    "supports_web_search": "capabilities.web_search",
    "supports_computer_use": "capabilities.computer_use",
    "supports_assistant_prefill": "capabilities.prefill",
    "supports_vision": "in.image",
    "supports_pdf_input": "in.pdf",
    "supports_audio_input": "in.audio",
    "supports_video_input": "in.video",
    "supports_audio_output": "out.audio",
    "supports_adaptive_thinking": "reasoning.adaptive",
    "thinking_always_on": "reasoning.always",
} | {f"supports_{effort}_reasoning_effort": f"efforts.{effort}" for effort in EFFORTS}
RATES = {
    "input_cost_per_token": "input",
    "output_cost_per_token": "output",
    "cache_read_input_token_cost": "cache_read",
    "cache_creation_input_token_cost": "cache_write",
    "cache_creation_input_token_cost_above_1hr": "cache_write_1h",
    "input_cost_per_audio_token": "input_audio",
    "output_cost_per_audio_token": "output_audio",
    "cache_read_input_audio_token_cost": "cache_read_audio",
    "input_cost_per_image_token": "input_image",
    "output_cost_per_image_token": "output_image",
    "input_cost_per_video_token": "input_video",
    "output_cost_per_video_token": "output_video",
}
TIERS = {"flex": "flex", "priority": "priority", "batches": "batch"}
SPELLING = re.compile(rf"({'|'.join(sorted(RATES, key=len, reverse=True))})(?:_above_(\d+)k_tokens)?(?:_({'|'.join(TIERS)}))?")
SIZED = re.compile(r"^(?:low|medium|high|standard|hd|\d+-x-\d+)/")


def source(wheel: Path, day: date) -> Source:
    """Name the wheel as a source, retrieved on *day*."""
    version = wheel.name.split("-")[1]
    return Source(key="ll", name=f"litellm {version}", date=day, url="https://pypi.org/project/litellm")


def read(wheel: Path) -> Iterator[Record]:
    """Yield a record per model of the providers known here; prices per picture size are left out."""
    with ZipFile(wheel) as archive:
        models = json.loads(archive.read(MEMBER), parse_float=Decimal)
    for key, model in models.items():
        provider, kind = PROVIDERS.get(model.get("litellm_provider", "")), KINDS.get(model.get("mode", ""))
        if provider is None or kind is None or SIZED.match(key):
            continue
        name = key.removeprefix(f"{model['litellm_provider']}/")
        yield Record(source="ll", provider=provider, name=name, figures=_figures(model, kind, provider))


def _figures(model: Mapping[str, Any], kind: str, provider: str) -> dict[str, Value]:
    """Flatten one model; a flag that is absent says nothing."""
    figures: dict[str, Value] = {"kind": kind}
    figures |= {
        key: int(model[label]) for key, label in (("input", "max_input_tokens"), ("output", "max_output_tokens")) if model.get(label)
    }
    if model.get("deprecation_date"):
        from datetime import date

        figures["retires"] = date.fromisoformat(model["deprecation_date"])
    figures |= {figure: model[flag] for flag, figure in FLAGS.items() if model.get(flag) is not None}
    for label, side in (("supported_modalities", "in"), ("supported_output_modalities", "out")):
        named = model.get(label)
        if named:
            figures = {f"{side}.{kind}": kind in named for kind in MODALITIES if kind != "pdf"} | figures
    if model.get("supports_sampling_params") is False:
        figures |= {f"refuses.{name}": True for name in ("temperature", "top_p", "top_k")}
    if any(key.startswith("efforts.") for key in figures):
        figures |= {f"efforts.{effort}": True for effort in ("low", "medium", "high")}
    if provider == "openai" and (
        model["mode"] == "responses" or "/v1/chat/completions" not in model.get("supported_endpoints", ["/v1/chat/completions"])
    ):
        figures["protocol"] = "openai_responses"
    return figures | _rates(model)


def _rates(model: Mapping[str, Any]) -> dict[str, Value]:
    """Spell the prices; keys of a shape not known here (per picture, per hour) and zeros, which stand for unknown, are left out."""
    found = ((SPELLING.fullmatch(key), amount) for key, amount in model.items())
    return {
        rate_key(RATES[hit[1]], over=int(hit[2]) * 1000 if hit[2] else None, tier=TIERS.get(hit[3] or "")): dollars(amount)
        for hit, amount in found
        if hit and isinstance(amount, int | Decimal) and amount
    }
