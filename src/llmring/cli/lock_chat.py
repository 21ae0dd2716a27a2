"""``llmring lock chat``: a conversation on a terminal; else one message, its answer, and a diff that is written only with ``--yes``."""

from __future__ import annotations

import contextlib
from importlib import import_module
from typing import TYPE_CHECKING, Any

import attrs

from llmring.advice import Advisor
from llmring.cli.advising import check_callable, lockfile_of
from llmring.cli.chat import remarks
from llmring.cli.lock_diff import near, show
from llmring.cli.lock_session import LockSession, counted
from llmring.cli.rings import ring
from llmring.cli.session import read
from llmring.cli.terminal import note, say, say_json

if TYPE_CHECKING:
    from collections.abc import Generator

    from llmring import LLMResponse
    from llmring.advice import Proposal

ONCE = ("lockfile", "answer", "model", "changes", "summary", "diff", "errors", "warnings", "written", "usage", "cost")
"""The keys of ``--json``."""


@attrs.frozen(kw_only=True)
class Asked:
    """What the command was given."""

    path: str | None
    model: str
    profile: str | None
    markdown: bool = False
    verbose: bool = False


def talk(asked: Asked, prompt: str | None) -> None:
    """Converse until the user ends it, beginning with *prompt*, if there is one."""
    with contextlib.suppress(ImportError):
        import_module("readline")  # gives input() its editing and its memory
    with _session(asked) as session:
        note(f"{asked.model} advises on {near(session.advisor.path)}; /help lists commands, Ctrl-D ends")
        if prompt:
            session.take(prompt)
        while session.going:
            try:
                text = read()
            except EOFError:
                say()
                session.leave()
            except KeyboardInterrupt:
                say()
                note("Ctrl-D or /exit ends")
            else:
                session.take(text)


def once(asked: Asked, prompt: str, *, confirmed: bool, as_json: bool) -> None:
    """Answer one message and show the difference that it leads to; write it where that is *confirmed* beforehand.

    Raises:
        LLMRingError: there is no answer, or the file cannot be written.

    """
    with _session(asked) as session:
        advisor = session.advisor
        response = session.ask(prompt)
        caught = advisor.catch_up()
        proposed = advisor.take_proposed()
        proposal = proposed or advisor.proposal()
        if as_json:
            _say_json(response, advisor, proposal, confirmed=confirmed)
            return
        say(response.content)
        for line in remarks(response, verbose=asked.verbose, as_json=False):
            note(line)
        if caught.moved:
            note(f"{near(advisor.path)} was changed by somebody else meanwhile; the difference is to what it says now")
        if not advisor.changes:
            note("nothing is changed")
            return
        show(proposal)
        if confirmed:
            advisor.save(proposal)
        note(f"{near(advisor.path)} is written" if confirmed else f"{counted(advisor)}, not written: --yes writes without asking")


def _say_json(response: LLMResponse[Any], advisor: Advisor, proposal: Proposal, *, confirmed: bool) -> None:
    """Write *proposal* to the file where it is *confirmed*, and all of it as JSON."""
    changed, found = bool(advisor.changes), advisor.check()
    if confirmed and changed:
        advisor.save(proposal)
    values = (
        *(advisor.path, response.content, response.model, list(proposal.changes), proposal.summary),
        *(proposal.diff if changed else "", found["errors"], found["warnings"], confirmed and changed),
        *(response.usage.to_dict(), None if response.cost is None else response.cost.to_dict()),
    )
    say_json(dict(zip(ONCE, values, strict=True)))


@contextlib.contextmanager
def _session(asked: Asked) -> Generator[LockSession]:
    advisor = Advisor(asked.path, profile=asked.profile)
    lockfile, profile = lockfile_of(asked.model, advisor, asked.profile)
    with ring(lockfile) as made:
        check_callable(made, asked.model, profile)
        yield LockSession(made, advisor, asked.model, profile=profile, markdown=asked.markdown, verbose=asked.verbose)
