"""The edge of the program: arguments in, an exit code out, any failure said in one line on stderr."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from llmring.cli.terminal import complain
from llmring.exceptions import LLMRingError

if TYPE_CHECKING:
    from collections.abc import Sequence

DONE, FAILED, MISUSED, INTERRUPTED = 0, 1, 2, 130


def run(arguments: Sequence[str]) -> int:
    """Run the command that *arguments* name and give the exit code."""
    from llmring.cli.commands import llmring

    try:
        code = llmring.main(list(arguments), prog_name="llmring", standalone_mode=False)
    except click.Abort:
        complain("interrupted")
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted")
        return INTERRUPTED
    except BrokenPipeError:
        return _silenced()
    except LLMRingError as error:
        complain(str(error), *getattr(error, "__notes__", ()))
        return FAILED
    return code if isinstance(code, int) else DONE


def _silenced() -> int:
    """End quietly when whoever read stdout has left; Python would complain at exit otherwise."""
    import os
    import sys

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
