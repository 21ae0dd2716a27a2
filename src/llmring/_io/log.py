"""Records of the logger ``llmring``, at DEBUG only: one for each attempt; of prompts and answers only what ``message_logging`` asks for."""

from __future__ import annotations

from functools import cache
from sys import modules
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Sequence
    from logging import Logger

    from llmring._core.request import NormalRequest
    from llmring._gen.message import Message
    from llmring._gen.response import Attempt

_DEBUG: Final = 10
"""The level, as `logging` counts."""


def wanted() -> bool:
    """Tell whether anybody listens; nobody can before `logging` is loaded, which takes longer than a call."""
    return "logging" in modules and logger().isEnabledFor(_DEBUG)


@cache
def logger() -> Logger:
    """Give the logger, which stays silent by itself."""
    import logging

    log = logging.getLogger("llmring")
    log.addHandler(logging.NullHandler())
    return log


def attempt(made: Attempt, *, message: Message | None = None, how: str = "none") -> None:
    """Tell of one attempt; of the *message* that it brought as much as *how* says.

    An error is told by its class and status: its text may quote the prompt.
    """
    usage = made.usage
    fields: dict[str, Any] = {
        "provider": made.model.partition(":")[0],
        "model": made.model,
        "outcome": made.outcome,
        "status": made.status_code,
        "seconds": made.seconds,
        "input_tokens": None if usage is None else usage.input_tokens,
        "output_tokens": None if usage is None else usage.output_tokens,
        "cost": None if made.cost is None else made.cost.total,
    }
    if message is not None:
        fields |= _told([message], "answer", how)
    logger().debug("%s: %s after %.3f s", made.model, made.outcome, made.seconds, extra=fields)


def request(name: str, asked: NormalRequest, how: str) -> None:
    """Tell what *name* is asked, as much as *how* says."""
    logger().debug("%s is asked", name, extra={"alias": name, **_told(asked.messages, "messages", how)})


def _told(messages: Sequence[Message], key: str, how: str) -> dict[str, Any]:
    """Tell of *messages*: roles and lengths as metadata, or all of them."""
    if how == "none":
        return {}
    if how == "full":
        return {key: [message.to_dict() for message in messages]}
    return {key: [{"role": message.role, "length": _length(message)} for message in messages]}


def _length(message: Message) -> int:
    """Count characters of text, or parts."""
    return len(message.content or ())
