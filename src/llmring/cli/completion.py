"""Complete what is typed in bash, zsh and fish: the names that arguments may have; how a shell asks for them is told elsewhere."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import click

from llmring.exceptions import LLMRingError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from click import Context, Parameter
    from click.shell_completion import CompletionItem


def prepare() -> None:
    """Let click use scripts of our own."""
    from click.shell_completion import add_completion_class

    from llmring.cli.completion_scripts import SHELLS

    for shell in SHELLS:
        add_completion_class(shell)


def script(shell: str | None) -> str:
    """Return the script for *shell*, or for the one in use.

    Raises:
        UsageError: it is not known which that is.

    """
    from click.shell_completion import get_completion_class

    prepare()
    wanted = shell or os.path.basename(os.environ.get("SHELL", ""))  # noqa: PTH119 - a word of a variable
    made = get_completion_class(wanted)
    if made is None:
        raise click.UsageError("say for which shell: bash, zsh or fish")
    from llmring.cli.commands import llmring
    from llmring.cli.edge import COMPLETE

    return made(llmring, {}, "llmring", COMPLETE).source()


def _safely(find: Callable[[Context, str], Iterable[str]]) -> Callable[[Context, Parameter, str], list[CompletionItem]]:
    """Make a completer of *find*; a lockfile that cannot be read has no names to offer."""

    def complete(context: Context, _: Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        try:
            return [CompletionItem(name) for name in find(context, incomplete) if name.startswith(incomplete)]
        except LLMRingError:
            return []

    return complete


def _aliases(context: Context, _: str) -> list[str]:
    from llmring import LLMRing

    path = context.params.get("path") or (context.parent and context.parent.params.get("path"))
    return sorted(LLMRing(lockfile_path=path, profile=context.params.get("profile")).aliases())


def _models(_: Context, incomplete: str) -> Iterable[str]:
    """Give providers until one is there, then its models."""
    from llmring.providers import provider_names
    from llmring.registry import load

    registry = load()
    provider, colon, _model = incomplete.partition(":")
    if not colon:
        return [f"{name}:" for name in provider_names()]
    return [f"{provider}:{name}" for name in sorted(registry.names(provider))]


def _pool(context: Context, incomplete: str) -> list[str]:
    """Complete the last of several models."""
    before, comma, last = incomplete.rpartition(",")
    return [f"{before}{comma}{name}" for name in _models(context, last) if name.startswith(last)]


def _names(context: Context, incomplete: str) -> list[str]:
    return [*_aliases(context, incomplete), *_models(context, incomplete)]


def _profiles(context: Context, _: str) -> tuple[str, ...]:
    from llmring.lockfile import Lockfile

    return Lockfile.load(context.params.get("path")).profiles


def _providers(_context: Context, _incomplete: str) -> tuple[str, ...]:
    from llmring.providers import provider_names

    return provider_names()


complete_alias = _safely(_aliases)
complete_models = _safely(_pool)
complete_name = _safely(_names)
complete_profile = _safely(_profiles)
complete_provider = _safely(_providers)
