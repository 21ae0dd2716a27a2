"""The tools over a lockfile as an MCP server: what they change is a draft, and saving it is put to the client's user."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from mcp.server import Server
from mcp.server.request_state import RequestStateBoundary, RequestStateSecurity

from llmring._version import __version__
from llmring.advice import Advisor, call, describe
from llmring.mcp.serve.desk import Answer, Call, Desk, Offered
from llmring.mcp.serve.saving import Saver

if TYPE_CHECKING:
    from collections.abc import Callable
    from os import PathLike

    Function = Callable[..., dict[str, Any]]

PROPOSING = "propose_save"
"""The tool by which a model in a conversation asks to save; here it is ``save`` that asks the user."""
LOOKING = ("show_lockfile", "list_models", "describe_model", "recommend_models", "estimate_monthly_cost", "check")
"""Tools that change nothing, not even the draft."""


def lockfile_server(
    path: str | PathLike[str] | None = None,
    *,
    profile: str | None = None,
    read_only: bool = False,
    allow_save: bool = False,
    name: str = "llmring-lockfile",
) -> Server[Any]:
    """Offer the tools over the lockfile at *path*, or over the one that a ring would use, as an MCP server *name*.

    Changes go to one draft, whoever calls. The file is written once the client's user has confirmed the diff; where a client cannot ask its
    user, only with *allow_save*, and then by a second call that repeats the code that came with the diff. With *read_only* there is nothing
    but looking. It is a server of the official SDK: ``streamable_http_app()`` mounts it, ``mcp.Client(server)`` talks to it in process.

    Raises:
        LockfileError: it is there and cannot be read.

    """
    advisor = Advisor(path, profile=profile)
    tools = [_offered(each) for each in advisor.tools if each.__name__ in LOOKING or not (read_only or each.__name__ == PROPOSING)]
    desk = Desk(tools if read_only else [*tools, Saver(advisor, allow_save=allow_save).offered()])
    server: Server[Any] = Server(
        name,
        version=__version__,
        title="LLMRing lockfile",
        instructions=_instructions(advisor.path, read_only=read_only),
        get_tool_input_schema=desk.takes,
        on_list_tools=desk.list_tools,
        on_call_tool=desk.call_tool,
    )
    server.middleware.append(RequestStateBoundary(RequestStateSecurity.ephemeral(), default_audience=name))
    return server


def _instructions(path: str, *, read_only: bool) -> str:
    told = f"Tells which models the aliases in {path} stand for, and what the registry knows of models, prices and retirements."
    return told if read_only else f"{told} Changes are made to a draft; the tool save shows the user its diff and asks."


def _offered(function: Function) -> Offered:
    tool = describe(function)
    words = (tool.name or "").replace("_", " ")

    async def run(arguments: dict[str, Any], _: Call) -> Answer:
        return Answer(structured=await to_thread.run_sync(partial(call, function, arguments)))

    return Offered(
        name=tool.name or "",
        title=words[:1].upper() + words[1:],
        description=tool.description or "",
        takes=dict(tool.parameters or {}),
        gives={"type": "object"},
        run=run,
        reads_only=tool.name in LOOKING or tool.name == "diff",
    )
