"""One chat call after its arguments are understood: what is asked, of which name, within which limits."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, cast

import attrs

from llmring._core.money import amount
from llmring._core.normalise import normalise
from llmring._core.options import check_names, check_options
from llmring._core.recovery import Policy
from llmring._core.taking import shown
from llmring._core.timeouts import Timeout
from llmring._gen.options import OPTION_NAMES
from llmring.exceptions import ConfigurationError, RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from decimal import Decimal

    from llmring._core.defaults import Defaults
    from llmring._core.fit import OnUnsupported
    from llmring._core.request import NormalRequest
    from llmring._gen.request import LLMRequest

_policy: Final = lru_cache(Policy)
"""Gives the policy of so many retries: the same one with every call."""


@attrs.frozen(kw_only=True)
class Limits:
    """Of which name something is asked, and within which limits."""

    name: str
    """An alias, ``namespace:alias`` or ``provider:model``."""
    profile: str | None
    timeout: Timeout
    policy: Policy
    on_unsupported: OnUnsupported
    max_cost: Decimal | None = None
    """Dollars that the call may cost at most."""


@attrs.frozen(kw_only=True)
class Asked(Limits):
    """A chat call, ready to be planned."""

    request: NormalRequest


def understand_call(  # noqa: PLR0913 - what every chat verb is given
    model: Any, messages: Any, response_format: Any, options: Mapping[str, Any], defaults: Defaults, *, stream: bool = False
) -> Asked:
    """Understand every way of calling a chat verb: a whole `LLMRequest`, or model, messages and options.

    Raises:
        TypeError: an option does not exist, or a needed argument is missing.
        RequestError: an argument has a wrong value; the error names its path.

    """
    if not isinstance(model, str) and _is_whole(model):
        whole = cast("LLMRequest[Any]", model)
        model, messages, response_format, options = _opened(whole, messages, response_format, options)
    elif messages is None:
        message = "chat() needs messages: a list of messages, or one string"
        raise TypeError(message)
    request = normalise(messages, options, response_format, stream=stream)
    return Asked(request=request, **_limits(model, options, defaults))


def limits_of(model: Any, options: Mapping[str, Any], defaults: Defaults) -> Limits:
    """Understand of which *model* something beside chat is asked; of *options*, profile, timeout and on_unsupported count.

    Raises:
        RequestError: an argument has a wrong value.

    """
    check_options(options)
    return Limits(**_limits(model, options, defaults))


def _limits(model: Any, options: Mapping[str, Any], defaults: Defaults) -> dict[str, Any]:
    profile, limit = options.get("profile"), options.get("timeout")
    return {
        "name": _text(model, "model", "an alias or provider:model"),
        "profile": defaults.profile if profile is None else _text(profile, "profile", "the name of a profile"),
        "timeout": defaults.timeout if limit is None else _timeout(limit),
        "policy": _policy(defaults.max_retries),
        "on_unsupported": options.get("on_unsupported") or defaults.on_unsupported,
        "max_cost": None if options.get("max_cost") is None else amount(options["max_cost"]),
    }


def _is_whole(model: object) -> bool:
    """Tell whether *model* is a whole request; who asks by name never loads that."""
    from llmring._gen.request import LLMRequest

    return isinstance(model, LLMRequest)


def _opened(request: LLMRequest[Any], messages: Any, wanted: Any, options: Mapping[str, Any]) -> tuple[Any, Any, Any, dict[str, Any]]:
    """Take a whole request apart; beside it only a profile may be given."""
    if messages is not None or wanted is not None or options.keys() - {"profile"}:
        check_names(options)
        message = "with an LLMRequest only profile may be given beside it; put the rest into the request"
        raise TypeError(message)
    given: dict[str, Any] = {}
    for name in OPTION_NAMES:
        value = getattr(request, name)
        if value is not None:
            given[name] = value
    given.update(options)
    return request.model, request.messages, request.response_format, given


def _text(value: Any, name: str, wanted: str) -> str:
    if isinstance(value, str) and value:
        return value
    message = f"{name} must be {wanted}, not {shown(value)}"
    raise RequestError(message, path=name)


def _timeout(limit: Any) -> Timeout:
    try:
        return Timeout.of(limit)
    except ConfigurationError:
        message = f"timeout must be a positive number of seconds or a Timeout, not {shown(limit)}"
        raise RequestError(message, path="timeout") from None
