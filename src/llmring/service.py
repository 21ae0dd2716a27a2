"""The rings; nothing but a second door to them."""

from llmring._async.ring import AsyncLLMRing
from llmring._facade import LLMRing
from llmring._sync.ring import SyncLLMRing

__all__ = ["AsyncLLMRing", "LLMRing", "SyncLLMRing"]
