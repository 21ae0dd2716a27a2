"""What a caller asks of a run of tools: understood once, and made a run when all of its tools are known."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import attrs

from llmring._core.asked import understand_call
from llmring._core.tool_bounds import Bounds, bounds_of
from llmring._core.tool_run import ToolRun
from llmring._gen.request import LLMRequest
from llmring.exceptions import RequestError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from llmring._core.asked import Asked
    from llmring._core.defaults import Defaults


@attrs.frozen(kw_only=True)
class ToolsAsked:
    """A whole `LLMRequest`, or model, messages and options, with what shapes the run."""

    model: Any
    messages: Any
    response_format: Any
    options: Mapping[str, Any]
    defaults: Defaults
    stream: bool
    bounds: Bounds

    def run(self, more: Sequence[Any] = (), warnings: Sequence[str] = ()) -> ToolRun:
        """Begin the run, with *more* tools than the caller gave, and *warnings* on what is missing among them.

        Raises:
            TypeError: there are no tools, or an option does not exist.
            RequestError: something that the caller gave is wrong.

        """
        tools = [*(self._tools() or ()), *more]
        asked = self._understood(tools=tools) if more else self._understood()
        return ToolRun(asked, tools, self.bounds, warnings)

    def check(self) -> None:
        """Refuse what is wrong already, while tools that a choice may name are not known yet; the same errors as of *run*."""
        self._understood(tool_choice=None)

    def _tools(self) -> Sequence[Any] | None:
        model: Any = self.model
        given = cast("LLMRequest[Any]", model).tools if isinstance(model, LLMRequest) else self.options.get("tools")
        if given is None and not self.bounds.servers:
            message = "run_tools() needs tools: a list of functions"
            raise TypeError(message)
        return given

    def _understood(self, **changes: Any) -> Asked:
        model: Any = self.model
        options = self.options
        if isinstance(model, LLMRequest):
            model = attrs.evolve(cast("LLMRequest[Any]", model), **changes)
        else:
            options = {**options, **changes}
        asked = understand_call(model, self.messages, self.response_format, options, self.defaults, stream=self.stream)
        if asked.request.options.get("n", 1) != 1:
            raise RequestError("n must be 1 for run_tools, which can go on with one answer only", path="n")
        return asked


def tools_asked(  # noqa: PLR0913 - what every chat verb is given
    model: Any, messages: Any, response_format: Any, options: Mapping[str, Any], defaults: Defaults, *, stream: bool = False
) -> ToolsAsked:
    """Understand every way of asking for a run of tools.

    Raises:
        TypeError: an option does not exist, or a needed argument is missing.
        RequestError: an argument has a wrong value; the error names its path.

    """
    bounds, options = bounds_of(options)
    asked = ToolsAsked(
        model=model,
        messages=messages,
        response_format=response_format,
        options=options,
        defaults=defaults,
        stream=stream,
        bounds=bounds,
    )
    if bounds.servers:
        asked.check()
    return asked
