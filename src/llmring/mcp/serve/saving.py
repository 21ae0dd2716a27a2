"""Save a draft once its diff was seen: by the client's user, or where that is allowed by whoever repeats the code that came with it."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING, Any

from anyio import to_thread
from mcp_types import InputRequiredResult

from llmring.exceptions import LockfileChangedError
from llmring.mcp.serve import schemas
from llmring.mcp.serve.confirming import ask, can_ask
from llmring.mcp.serve.desk import Answer, Call, Offered

if TYPE_CHECKING:
    from llmring.advice import Advisor, CaughtUp, Proposal

TAKES: dict[str, Any] = {
    "summary": {"type": "string", "maxLength": 500, "description": "What the changes are for, in a sentence; the user reads it."},
    "code": {"type": "string", "description": "The code that came with the diff, where the user could not be asked and has seen it."},
}
GIVES = schemas.record(
    {"saved": {"type": "boolean"}, "changes": schemas.TEXTS} | dict.fromkeys(("path", "why", "diff", "code"), schemas.TEXT),
    ["saved", "path"],
)
HOW = 'to write it, use "llmring lock chat", or a client that can ask its user (elicitation)'


class Saver:
    """The tool ``save``."""

    def __init__(self, advisor: Advisor, *, allow_save: bool) -> None:
        """Save the draft of *advisor*; with *allow_save* for clients that cannot ask their user, too."""
        self._advisor, self._allowed = advisor, allow_save

    def offered(self) -> Offered:
        """Describe the tool."""
        return Offered(
            name="save",
            title="Save the lockfile",
            description="Show the user the diff of the draft, and write the lockfile if they confirm it.",
            takes=schemas.record(TAKES),
            gives=GIVES,
            run=self.save,
            destroys=True,
        )

    async def save(self, arguments: dict[str, Any], call: Call) -> Answer | InputRequiredResult:
        """Ask, and write what was confirmed."""
        caught = await to_thread.run_sync(self._advisor.catch_up)
        proposal = self._advisor.proposal(arguments.get("summary", ""))
        if not proposal.diff:
            return self._answer(saved=False, why="the draft says what the file says; change something first")
        if not can_ask(call):
            return await self._by_code(proposal, arguments.get("code"))
        said = await ask(call, _question(proposal, caught), _code(proposal))
        if isinstance(said, InputRequiredResult):
            return said
        if said == "yes":
            return await self._written(proposal)
        why = "the user declined" if said == "no" else "the user did not decide"
        return self._answer(saved=False, why=f"{why}; nothing was written, the draft is kept", diff=proposal.diff)

    async def _by_code(self, proposal: Proposal, given: str | None) -> Answer:
        """Write for a client that cannot ask, where that is allowed and it has had the diff."""
        code = _code(proposal)
        if self._allowed and given == code:
            return await self._written(proposal)
        if not self._allowed:
            why = f"this client cannot ask its user, so nothing was written; {HOW}, or start the server with --allow-save"
            return self._answer(failed=True, saved=False, why=why, diff=proposal.diff)
        why = "nothing was written yet: show the user the diff, and if they confirm it call save again with this code"
        return self._answer(saved=False, why=why, diff=proposal.diff, code=code)

    async def _written(self, proposal: Proposal) -> Answer:
        try:
            await to_thread.run_sync(self._advisor.save, proposal)
        except LockfileChangedError as error:
            return self._answer(failed=True, saved=False, why=str(error))
        return self._answer(saved=True, changes=list(proposal.changes), diff=proposal.diff)

    def _answer(self, *, failed: bool = False, **told: Any) -> Answer:
        text = "\n\n".join(str(told[name]) for name in ("why", "diff") if name in told)
        if told["saved"]:
            text = f"{self._advisor.path} was written.\n\n{text}"
        if "code" in told:
            text += f"\n\ncode: {told['code']}"
        return Answer(structured={"path": self._advisor.path} | told, text=text, failed=failed)


def _code(proposal: Proposal) -> str:
    """Name *proposal* by what it would write over what."""
    return sha256("\0".join((proposal.path, proposal.before or "", proposal.after)).encode()).hexdigest()[:16]


def _question(proposal: Proposal, caught: CaughtUp) -> str:
    """Show everything that saving would do."""
    lines = [f"Write {proposal.path}?", *([proposal.summary] if proposal.summary else []), ""]
    lines += [f"- {each}" for each in proposal.changes]
    lines += [f"- also changed on disk meanwhile, and would be replaced: {each}" for each in caught.both]
    lines += [f"- can no longer be made, and is left out: {each}" for each in caught.lost]
    return "\n".join([*lines, "", proposal.diff])
