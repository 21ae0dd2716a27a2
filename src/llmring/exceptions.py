"""The errors that LLMRing raises; each says what to change, none holds a key.

Every class pickles: keyword-only details live in ``__dict__`` and travel with ``args``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence
    from decimal import Decimal

    from llmring._gen.message import Message
    from llmring._gen.response import Attempt, LLMResponse
    from llmring._gen.usage import Usage

__all__ = [
    "BudgetExceededError",
    "CircuitBreakerError",
    "ConfigurationError",
    "ContentFilterError",
    "ContextWindowExceededError",
    "FileSizeError",
    "InvalidMessageError",
    "InvalidRequestError",
    "LLMRingError",
    "LockfileChangedError",
    "LockfileError",
    "LockfileNotFoundError",
    "LockfileParseError",
    "LockfileVersionError",
    "MCPError",
    "MissingAPIKeyError",
    "MissingAliasesError",
    "ModelNotFoundError",
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
    "RegistryError",
    "RequestError",
    "SchemaValidationError",
    "StreamInterruptedError",
    "StreamTimeoutError",
    "ToolError",
    "UnknownAliasError",
    "UnknownProfileError",
    "UnknownProviderError",
    "UnsupportedParameterError",
    "UsageServerError",
]


def _rebuild(cls: type[LLMRingError], args: tuple[Any, ...], state: dict[str, Any]) -> LLMRingError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class LLMRingError(Exception):
    """The root of all errors raised by LLMRing."""

    def __init__(self, message: str) -> None:
        """Carry *message*, which says what to change."""
        super().__init__(message)

    @property
    def message(self) -> str:
        """What went wrong, in one sentence or two, without any notes."""
        return str(self.args[0]) if self.args else ""

    def __str__(self) -> str:
        """Give the message alone, also where a parent (KeyError-like) would quote it."""
        return self.message

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle class, arguments and details, whatever the signature of ``__init__``."""
        return _rebuild, (type(self), self.args, dict(self.__dict__))


# --- configuration -------------------------------------------------------------------------------


class ConfigurationError(LLMRingError):
    """The ring is set up in a way that cannot work."""


class MissingAPIKeyError(ConfigurationError):
    """No key for *provider*; the message names the *variables* that would be read, in order."""

    def __init__(self, message: str, *, provider: str = "", variables: Sequence[str] = ()) -> None:
        """Carry the provider's name and the environment variables that were looked at."""
        super().__init__(message)
        self.provider = provider
        self.variables = tuple(variables)


class _UnknownNameError(ConfigurationError, LookupError):
    """A name that nothing answers to; *near* holds the closest known ones."""

    def __init__(self, message: str, *, name: str = "", near: Sequence[str] = ()) -> None:
        """Carry the *name* asked for and its *near* matches."""
        super().__init__(message)
        self.name = name
        self.near = tuple(near)


class UnknownProviderError(_UnknownNameError):
    """No provider of that name is configured."""


class UnknownAliasError(_UnknownNameError):
    """No alias of that name is bound in the profile in force."""


class UnknownProfileError(_UnknownNameError):
    """The lockfile has no profile of that name."""


class LockfileError(ConfigurationError):
    """The lockfile cannot be used; *lockfile* is its path, *line* and *key* the place where known."""

    def __init__(self, message: str, *, lockfile: str | None = None, line: int | None = None, key: str | None = None) -> None:
        """Carry where in which file the fault is."""
        super().__init__(message)
        self.lockfile = lockfile
        self.line = line
        self.key = key


class LockfileNotFoundError(LockfileError, FileNotFoundError):
    """A lockfile that was named is not there."""


class LockfileParseError(LockfileError):
    """The lockfile is no valid TOML or JSON, or has a wrong key or value."""


class LockfileVersionError(LockfileError):
    """The lockfile's format is newer than this LLMRing, or unknown."""


class LockfileChangedError(LockfileError):
    """The lockfile, or the draft of it, is no longer what was shown and confirmed; nothing was written."""


class MissingAliasesError(LockfileError, ValueError):
    """Aliases that a library requires are not bound; *missing* lists them."""

    def __init__(self, message: str, *, missing: Sequence[str] = (), lockfile: str | None = None) -> None:
        """Carry the *missing* aliases and the lockfile looked at."""
        super().__init__(message, lockfile=lockfile)
        self.missing = tuple(missing)


# --- the request: nothing was sent ----------------------------------------------------------------


class RequestError(LLMRingError):
    """The request is wrong and was not sent; *path* names the place, e.g. ``messages[2].content[0].url``."""

    def __init__(self, message: str, *, path: str | None = None) -> None:
        """Carry the *path* of the faulty value inside the request."""
        super().__init__(message)
        self.path = path


class InvalidMessageError(RequestError):
    """A message, content part or tool is malformed."""


class UnsupportedParameterError(RequestError):
    """*model* cannot take *parameter*."""

    def __init__(self, message: str, *, parameter: str = "", model: str = "", path: str | None = None) -> None:
        """Carry the unified name of the *parameter* and the ``provider:model``."""
        super().__init__(message, path=path)
        self.parameter = parameter
        self.model = model


class FileSizeError(RequestError):
    """A file is larger than the provider takes; *size* and *limit* are bytes."""

    def __init__(self, message: str, *, size: int = 0, limit: int = 0, path: str | None = None) -> None:
        """Carry the file's *size* and the *limit*, both in bytes."""
        super().__init__(message, path=path)
        self.size = size
        self.limit = limit


class BudgetExceededError(RequestError):
    """The call could cost more than ``max_cost`` allows, of which *left* is left; *response* and *messages* are those of ``run_tools``."""

    def __init__(
        self,
        message: str,
        *,
        path: str | None = None,
        left: Decimal | None = None,
        response: LLMResponse[Any] | None = None,
        messages: Sequence[Message] = (),
    ) -> None:
        """Carry what is *left*, the last *response* and the whole conversation, where there were rounds before the one that was refused."""
        super().__init__(message, path=path)
        self.left = left
        self.response = response
        self.messages = tuple(messages)


# --- the provider ----------------------------------------------------------------------------------


class ProviderError(LLMRingError):
    """What a provider answered, or failed to answer.

    *status_code* is the HTTP status (200 for an error inside an answer, None where no answer came), *code*, *type*
    and *param* are the provider's own, *retry_after* is in seconds, *body* the decoded error body, *usage* what the
    failure cost all the same, where the provider tells.
    """

    retryable: bool = False
    _retryable: ClassVar[bool] = False

    def __init__(  # noqa: PLR0913 - a record of one failure, keyword-only
        self,
        message: str,
        *,
        provider: str | None = None,
        model: str | None = None,
        status_code: int | None = None,
        request_id: str | None = None,
        retry_after: float | None = None,
        code: str | None = None,
        type: str | None = None,  # noqa: A002 - the provider's own word for it
        param: str | None = None,
        body: Any = None,
        attempts: Sequence[Attempt] = (),
        retryable: bool | None = None,
        usage: Usage | None = None,
    ) -> None:
        """Carry everything a handler needs; *retryable* falls back to the class's own answer."""
        super().__init__(message)
        self.provider = provider
        self.model = model
        self.status_code = status_code
        self.request_id = request_id
        self.retry_after = retry_after
        self.code = code
        self.type = type
        self.param = param
        self.body = body
        self.attempts: tuple[Attempt, ...] = tuple(attempts)
        self.retryable = self._retryable if retryable is None else retryable
        self.usage = usage


class ProviderAuthenticationError(ProviderError):
    """The key is missing, wrong or revoked (401)."""


class ProviderPermissionError(ProviderError):
    """The key may not do this (403)."""


class ProviderRateLimitError(ProviderError):
    """Too many requests or tokens for now (429)."""

    _retryable = True


class ProviderQuotaError(ProviderError):
    """The account's quota or credit is used up; waiting does not help."""


class ProviderTimeoutError(ProviderError):
    """The provider did not answer in time (ours, or a 408)."""

    _retryable = True


class ProviderConnectionError(ProviderError):
    """The provider could not be reached, or the connection broke."""

    _retryable = True


class ProviderOverloadedError(ProviderError):
    """The provider has no capacity for now (529, 503)."""

    _retryable = True


class ProviderServerError(ProviderError):
    """The provider failed (5xx)."""

    _retryable = True


class ProviderResponseError(ProviderError):
    """The provider's answer cannot be understood (not JSON, not of its format)."""


class InvalidRequestError(ProviderError):
    """The provider refused the request (400, 404, 413, 422)."""


class ContextWindowExceededError(InvalidRequestError):
    """The prompt is longer than the model takes."""


class ContentFilterError(ProviderError):
    """The provider's safety system blocked prompt or answer."""


class ModelNotFoundError(ProviderError):
    """The provider does not know the model, or does not let this key use it."""


class CircuitBreakerError(ProviderError):
    """The breaker of this provider and model is open after repeated failures; nothing was sent."""


class StreamInterruptedError(ProviderError):
    """A stream broke after its first visible event; *partial* is what had come."""

    _retryable = False

    def __init__(self, message: str, *, partial: LLMResponse[Any] | None = None, **details: Any) -> None:
        """Carry the *partial* response, and the same details as any provider's error."""
        super().__init__(message, **details)
        self.partial = partial


class StreamTimeoutError(StreamInterruptedError, ProviderTimeoutError):
    """A stream stalled after its first visible event; *partial* is what had come."""


# --- beside the provider -----------------------------------------------------------------------------


class SchemaValidationError(LLMRingError):
    """The answer does not fit the requested schema; *text* is the answer, *path* the place in it."""

    def __init__(self, message: str, *, text: str = "", path: str | None = None, response: LLMResponse[Any] | None = None) -> None:
        """Carry the answer's *text*, the *path* of the first misfit and the whole *response*."""
        super().__init__(message)
        self.text = text
        self.path = path
        self.response = response


class ToolError(LLMRingError):
    """A tool could not be run, or the model went on calling tools; *response* and *messages* are what ``run_tools`` had come to."""

    def __init__(self, message: str, *, response: LLMResponse[Any] | None = None, messages: Sequence[Message] = ()) -> None:
        """Carry the last *response*, with the usage of all rounds, and the whole conversation."""
        super().__init__(message)
        self.response = response
        self.messages = tuple(messages)


class MCPError(LLMRingError):
    """An MCP server failed; *server* names it, *stderr* is what it wrote last, *code* the protocol's error code where it sent one."""

    def __init__(self, message: str, *, server: str | None = None, stderr: str = "", code: int | None = None) -> None:
        """Carry the *server*'s name, its last lines and the *code* of its answer."""
        super().__init__(message)
        self.server = server
        self.stderr = stderr
        self.code = code


class RegistryError(LLMRingError):
    """The registry of models cannot be read or refreshed."""


class UsageServerError(LLMRingError):
    """The usage server refused or failed."""
