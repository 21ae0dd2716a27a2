"""One tool as it is offered, and the desk that takes calls of it: arguments are held to its schema, failures become answers."""

from __future__ import annotations

import json
import logging
from typing import TYPE_CHECKING, Any, cast

import attrs
from jsonschema import Draft202012Validator, exceptions
from mcp.shared.exceptions import MCPError
from mcp_types import INVALID_PARAMS, CallToolResult, InputRequiredResult, ListToolsResult, TextContent, Tool, ToolAnnotations

from llmring.exceptions import LLMRingError, RequestError

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence

    from mcp.server.context import ServerRequestContext
    from mcp_types import CallToolRequestParams, PaginatedRequestParams

    Context = ServerRequestContext[Any, Any]

ERROR = "llmring/error"
"""The key of ``_meta`` under which a failed call tells what failed, for programs."""

_log = logging.getLogger("llmring")


@attrs.frozen
class Call:
    """A call under way: the SDK's context of the request, and the request."""

    context: Context
    params: CallToolRequestParams

    @property
    def progress_wanted(self) -> bool:
        """Whether who asked wants to hear how it goes."""
        return "progress_token" in (self.context.meta or {})


@attrs.frozen(kw_only=True)
class Answer:
    """What a tool gives: *structured*, which fits its output schema, and the *text* that says the same; JSON where left out."""

    structured: dict[str, Any]
    text: str | None = None
    failed: bool = False

    def render(self) -> CallToolResult:
        """Give what goes to the client."""
        text = json.dumps(self.structured, ensure_ascii=False) if self.text is None else self.text
        return CallToolResult(content=[TextContent(type="text", text=text)], structured_content=self.structured, is_error=self.failed)


@attrs.frozen(kw_only=True)
class Offered:
    """A tool: its name, what it takes and gives, and what it does."""

    name: str
    title: str
    description: str
    takes: dict[str, Any]
    gives: dict[str, Any] | None
    run: Callable[[dict[str, Any], Call], Awaitable[Answer | InputRequiredResult]]
    reads_only: bool = False
    destroys: bool = False
    reaches_out: bool = False
    """Whether it asks anybody beyond this machine."""

    def described(self) -> Tool:
        """Give the tool as clients list it."""
        hints = ToolAnnotations(
            title=self.title, read_only_hint=self.reads_only, destructive_hint=self.destroys, open_world_hint=self.reaches_out
        )
        return Tool(
            name=self.name,
            title=self.title,
            description=self.description,
            input_schema=self.takes,
            output_schema=self.gives,
            annotations=hints,
        )


class Desk:
    """Lists *tools* and takes calls of them."""

    def __init__(self, tools: Sequence[Offered]) -> None:
        """Make ready to check what each takes."""
        self._tools = {each.name: (each, Draft202012Validator(each.takes)) for each in tools}
        self._listed = [each.described() for each in tools]

    async def list_tools(self, context: Context, params: PaginatedRequestParams | None) -> ListToolsResult:
        """List the tools."""
        del context, params
        return ListToolsResult(tools=self._listed)

    def takes(self, name: str) -> dict[str, Any] | None:
        """Give what the tool *name* takes, None where there is none."""
        found = self._tools.get(name)
        return None if found is None else found[0].takes

    async def call_tool(self, context: Context, params: CallToolRequestParams) -> CallToolResult | InputRequiredResult:
        """Run a tool; what it raises is an answer too.

        Raises:
            MCPError: there is no such tool.

        """
        found = self._tools.get(params.name)
        if found is None:
            raise MCPError(code=INVALID_PARAMS, message=f"Unknown tool: {params.name}; there are {', '.join(self._tools)}")
        tool, validator = found
        arguments = params.arguments or {}
        try:
            _hold(arguments, validator)
            answer = await tool.run(arguments, Call(context, params))
        except LLMRingError as error:
            return failure(error)
        except MCPError:
            raise
        except Exception as error:  # noqa: BLE001 - a tool ran; whatever it was, the next call is served
            _log.exception("the tool %s failed", params.name)
            return failure(LLMRingError(f"the tool {params.name} itself failed: {type(error).__name__}"))
        return answer.render() if isinstance(answer, Answer) else answer


def _hold(arguments: dict[str, Any], validator: Draft202012Validator) -> None:
    misfit = cast("Any", exceptions).best_match(cast("Any", validator).iter_errors(arguments))
    if misfit is not None:
        path = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in misfit.absolute_path).lstrip(".")
        raise RequestError(f"{path or 'arguments'}: {misfit.message}", path=path or None)


def failure(error: LLMRingError) -> CallToolResult:
    """Give *error* as a tool's answer: its name and text for the model, its name and what it carries for programs."""
    kind = type(error).__name__
    carried = {name: getattr(error, name, None) for name in ("path", "parameter", "model", "retry_after", "status_code")}
    told = {"type": kind} | {name: value for name, value in carried.items() if isinstance(value, (str, int, float))}
    content = TextContent(type="text", text=f"{kind}: {error}")
    return CallToolResult(content=[content], is_error=True, _meta={ERROR: told})
