"""Ask the user behind a client: in one call where the client can be asked back, in two where it asks again with the answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Literal

from mcp_types import ElicitRequest, ElicitRequestFormParams, ElicitResult, InputRequiredResult
from mcp_types.version import MODERN_PROTOCOL_VERSIONS

if TYPE_CHECKING:
    from llmring.mcp.serve.desk import Call

    Said = Literal["yes", "no", "later"]

KEY = "confirm"
FORM: dict[str, Any] = {
    "type": "object",
    "properties": {KEY: {"type": "boolean", "title": "Write it", "description": "Whether to write what is shown."}},
    "required": [KEY],
}


def can_ask(call: Call) -> bool:
    """Tell whether the client says that it can put a form to its user."""
    capabilities = call.context.session.client_capabilities
    found = None if capabilities is None else capabilities.elicitation
    return found is not None and (found.form is not None or found.url is None)


async def ask(call: Call, question: str, about: str) -> Said | InputRequiredResult:
    """Put *question* to the user; *about* names what exactly it is about, and an answer to anything else does not count.

    Stateless clients get the question as the result, and call again with the answer.
    """
    request = ElicitRequestFormParams(message=question, requested_schema=FORM)
    if call.context.protocol_version not in MODERN_PROTOCOL_VERSIONS:
        return _said(await call.context.session.elicit_form(question, FORM, call.context.request_id))
    answer = (call.params.input_responses or {}).get(KEY)
    if isinstance(answer, ElicitResult) and call.params.request_state == about:
        return _said(answer)
    return InputRequiredResult(input_requests={KEY: ElicitRequest(params=request)}, request_state=about)


def _said(answer: ElicitResult) -> Said:
    """Read *answer*; only the word itself counts as a yes."""
    if answer.action == "accept":
        return "yes" if (answer.content or {}).get(KEY) is True else "no"
    return "no" if answer.action == "decline" else "later"
