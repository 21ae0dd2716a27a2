"""What servers list, one entry after the other, as our own values."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from llmring.mcp.client.offers import Prompt, PromptArgument, Resource, ResourceTemplate

if TYPE_CHECKING:
    from mcp import types


def resource(server: str, found: types.Resource) -> Resource:
    """Give something that *server* lets read."""
    return Resource(
        server=server,
        uri=str(found.uri),
        name=found.name,
        title=found.title,
        description=found.description,
        media_type=found.mime_type,
        size=found.size,
    )


def template(server: str, found: types.ResourceTemplate) -> ResourceTemplate:
    """Give a form of addresses that *server* fills."""
    return ResourceTemplate(
        server=server,
        template=found.uri_template,
        name=found.name,
        title=found.title,
        description=found.description,
        media_type=found.mime_type,
    )


def prompt(server: str, found: types.Prompt) -> Prompt:
    """Give a prompt that *server* writes."""
    wanted = [PromptArgument(name=one.name, description=one.description, required=bool(one.required)) for one in found.arguments or ()]
    return Prompt(server=server, name=found.name, title=found.title, description=found.description, arguments=wanted)


def fits(form: str, uri: str) -> bool:
    """Tell whether *uri* can come of the template *form*; what stands outside of its braces is what counts."""
    pattern = "".join(".*" if piece.startswith("{") else re.escape(piece) for piece in re.split(r"(\{[^}]*\})", form))
    return re.fullmatch(pattern, uri, re.DOTALL) is not None
