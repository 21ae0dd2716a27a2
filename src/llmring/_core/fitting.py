"""What one model takes of a request's options, and how the caller is told of what it does not; content and tools have their own."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

import attrs

from llmring._base import new_dict, new_list
from llmring._core.reasoning import Thinking, amount_of
from llmring._gen.parameters import EXTRA, KNOWN
from llmring.exceptions import UnsupportedParameterError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from llmring._gen.providers import Capability, Support

OnUnsupported = Literal["error", "warn", "drop"]

NEEDS: dict[str, Capability] = {
    "temperature": "temperature",
    "top_p": "top_p",
    "top_k": "top_k",
    "seed": "seed",
    "stop": "stop",
    "n": "n",
    "logprobs": "logprobs",
    "top_logprobs": "logprobs",
    "presence_penalty": "penalties",
    "frequency_penalty": "penalties",
    "parallel_tool_calls": "parallel_tools",
    "reasoning": "reasoning",
    "service_tier": "service_tier",
    "user": "user",
    "metadata": "metadata",
    "files": "files",
    "cache": "cache",
}
"""Option -> the capability that it needs."""

COUNTED: frozenset[Capability] = frozenset({"stop", "n"})
"""Capabilities whose number in the spec limits the option of that name."""


@attrs.frozen(kw_only=True)
class Target:
    """One model as fitting sees it."""

    name: str
    """``provider:model``."""
    protocol: str
    capabilities: Mapping[Capability, Support]
    max_output: int | None = None
    """The most tokens that it generates, where known."""
    quirks: Mapping[str, Any] = attrs.field(factory=new_dict)
    thinking: Thinking | None = None
    """How it can be asked to think, where known."""
    window: int | None = None
    """The tokens that a prompt may have, where known."""
    forced_tools: bool = True
    """Whether it can be made to call a tool."""
    limits: Mapping[str, int] = attrs.field(factory=new_dict)
    """How much of other things it takes: ``images``, ``pdf_pages``, ``tools``, ``metadata_keys``, …"""
    hottest: float | None = None
    """The highest temperature that it takes, where known."""


@attrs.frozen
class Fitting:
    """What is taken and what is not, told as the caller wants it told."""

    target: Target
    on_unsupported: OnUnsupported
    warnings: list[str] = attrs.field(factory=new_list)

    def refuse(self, name: str, path: str | None = None, *, much: str = "", why: str = "") -> bool:
        """Raise, warn or stay silent about parameter *name*; *much* says how much of it would be taken, *why* what is wrong."""
        because = f" ({why})" if why else ""
        if self.on_unsupported == "error":
            message = f"{self.target.name} does not take {much}{name}{because}; leave it out, or pass on_unsupported='warn'"
            raise UnsupportedParameterError(message, parameter=name, model=self.target.name, path=path or name)
        if self.on_unsupported == "warn":
            self.warnings.append(f"{self.target.name} does not take {much}{name}{because}; it was left out")
        return False

    def note(self, text: str) -> None:
        """Warn of what was changed, unless the caller wants to hear of nothing."""
        if self.on_unsupported != "drop":
            self.warnings.append(text)

    def takes(self, name: str, value: Any) -> bool:
        """Tell whether the model takes option *name*."""
        need = NEEDS.get(name)
        support = None if need is None else self.target.capabilities.get(need)
        if support == "unsupported" and _usual(name, value):
            return False
        if name == "temperature" and self.target.hottest is not None and value > self.target.hottest:
            return self.refuse(name, much=f"more than {self.target.hottest:g} for ")
        if name not in KNOWN[self.target.protocol] or support == "unsupported":
            return self.refuse(name)
        if need in COUNTED and isinstance(support, int) and _count(value) > support:
            return self.refuse(name, much=f"more than {support} of ")
        if name == "metadata" and len(value) > (most := self.target.limits.get("metadata_keys", len(value))):
            return self.refuse(name, much=f"more than {most} keys of ")
        return True

    def takes_extra(self, key: str) -> bool:
        """Tell whether key *key* of ``extra_params`` may be sent: what is known for other protocols alone may not."""
        if key in EXTRA[self.target.protocol] or not any(key in known for known in EXTRA.values()):
            return True
        return self.refuse(key, f"extra_params.{key}")


def _usual(name: str, value: Any) -> bool:
    """Tell whether *value* is what models do that take no *name*: choose freely, and think not."""
    return value == 1 if name in {"temperature", "top_p"} else name == "reasoning" and amount_of(value) in {0, "none"}


def _count(value: Any) -> int:
    """Count what is asked for: a number, or the texts of a list."""
    return value if isinstance(value, int) else 1 if isinstance(value, str) else len(value)
