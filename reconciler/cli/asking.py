"""Ask a person, while the lock goes on being renewed."""

import asyncio
import sys
from typing import Final

import click

from reconciler.model.errors import WrongUsage

REVIEW_FIRST: Final = "Review the plan, then use --auto-approve."


async def confirmed(question: str, remedy: str, facts: str = "") -> bool:
    """Ask on the terminal, below the ``facts``; only 'yes' is yes.

    Raises:
        WrongUsage: There is none; the ``remedy`` says how to do without.
    """
    if not sys.stdin.isatty():
        raise WrongUsage("There is no terminal to ask for confirmation.", remedy=remedy)
    click.echo(facts, nl=False)
    click.echo(f"{question} Only 'yes' will be accepted: ", nl=False)
    return (await _line()).strip() == "yes"


async def _line() -> str:
    loop, ready = asyncio.get_running_loop(), asyncio.Event()
    try:
        loop.add_reader(sys.stdin, ready.set)
    except (NotImplementedError, OSError):
        # Not every system, and not every kind of file, tells when there is something to read.
        return sys.stdin.readline()
    try:
        await ready.wait()
    finally:
        loop.remove_reader(sys.stdin)
    return sys.stdin.readline()
