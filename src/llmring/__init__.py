"""One ring for OpenAI, Anthropic, Gemini, Ollama and every compatible server; the public names, each loaded when first asked for."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from llmring._async.ring import AsyncLLMRing
    from llmring._async.stream import AsyncChatStream
    from llmring._async.tool_stream import AsyncToolStream
    from llmring._core.timeouts import Timeout
    from llmring._core.tool_bounds import RunBounds, RunOptions
    from llmring._facade import LLMRing
    from llmring._sync.ring import SyncLLMRing
    from llmring._sync.stream import SyncChatStream
    from llmring._sync.tool_stream import SyncToolStream
    from llmring._version import __version__
    from llmring.exceptions import (
        BudgetExceededError,
        CircuitBreakerError,
        ConfigurationError,
        ContentFilterError,
        ContextWindowExceededError,
        FileSizeError,
        InvalidMessageError,
        InvalidRequestError,
        LLMRingError,
        LockfileChangedError,
        LockfileError,
        LockfileNotFoundError,
        LockfileParseError,
        LockfileVersionError,
        MCPError,
        MissingAliasesError,
        MissingAPIKeyError,
        ModelNotFoundError,
        ProviderAuthenticationError,
        ProviderConnectionError,
        ProviderError,
        ProviderOverloadedError,
        ProviderPermissionError,
        ProviderQuotaError,
        ProviderRateLimitError,
        ProviderResponseError,
        ProviderServerError,
        ProviderTimeoutError,
        RegistryError,
        RequestError,
        SchemaValidationError,
        StreamInterruptedError,
        StreamTimeoutError,
        ToolError,
        UnknownAliasError,
        UnknownProfileError,
        UnknownProviderError,
        UnsupportedParameterError,
        UsageServerError,
    )
    from llmring.files import (
        analyze_image,
        compare_images,
        create_base64_image_content,
        create_data_url,
        create_image_content,
        create_multi_image_content,
        encode_file_to_base64,
        extract_text_from_image,
        get_file_mime_type,
        validate_image_file,
    )
    from llmring.schemas import (
        Attempt,
        AudioPart,
        ChatOptions,
        Choice,
        Citation,
        CitationEvent,
        Cost,
        DocumentPart,
        FilePart,
        Finish,
        FinishReason,
        ImagePart,
        LLMRequest,
        LLMResponse,
        Message,
        OpaquePart,
        Part,
        PartEvent,
        ReasoningDelta,
        ReasoningPart,
        RefusalDelta,
        RefusalPart,
        Role,
        RunEvent,
        StreamEvent,
        TextDelta,
        TextPart,
        Tool,
        ToolCall,
        ToolCallComplete,
        ToolCallDelta,
        ToolResultEvent,
        ToolResultPart,
        Usage,
        VideoPart,
    )
    from llmring.tools import describe_tool

__all__ = [
    "AsyncChatStream",
    "AsyncLLMRing",
    "AsyncToolStream",
    "Attempt",
    "AudioPart",
    "BudgetExceededError",
    "ChatOptions",
    "Choice",
    "CircuitBreakerError",
    "Citation",
    "CitationEvent",
    "ConfigurationError",
    "ContentFilterError",
    "ContextWindowExceededError",
    "Cost",
    "DocumentPart",
    "FilePart",
    "FileSizeError",
    "Finish",
    "FinishReason",
    "ImagePart",
    "InvalidMessageError",
    "InvalidRequestError",
    "LLMRequest",
    "LLMResponse",
    "LLMRing",
    "LLMRingError",
    "LockfileChangedError",
    "LockfileError",
    "LockfileNotFoundError",
    "LockfileParseError",
    "LockfileVersionError",
    "MCPError",
    "Message",
    "MissingAPIKeyError",
    "MissingAliasesError",
    "ModelNotFoundError",
    "OpaquePart",
    "Part",
    "PartEvent",
    "ProviderAuthenticationError",
    "ProviderConnectionError",
    "ProviderError",
    "ProviderOverloadedError",
    "ProviderPermissionError",
    "ProviderQuotaError",
    "ProviderRateLimitError",
    "ProviderResponseError",
    "ProviderServerError",
    "ProviderTimeoutError",
    "ReasoningDelta",
    "ReasoningPart",
    "RefusalDelta",
    "RefusalPart",
    "RegistryError",
    "RequestError",
    "Role",
    "RunBounds",
    "RunEvent",
    "RunOptions",
    "SchemaValidationError",
    "StreamEvent",
    "StreamInterruptedError",
    "StreamTimeoutError",
    "SyncChatStream",
    "SyncLLMRing",
    "SyncToolStream",
    "TextDelta",
    "TextPart",
    "Timeout",
    "Tool",
    "ToolCall",
    "ToolCallComplete",
    "ToolCallDelta",
    "ToolError",
    "ToolResultEvent",
    "ToolResultPart",
    "UnknownAliasError",
    "UnknownProfileError",
    "UnknownProviderError",
    "UnsupportedParameterError",
    "Usage",
    "UsageServerError",
    "VideoPart",
    "__version__",
    "analyze_image",
    "compare_images",
    "create_base64_image_content",
    "create_data_url",
    "create_image_content",
    "create_multi_image_content",
    "describe_tool",
    "encode_file_to_base64",
    "extract_text_from_image",
    "get_file_mime_type",
    "validate_image_file",
]

_HOMES = {
    "AsyncLLMRing": "_async.ring",
    "AsyncChatStream": "_async.stream",
    "AsyncToolStream": "_async.tool_stream",
    "RunBounds": "_core.tool_bounds",
    "RunOptions": "_core.tool_bounds",
    "Timeout": "_core.timeouts",
    "LLMRing": "_facade",
    "SyncLLMRing": "_sync.ring",
    "SyncChatStream": "_sync.stream",
    "SyncToolStream": "_sync.tool_stream",
    "__version__": "_version",
    "describe_tool": "tools",
}
"""Where a name is defined that is neither an error, nor one of the schemas, nor a helper for files."""


def __getattr__(name: str) -> object:
    """Load *name* from the module that defines it."""
    if name not in __all__:
        message = f"module {__name__!r} has no attribute {name!r}"
        raise AttributeError(message)
    home = _HOMES.get(name) or ("exceptions" if name.endswith("Error") else "files" if name.islower() else "schemas")
    value = globals()[name] = getattr(import_module(f"llmring.{home}"), name)
    return value


def __dir__() -> list[str]:
    """List the public names, loaded or not."""
    return sorted({*globals(), *__all__})
