"""The commands that need no provider, and their options; what a command does is imported when it runs."""

from __future__ import annotations

import click

from llmring.cli.options import JSON


@click.command(short_help="Show one ring at work through four wire formats.")
@JSON
def demo(as_json: bool) -> None:
    """Show one ring answering, streaming, calling tools and falling back, by four wire formats.

    It talks to the bundled simulator on this machine: no keys, no network.
    """
    from llmring.cli.demo import show

    show(as_json=as_json)


@click.command(short_help="Serve the four wire formats on this machine.")
@click.option("--port", "-p", default=8765, show_default=True, type=click.IntRange(0, 65535), help="Port to listen at; 0 takes a free one.")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen at.")
@click.option("--seed", default=0, show_default=True, help="Another seed gives other answers.")
@click.option("--script", type=click.Path(exists=True, dir_okay=False), help="JSON of what the assistant says and calls, turn by turn.")
@click.option("--quiet", "-q", is_flag=True, help="Do not tell of each request.")
def simulate(port: int, host: str, seed: int, script: str | None, quiet: bool) -> None:
    """Serve the wire formats of OpenAI, Anthropic, Gemini and Ollama on this machine.

    Any SDK may be pointed at it; a model's name, or the header x-simulate, asks for faults (gpt-5.4-mini+fault=429).
    """
    from llmring.cli.simulate import serve

    serve(port=port, host=host, seed=seed, script=script, quiet=quiet)
