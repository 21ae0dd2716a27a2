"""The edge of the program: arguments in, an exit code out, any failure said in one line on stderr."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

import click

from llmring.cli.terminal import complain, prepare, reason
from llmring.exceptions import LLMRingError, ProviderAuthenticationError, ProviderConnectionError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130

REMEDIES = (
    (ProviderAuthenticationError, "llmring providers tells which variable holds the key"),
    (ProviderConnectionError, "llmring doctor --connect tells who answers, and where each is looked for"),
)
"""What helps, on the command line, against errors that come from afar."""
TRACEBACK = "LLMRING_TRACEBACK"
"""The variable that lets a fault of the program itself be seen whole."""

COMPLETE = "_LLMRING_COMPLETE"
"""The variable by which a shell says that it wants names; click reads it."""


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* name and give the exit code."""
    from llmring.cli.commands import llmring

    prepare()
    if os.environ.get(COMPLETE):
        from llmring.cli.completion import prepare as prepare_shells

        prepare_shells()
    try:
        code = llmring.main(list(arguments), prog_name="llmring", standalone_mode=False)
    except click.UsageError as error:
        return _misused(error)
    except click.ClickException as error:
        complain(error.format_message())
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return _interrupted()
    except BrokenPipeError:
        return _unread()
    except LLMRingError as error:
        complain(_told(error), *getattr(error, "__notes__", ()))
        return FAILED
    except OSError as error:
        complain(reason(error))
        return FAILED
    except Exception as error:
        if os.environ.get(TRACEBACK):
            raise
        complain(f"llmring itself failed: {type(error).__name__}: {error} ({TRACEBACK}=1 shows where)")
        return FAILED
    return code if isinstance(code, int) else DONE


def _misused(error: click.UsageError) -> int:
    """Say what is wrong with the command, or show all commands where none is given."""
    if isinstance(error, click.exceptions.NoArgsIsHelpError):
        error.show()
    else:
        command = error.ctx.command_path if error.ctx else "llmring"
        complain(f"{error.format_message()} (see: {command} --help)")
    return MISUSED


def _interrupted() -> int:
    """Say so; click has left the line on which a terminal shows ``^C``."""
    click.echo("interrupted", err=True)
    return INTERRUPTED


def _unread() -> int:
    """End quietly when whoever read stdout has left; Python would complain at exit otherwise."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED


def _told(error: LLMRingError) -> str:
    """Give the text of *error*, with the model that it is about in front, and what helps behind."""
    text = str(error) + "".join(f" ({remedy})" for kind, remedy in REMEDIES if isinstance(error, kind))
    model = getattr(error, "model", None)
    return f"{model}: {text}" if model and model not in text else text
