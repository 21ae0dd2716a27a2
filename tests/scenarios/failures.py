"""What goes wrong: statuses, bodies that cannot be read, errors under status 200, and streams that break."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from tests.scenarios.scenario import Talk

if TYPE_CHECKING:
    from collections.abc import Mapping


def _failing(fault: str, *, stream: bool = False, whole: bool = True) -> Talk:
    return Talk(simulate=f"fault={fault}", simulated=True, fails=True, stream=stream, whole=whole)


FAILURES: Final[Mapping[str, Talk]] = {
    "bad_request": _failing("400"),
    "wrong_key": Talk(key="bad-key", fails=True),
    "unauthorized": _failing("401"),
    "quota_402": _failing("402"),
    "forbidden": _failing("403"),
    "unknown_model": Talk(model="missing", fails=True, stream=True),
    "timeout_408": _failing("408"),
    "too_large": _failing("413"),
    "rate_limit": _failing("429;retry-after=7", stream=True),
    "rate_limit_without_wait": _failing("429;retry-after=none"),
    "quota": _failing("quota"),
    "context_window": _failing("context"),
    "prompt_filtered": _failing("filter"),
    "server_error": _failing("500", stream=True),
    "overloaded": _failing("503"),
    "overloaded_529": _failing("529", stream=True),
    "proxy_page": _failing("html", stream=True),
    "empty_body": _failing("empty", stream=True),
    "malformed": _failing("malformed", stream=True),
    "error_under_200": _failing("error"),
    "error_first": _failing("error;after=0", stream=True, whole=False),
    "error_in_stream": _failing("error;after=3", stream=True, whole=False),
    "rate_limit_in_stream": _failing("error;status=429;after=4", stream=True, whole=False),
    "ended_early": _failing("short;after=4", stream=True, whole=False),
}
"""A connection that breaks in the middle is not among them: recordings are whole, so the simulator's own tests have those."""
